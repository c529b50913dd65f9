/** A pane: a frame with title and status, content within its width and height; and the colour theme. */

import {Box, type DOMElement, Text} from 'ink';
import {createContext, memo, useContext, useLayoutEffect, useRef} from 'react';
import type {TitleColor} from '../../domain/target.ts';
import {textWidth} from '../../lib/format.ts';
import {
	type Cell,
	cell,
	type Line as LineOfCells,
	type PaneRows,
	type Row,
	type Tone,
} from '../../state/view/cells.ts';
import {type Area, PointerContext} from '../pointer.ts';
import {fitLine, layRuledTable, laySections, layTable, wrapLine} from '../table-layout.ts';
import {type Theme, themeFor} from './theme.ts';

/** Border and padding on both sides. */
const sides = 4;
/** A table with fewer rows scrolls together with the lines above it. */
const tableMinRows = 3;
/** Top and bottom border. */
const borders = 2;

export type PaneProps = {
	rows: PaneRows;
	width: number;
	height: number;
	/** The pane has the focus. */
	focused?: boolean;
	/** Marks the title as focused; false if an item inside has the mark. Default: as `focused`. */
	marked?: boolean;
	/** Id of the selected row. */
	selected?: string | undefined;
	/** Id of a row that stays visible without being selected. */
	follow?: string | undefined;
	/** Number of lines scrolled out at the top. */
	scroll?: number;
	/** Without the bottom border: the pane below begins there. */
	isOpen?: boolean;
	/** What a click in it is for. */
	area?: Area;
};

export function Pane({
	rows,
	width,
	height,
	focused = false,
	marked = focused,
	selected,
	follow,
	scroll = 0,
	isOpen = false,
	area,
}: PaneProps) {
	const {fixed, moving} = contentOf(rows, width - sides);
	const space = Math.max(0, height - (isOpen ? 1 : borders));
	const kept = selected ?? follow;
	const keep = kept === undefined ? undefined : `row ${kept}`;
	// The lines above the table stay fixed while enough rows fit below them.
	const shown =
		fixed.length + tableMinRows <= space
			? [...fixed, ...visible(moving, space - fixed.length, scroll + anchorOf(rows, width), keep)]
			: visible([...fixed, ...moving], space, scroll + anchorOf(rows, width), keep);
	const cellsOf = layoutOf(rows, shown, width - sides);
	const box = usePointed(area, shown);
	return (
		<Box ref={box} flexDirection="column" width={width} height={height}>
			<Line cells={topBorder(rows, width, {marked, focused})} />
			<Box
				borderStyle={focused ? 'bold' : 'single'}
				borderTop={false}
				borderBottom={!isOpen}
				borderDimColor={!focused}
				paddingX={1}
				flexDirection="column"
				flexGrow={1}
			>
				{withKeys(shown).map(([key, one]) => (
					<Line
						key={key}
						cells={cellsOf(one)}
						selected={focused && one.id === `row ${selected}` ? width - sides : undefined}
					/>
				))}
			</Box>
		</Box>
	);
}

/** Two rows may have the same id, as members of etcd may have one name: by one key React would leave a row on the screen. */
function withKeys(shown: readonly Content[]): [string, Content][] {
	const counts = new Map<string, number>();
	return shown.map(one => {
		const count = counts.get(one.id) ?? 0;
		counts.set(one.id, count + 1);
		return [`${one.id} ${count}`, one];
	});
}

/** Lets the pointer find the pane, and the rows in it. */
function usePointed(area: Area | undefined, shown: readonly Content[]) {
	const pointer = useContext(PointerContext);
	const box = useRef<DOMElement>(null);
	useLayoutEffect(() => {
		if (pointer === undefined || area === undefined) {
			return undefined;
		}

		pointer.put(box, {
			area,
			node: () => box.current,
			ids: shown.map(one => ('row' in one ? one.row.id : undefined)),
		});
		return () => {
			pointer.delete(box);
		};
	}, [pointer, area, shown]);
	return box;
}

/** Rows that the whole pane needs. */
export function paneHeight({lines, table}: PaneRows): number {
	return (
		lines.length + (table === undefined || table.rows.length === 0 ? 0 : table.rows.length + 1) + borders
	);
}

/** Lines of a page, and the scroll position that shows the last line. */
export function paneScroll(rows: PaneRows, width: number, height: number): {page: number; end: number} {
	const {fixed, moving} = contentOf(rows, width - sides);
	const space = Math.max(0, height - borders);
	const [lines, room] =
		fixed.length + tableMinRows <= space
			? [moving.length, space - fixed.length]
			: [fixed.length + moving.length, space];
	// The first and last line may show how many are hidden; one line of the previous page stays visible.
	return {page: Math.max(1, room - 3), end: Math.max(0, lines - room - anchorOf(rows, width))};
}

/** Rows above the pane's anchor, but for one that says how many are hidden. */
function anchorOf({lines, wraps = false, indent, anchor = 0}: PaneRows, width: number): number {
	const above = lines.slice(0, anchor);
	const rows = wraps ? above.flatMap(line => wrapLine(line, width - sides, indent)) : above;
	return Math.max(0, rows.length - 1);
}

/** Rows that the pane needs at this width, wrapped lines included. */
export function wrappedHeight(rows: PaneRows, width: number): number {
	const {fixed, moving} = contentOf(rows, width - sides);
	return fixed.length + moving.length + borders;
}

/** A line without layout, which only visible lines get. */
type Content = {id: string} & ({line: LineOfCells} | {row: Row} | {header: true});

function contentOf(
	{lines, table, wraps = false, indent, sections = [], further}: PaneRows,
	width: number,
): {fixed: Content[]; moving: Content[]} {
	const above = [
		...lines.flatMap(line => (wraps ? wrapLine(line, width, indent) : [line])),
		...laySections(sections, width),
		...(further === undefined
			? []
			: [[], [cell(`── ${further.title} ──`, 'dim')], ...laySections(further.sections, width)]),
	].map((line, index): Content => ({id: `line ${index}`, line}));
	if (table === undefined || table.rows.length === 0) {
		return {fixed: [], moving: above};
	}

	if (table.ruled) {
		const {header, rows} = layRuledTable(table, width);
		const content = (all: readonly LineOfCells[], name: string) =>
			all.map((line, index): Content => ({id: `${name} ${index}`, line}));
		return {fixed: [...above, ...content(header, 'header')], moving: content(rows, 'ruled')};
	}

	return {
		fixed: [...above, {id: 'header', header: true}],
		moving: table.rows.map((row): Content => ({id: `row ${row.id}`, row})),
	};
}

/**
 * Up to this many rows determine the column widths, so that these do not change while scrolling; of more, the visible
 * rows do.
 */
const measuredMaxRows = 40;

/** Makes the function that lays out a line. */
function layoutOf({table}: PaneRows, shown: readonly Content[], width: number): (content: Content) => Cell[] {
	const {columns, rows} = table ?? {columns: [], rows: []};
	const measured =
		rows.length <= measuredMaxRows ? rows : shown.flatMap(one => ('row' in one ? [one.row] : []));
	const laid = layTable({columns, rows: measured}, width);
	return content =>
		'line' in content ? fitLine(content.line, width) : 'row' in content ? laid.row(content.row) : laid.header;
}

/** The visible lines, including the selected one; the first and last may show how many are hidden. */
function visible(
	content: readonly Content[],
	space: number,
	scroll: number,
	keep: string | undefined,
): Content[] {
	if (content.length <= space) {
		return [...content];
	}

	const kept = content.findIndex(({id}) => id === keep);
	const last = content.length - space;
	const first = Math.min(last, Math.max(scroll, kept < space - 1 ? 0 : kept - space + 2));
	const shown = content.slice(first, first + space);
	if (first > 0 && space > 1) {
		shown[0] = missing('above', first + 1);
	}

	if (first < last && space > 0) {
		shown[space - 1] = missing('below', last - first + 1);
	}

	return shown;
}

function missing(where: 'above' | 'below', count: number): Content {
	return {id: where, line: [cell(`… ${count} more ${where}`, 'dim')]};
}

/** The frame of the pane that has the focus is bold. */
function topBorder(
	{title, status}: PaneRows,
	width: number,
	{marked, focused}: {marked: boolean; focused: boolean},
): Cell[] {
	const name = marked ? ` ▸ ${title} ` : ` ${title} `;
	const room = width - textWidth(name) - 6;
	const [shown] = fitLine([status], Math.max(0, room - 2));
	const words = shown === undefined || shown.text === '' ? '' : ` ${shown.text} `;
	const [left, line, right] = focused ? ['┏━', '━', '━┓'] : ['┌─', '─', '─┐'];
	const rule = line.repeat(Math.max(0, width - 4 - textWidth(name) - textWidth(words)));
	const tone = focused ? 'plain' : 'dim';
	return [
		cell(left, tone),
		cell(name, 'strong'),
		cell(rule, tone),
		cell(words, status.tone),
		cell(right, tone),
	];
}

export type LineProps = {
	cells: readonly Cell[];
	/** Width of the inverse line, in columns, if it is selected. */
	selected?: number | undefined;
	/** The background of the whole line. */
	bar?: TitleColor | undefined;
};

/** Tones that stay bold on a bar of one colour. */
const strongTones: ReadonlySet<Tone> = new Set(['strong', 'warn', 'bad']);

/** A line that looks as before costs neither React nor the layout anything: most of them do, from second to second. */
export const Line = memo(
	LineOf,
	(before, after) =>
		before.selected === after.selected && before.bar === after.bar && areSame(before.cells, after.cells),
);

function areSame(before: readonly Cell[], after: readonly Cell[]): boolean {
	return (
		before.length === after.length &&
		before.every(({text, tone}, index) => text === after[index]?.text && tone === after[index].tone)
	);
}

function LineOf({cells, selected, bar}: LineProps) {
	const theme = useTheme();
	const text =
		selected !== undefined
			? theme.selected(fill(cells.map(cell => cell.text).join(''), selected))
			: bar === undefined
				? cells.map(cell => theme[cell.tone](cell.text)).join('')
				: cells
						.map(({text, tone}) => theme[`bar.${bar}`](strongTones.has(tone) ? theme.strong(text) : text))
						.join('');
	// An empty Text would take no row.
	return <Text wrap="truncate">{text === '' ? ' ' : text}</Text>;
}

function fill(text: string, width: number): string {
	return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

export const ThemeContext = createContext<Theme>(themeFor({}));

export function useTheme(): Theme {
	return useContext(ThemeContext);
}
