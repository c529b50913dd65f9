/**
 * The chart of the last minutes: writes and reads through the client path, leader and VIP holder; and each member's
 * lag.
 */

import cliTruncate from 'cli-truncate';
import type {Member} from '../../domain/cluster/member.ts';
import {members} from '../../domain/cluster/members.ts';
import {isGuess, type Probe} from '../../domain/cluster/probe.ts';
import type {ProbePurpose} from '../../domain/facts.ts';
import {lastValues, percentile} from '../../domain/trend-values.ts';
import {bucketMs, type Holders, minutesOf, type ProbeTrend, type Trends} from '../../domain/trends.ts';
import {clock, latencyText} from '../../lib/format.ts';
import type {ClusterSnapshot} from '../state.ts';
import {type Cell, cell, type Line, type PaneRows} from './cells.ts';
import {
	type Axis,
	barCells,
	barOf,
	columnsBefore,
	curveLines,
	laneCells,
	type Point,
	perColumn,
	timeCells,
} from './chart.ts';

/** Steps of the latency bars, ms. */
export const latencySteps = [2, 5, 10, 20, 50, 100, 200];
/** Steps of the lag bars: 16 and 256 KiB, 1, 16 and 128 MiB, 1 and 8 GiB. */
const lagSteps = [14, 18, 20, 24, 27, 30, 33].map(power => 2 ** power);

const minutes = 10;
const shownBuckets = (minutes * 60_000) / bucketMs;

/** Columns and rows of a pane's borders and padding, and columns around its title and status. */
const frame = {columns: 4, rows: 2, title: 10};
const curveMinRows = 3;
/** Rows of the curve, besides a sparkline of reads and the time, before lag gets any. */
const curveRows = 5;
const labelMinWidth = 8;
const labelMaxWidth = 16;

type Series = {
	label: string;
	title: string;
	port: number;
	probe: Probe | undefined;
	trend: ProbeTrend | undefined;
};

/** @param size of the pane with its borders, at least 60 columns and 5 rows */
export function chartPane(
	shown: ClusterSnapshot,
	{width, height}: {width: number; height: number},
): PaneRows {
	const series = seriesOf(shown);
	const [main] = series;
	const lags = lagLanes(shown);
	const plan = planRows(height - frame.rows, {
		lanes: shown.target.vip === undefined ? 1 : 2,
		series: series.length,
		lags: lags.length,
	});
	const shownLags = lags.slice(0, plan.lags);
	const labelWidth = Math.min(
		labelMaxWidth,
		Math.max(labelMinWidth, ...shownLags.map(({label}) => label.length + 1)),
	);
	const axis: Axis = {
		columns: Math.max(1, width - frame.columns - labelWidth),
		buckets: shownBuckets,
		end: endOf(shown.trends),
		bucketMs,
	};
	const from = observedFrom(shown.trends);
	const unseen = from === undefined ? 0 : columnsBefore(axis, from);
	const labelled = (label: string, cells: Line): Line => [
		cell(fitLabel(label, labelWidth - 1).padEnd(labelWidth), 'dim'),
		...withoutPast(cells, unseen),
	];
	const holders = (lane: 'leader' | 'vip') => laneCells(holdersOf(shown.trends, lane, axis));
	const span = from === undefined ? `${minutes} minutes` : `since ${clock(from * bucketMs, shown.now)}`;
	const title = `${main?.title ?? (shown.target.vip === undefined ? 'Leader' : 'Leader and VIP')}, ${span}`;
	return {
		title,
		status:
			main === undefined ? cell('') : statusCell(main, shown.trends, width - title.length - frame.title),
		lines: [
			...(main === undefined || plan.curve === 0
				? []
				: curveLines(pointsOf(main, shown.trends, axis), plan.curve, labelWidth)),
			...series
				.slice(plan.curve > 0 ? 1 : 0, plan.bars + (plan.curve > 0 ? 1 : 0))
				.map(one => labelled(one.label, barCells(pointsOf(one, shown.trends, axis), latencySteps))),
			labelled('Leader', holders('leader')),
			...(shown.target.vip === undefined ? [] : [labelled('VIP', holders('vip'))]),
			...shownLags.map(({label, member}) =>
				labelled(label, barCells(lagPoints(member, shown.trends, axis), lagSteps)),
			),
			// Before the first tick no time is known to draw.
			...(plan.time
				? [shown.trends.number === 0 ? [cell('')] : [cell(' '.repeat(labelWidth)), ...timeCells(axis)]]
				: []),
		],
		table: undefined,
	};
}

/** The first bucket of the axis of which anything is known; undefined where that is all of it, and before the first tick. */
function observedFrom({number, leader, vip, lag, probes}: Trends): number | undefined {
	const all = [
		leader,
		vip,
		...lag.values(),
		...[...probes.values()].flatMap(one => [one.latency, one.failed]),
	];
	const known = Math.max(...all.map(runs => runs.reduce((sum, [count]) => sum + count, 0)));
	return known >= shownBuckets || number === 0 ? undefined : number - known;
}

/** What was before this console observed anything is marked: it is not a time in which nothing was. */
function withoutPast(cells: Line, columns: number): Line {
	const [first, ...others] = cells;
	const blank = Math.min(columns, /^ */.exec(first?.text ?? '')?.[0].length ?? 0);
	return first === undefined || blank === 0
		? cells
		: [cell('·'.repeat(blank), 'dim'), {...first, text: first.text.slice(blank)}, ...others];
}

/** A member's name is cut in its middle: names of nodes differ at their end. */
function fitLabel(label: string, room: number): string {
	return cliTruncate(label, room, {position: 'middle'});
}

type Plan = {curve: number; bars: number; time: boolean; lags: number};

/**
 * Distributes the rows that the lanes leave, in this order: writes, reads, time, a higher curve, lag; the rest goes to
 * the curve.
 */
function planRows(rows: number, {lanes, series, lags}: {lanes: number; series: number; lags: number}): Plan {
	let left = Math.max(0, rows - lanes);
	const take = (wanted: number) => {
		const taken = Math.min(left, wanted);
		left -= taken;
		return taken;
	};
	if (series === 0) {
		const time = take(1) === 1;
		return {curve: 0, bars: 0, time, lags: take(lags)};
	}

	if (left < curveMinRows) {
		return {curve: 0, bars: take(series), time: take(1) === 1, lags: 0};
	}

	const least = take(curveMinRows);
	const bars = take(series - 1);
	const time = take(1) === 1;
	const more = take(curveRows - curveMinRows);
	const lagRows = take(Math.min(lags, Math.ceil(left / 2)));
	return {curve: least + more + left, bars, time, lags: lagRows};
}

function seriesOf({cluster, target, trends}: ClusterSnapshot): Series[] {
	const {probe: wanted} = target;
	const purposes: readonly ProbePurpose[] = ['write', 'read'];
	return purposes.flatMap(purpose => {
		const port = wanted?.ports[purpose];
		const probe = port === undefined ? undefined : cluster.probes.get(port);
		if (port === undefined || (probe !== undefined && isGuess(probe, target))) {
			return [];
		}

		const label = purpose === 'read' ? 'Reads' : wanted?.write ? 'Writes' : 'Queries';
		return [{label, title: `${label} through :${port}`, port, probe, trend: trends.probes.get(port)}];
	});
}

/**
 * The axis ends with the current bucket once that has a failure or another holder; otherwise each tick would redraw
 * everything.
 */
function endOf(trends: Trends): number {
	const {number, current} = trends;
	const isOther = (now: Holders | undefined, before: Holders | undefined) =>
		now !== undefined && now.join() !== before?.join();
	const shows =
		[...current.probes.values()].some(({failed}) => failed) ||
		isOther(current.leader, trends.leader.at(-1)?.[1]) ||
		isOther(current.vip, trends.vip.at(-1)?.[1]);
	return shows ? number + 1 : number;
}

function holdersOf({number, current, ...trends}: Trends, lane: 'leader' | 'vip', axis: Axis): Holders[][] {
	return perColumn(axis, {runs: trends[lane], current: current[lane], number});
}

function pointsOf({port, trend}: Series, {number, current}: Trends, axis: Axis): Point[] {
	const now = current.probes.get(port);
	const latency = perColumn(axis, {runs: trend?.latency ?? [], current: now?.latency, number});
	const failed = perColumn(axis, {runs: trend?.failed ?? [], current: now?.failed, number});
	return latency.map((values, index) => ({
		value: highest(values),
		failed: failed[index]?.includes(true) ?? false,
	}));
}

function highest(values: readonly number[]): number | undefined {
	return values.length === 0 ? undefined : Math.max(...values);
}

/** `p50 11 ms  p99 48 ms  max 212 ms  outage 1.83 s`: latencies, and the longest outage that has ended. */
function statusCell({probe, trend}: Series, {number}: Trends, room: number): Cell {
	const from = (number - shownBuckets) * bucketMs;
	const max = highest(lastValues(trend?.latency ?? [], shownBuckets).filter(value => value !== undefined));
	if (trend === undefined || max === undefined) {
		return cell(probe === undefined ? 'no answer yet' : '', 'dim');
	}

	const outages = (probe?.outages ?? []).filter(({to}) => to !== undefined && to >= from);
	const longest = outages.reduce<(typeof outages)[number] | undefined>(
		(a, b) => (a === undefined || lengthOf(b) > lengthOf(a) ? b : a),
		undefined,
	);
	const part = (name: string, share: number) => {
		const latency = percentile(minutesOf(trend, number, shownBuckets), share);
		return latency === undefined ? [] : [`${name} ${latencyText(Math.min(latency, max))}`];
	};
	const [p50, p99] = [part('p50', 0.5), part('p99', 0.99)];
	const others = [
		`max ${latencyText(max)}`,
		...(longest === undefined
			? []
			: [`outage ${longest.stalled === undefined ? '' : '≤ '}${latencyText(lengthOf(longest))}`]),
	];
	// If there is not enough room, the worst values stay.
	const texts = [[...p50, ...p99, ...others], [...p50, ...others], others, others.slice(-1)];
	const words = texts.map(parts => parts.join('  '));
	return cell(words.find(text => text.length <= room) ?? words.at(-1) ?? '', 'dim');
}

function lengthOf({from, to = from}: Probe['outages'][number]): number {
	return to - from;
}

function lagPoints(member: string, {lag, number}: Trends, axis: Axis): Point[] {
	return perColumn(axis, {runs: lag.get(member) ?? [], current: undefined, number}).map(values => ({
		value: highest(values),
		failed: false,
	}));
}

/** Members with a known lag, those furthest behind first. */
function lagLanes({cluster, trends, now}: ClusterSnapshot): {label: string; member: string}[] {
	return members(cluster, now)
		.flatMap(({name}) => {
			const worst = highest(
				lastValues(trends.lag.get(name) ?? [], shownBuckets).filter(value => value !== undefined),
			);
			return worst === undefined ? [] : [{label: `Lag ${name}`, member: name, worst}];
		})
		.sort((a, b) => b.worst - a.worst);
}

/** A member's lag over ten minutes, one bar a column; empty if none is known. */
export function lagSparkline({name}: Pick<Member, 'name'>, trends: Trends, columns: number): string {
	const points = lagPoints(name, trends, {columns, buckets: shownBuckets, end: trends.number, bucketMs});
	return points.every(({value}) => value === undefined)
		? ''
		: points.map(({value}) => (value === undefined ? ' ' : barOf(value, lagSteps))).join('');
}
