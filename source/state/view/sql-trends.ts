/** What members report by SQL over time: a row of bars for each member and measure, with its bounds and last value. */
import cliTruncate from 'cli-truncate';
import {sqlAddresses} from '../../domain/cluster/trust.ts';
import {
	isKnownNow,
	joinRanges,
	type MeasureTrend,
	type RangeSeries,
	type SpanId,
	type SqlMeasure,
	spanAfter,
	spanBuckets,
	spans,
	sqlMeasures,
	type ValueRange,
	widened,
} from '../../domain/sql-trends.ts';
import {keyOfCommand} from '../../keymap/keymap.ts';
import {bytes, clock, duration, textWidth} from '../../lib/format.ts';
import {type ClusterSnapshot, type State, shownSnapshot} from '../state.ts';
import {type Cell, cell, type Line, type PaneRows, sourceCell} from './cells.ts';
import {type Axis, barCells, columnsBefore, perColumn, timeCells} from './chart.ts';

type MeasureView = {
	label: string;
	/** A bar is one step higher from each of these on. */
	steps: readonly number[];
	text: (value: number) => string;
	/** Parts of the answer without which it is not known. */
	parts: readonly string[];
};

const mebibyte = 2 ** 20;

const measureViews: Readonly<Record<SqlMeasure, MeasureView>> = {
	lag: {
		label: 'Replay lag',
		steps: [10, 100, 1000, 5000, 30_000, 300_000, 3_600_000],
		text: duration,
		parts: [],
	},
	wal: {
		label: 'WAL rate',
		steps: [1 / 64, 1 / 8, 1, 4, 16, 64, 256].map(count => count * mebibyte),
		text: rate => `${bytes(rate)}/s`,
		parts: [],
	},
	sessions: {
		label: 'Sessions',
		steps: [5, 10, 20, 50, 100, 200, 500],
		text: String,
		parts: ['sessions', 'sessions and WAL senders'],
	},
	checkpoint: {
		label: 'Checkpoint',
		steps: [1, 16, 64, 256, 1024, 4096, 16_384].map(count => count * mebibyte),
		text: bytes,
		parts: ['last checkpoint'],
	},
};

const labelWidth = Math.max(...sqlMeasures.map(name => measureViews[name].label.length)) + 1;
const nameMaxWidth = 16;
/** Of a bound or the last value, so that the chart keeps its width when they change. */
const valueMinWidth = 9;
const chartMinColumns = 10;
/** Borders and padding. */
const sides = 4;

type Shown = {member: string; measure: SqlMeasure; trend: MeasureTrend; series: RangeSeries; isNow: boolean};

/** @param width of the pane with its borders */
export function sqlTrendsPane(state: State, span: SpanId, width: number): PaneRows {
	const shown = shownSnapshot(state);
	const isReplay = state.replay !== undefined;
	const key = keyOfCommand('trends.span');
	const axis = axisOf(shown, span);
	const rows = rowsOf(shown, span, axis);
	const since = Math.min(...[...allTrends(shown)].map(one => one.since));
	const isShort =
		Number.isFinite(since) && (span === 'whole' || since > (axis.end - axis.buckets) * axis.bucketMs);
	return {
		title: `Trends, ${spanName(span, isReplay)}${isShort ? ` since ${clock(since, shown.now)}` : ''}`,
		status: cell(key === undefined ? 'by SQL' : `${key} shows ${spanName(spanAfter(span), isReplay)}`, 'dim'),
		lines:
			shown.target.monitor === undefined && rows.length === 0
				? [[cell('PostgreSQL is not asked by SQL: set monitor.user', 'warn')]]
				: [
						...(rows.length === 0
							? [[cell('nothing known in this time', 'dim')]]
							: chartLines(rows, axis, since, width)),
						...unknownLines(shown),
					],
		table: undefined,
	};
}

function spanName(span: SpanId, isReplay: boolean): string {
	switch (span) {
		case 'minutes': {
			return '10 minutes';
		}

		case 'hour': {
			return '1 hour';
		}

		case 'whole': {
			return isReplay ? 'whole recording' : 'whole session';
		}
	}
}

function allTrends({trends}: ClusterSnapshot): MeasureTrend[] {
	return [...(trends.sql?.values() ?? [])].flatMap(({measures}) => Object.values(measures));
}

/** `columns` is set when the width is known. Of the whole session all has room, at the longest bucket of any. */
function axisOf(shown: ClusterSnapshot, span: SpanId): Axis {
	const usual = spans.find(({id}) => id === span)?.bucketMs ?? 0;
	let bucketMs: number = usual;
	if (span === 'whole') {
		const all = allTrends(shown);
		const since = Math.min(shown.now, ...all.map(one => one.since));
		bucketMs = Math.max(usual, ...all.map(({whole}) => whole.bucketMs));
		while (Math.floor(shown.now / bucketMs) - Math.floor(since / bucketMs) >= spanBuckets) {
			bucketMs *= 2;
		}
	}

	return {columns: spanBuckets, buckets: spanBuckets, end: Math.floor(shown.now / bucketMs) + 1, bucketMs};
}

/** By measure, then by member; those of which something is known in this time. */
function rowsOf({cluster, trends, now}: ClusterSnapshot, span: SpanId, axis: Axis): Shown[] {
	const names = [...(trends.sql?.keys() ?? [])].sort();
	return sqlMeasures.flatMap(measure =>
		names.flatMap((member): Shown[] => {
			const of = trends.sql?.get(member);
			const trend = of?.measures[measure];
			if (of === undefined || trend === undefined) {
				return [];
			}

			const series = inBuckets(trend[span], axis.bucketMs);
			const isNow = isKnownNow(cluster, of, {member, measure, now});
			return series.number <= axis.end - 1 - axis.buckets ? [] : [{member, measure, trend, series, isNow}];
		}),
	);
}

function inBuckets(series: RangeSeries, bucketMs: number): RangeSeries {
	let wide = series;
	while (wide.bucketMs < bucketMs) {
		wide = widened(wide);
	}

	return wide;
}

/** The bounds of the values on the axis. */
function boundsOf({runs, number}: RangeSeries, {end, buckets}: Axis): ValueRange | undefined {
	let bounds: ValueRange | undefined;
	let last = number;
	for (const [count, range] of runs.toReversed()) {
		if (range !== undefined && last >= end - buckets) {
			bounds = joinRanges(bounds, range);
		}

		last -= count;
	}

	return bounds;
}

function chartLines(rows: readonly Shown[], axisWithoutWidth: Axis, since: number, width: number): Line[] {
	const nameWidth = Math.min(nameMaxWidth, Math.max(...rows.map(({member}) => textWidth(member)))) + 1;
	const values = rows.map(one => valuesOf(one, axisWithoutWidth));
	const valueWidths = ['Min', 'Max', 'Last'].map(
		(_, index) => 1 + Math.max(valueMinWidth, ...values.map(all => textWidth(all[index]?.text ?? ''))),
	);
	const left = labelWidth + nameWidth;
	const columns = Math.max(
		chartMinColumns,
		width - sides - left - valueWidths.reduce((sum, one) => sum + one, 0),
	);
	const axis = {...axisWithoutWidth, columns};
	const unseen = columnsBefore(axis, Math.floor(since / axis.bucketMs));
	const withValues = (cells: readonly Cell[]) =>
		cells.map(({text, tone}, index) =>
			cell(' '.repeat(Math.max(1, (valueWidths[index] ?? 0) - textWidth(text))) + text, tone),
		);
	const heading = ['Min', 'Max', 'Last'].map(text => cell(text, 'dim'));
	return [
		[cell(' '.repeat(left + columns)), ...withValues(heading)],
		...rows.map((one, index): Line => {
			const isFirst = rows[index - 1]?.measure !== one.measure;
			return [
				cell((isFirst ? measureViews[one.measure].label : '').padEnd(labelWidth)),
				nameOf(one.member, nameWidth),
				...barsOf(one, axis, unseen),
				...withValues(values[index] ?? []),
			];
		}),
		[cell(' '.repeat(left)), ...timeCells(axis)],
	];
}

function nameOf(member: string, width: number): Cell {
	const text = cliTruncate(member, width - 1, {position: 'middle'});
	return cell(text + ' '.repeat(Math.max(0, width - textWidth(text))), 'strong');
}

function valuesOf({measure, trend, series, isNow}: Shown, axis: Axis): readonly Cell[] {
	const {text} = measureViews[measure];
	const bounds = boundsOf(series, axis);
	return [
		...[bounds?.[0], bounds?.[1]].map(value => cell(value === undefined ? '' : text(value))),
		isNow ? cell(text(trend.last), 'strong') : cell(`${text(trend.last)}?`, 'dim'),
	];
}

/** The highest value of each column; dots before this console asked any member. */
function barsOf({measure, series}: Shown, axis: Axis, unseen: number): Line {
	const points = perColumn(axis, {runs: series.runs, current: undefined, number: series.number + 1}).map(
		ranges => ({
			value: ranges.length === 0 ? undefined : Math.max(...ranges.map(([, highest]) => highest)),
			failed: false,
		}),
	);
	const known = points.findIndex(({value}) => value !== undefined);
	const past = Math.min(unseen, known === -1 ? unseen : known);
	return [cell('·'.repeat(past), 'dim'), ...barCells(points.slice(past), measureViews[measure].steps)];
}

/** Why a member reports nothing, or not all, at this moment. */
function unknownLines({cluster, target, now}: ClusterSnapshot): Line[] {
	const parts = sqlMeasures.flatMap(name => measureViews[name].parts);
	return sqlAddresses(cluster, target).flatMap(({member, why}): Line[] => {
		const name = cell(`${member}  `, 'strong');
		if (why !== undefined) {
			return [[name, cell(`not asked: ${why}`, 'warn')]];
		}

		const freshness = sourceCell(cluster, [`sql:${member}`], 'SQL', now);
		const gaps = cluster.sql.get(member)?.value.gaps.filter(({part}) => parts.includes(part)) ?? [];
		return freshness.tone === 'dim'
			? gaps.map(({part, reason}) => [name, cell(`${part} not known: ${reason}`, 'warn')])
			: [[name, freshness]];
	});
}
