/**
 * What members' PostgreSQL says of itself over the last ten minutes, the last hour and the whole session: the lowest and
 * highest value of each bucket. Folded once a tick from what is fresh then; a bucket without such a value is blank.
 */
import type {Cluster} from './cluster/cluster.ts';
import {isFresh} from './cluster/freshness.ts';
import type {SqlStatus} from './cluster/postgres.ts';
import {traitsOf} from './cluster/source-kinds.ts';
import {membersMax} from './cluster/trust.ts';
import {appendRun, lastValues, type Run, type Runs} from './trend-values.ts';

/** `lag`: age of what a standby has replayed, ms; `wal`: bytes/s; `checkpoint`: WAL since its redo location, bytes. */
export const sqlMeasures = ['lag', 'wal', 'sessions', 'checkpoint'] as const;

export type SqlMeasure = (typeof sqlMeasures)[number];

/** Columns of a chart at most, each of a bucket or more. */
export const spanBuckets = 120;

/** `bucketMs` of the whole session is doubled each time when it no longer fits into `spanBuckets`. */
export const spans = [
	{id: 'minutes', bucketMs: 5000},
	{id: 'hour', bucketMs: 30_000},
	{id: 'whole', bucketMs: 5000},
] as const;

export type SpanId = (typeof spans)[number]['id'];

/** The next one; after the last the first. */
export function spanAfter(id: SpanId): SpanId {
	const next = spans[(spans.findIndex(one => one.id === id) + 1) % spans.length];
	return next?.id ?? id;
}

/** The lowest and the highest value of a bucket. */
export type ValueRange = readonly [lowest: number, highest: number];

/** `number`: that of the last bucket, which has a value: Unix time / `bucketMs`. */
export type RangeSeries = {bucketMs: number; number: number; runs: Runs<ValueRange>};

/** A measure of a member. `since`, `at`: when the first value and `last` were known, Unix ms. */
export type MeasureTrend = {since: number; last: number; at: number} & Readonly<Record<SpanId, RangeSeries>>;

/** An answer with a WAL location, from which the rate to the next one is counted. */
type WalPoint = {at: number; serverTime: number; startedAt: number; inRecovery: boolean; location: number};

export type SqlTrend = {
	point: WalPoint | undefined;
	measures: Readonly<Partial<Record<SqlMeasure, MeasureTrend>>>;
};

/** By member. */
export type SqlTrends = ReadonlyMap<string, SqlTrend>;

const noTrend: SqlTrend = {point: undefined, measures: {}};

/** Limit of members that are kept; of too many those whose last value is the oldest are dropped. */
const namesMax = 2 * membersMax;

/** The trends after a tick. */
export function foldSqlTrends(before: SqlTrends, cluster: Cluster, now: number): SqlTrends {
	let trends = before;
	for (const [member, {value, at}] of [...cluster.sql].slice(0, membersMax)) {
		const source = `sql:${member}` as const;
		if (isFresh(cluster.sourceStatuses.get(source), source, now)) {
			const trend = before.get(member) ?? noTrend;
			const next = withAnswer(trend, value, at, now);
			trends = next === trend ? trends : new Map(trends).set(member, next);
		}
	}

	return trends.size <= namesMax
		? trends
		: new Map([...trends].sort(([, a], [, b]) => lastAt(b) - lastAt(a)).slice(0, namesMax));
}

function lastAt({measures}: SqlTrend): number {
	return Math.max(0, ...Object.values(measures).map(({at}) => at));
}

function withAnswer(trend: SqlTrend, status: SqlStatus, at: number, now: number): SqlTrend {
	const point = pointOf(status, at);
	const isNew = trend.point?.at !== at;
	const values: Readonly<Record<SqlMeasure, number | undefined>> = {
		...valuesOf(status),
		// Between two answers: what is fresh still, but was counted, belongs to the buckets before.
		wal: isNew && trend.point && point ? walRate(trend.point, point) : undefined,
	};
	let {measures} = trend;
	for (const name of sqlMeasures) {
		const value = values[name];
		if (value !== undefined) {
			measures = {...measures, [name]: withValue(measures[name], threeDigits(Math.max(0, value)), now)};
		}
	}

	return measures === trend.measures && !isNew ? trend : {point, measures};
}

function valuesOf(status: SqlStatus): Readonly<Record<Exclude<SqlMeasure, 'wal'>, number | undefined>> {
	return {
		lag: status.inRecovery ? status.replayLagMs : undefined,
		sessions: status.sessions?.total,
		checkpoint: status.checkpoint?.since,
	};
}

/** Whether the last value of a measure is known at `now`. */
export function isKnownNow(
	{sql, sourceStatuses}: Cluster,
	{point, measures}: SqlTrend,
	{member, measure, now}: {member: string; measure: SqlMeasure; now: number},
): boolean {
	const source = `sql:${member}` as const;
	const answer = sql.get(member)?.value;
	const at = measures[measure]?.at;
	if (answer === undefined || at === undefined || !isFresh(sourceStatuses.get(source), source, now)) {
		return false;
	}

	return measure === 'wal'
		? now - at <= traitsOf(source).freshForMs && point?.inRecovery === answer.inRecovery
		: valuesOf(answer)[measure] !== undefined;
}

function pointOf(
	{inRecovery, location, received, serverTime, startedAt}: SqlStatus,
	at: number,
): WalPoint | undefined {
	const end = inRecovery ? received : location;
	return end === undefined ? undefined : {at, serverTime, startedAt, inRecovery, location: end};
}

/** Answers further apart do not tell when the WAL between them was written, ms. */
const rateMaxMs = 10_000;
const rateMinMs = 500;
/** A server's clock that moved otherwise than this machine's was set, ms. */
const clocksApartMs = 1000;

/** Bytes/s between two answers; undefined where the server restarted, changed its role, or went back in its WAL. */
export function walRate(from: WalPoint, to: WalPoint): number | undefined {
	const elapsed = to.serverTime - from.serverTime;
	const isOneRun = from.startedAt === to.startedAt && from.inRecovery === to.inRecovery;
	const isMeasured =
		elapsed >= rateMinMs &&
		elapsed <= rateMaxMs &&
		Math.abs(elapsed - (to.at - from.at)) <= clocksApartMs &&
		to.location >= from.location;
	return isOneRun && isMeasured ? ((to.location - from.location) * 1000) / elapsed : undefined;
}

/** More digits cannot be displayed, and would make long runs of nearly equal values. */
function threeDigits(value: number): number {
	return value < 1000 ? Math.round(value) : Number(value.toPrecision(3));
}

function withValue(before: MeasureTrend | undefined, value: number, now: number): MeasureTrend {
	const [minutes, hour, whole] = spans.map(({id, bucketMs}) => {
		const series = before?.[id] ?? {bucketMs, number: Math.floor(now / bucketMs), runs: []};
		return addValue(id === 'whole' ? roomFor(series, now) : series, value, now);
	}) as [RangeSeries, RangeSeries, RangeSeries];
	return {since: before?.since ?? now, last: value, at: now, minutes, hour, whole};
}

export function addValue(series: RangeSeries, value: number, now: number): RangeSeries {
	const {bucketMs, runs} = series;
	const number = Math.floor(now / bucketMs);
	const rule = {max: spanBuckets, isSame: areSame};
	if (runs.length === 0) {
		return {bucketMs, number, runs: [[1, [value, value]]]};
	}

	if (number > series.number) {
		const skipped = number - series.number - 1;
		const reached = skipped === 0 ? runs : appendRun(runs, [Math.min(skipped, spanBuckets), undefined], rule);
		return {bucketMs, number, runs: appendRun(reached, [1, [value, value]], rule)};
	}

	const [count, range] = runs.at(-1) ?? [1, undefined];
	const joined = joinRanges(range, [value, value]);
	if (range !== undefined && areSame(joined, range)) {
		return series;
	}

	const others: Run<ValueRange>[] = [
		...runs.slice(0, -1),
		...(count > 1 ? [[count - 1, range] as const] : []),
	];
	return {...series, runs: appendRun(others, [1, joined], rule)};
}

/** With buckets so long that the one of `now` fits in beside the first. */
function roomFor(series: RangeSeries, now: number): RangeSeries {
	let wide = series;
	while (wide.runs.length > 0 && Math.floor(now / wide.bucketMs) - firstOf(wide) >= spanBuckets) {
		wide = widened(wide);
	}

	return wide;
}

export function firstOf({number, runs}: RangeSeries): number {
	return number + 1 - runs.reduce((sum, [count]) => sum + count, 0);
}

/** The same in buckets of twice the length. */
export function widened(series: RangeSeries): RangeSeries {
	const {bucketMs, number, runs} = series;
	const first = firstOf(series);
	const values = lastValues(runs, number + 1 - first);
	const pairs = new Map<number, ValueRange | undefined>();
	for (const [index, range] of values.entries()) {
		const pair = Math.floor((first + index) / 2);
		const before = pairs.get(pair);
		pairs.set(pair, range === undefined ? before : joinRanges(before, range));
	}

	return {
		bucketMs: 2 * bucketMs,
		number: Math.floor(number / 2),
		runs: [...pairs.values()].reduce<Runs<ValueRange>>(
			(all, range) => appendRun(all, [1, range], {max: spanBuckets, isSame: areSame}),
			[],
		),
	};
}

export function joinRanges(a: ValueRange | undefined, b: ValueRange): ValueRange {
	return a === undefined ? b : [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

function areSame(a: ValueRange, b: ValueRange): boolean {
	return a[0] === b[0] && a[1] === b[1];
}
