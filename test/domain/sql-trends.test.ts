/** What members' PostgreSQL said, by bucket: nothing in it that was not known then, in bounded memory. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {emptyCluster} from '../../source/domain/cluster/cluster.ts';
import type {SqlStatus} from '../../source/domain/cluster/postgres.ts';
import {foldCluster} from '../../source/domain/cluster/reducer.ts';
import {freshForMs} from '../../source/domain/cluster/source-kinds.ts';
import type {ClusterEvent} from '../../source/domain/events.ts';
import {
	firstOf,
	foldSqlTrends,
	type RangeSeries,
	type SqlTrends,
	spanBuckets,
	spans,
	type sqlMeasures,
	type ValueRange,
	walRate,
	widened,
} from '../../source/domain/sql-trends.ts';
import {lastValues} from '../../source/domain/trend-values.ts';
import {start} from '../support/session.ts';
import {statusOf} from '../support/sessions.ts';

/** By the number of each bucket. */
function rangesOf(series: RangeSeries): Map<number, ValueRange> {
	const first = firstOf(series);
	return new Map(
		lastValues(series.runs, series.number + 1 - first).flatMap((range, index) =>
			range === undefined ? [] : [[first + index, range] as const],
		),
	);
}

const sessionsOf = (total: number) => ({
	total,
	active: 0,
	idle: total,
	idleInTransaction: 0,
	waiting: 0,
});

/** What a second brings: an answer with so many sessions, silence, or a loss. */
const seconds = fc.array(
	fc.record({
		gap: fc.oneof(
			{weight: 20, arbitrary: fc.constant(1)},
			{weight: 3, arbitrary: fc.integer({min: 2, max: 40})},
			{weight: 1, arbitrary: fc.constantFrom(599, 601, 3599, 3700, 90_000)},
		),
		reported: fc.oneof(
			{weight: 4, arbitrary: fc.integer({min: 0, max: 999})},
			{weight: 2, arbitrary: fc.constant('silent' as const)},
			{weight: 1, arbitrary: fc.constant('lost' as const)},
		),
	}),
	{minLength: 1, maxLength: 150},
);

/** Folds an event, if there is one, and takes the look of a tick. */
class Watch {
	cluster = emptyCluster;
	trends: SqlTrends = new Map();

	at(second: number, ...events: readonly ClusterEvent[]): this {
		const now = start + second * 1000;
		this.cluster = events.reduce((known, event) => foldCluster(known, event, now), this.cluster);
		this.trends = foldSqlTrends(this.trends, this.cluster, now);
		return this;
	}

	answers(second: number, more: Partial<SqlStatus>, member = 'pgdb1'): this {
		return this.at(
			second,
			statusOf(member, [], {serverTime: start + second * 1000, inRecovery: false, ...more}),
		);
	}

	of(measure: (typeof sqlMeasures)[number], span: (typeof spans)[number]['id'], member = 'pgdb1') {
		const series = this.trends.get(member)?.measures[measure]?.[span];
		return series === undefined ? [] : [...rangesOf(series).values()];
	}
}

describe('the trends of what SQL knows', () => {
	it('hold of each bucket the lowest and highest value that was known at its ticks, and nothing else', () => {
		fc.assert(
			fc.property(seconds, steps => {
				const watch = new Watch();
				const known: {at: number; value: number}[] = [];
				let second = 0;
				let last: {at: number; value: number} | undefined;
				for (const {gap, reported} of steps) {
					second += gap;
					const now = start + second * 1000;
					if (typeof reported === 'number') {
						last = {at: now, value: reported};
						watch.answers(second, {sessions: sessionsOf(reported)});
					} else if (reported === 'lost') {
						last = undefined;
						watch.at(second, {type: 'source.lost', source: 'sql:pgdb1', reason: 'no answer in time'});
					} else {
						watch.at(second);
					}

					if (last !== undefined && now - last.at <= freshForMs) {
						known.push({at: now, value: last.value});
					}
				}

				const trend = watch.trends.get('pgdb1')?.measures.sessions;
				expect(trend === undefined).toBe(known.length === 0);
				expect(trend && {last: trend.last, at: trend.at}).toEqual(
					known.length === 0 ? undefined : {last: known.at(-1)?.value, at: known.at(-1)?.at},
				);
				for (const {id} of trend === undefined ? [] : spans) {
					const series = trend?.[id] ?? {bucketMs: 1, number: 0, runs: []};
					const expected = new Map<number, number[]>();
					for (const {at, value} of known) {
						const number = Math.floor(at / series.bucketMs);
						expected.set(number, [...(expected.get(number) ?? []), value]);
					}

					const kept = [...expected].filter(
						([number]) => id === 'whole' || number > series.number - spanBuckets,
					);
					expect([...rangesOf(series)]).toEqual(
						kept.map(([number, values]) => [number, [Math.min(...values), Math.max(...values)]]),
					);
				}
			}),
			{numRuns: 150},
		);
	});

	it('are bounded for any length of the session, and the whole of it stays', () => {
		const watch = new Watch();
		const every = 600;
		for (let second = 0; second < 40 * 86_400; second += every) {
			watch.answers(second, {sessions: sessionsOf(second === 0 ? 7777 : (second / every) % 2)});
		}

		const trend = watch.trends.get('pgdb1')?.measures.sessions;
		for (const {id} of spans) {
			const {runs = []} = trend?.[id] ?? {};
			expect(runs.reduce((sum, [count]) => sum + count, 0)).toBeLessThanOrEqual(spanBuckets);
			expect(runs.length).toBeLessThanOrEqual(spanBuckets);
		}

		expect(watch.of('sessions', 'whole').at(0)).toEqual([0, 7780]);
		expect(watch.of('sessions', 'whole').length).toBeGreaterThan(spanBuckets / 4);
	});

	it('keep at most 128 members, those that answered last', () => {
		const watch = new Watch();
		for (let index = 0; index < 400; index++) {
			const member = `db${index}`;
			watch.answers(index, {sessions: sessionsOf(1)}, member);
			watch.at(index, {type: 'source.closed', source: `sql:${member}`});
		}

		expect(watch.trends.size).toBe(128);
		expect(watch.trends.has('db399')).toBe(true);
		expect(watch.trends.has('db0')).toBe(false);
	});

	it('show the lag of a standby alone', () => {
		const watch = new Watch()
			.answers(0, {replayLagMs: 40})
			.answers(0, {inRecovery: true, replayLagMs: 40}, 'pgdb2');
		expect(watch.of('lag', 'minutes')).toEqual([]);
		expect(watch.of('lag', 'minutes', 'pgdb2')).toEqual([[40, 40]]);
	});

	it('show no value of what the login may not read', () => {
		const watch = new Watch().answers(0, {seesAll: false, checkpoint: {at: start}});
		expect(watch.trends.get('pgdb1')?.measures).toEqual({});
	});

	it('are the same object while nothing changes', () => {
		const watch = new Watch().answers(0, {sessions: sessionsOf(3)});
		const before = watch.trends;
		watch.at(8);
		expect(watch.trends).toBe(before);
	});
});

describe('the WAL rate', () => {
	it('is that of the location of a primary, and of what a standby received', () => {
		const watch = new Watch()
			.answers(0, {location: 1000, received: 5})
			.answers(2, {location: 5000, received: 5})
			.answers(2, {inRecovery: true, received: 100, location: 1}, 'pgdb2')
			.answers(4, {inRecovery: true, received: 300, location: 2}, 'pgdb2');
		expect(watch.of('wal', 'minutes')).toEqual([[2000, 2000]]);
		expect(watch.of('wal', 'minutes', 'pgdb2')).toEqual([[100, 100]]);
	});

	it('belongs to the bucket of its second answer alone', () => {
		const watch = new Watch().answers(0, {location: 0}).answers(2, {location: 200});
		for (let second = 3; second <= 7; second++) {
			watch.at(second);
		}

		expect(watch.of('wal', 'minutes')).toEqual([[100, 100]]);
	});

	const from = {at: 0, serverTime: 50_000, startedAt: 1, inRecovery: false, location: 1000};
	const to = {at: 2000, serverTime: 52_000, startedAt: 1, inRecovery: false, location: 5000};

	it.each([
		['two seconds later', {}, 2000],
		['nothing written', {location: 1000}, 0],
		['restarted', {startedAt: 2}, undefined],
		['another role', {inRecovery: true}, undefined],
		['back in its WAL', {location: 999}, undefined],
		['its clock set forward', {serverTime: 55_000}, undefined],
		['its clock set back', {serverTime: 49_000}, undefined],
		['a minute later', {at: 60_000, serverTime: 110_000}, undefined],
		['the same moment', {at: 0, serverTime: 50_000}, undefined],
	])('%s: %j', (_, more, rate) => {
		expect(walRate(from, {...to, ...more})).toBe(rate);
	});
});

describe('buckets of twice the length', () => {
	it('have the lowest and highest value of both, and stay blank where both were', () => {
		const series: RangeSeries = {
			bucketMs: 5000,
			number: 107,
			runs: [
				[1, [1, 2]],
				[1, undefined],
				[1, [5, 9]],
				[1, [3, 4]],
				[2, undefined],
				[1, [7, 7]],
			],
		};
		expect(firstOf(series)).toBe(101);
		expect([...rangesOf(widened(series))]).toEqual([
			[50, [1, 2]],
			[51, [5, 9]],
			[52, [3, 4]],
			[53, [7, 7]],
		]);
	});
});
