/** The last half hour in buckets: bounded, in order, and nothing in it that was not known at a tick of its bucket. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {emptyCluster} from '../../source/domain/cluster/cluster.ts';
import {foldCluster} from '../../source/domain/cluster/reducer.ts';
import {vipView} from '../../source/domain/cluster/vip.ts';
import {lastValues, latencyClass, percentile, type Runs} from '../../source/domain/trend-values.ts';
import {
	bucketMs,
	bucketsMax,
	emptyTrends,
	foldTrends,
	type Holders,
	minutesOf,
	type Trends,
} from '../../source/domain/trends.ts';
import {start} from '../support/session.ts';
import {madeFacts} from '../support/synthetic-cluster.ts';
import {factsAt, type Moment, probedTarget, trendsAfter, usualLatencies, wellAt} from '../support/trends.ts';

const countOf = (runs: Runs<unknown>) => runs.reduce((sum, [count]) => sum + count, 0);

/** Of a column, by the number of each bucket. */
function valuesOf<T>({number}: Trends, runs: Runs<T>): Map<number, T> {
	const values = lastValues(runs, bucketsMax).map(
		(value, index) => [number - bucketsMax + index, value] as const,
	);
	return new Map(values.flatMap(([bucket, value]) => (value === undefined ? [] : [[bucket, value]])));
}

const holders = fc.constantFrom<Holders>(['pgdb1'], ['pgdb2'], [], ['pgdb1', 'pgdb2']);

const moments: fc.Arbitrary<Moment> = fc.record({
	leader: fc.constantFrom('pgdb1', 'pgdb2', '', undefined),
	vip: fc.option(holders, {nil: undefined}),
	lag: fc.option(fc.constantFrom(0, 100, 40_000, 30_000_000), {nil: undefined}),
	writes: fc.option(fc.array(fc.integer({min: 1, max: 900}), {maxLength: 3}), {nil: undefined}),
	reads: fc.constant(undefined),
});

/** Seconds until it, mostly the next one; sometimes the console did not run for longer than all that is kept. */
const gaps = fc.oneof(
	{weight: 20, arbitrary: fc.constant(1)},
	{weight: 3, arbitrary: fc.integer({min: 2, max: 12})},
	{weight: 1, arbitrary: fc.constantFrom(60, 1790, 1810, 90_000)},
);

/** What is known of each bucket, one look after the other: the same in the plainest words. */
type Plain = {leader: Holders[]; vip: Holders[]; lag: number[]; latencies: number[]; failed: boolean};

describe('the trends', () => {
	it('hold of each bucket what was known at its ticks, and nothing else', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(gaps, moments), {minLength: 1, maxLength: 60}), steps => {
				let cluster = emptyCluster;
				let trends = emptyTrends;
				let second = 0;
				const plain = new Map<number, Plain>();
				for (const [gap, moment] of steps) {
					second += gap;
					const now = start + second * 1000;
					for (const event of factsAt(moment, second)) {
						cluster = foldCluster(cluster, event, now);
					}

					trends = foldTrends(trends, cluster, probedTarget, now);
					const bucket = Math.floor(now / bucketMs);
					const known = plain.get(bucket) ?? {leader: [], vip: [], lag: [], latencies: [], failed: false};
					plain.set(bucket, known);
					known.leader.push(
						...(moment.leader === undefined ? [] : [moment.leader === '' ? [] : [moment.leader]]),
					);
					// That it is on none of them means that it is nowhere only if it belongs to them and does not answer.
					const {state} = vipView(cluster, probedTarget, now);
					known.vip.push(...(moment.vip === undefined || state === 'elsewhere' ? [] : [moment.vip]));
					known.lag.push(
						...(moment.lag === undefined || moment.leader === undefined || moment.leader === 'pgdb2'
							? []
							: [moment.lag]),
					);
					known.latencies.push(...(moment.writes ?? []));
					known.failed ||= moment.writes?.length === 0;
				}

				const within = [...plain].filter(
					([bucket]) => bucket < trends.number && bucket >= trends.number - bucketsMax,
				);
				const expected = <T>(of: (one: Plain) => T | undefined) =>
					new Map(
						within.flatMap(([bucket, one]) => {
							const value = of(one);
							return value === undefined ? [] : [[bucket, value] as const];
						}),
					);
				const write = trends.probes.get(5000);
				expect(valuesOf(trends, trends.leader)).toEqual(expected(({leader}) => worst(leader)));
				expect(valuesOf(trends, trends.vip)).toEqual(expected(({vip}) => worst(vip)));
				expect(valuesOf(trends, trends.lag.get('pgdb2') ?? [])).toEqual(
					expected(({lag}) => (lag.length === 0 ? undefined : Math.max(...lag))),
				);
				expect(valuesOf(trends, write?.latency ?? [])).toEqual(
					expected(({latencies}) => (latencies.length === 0 ? undefined : Math.max(...latencies))),
				);
				for (const [bucket, failed] of valuesOf(trends, write?.failed ?? [])) {
					const seen = plain.get(bucket);
					expect(seen).toBeDefined();
					// An outage that began before is also a failure of the buckets that it lasts through.
					expect(failed || !seen?.failed).toBe(true);
				}
			}),
			{numRuns: 150},
		);
	});

	it('are bounded, whatever the names and times are', () => {
		fc.assert(
			fc.property(
				fc.array(fc.tuple(gaps, fc.array(fc.string({maxLength: 4}), {maxLength: 90})), {maxLength: 30}),
				steps => {
					let trends = emptyTrends;
					let second = 0;
					for (const [gap, names] of steps) {
						second += gap;
						const now = start + second * 1000;
						const facts = madeFacts({members: [...new Set(names)].map(name => ({name}))});
						const cluster = facts.reduce((before, fact) => foldCluster(before, fact, now), emptyCluster);
						trends = foldTrends(trends, cluster, probedTarget, now);
						expect(trends.current.lag.size).toBeLessThanOrEqual(64);
						expect(trends.lag.size).toBeLessThanOrEqual(128);
						for (const runs of [trends.leader, trends.vip, ...trends.lag.values()]) {
							expect(countOf(runs)).toBeLessThanOrEqual(bucketsMax);
							expect(runs.length).toBeLessThanOrEqual(bucketsMax);
							// Nothing is kept of what was not known in the beginning.
							expect(runs.length === 0 || runs[0]?.[1] !== undefined).toBe(true);
						}
					}
				},
			),
			{numRuns: 60},
		);
	});

	it('take one look a tick: an event between two ticks changes nothing', () => {
		const {trends, cluster} = trendsAfter(30, wellAt);
		const later = foldCluster(
			cluster,
			{type: 'source.lost', source: 'dcs:http://10.73.0.160:2379', reason: 'gone'},
			start + 30_500,
		);
		expect(foldTrends(trends, later, probedTarget, start + 31_000).current.leader).toEqual(['pgdb1']);
		expect(foldTrends(emptyTrends, later, probedTarget, start + 31_000).current.leader).toBeUndefined();
	});

	it('count two holders before none, and none before one, within a bucket', () => {
		const vipOf = (second: number, ...vip: Holders[]) =>
			trendsAfter(second, at => ({...wellAt(at), vip: vip[at] ?? ['pgdb1']})).trends.current.vip;
		expect(vipOf(2, ['pgdb1'], [], ['pgdb2'])).toEqual([]);
		expect(vipOf(3, ['pgdb1'], [], ['pgdb1', 'pgdb2'], ['pgdb2'])).toEqual(['pgdb1', 'pgdb2']);
		expect(vipOf(1, ['pgdb1'], ['pgdb2'])).toEqual(['pgdb2']);
	});

	it('leave blank what this console did not see because it did not run, also in the middle of an outage', () => {
		const {trends} = trendsAfter(60, second =>
			second >= 20 && second < 45
				? undefined
				: {...wellAt(second), ...(second >= 12 && second < 50 ? {writes: []} : {})},
		);
		const failed = valuesOf(trends, trends.probes.get(5000)?.failed ?? []);
		const of = (second: number) => failed.get(Math.floor((start + second * 1000) / bucketMs));
		expect([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55].map(of)).toEqual([
			false,
			false,
			true,
			true,
			undefined,
			undefined,
			undefined,
			undefined,
			undefined,
			true,
			false,
			false,
		]);
		expect(valuesOf(trends, trends.leader).get(Math.floor((start + 30_000) / bucketMs))).toBeUndefined();
	});

	it('mark an outage that is one long answer, and one in which nothing is reported', () => {
		const slow = trendsAfter(20, second => ({
			...wellAt(second),
			writes: second < 4 ? [9] : second < 8 ? undefined : second === 8 ? [4100] : [9],
		}));
		const {failed, latency} = slow.trends.probes.get(5000) ?? {failed: [], latency: []};
		const first = Math.floor(start / bucketMs);
		expect([...valuesOf(slow.trends, failed)]).toEqual([
			[first, false],
			[first + 1, true],
			[first + 2, false],
			[first + 3, false],
		]);
		expect(valuesOf(slow.trends, latency).get(first + 1)).toBe(4100);
		const hanging = trendsAfter(13, second => ({
			...wellAt(second),
			writes: second < 3 ? [9] : second === 4 ? [] : undefined,
		}));
		expect(valuesOf(hanging.trends, hanging.trends.probes.get(5000)?.failed ?? [])).toEqual(
			new Map([
				[first, true],
				[first + 1, true],
			]),
		);
	});
});

describe('classes of latencies', () => {
	it('have no zero below zero, which a recording could not keep', () => {
		expect([0.97, 0.99, 1, 1.01].map(latencyClass)).toEqual([0, 0, 0, 0]);
	});
});

describe('percentiles', () => {
	it('are those of all answers, to within 6 %', () => {
		fc.assert(
			fc.property(fc.integer({min: 30, max: 400}), fc.constantFrom(0.5, 0.9, 0.99), (seconds, share) => {
				const {trends} = trendsAfter(seconds, wellAt);
				const complete = Math.floor(seconds / 5) * 5;
				const all = Array.from({length: complete}, (_, second) => usualLatencies(second))
					.flat()
					.sort((a, b) => a - b);
				const exact = all[Math.ceil(all.length * share) - 1] ?? 0;
				const trend = trends.probes.get(5000);
				const counted = trend && percentile(minutesOf(trend, trends.number, bucketsMax), share);
				expect(Math.abs((counted ?? 0) - exact) / exact).toBeLessThan(0.06);
			}),
			{numRuns: 6},
		);
	});

	it('are not known without an answer', () => {
		const {trends} = trendsAfter(40, second => ({...wellAt(second), writes: []}));
		const trend = trends.probes.get(5000);
		expect(trend?.answers).toEqual([]);
		expect(percentile(trend?.answers ?? [], 0.5)).toBeUndefined();
	});
});

function worst(all: readonly Holders[]): Holders | undefined {
	return all.findLast(({length}) => length > 1) ?? all.findLast(({length}) => length === 0) ?? all.at(-1);
}
