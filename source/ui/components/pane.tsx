/** A pane: a frame with title and status, lines inside, never larger than its width and height; and the colours. */

import chalk, {Chalk, type ChalkInstance} from 'chalk';
import {Box, Text} from 'ink';
import {createContext, useContext} from 'react';
import stringWidth from 'string-width';
import {
	type Cell,
	cell,
	type Line as LineOfCells,
	type PaneRows,
	type Row,
	type TagTone,
	type Tone,
	tagTones,
} from '../../state/view/cells.ts';
import {fitLine, layRuledTable, laySections, layTable, wrapLine} from '../table-layout.ts';

/** Border and padding on both sides. */
const sides = 4;
/** A table with less room scrolls together with the lines above it. */
const tableMinRows = 3;
/** Top and bottom border. */
const borders = 2;

export type PaneProps = {
	rows: PaneRows;
	width: number;
	height: number;
	/** The keys go to this pane. */
	focused?: boolean;
	/** Its title has the mark of what the keys go to; not where something in it has. Default: as focused. */
	marked?: boolean;
	/** The id of the selected row. */
	selected?: string | undefined;
	/** Lines scrolled out at the top. */
	scroll?: number;
};

export function Pane({
	rows,
	width,
	height,
	focused = false,
	marked = focused,
	selected,
	scroll = 0,
}: PaneProps) {
	const {fixed, moving} = contentOf(rows, width - sides);
	const space = Math.max(0, height - borders);
	const keep = selected === undefined ? undefined : `row ${selected}`;
	// The lines above the rows do not scroll, as long as some rows have room.
	const shown =
		fixed.length + tableMinRows <= space
			? [...fixed, ...visible(moving, space - fixed.length, scroll, keep)]
			: visible([...fixed, ...moving], space, scroll, keep);
	const cellsOf = layoutOf(rows, shown, width - sides);
	return (
		<Box flexDirection="column" width={width} height={height}>
			<Line cells={topBorder(rows, width, marked)} />
			<Box
				borderStyle="single"
				borderTop={false}
				borderDimColor
				paddingX={1}
				flexDirection="column"
				flexGrow={1}
			>
				{shown.map(one => (
					<Line
						key={one.id}
						cells={cellsOf(one)}
						selected={focused && one.id === keep ? width - sides : undefined}
					/>
				))}
			</Box>
		</Box>
	);
}

/** Rows of the pane in full. */
export function paneHeight({lines, table}: PaneRows): number {
	return (
		lines.length + (table === undefined || table.rows.length === 0 ? 0 : table.rows.length + 1) + borders
	);
}

/** Lines of a page, and how far the pane scrolls until its last line is visible. */
export function paneScroll(rows: PaneRows, width: number, height: number): {page: number; end: number} {
	const {fixed, moving} = contentOf(rows, width - sides);
	const space = Math.max(0, height - borders);
	const [lines, room] =
		fixed.length + tableMinRows <= space
			? [moving.length, space - fixed.length]
			: [fixed.length + moving.length, space];
	// The first and the last line may say how many are missing; one line of the page before stays visible.
	return {page: Math.max(1, room - 3), end: Math.max(0, lines - room)};
}

/** A line of the pane, not yet laid: only visible ones are. */
type Content = {id: string} & ({line: LineOfCells} | {row: Row} | {header: true});

function contentOf(
	{lines, table, wraps = false, indent, sections = []}: PaneRows,
	width: number,
): {fixed: Content[]; moving: Content[]} {
	const above = [
		...lines.flatMap(line => (wraps ? wrapLine(line, width, indent) : [line])),
		...laySections(sections, width),
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

/** Up to so many rows columns are as wide as all rows need, and do not move while scrolling; of more, as the visible ones need. */
const measuredMaxRows = 40;

/** The function that lays a line. */
function layoutOf({table}: PaneRows, shown: readonly Content[], width: number): (content: Content) => Cell[] {
	const {columns, rows} = table ?? {columns: [], rows: []};
	const measured =
		rows.length <= measuredMaxRows ? rows : shown.flatMap(one => ('row' in one ? [one.row] : []));
	const laid = layTable({columns, rows: measured}, width);
	return content =>
		'line' in content ? fitLine(content.line, width) : 'row' in content ? laid.row(content.row) : laid.header;
}

/** The visible lines, the selected one among them; the first and last may say how many are missing. */
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

function topBorder({title, status}: PaneRows, width: number, marked: boolean): Cell[] {
	const name = marked ? ` ▸ ${title} ` : ` ${title} `;
	const room = width - stringWidth(name) - 6;
	const [shown] = fitLine([status], Math.max(0, room - 2));
	const words = shown === undefined || shown.text === '' ? '' : ` ${shown.text} `;
	const rule = '─'.repeat(Math.max(0, width - 4 - stringWidth(name) - stringWidth(words)));
	return [
		cell('┌─', 'dim'),
		cell(name, 'strong'),
		cell(rule, 'dim'),
		cell(words, status.tone),
		cell('─┐', 'dim'),
	];
}

export type LineProps = {
	cells: readonly Cell[];
	/** The line is the selected one: inverse over this many columns. */
	selected?: number | undefined;
};

export function Line({cells, selected}: LineProps) {
	const theme = useTheme();
	const text =
		selected === undefined
			? cells.map(cell => theme[cell.tone](cell.text)).join('')
			: theme.selected(fill(cells.map(cell => cell.text).join(''), selected));
	// An empty Text would take no row.
	return <Text wrap="truncate">{text === '' ? ' ' : text}</Text>;
}

function fill(text: string, width: number): string {
	return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

export type Theme = Readonly<Record<Tone | 'selected', (text: string) => string>>;

/** The sixteen named colours: they follow the operator's palette and work everywhere. */
function colours(style: ChalkInstance): Theme {
	return {
		plain: text => text,
		strong: style.bold,
		good: style.green,
		warn: style.yellow,
		bad: style.red.bold,
		dim: style.dim,
		selected: style.inverse,
		match: style.black.bgYellow,
		tag0: style.cyan,
		tag1: style.magenta,
		tag2: style.blueBright,
		tag3: style.greenBright,
		tag4: style.cyanBright,
		tag5: style.magentaBright,
		tag6: style.yellowBright,
		tag7: style.blue,
		tag8: style.whiteBright,
	};
}

function monochrome(style: ChalkInstance): Theme {
	const plain = (text: string) => text;
	const tags = Object.fromEntries(tagTones.map(tone => [tone, plain])) as Record<TagTone, typeof plain>;
	return {
		...colours(style),
		good: plain,
		warn: style.bold,
		bad: style.bold,
		match: style.bold.underline,
		...tags,
	};
}

/** https://no-color.org: any value but the empty one turns colours off; bold, dim and inverse stay. */
export function themeFor(environment: Readonly<Record<string, string | undefined>>): Theme {
	return environment.NO_COLOR ? monochrome(chalk) : colours(chalk);
}

/** For the full screen: without known colours it can still show the selected row. */
export function screenTheme(environment: Readonly<Record<string, string | undefined>>): Theme {
	return chalk.level === 0 ? monochrome(new Chalk({level: 1})) : themeFor(environment);
}

export const ThemeContext = createContext<Theme>(themeFor({}));

export function useTheme(): Theme {
	return useContext(ThemeContext);
}
