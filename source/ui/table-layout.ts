/** Lays out cells in a width: tables, ruled tables, and sections in columns; cuts lines with `…`. */
import cliTruncate from 'cli-truncate';
import type {TextProps} from 'ink';
import {layTable as layRules, type TableData} from 'ink-table/layout';
import {plainMatcher} from '../domain/logs/matcher.ts';
import {textWidth} from '../lib/format.ts';
import {sanitize} from '../lib/sanitize.ts';
import {
	type Cell,
	cell,
	type Line,
	markMatches,
	type Row,
	type Section,
	type Table,
	type Tone,
} from '../state/view/cells.ts';
import {cutNames} from './cut-names.ts';

const gap = 2;

/** A narrower column is left out. */
const columnMinWidth = 8;

/** Cuts the line to `width` columns, with `…` at the cut. */
export function fitLine(line: Line, width: number): Cell[] {
	const fitted: Cell[] = [];
	let left = width;
	for (const [index, one] of line.entries()) {
		const {text, tone, cut} = one;
		const more = line.slice(index + 1).some(one => one.text !== '');
		const wide = textWidth(text);
		if (wide < left || (wide === left && !more)) {
			fitted.push({text, tone});
			left -= wide;
			continue;
		}

		if (left > 0) {
			fitted.push({
				text: cliTruncate(text, wide > left ? left : Math.max(0, left - 1), {position: cut ?? 'end'}),
				tone,
			});
		}

		break;
	}

	return fitted;
}

/**
 * Between two words, where a line may break: after `≥`, and between a number and its unit (`6.8 ms`, `40 KiB`, `3m 20s`)
 * it may not.
 */
const wordBreak =
	/(?<=\s)(?=\S)(?<!≥ )(?<!\d (?=(?:ms|s|B|[KMGTP]iB)(?![\p{L}\d])))(?<!\dd (?=\d+h\b))(?<!\dh (?=\d+m\b))(?<!\dm (?=\d+s\b))/u;

/** Wraps the line between words; rows after the first are indented. */
export function wrapLine(line: Line, width: number, indent = 2): Cell[][] {
	const rows: Cell[][] = [[]];
	let left = width;
	for (const {text, tone} of line) {
		for (const word of text.split(wordBreak)) {
			const wide = textWidth(word.trimEnd());
			if (wide > left && left < width - indent) {
				rows.push([cell(' '.repeat(indent))]);
				left = width - indent;
			}

			rows.at(-1)?.push({text: word, tone});
			left -= textWidth(word);
		}
	}

	return rows.map(row => fitLine(trimLineEnd(row), width));
}

/** Removes the spaces after the last word. */
function trimLineEnd(row: readonly Cell[]): Cell[] {
	const last = row.findLastIndex(({text}) => text.trim() !== '');
	return row
		.slice(0, last + 1)
		.map((one, index) => (index === last ? {...one, text: one.text.trimEnd()} : one));
}

/** Header and rows, each at most `width` columns wide. If they do not fit, columns of the highest rank are left out. */
export function layTable(table: Table, width: number): {header: Cell[]; row: (row: Row) => Cell[]} {
	const kept = widenColumns(fitColumns(filledColumns(table), width, gap), width);
	const names = new Map(
		kept.flatMap(({column, index, width: wide}) =>
			column.names
				? [
						[
							index,
							cutNames(
								table.rows.map(({cells}) => cells[index]?.text ?? ''),
								wide,
							),
						] as const,
					]
				: [],
		),
	);
	const lay = (cells: readonly Cell[]) =>
		fitLine(
			kept.flatMap(({column, index, width: wide}, position) => {
				const {text, tone} = cells[index] ?? cell('');
				const shown =
					names.get(index)?.get(text) ?? (textWidth(text) > wide ? cliTruncate(text, wide) : text);
				const fill = ' '.repeat(Math.max(0, wide - textWidth(shown)));
				const last = position === kept.length - 1;
				const padded = column.align === 'right' ? fill + shown : shown + (last ? '' : fill);
				return [{text: padded, tone}, ...(last ? [] : [cell(' '.repeat(gap))])];
			}),
			width,
		);
	return {
		header: lay(table.columns.map(({title}) => cell(title, 'dim'))),
		row({cells, match}) {
			const matcher = match === undefined ? undefined : plainMatcher(match);
			return matcher === undefined ? lay(cells) : lay(cells).flatMap(one => markMatches(one, [matcher]));
		},
	};
}

/** Width of a rule with a space on both sides. */
const ruledGap = 3;

/** Title, rule and rows; nothing is cut, columns that do not fit are left out. */
export function layRuledTable(table: Table, width: number): {header: Cell[][]; rows: Cell[][]} {
	const kept = fitColumns(filledColumns(table), width, ruledGap);
	const data: TableData = {
		// Those that always stay are narrowed together, so that their text wraps into few lines.
		columns: kept.map(({column, width}) => (column.rank === 0 ? column : {...column, width})),
		rows: table.rows.map(({cells}) => kept.map(({index}) => cells[index]?.text ?? '')),
	};
	const all = filledColumns(table).filter(({column}) => column.rank === 0);
	const fits = all.reduce((sum, one) => sum + one.width + ruledGap, -ruledGap) <= width;
	const lines = layRules(data, {width, outline: false, padding: fits ? 1 : 0}).map(line =>
		line.map(({kind, text, row, column}): Cell => {
			const shown = table.rows[row ?? -1]?.cells[kept[column ?? -1]?.index ?? -1];
			return cell(text, kind === 'cell' ? shown?.tone : 'dim');
		}),
	);
	return {header: lines.slice(0, 2), rows: lines.slice(2)};
}

type Fitted = {column: Table['columns'][number]; index: number; width: number};

/** Columns with content, as wide as it. */
function filledColumns({columns, rows}: Table): Fitted[] {
	return columns
		.map((column, index) => ({
			column,
			index,
			width: Math.max(textWidth(column.title), ...rows.map(({cells}) => textWidth(cells[index]?.text ?? ''))),
		}))
		.filter(
			({column, index}) => column.rank === 0 || rows.some(({cells}) => (cells[index]?.text ?? '') !== ''),
		);
}

/** Widens columns to their minimum width if they fit. */
function widenColumns(columns: readonly Fitted[], width: number): Fitted[] {
	let left = width - columns.reduce((sum, one) => sum + one.width + gap, -gap);
	return columns.map(one => {
		const more = Math.max(0, Math.min(left, (one.column.minWidth ?? 0) - one.width));
		left -= more;
		return {...one, width: one.width + more};
	});
}

function fitColumns(columns: readonly Fitted[], width: number, between: number): Fitted[] {
	const total = (list: readonly Fitted[]) => list.reduce((sum, one) => sum + one.width + between, -between);
	let kept = [...columns];
	while (kept.length > 0 && total(kept) > width) {
		const over = total(kept) - width;
		// The column that matters least goes, unless it is wide enough to be cut to what is left, its title in full.
		const least = kept.reduce((a, b) => (b.column.rank >= a.column.rank ? b : a));
		if (
			!least.column.whole &&
			least.width - over >= Math.max(columnMinWidth, textWidth(least.column.title))
		) {
			return kept.map(one => (one === least ? {...one, width: one.width - over} : one));
		}

		if (least.column.rank === 0 || kept.length === 1) {
			return cutWidest(kept, over);
		}

		kept = kept.filter(one => one !== least);
	}

	return kept;
}

/** So many columns narrower: the widest first, and as long as it can be none narrower than its title. */
function cutWidest(columns: readonly Fitted[], over: number): Fitted[] {
	const room = ({width, column}: Fitted) => width - Math.min(width, textWidth(column.title));
	const widest = columns.reduce((a, b) => (room(b) > room(a) ? b : a));
	const cut = Math.min(over, room(widest));
	if (cut === 0) {
		const last = columns.reduce((a, b) => (b.width > a.width ? b : a));
		return columns.map(one => (one === last ? {...one, width: Math.max(1, one.width - over)} : one));
	}

	const next = columns.map(one => (one === widest ? {...one, width: one.width - cut} : one));
	return over === cut ? next : cutWidest(next, over - cut);
}

/** From these widths on there are two and three columns: a meaning needs about forty characters beside its key. */
const columnWidths = [110, 170];

const columnGap = 3;

/** Text that does not fit is wrapped, not cut. */
export function laySections(sections: readonly Section[], width: number): Cell[][] {
	const count = 1 + columnWidths.filter(least => width >= least).length;
	const columnWidth = Math.floor((width - columnGap * (count - 1)) / count);
	const blocks = sections.map(section => laySection(section, columnWidth));
	const columns = split(blocks, count).map(column =>
		column.flatMap((lines, index) => (index === 0 ? lines : [[], ...lines])),
	);
	const height = Math.max(0, ...columns.map(({length}) => length));
	return Array.from({length: height}, (_, row) =>
		columns.flatMap((lines, index) => {
			const line = lines[row] ?? [];
			const fill = columnWidth - line.reduce((sum, {text}) => sum + textWidth(text), 0);
			return index === columns.length - 1 ? line : [...line, cell(' '.repeat(fill + columnGap))];
		}),
	);
}

function laySection({title, entries}: Section, width: number): Cell[][] {
	const indent = Math.max(...entries.map(({name}) => textWidth(name))) + 2;
	return [
		[cell(title, 'strong')],
		...entries.flatMap(({name, text}) =>
			wrapLine([cell(name + ' '.repeat(indent - textWidth(name)), 'strong'), cell(text)], width, indent),
		),
	];
}

/** Splits into columns in order, with the shortest possible longest column. */
function split<T>(blocks: readonly (readonly T[])[], count: number): (readonly T[])[][] {
	if (count <= 1 || blocks.length <= 1) {
		return [[...blocks]];
	}

	const all = blocks.map((_, index) => {
		const rest = split(blocks.slice(index + 1), count - 1);
		return [blocks.slice(0, index + 1), ...rest];
	});
	const longest = (columns: (readonly T[])[][]) => Math.max(...columns.map(column => lengthOf(column)));
	return all.reduce((best, one) => (longest(one) < longest(best) ? one : best));
}

/** Lines, with an empty line between two blocks. */
function lengthOf(blocks: readonly (readonly unknown[])[]): number {
	return blocks.reduce((sum, {length}) => sum + length + 1, -1);
}

type Output = {isTTY?: boolean; columns?: number};

type Environment = Readonly<Record<string, string | undefined>>;

const toneProps: Partial<Record<Tone, Pick<TextProps, 'bold' | 'color' | 'dimColor'>>> = {
	strong: {bold: true},
	good: {color: 'green'},
	warn: {color: 'yellow'},
	bad: {color: 'red', bold: true},
	dim: {dimColor: true},
};

/** FORCE_COLOR, as chalk reads it; `--color always` sets it. */
function isForced({FORCE_COLOR: force}: Environment): boolean {
	return force !== undefined && /^(?:|true|[1-9]\d*)$/.test(force);
}

export async function printableTable(
	{columns, rows}: Table,
	stdout: Output = process.stdout,
	environment: Environment = process.env,
): Promise<string> {
	const {renderTable} = await import('ink-table');
	const used = columns
		.map((column, index) => ({column, index}))
		.filter(({column, index}) => column.rank === 0 || rows.some(({cells}) => cells[index]?.text));
	return renderTable({
		columns: used.map(({column: {title, align}}) => ({title, align})),
		rows: rows.map(({cells}) => used.map(({index}) => sanitize(cells[index]?.text ?? ''))),
		width: stdout.isTTY ? stdout.columns : undefined,
		styled: !environment.NO_COLOR && (stdout.isTTY === true || isForced(environment)),
		propsOf: (row, column) => toneProps[rows[row]?.cells[used[column]?.index ?? -1]?.tone ?? 'plain'] ?? {},
	});
}
