/** Log lines laid into rows: only those that are visible. */
import stringWidth from 'string-width';
import type {Budget, FilteredLines} from '../domain/logs/filtered-lines.ts';
import {consoleService, type LogLine} from '../domain/logs/line.ts';
import {justBefore} from '../state/update/log-navigation.ts';
import {type Cell, cell, type Line} from '../state/view/cells.ts';
import {headOf, type LineStyle, textOf} from '../state/view/logs.ts';

export type LogWindow = {
	rows: number;
	width: number;
	wrap: boolean;
	place: number | undefined;
	style: LineStyle;
};

/** The part of the window above the current line. */
const partAbove = 0.6;
/** Marks the current line. */
const mark = '▸';

/** `rows` lines, or fewer at the beginning of the logs. */
export function layWindow(
	all: FilteredLines,
	{rows, width, wrap, place, style}: LogWindow,
	budget: Budget,
): Line[] {
	const lay = (line: LogLine, current: boolean) =>
		layLine(line, {width, wrap, style, maxRows: rows}, current);
	if (place === undefined) {
		const lines = all.before(Number.POSITIVE_INFINITY, rows, budget);
		return lines.flatMap(line => lay(line, false)).slice(-rows);
	}

	const upper = all.before(place, rows, budget);
	const current = upper.at(-1);
	const first = upper.slice(0, -1).flatMap(line => lay(line, false));
	first.push(...(current === undefined ? [] : lay(current, current.order > place - justBefore)));
	const second = all.after(place, rows, budget).flatMap(line => lay(line, false));
	const wanted = Math.ceil(rows * partAbove);
	const below = Math.min(second.length, rows - Math.min(first.length, wanted));
	return [...first.slice(-(rows - below) || first.length), ...second.slice(0, below)];
}

type Room = {width: number; wrap: boolean; style: LineStyle; maxRows: number};

function layLine(line: LogLine, {width, wrap, style, maxRows}: Room, current: boolean): Line[] {
	const head = [cell(current ? `${mark} ` : '  ', 'strong'), ...headOf(line, style)];
	const indent = head.reduce((sum, {text}) => sum + stringWidth(text), 0);
	const room = Math.max(8, width - indent);
	// Of a very long line only what is visible is measured. The console's own lines end with a remedy: they are always wrapped.
	const whole = wrap || line.service === consoleService;
	const seen = {...line, text: line.text.slice(0, whole ? room * maxRows : room * 2)};
	const rows = whole ? flow(textOf(seen, style), room) : [textOf(seen, style)];
	return rows.map((cells, index) => [...(index === 0 ? head : [cell(' '.repeat(indent))]), ...cells]);
}

const segmenter = new Intl.Segmenter();
const plain = /^[\u0020-\u007E]*$/;

/** Cells broken into rows of at most `width` columns, at any character. */
export function flow(cells: readonly Cell[], width: number): Cell[][] {
	const rows: Cell[][] = [[]];
	let left = width;
	const put = (text: string, columns: number, {tone}: Cell) => {
		if (columns > left) {
			rows.push([]);
			left = width;
		}

		rows.at(-1)?.push(cell(text, tone));
		left -= columns;
	};
	for (const one of cells) {
		if (plain.test(one.text)) {
			for (let start = 0; start < one.text.length; ) {
				const end = start + (left === 0 ? width : left);
				const part = one.text.slice(start, end);
				put(part, part.length, one);
				start = end;
			}
		} else {
			for (const {segment} of segmenter.segment(one.text)) {
				put(segment, stringWidth(segment), one);
			}
		}
	}

	return rows;
}
