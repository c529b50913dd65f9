/** Lays out a table as lines of text: column widths, wrapping and cutting, rules between cells. */
import {stripVTControlCharacters} from 'node:util';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

export type Column = {
	title: string;
	/** Default: left. */
	align?: 'left' | 'right' | 'center';
	/** Wraps text that is too long for its column (default), or cuts it with `…`. */
	overflow?: 'wrap' | 'cut';
	/** Maximum width of the content, in terminal columns. */
	width?: number;
};

export type TableData = {columns: readonly Column[]; rows: readonly (readonly string[])[]};

export type LayoutOptions = {
	/** Maximum width of a line; undefined: as wide as the content. */
	width?: number | undefined;
	/** Rules around the table. Default: true. */
	outline?: boolean;
	/** Rules between rows. Default: false. */
	rowRules?: boolean;
	/** Spaces on both sides of a cell. Default: 1; 0 where a word would be broken otherwise. */
	padding?: number;
};

/** A part of a line. `row` and `column` identify the cell; titles have no row, rules have neither. */
export type Piece = {text: string; kind: 'rule' | 'title' | 'cell'; row?: number; column?: number};

/** Minimum width of a column that is narrowed: a wide character, or a letter and `…`. */
const narrowest = 2;

export function tableLines(table: TableData, options: LayoutOptions = {}): string[] {
	return layTable(table, options).map(line => line.map(({text}) => text).join(''));
}

/** Every line is equally wide. */
export function layTable({columns, rows}: TableData, options: LayoutOptions = {}): Piece[][] {
	if (columns.length === 0) {
		return [];
	}

	const {width = Number.POSITIVE_INFINITY, outline = true, rowRules = false} = options;
	const titles = columns.map(({title}) => clean(title));
	const cells = rows.map(row => columns.map((_, index) => clean(row[index] ?? '')));
	const natural = columns.map(({width: most = Number.POSITIVE_INFINITY}, index) => {
		const content = [titles, ...cells].map(row => widthOf(row[index] ?? ''));
		return Math.max(1, Math.min(most, Math.max(...content)));
	});
	const words = columns.map((column, index) =>
		Math.min(
			natural[index] ?? 1,
			wordsWidth(
				column,
				titles[index] ?? '',
				cells.map(row => row[index] ?? ''),
			),
		),
	);
	const padding = paddingFor(words, width, options);
	const room = width - frameWidth(columns.length, outline, padding);
	const widths = fit(
		natural,
		sum(words) <= room ? words : natural.map(one => Math.min(one, narrowest)),
		room,
	);
	const draw: Drawing = {columns, widths, padding, outline};
	const body = cells.map((row, index) => layRow(row, draw, {kind: 'cell', row: index}));
	const lines = [
		...(outline ? [rule('┌┬┐', draw)] : []),
		...layRow(titles, draw, {kind: 'title'}),
		rule('├┼┤', draw),
		...body.flatMap((row, index) => (rowRules && index > 0 ? [rule('├┼┤', draw), ...row] : row)),
		...(outline ? [rule('└┴┘', draw)] : []),
	];
	return lines.map(line => cutLine(line, width));
}

type Drawing = {columns: readonly Column[]; widths: readonly number[]; padding: number; outline: boolean};

/** Total width of rules and padding. */
function frameWidth(count: number, outline: boolean, padding: number): number {
	return count - 1 + padding * 2 * count + (outline ? 2 : -2 * padding);
}

function paddingFor(words: readonly number[], width: number, {outline = true, padding = 1}: LayoutOptions) {
	return sum(words) + frameWidth(words.length, outline, padding) <= width ? padding : 0;
}

/** The width that avoids broken words, wrapped titles and broken figures (right-aligned columns). */
function wordsWidth({align, overflow}: Column, title: string, cells: readonly string[]): number {
	const parts = overflow === 'cut' ? [] : align === 'right' ? cells : cells.flatMap(text => text.split(/\s/));
	return [title, ...parts].reduce((most, text) => Math.max(most, widthOf(text)), 1);
}

function sum(all: readonly number[]): number {
	return all.reduce((total, one) => total + one, 0);
}

/** Narrows the widest columns to a common limit, none below its minimum. */
function fit(natural: readonly number[], least: readonly number[], room: number): number[] {
	const atLimit = (limit: number) =>
		natural.map((one, index) => Math.max(least[index] ?? 0, Math.min(one, limit)));
	let limit = Math.max(...natural);
	while (limit > narrowest && sum(atLimit(limit)) > room) {
		limit--;
	}

	const widths = atLimit(limit);
	let left = room - widths.reduce((all, one) => all + one, 0);
	return widths.map((one, index) => {
		const more = left > 0 && one < (natural[index] ?? 0) ? 1 : 0;
		left -= more;
		return one + more;
	});
}

/** The lines of a row, as many as its highest cell has. */
function layRow(row: readonly string[], draw: Drawing, kind: Pick<Piece, 'kind' | 'row'>): Piece[][] {
	const {columns, widths, padding, outline} = draw;
	const laid = columns.map((column, index) => cellLines(row[index] ?? '', column, widths[index] ?? 1));
	const height = Math.max(...laid.map(({length}) => length));
	const space = ' '.repeat(padding);
	return Array.from({length: height}, (_, line) => {
		const pieces = laid.flatMap((lines, column): Piece[] => [
			...(column === 0 ? [] : [{text: `${space}│${space}`, kind: 'rule'} as const]),
			{text: aligned(lines[line] ?? '', widths[column] ?? 1, columns[column]?.align), ...kind, column},
		]);
		return outline
			? [{text: `│${space}`, kind: 'rule'}, ...pieces, {text: `${space}│`, kind: 'rule'}]
			: pieces;
	});
}

function cellLines(text: string, {overflow = 'wrap'}: Column, width: number): string[] {
	const lines = text.split('\n');
	const shown =
		overflow === 'cut'
			? [lines.join(' ')]
			: lines.flatMap(line => wrapAnsi(line, width, {hard: true, trim: true}).split('\n'));
	// One character may be wider than the column. A combining mark alone would attach to the rule before it.
	return shown.map(line => cut(line, width).replace(/^[\p{M}\p{Cf}]+/u, ''));
}

function aligned(text: string, width: number, align: Column['align'] = 'left'): string {
	const fill = Math.max(0, width - stringWidth(text));
	const before = align === 'right' ? fill : align === 'center' ? Math.floor(fill / 2) : 0;
	return ' '.repeat(before) + text + ' '.repeat(fill - before);
}

function rule(signs: string, {widths, padding, outline}: Drawing): Piece[] {
	const [left, cross, right] = signs;
	const last = widths.length - 1;
	const inner = widths
		.map((width, index) => {
			const sides = outline ? 2 : (index > 0 ? 1 : 0) + (index < last ? 1 : 0);
			return '─'.repeat(width + padding * sides);
		})
		.join(cross);
	return [{text: outline ? `${left}${inner}${right}` : inner, kind: 'rule'}];
}

/** Cuts a line when even the minimum widths do not fit. */
function cutLine(line: readonly Piece[], width: number): Piece[] {
	const pieces: Piece[] = [];
	let left = width;
	for (const piece of line) {
		const text = cut(piece.text, left);
		if (text !== '') {
			pieces.push({...piece, text});
		}

		left -= stringWidth(text);
		if (text !== piece.text) {
			break;
		}
	}

	return pieces;
}

const segmenter = new Intl.Segmenter();

/** Cuts at grapheme boundaries: cli-truncate can leave a combining mark without its letter. */
function cut(text: string, width: number): string {
	if (stringWidth(text) <= width) {
		return text;
	}

	let kept = '';
	let left = width - 1;
	for (const {segment} of segmenter.segment(text)) {
		left -= stringWidth(segment);
		if (left < 0) {
			break;
		}

		kept += segment;
	}

	return width < 1 ? '' : `${kept}…`;
}

/** Text without escape sequences and control characters except line breaks. */
function clean(text: string): string {
	return stripVTControlCharacters(text)
		.normalize()
		.replaceAll(/\r\n?/g, '\n')
		.replaceAll('\t', ' ')
		.replaceAll(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/g, '');
}

function widthOf(text: string): number {
	return Math.max(...text.split('\n').map(line => stringWidth(line)));
}
