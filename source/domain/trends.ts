/**
 * The last half hour in buckets of five seconds: leader, VIP holder, lag of each member, answers of the probe. Folded
 * once a tick from what is known then; what was unknown stays undefined.
 */

import type {Cluster} from './cluster/cluster.ts';
import {dcsIsRead, leaderKey} from './cluster/keys.ts';
import type {Member} from './cluster/member.ts';
import {members} from './cluster/members.ts';
import {isProbeFresh, ongoingOutage, type Probe} from './cluster/probe.ts';
import {membersMax} from './cluster/trust.ts';
import {vipView} from './cluster/vip.ts';
import {foldSqlTrends, type SqlTrends} from './sql-trends.ts';
import type {Target} from './target.ts';
import {appendRun, countAnswers, type Minute, type Run, type Runs} from './trend-values.ts';

export const bucketMs = 5000;
/** Half an hour. */
export const bucketsMax = 360;
/** Limit of members that are kept; one that left is kept until its last value is too old. */
const namesMax = 2 * membersMax;

/** Holders of the leader key or the VIP: empty if there is none, several names if several hold it. */
export type Holders = readonly string[];

/** What is known in one bucket; undefined parts are unknown. */
export type Bucket = {
	/** Several holders take precedence over none, none over one; otherwise the last value counts. */
	leader: Holders | undefined;
	vip: Holders | undefined;
	/** The highest lag by member, bytes. */
	lag: ReadonlyMap<string, number>;
	/** By port. */
	probes: ReadonlyMap<number, ProbeBucket>;
};

/** `latency`: the slowest answer, ms; undefined without one. `failed`: an attempt failed, or there was an outage. */
export type ProbeBucket = {latency: number | undefined; failed: boolean};

export type ProbeTrend = {
	latency: Runs<number>;
	/** Undefined if the probe or this console did not run. */
	failed: Runs<boolean>;
	answers: readonly Minute[];
};

/** All columns end with the bucket before the current one. */
export type Trends = {
	/** Number of the current bucket: Unix time / 5 s. */
	number: number;
	/** The current bucket so far. */
	current: Bucket;
	leader: Runs<Holders>;
	vip: Runs<Holders>;
	/** By member. */
	lag: ReadonlyMap<string, Runs<number>>;
	/** By port. */
	probes: ReadonlyMap<number, ProbeTrend>;
	/** Undefined without SQL, and in recordings of older programs. Its buckets are those of its spans. */
	sql?: SqlTrends | undefined;
};

const emptyBucket: Bucket = {leader: undefined, vip: undefined, lag: new Map(), probes: new Map()};

const noSql: SqlTrends = new Map();

const emptyProbe: ProbeTrend = {latency: [], failed: [], answers: []};

export const emptyTrends: Trends = {
	number: 0,
	current: emptyBucket,
	leader: [],
	vip: [],
	lag: new Map(),
	probes: new Map(),
};

/** The trends after a tick. */
export function foldTrends(before: Trends, cluster: Cluster, target: Target, now: number): Trends {
	const number = Math.floor(now / bucketMs);
	const trends = number > before.number ? closeBucket(before, number, {cluster, target}) : before;
	const sql = foldSqlTrends(before.sql ?? noSql, cluster, now);
	return {
		...trends,
		current: lookAt(trends, {cluster, target}, now),
		...(sql === noSql ? {} : {sql}),
	};
}

type Seen = {cluster: Cluster; target: Target};

function lookAt({number, current}: Trends, {cluster, target}: Seen, now: number): Bucket {
	return {
		leader: worseHolders(current.leader, leaderAt(cluster, now)),
		vip: worseHolders(current.vip, vipAt(cluster, target, now)),
		lag: higherLag(current.lag, members(cluster, now)),
		probes: probesOf(current, number, {cluster, target}, now),
	};
}

function leaderAt(cluster: Cluster, now: number): Holders | undefined {
	if (!dcsIsRead(cluster, now)) {
		return undefined;
	}

	const leader = leaderKey(cluster)?.member;
	return leader === undefined ? [] : [leader];
}

function vipAt(cluster: Cluster, target: Target, now: number): Holders | undefined {
	if (target.vip === undefined) {
		return undefined;
	}

	const {state, holders} = vipView(cluster, target, now);
	switch (state) {
		case 'held':
		case 'two': {
			return holders.filter(({sees}) => sees).map(({node}) => node);
		}

		case 'none': {
			return [];
		}

		case 'blind':
		case 'elsewhere': {
			return undefined;
		}
	}
}

export function worseHolders(before: Holders | undefined, now: Holders | undefined): Holders | undefined {
	if (before === undefined || now === undefined) {
		return now ?? before;
	}

	return rankOf(now) >= rankOf(before) ? now : before;
}

function rankOf({length}: Holders): number {
	return length > 1 ? 2 : length === 0 ? 1 : 0;
}

/** Whether both sources of the lag are fresh. */
export function isLagKnown({lagFrom, dcsSees, restSees}: Member): boolean {
	return restSees && (dcsSees || lagFrom === 'rest');
}

function higherLag(before: Bucket['lag'], all: readonly Member[]): Bucket['lag'] {
	const lag = new Map(before);
	for (const one of all) {
		const known = lag.get(one.name);
		if (
			typeof one.lag === 'number' &&
			isLagKnown(one) &&
			(known !== undefined || lag.size < membersMax) &&
			one.lag >= (known ?? 0)
		) {
			lag.set(one.name, one.lag);
		}
	}

	return lag;
}

function portsOf({probe}: Target): number[] {
	return Object.values(probe?.ports ?? {});
}

/** @param now undefined for a finished bucket: failures of the present do not belong to it */
function probesOf(
	current: Bucket,
	number: number,
	{cluster, target}: Seen,
	now: number | undefined,
): Bucket['probes'] {
	return new Map(
		portsOf(target).flatMap(port => {
			const probe = cluster.probes.get(port);
			const before = current.probes.get(port);
			const seen = probe && probeIn(probe, number, now);
			const both = before && seen ? worseProbe(before, seen) : (before ?? seen);
			return both === undefined ? [] : [[port, both] as const];
		}),
	);
}

function worseProbe(a: ProbeBucket, b: ProbeBucket): ProbeBucket {
	return {
		latency:
			a.latency === undefined || b.latency === undefined
				? (a.latency ?? b.latency)
				: Math.max(a.latency, b.latency),
		failed: a.failed || b.failed,
	};
}

function probeIn(probe: Probe, number: number, now: number | undefined): ProbeBucket | undefined {
	const seconds = secondsIn(probe, number);
	const isOut = now !== undefined && isProbeFresh(probe, now) && ongoingOutage(probe) !== undefined;
	// An outage with a stall in it may have ended before this bucket.
	const hasEnded = probe.outages.some(
		({to, stalled}) => to !== undefined && stalled === undefined && Math.floor(to / bucketMs) === number,
	);
	const latencies = seconds.flatMap(({latency}) => (latency === undefined ? [] : [latency]));
	return seconds.length === 0 && !isOut && !hasEnded
		? undefined
		: {
				latency: latencies.length === 0 ? undefined : rounded(Math.max(...latencies)),
				failed: isOut || hasEnded || seconds.some(({failed}) => failed),
			};
}

function secondsIn({seconds}: Probe, number: number): Probe['seconds'] {
	return seconds.filter(({at}) => Math.floor(at / bucketMs) === number);
}

function answersIn(probe: Probe | undefined, number: number): number[] {
	return probe === undefined ? [] : secondsIn(probe, number).flatMap(({answers = []}) => answers);
}

/** Rounded to 0.1 ms; more cannot be displayed. */
function rounded(latency: number): number {
	return Math.round(latency * 10) / 10;
}

/** Finishes the current bucket; buckets after it, in which this console did not run, are blank. */
function closeBucket(before: Trends, number: number, seen: Seen): Trends {
	const closed: Bucket = {
		...before.current,
		probes: probesOf(before.current, before.number, seen, undefined),
	};
	const skipped = Math.min(number - before.number - 1, bucketsMax);
	const append = <T>(
		runs: Runs<T>,
		value: T | undefined,
		isSame: (a: T, b: T) => boolean = Object.is,
	): Runs<T> => {
		const rule = {max: bucketsMax, isSame};
		const all = appendRun(runs, [1, value] satisfies Run<T>, rule);
		return skipped === 0 ? all : appendRun(all, [skipped, undefined], rule);
	};
	return {
		...before,
		number,
		current: emptyBucket,
		leader: append(before.leader, closed.leader, haveSameNames),
		vip: append(before.vip, closed.vip, haveSameNames),
		lag: closeLag(before.lag, closed.lag, append),
		probes: new Map(
			portsOf(seen.target).map(port => {
				const trend = before.probes.get(port) ?? emptyProbe;
				const bucket = closed.probes.get(port);
				return [
					port,
					{
						latency: append(trend.latency, bucket?.latency),
						failed: append(trend.failed, bucket?.failed),
						answers: countAnswers(trend.answers, answersIn(seen.cluster.probes.get(port), before.number), {
							minute: minuteOf(before.number),
							oldest: minuteOf(number - bucketsMax),
						}),
					},
				];
			}),
		),
	};
}

function haveSameNames(a: Holders, b: Holders): boolean {
	return a.length === b.length && a.every((name, index) => name === b[index]);
}

function closeLag(
	before: Trends['lag'],
	closed: Bucket['lag'],
	append: (runs: Runs<number>, value: number | undefined) => Runs<number>,
): Trends['lag'] {
	// If there are too many members, those with a present value are kept.
	const names = [...closed.keys(), ...[...before.keys()].filter(name => !closed.has(name)).sort()];
	return new Map(
		names
			.slice(0, namesMax)
			.map(name => [name, append(before.get(name) ?? [], closed.get(name))] as const)
			.filter(([, runs]) => runs.length > 0),
	);
}

/** The minutes that the last `buckets` overlap. */
export function minutesOf({answers}: ProbeTrend, number: number, buckets: number): readonly Minute[] {
	return answers.filter(({minute}) => minute >= minuteOf(number - buckets));
}

function minuteOf(number: number): number {
	return Math.floor((number * bucketMs) / 60_000);
}
