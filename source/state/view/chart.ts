/** Curves, bars and lanes over time as text, on one axis: columns of buckets, the newest on the right. */

import {plot} from 'asciichart';
import cliTruncate from 'cli-truncate';
import {lastValues, type Runs} from '../../domain/trend-values.ts';
import {type Holders, worseHolders} from '../../domain/trends.ts';
import {clock, latencyText, textWidth, twoDigits} from '../../lib/format.ts';
import {type Cell, cell, type Line, type Tone} from './cells.ts';

/** `columns` show about `buckets` buckets, up to the one before `end` (a bucket number: Unix time / `bucketMs`). */
export type Axis = {columns: number; buckets: number; end: number; bucketMs: number};

/** The first and last bucket of a column. They stay fixed as time passes; only the newest column changes. */
type Column = {from: number; to: number};

function columnsOf({columns, buckets, end}: Axis): Column[] {
	const isWide = columns > buckets;
	const last = isWide
		? Math.ceil((end * columns) / buckets) - 1
		: Math.floor(((end - 1) * columns) / buckets);
	return Array.from({length: columns}, (_, index): Column => {
		const number = last - columns + 1 + index;
		const from = (number * buckets) / columns;
		const to = ((number + 1) * buckets) / columns;
		return isWide
			? {from: Math.floor(from), to: Math.floor(from)}
			: {from: Math.ceil(from), to: Math.ceil(to) - 1};
	});
}

/** Number of columns whose buckets are all before this one. */
export function columnsBefore(axis: Axis, bucket: number): number {
	return columnsOf(axis).filter(({to}) => to < bucket).length;
}

/** The known values of each column. `current`: the value of the bucket that is not finished yet. */
export function perColumn<T>(
	axis: Axis,
	{runs, current, number}: {runs: Runs<T>; current: T | undefined; number: number},
): T[][] {
	const values = [...lastValues(runs, axis.buckets + 2), current];
	const first = number - axis.buckets - 2;
	return columnsOf(axis).map(({from, to}) =>
		values
			.slice(Math.max(0, from - first), Math.max(0, Math.min(to, axis.end - 1) - first + 1))
			.filter(value => value !== undefined),
	);
}

/** A value that is unknown and did not fail is blank. */
export type Point = {value: number | undefined; failed: boolean};

const bars = '▁▂▃▄▅▆▇█';
const failedSign = '×';

/** The height of a bar: one higher from each of the seven steps on, so that a height always means the same. */
export function barOf(value: number, steps: readonly number[]): string {
	return bars[steps.filter(step => value >= step).length] ?? '';
}

export function barCells(points: readonly Point[], steps: readonly number[]): Line {
	return joined(
		points.map(({value, failed}) =>
			failed ? cell(failedSign, 'bad') : value === undefined ? cell(' ') : cell(barOf(value, steps), 'plain'),
		),
	);
}

/** Values that a row of the curve can stand for, ms. */
const marksMs = [-1, 0, 1, 2, 3, 4].flatMap(power => [1, 2, 5].map(one => one * 10 ** power));

/** Position between marks: 0 at the first one. */
function positionOf(milliseconds: number): number {
	const below = Math.max(
		0,
		marksMs.findLastIndex(mark => mark <= milliseconds),
	);
	const [from, to] = [marksMs[below] ?? 1, marksMs[below + 1]];
	return to === undefined ? below : below + Math.max(0, Math.log(milliseconds / from) / Math.log(to / from));
}

/** `perRow`: marks for each row; 0.5 labels every second row, above 1 skips marks. */
type Scale = {lowest: number; perRow: number};

function scaleOf(values: readonly number[], rows: number): Scale {
	const positions = values.map(positionOf);
	const lowest = Math.floor(Math.min(...positions));
	const span = Math.max(1, Math.ceil(Math.max(...positions)) - lowest);
	const most = rows - 1;
	return {lowest, perRow: span > most ? Math.ceil(span / most) : 2 * span <= most ? 0.5 : 1};
}

/** The curve of a latency in this number of rows, each with its label, on a logarithmic scale. */
export function curveLines(points: readonly Point[], rows: number, labelWidth: number): Line[] {
	const values = points.flatMap(({value}) => (value === undefined ? [] : [value]));
	const {lowest, perRow} = scaleOf(values.length === 0 ? [1] : values, rows);
	const canvas = Array.from({length: rows}, () => points.map(() => ' '));
	const heights = points.map(({value}) =>
		value === undefined ? undefined : Math.min(rows - 1, Math.max(0, (positionOf(value) - lowest) / perRow)),
	);
	for (const {from, known} of stretchesOf(heights)) {
		for (const [row, text] of drawn(known, rows).entries()) {
			canvas[row]?.splice(from, known.length, ...text);
		}
	}

	return canvas.map((row, index): Line => {
		const mark = marksMs[lowest + (rows - 1 - index) * perRow];
		const label = mark === undefined ? '' : latencyText(mark, true);
		return [
			cell(`${label.padStart(labelWidth - 2)} ┤`, 'dim'),
			...joined(row.map((sign, column) => (points[column]?.failed ? cell(failedSign, 'bad') : cell(sign)))),
		];
	});
}

/** Runs of known values: a line must not cross unknown ones. */
function stretchesOf(values: readonly (number | undefined)[]): {from: number; known: number[]}[] {
	const stretches: {from: number; known: number[]}[] = [];
	for (const [index, value] of values.entries()) {
		const last = stretches.at(-1);
		if (value !== undefined && last !== undefined && last.from + last.known.length === index) {
			last.known.push(value);
		} else if (value !== undefined) {
			stretches.push({from: index, known: [value]});
		}
	}

	return stretches;
}

/** One character for each value: asciichart draws none for the first value, so that is repeated. */
function drawn(values: readonly number[], rows: number): string[] {
	const [first = 0] = values;
	const most = rows - 1;
	return plot([first, ...values], {
		min: 0,
		max: most,
		height: most,
		// asciichart's axis and labels are left out, because there may be several runs.
		offset: 2,
		format: () => ' ',
		symbols: [' ', ' ', '╶', '╴', '─', '╰', '╭', '╮', '╯', '│'],
	})
		.split('\n')
		.map(line => line.slice(2, 2 + values.length));
}

/** The holder over time: `pgdb2━━━━┃pgdb1━━━`; `×` for none, `═` for several, blank if unknown. */
export function laneCells(columns: readonly (readonly Holders[])[]): Line {
	const line: Cell[] = [];
	let before: string | undefined;
	for (const {holders, length} of spansOf(columns)) {
		const names = holders?.join('+');
		if (holders === undefined || holders.length === 0) {
			line.push(holders === undefined ? cell(' '.repeat(length)) : cell(failedSign.repeat(length), 'bad'));
		} else if (names !== undefined) {
			const change = before === undefined || before === '' ? '' : '┃';
			const [rule, tone]: [string, Tone] = holders.length > 1 ? ['═', 'bad'] : ['━', 'plain'];
			const text = change + fitName(names, length - change.length);
			line.push(cell(text + rule.repeat(length - textWidth(text)), tone));
		}

		before = names;
	}

	return joined(line);
}

/** A shorter name cannot be recognized. */
const nameMinWidth = 3;

function fitName(name: string, room: number): string {
	return textWidth(name) <= room
		? name
		: room < nameMinWidth
			? ''
			: cliTruncate(name, room, {position: 'middle'});
}

function spansOf(columns: readonly (readonly Holders[])[]): {holders: Holders | undefined; length: number}[] {
	const spans: {holders: Holders | undefined; length: number}[] = [];
	for (const column of columns) {
		const holders = column.reduce<Holders | undefined>(worseHolders, undefined);
		const last = spans.at(-1);
		if (last !== undefined && last.holders?.join() === holders?.join()) {
			last.length++;
		} else {
			spans.push({holders, length: 1});
		}
	}

	return spans;
}

/** Distance between two time labels, columns. */
const timeGap = 10;
const timeWidth = 'HH:MM'.length;
const dayMinutes = 24 * 60;
const timeStepsMs = [
	1,
	2,
	5,
	10,
	15,
	30,
	60,
	120,
	180,
	360,
	720,
	dayMinutes,
	2 * dayMinutes,
	7 * dayMinutes,
	28 * dayMinutes,
].map(minutes => minutes * 60_000);

/** `MM-DD` */
function dayOf(at: number): string {
	const date = new Date(at);
	return [date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
}

/** The time of day below the columns in which its minute begins; of long times the day. */
export function timeCells(axis: Axis): Line {
	const columns = columnsOf(axis);
	const {bucketMs} = axis;
	const columnMs = (axis.buckets * bucketMs) / axis.columns;
	const step = timeStepsMs.find(one => one / columnMs >= timeGap) ?? timeStepsMs.at(-1) ?? 0;
	let text = '';
	for (const [index, {from, to}] of columns.entries()) {
		const minute = Math.floor((to * bucketMs) / step);
		const isFirst = Math.floor(((from - 1) * bucketMs) / step) < minute && columns[index - 1]?.to !== to;
		if (isFirst && text.length <= index && index + timeWidth <= axis.columns) {
			const at = minute * step;
			const label = step < dayMinutes * 60_000 ? clock(at, at).slice(0, timeWidth) : dayOf(at);
			text = `${text.padEnd(index)}${label} `;
		}
	}

	return [cell(text.trimEnd(), 'dim')];
}

/** Joins neighbours of the same tone. */
function joined(cells: readonly Cell[]): Line {
	const line: Cell[] = [];
	for (const {text, tone} of cells) {
		const last = line.at(-1);
		if (last?.tone === tone) {
			last.text += text;
		} else {
			line.push({text, tone});
		}
	}

	return line;
}
