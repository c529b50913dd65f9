/** Many minutes of a cluster of two nodes, one tick a second, folded into trends only, without screens and findings. */
import {isDeepStrictEqual} from 'node:util';
import {emptyCluster} from '../../source/domain/cluster/cluster.ts';
import {foldCluster} from '../../source/domain/cluster/reducer.ts';
import type {ClusterEvent, Fact} from '../../source/domain/events.ts';
import {noFindings} from '../../source/domain/findings/finding.ts';
import type {Target} from '../../source/domain/target.ts';
import {emptyTrends, foldTrends} from '../../source/domain/trends.ts';
import type {ClusterSnapshot} from '../../source/state/state.ts';
import {start, target} from './session.ts';
import {madeSnapshot, memberKey, patroniStatus} from './synthetic-cluster.ts';
import {addressesFact} from './vip.ts';

export const probedTarget: Target = {
	...target,
	probe: {host: '10.73.0.172', ports: {write: 5000, read: 5001}, write: true},
};

/** The truth at a second; undefined values cannot be observed then. */
export type Moment = {
	/** Empty: there is no leader key. */
	leader: string | undefined;
	/** The nodes that hold the VIP. */
	vip: readonly string[] | undefined;
	/** Lag in bytes of each replica. */
	lag: number | undefined;
	/** Durations of this second's answers, ms; empty: an attempt failed. */
	writes: readonly number[] | undefined;
	reads: readonly number[] | undefined;
};

/** Undefined: the console itself does not run. */
export type Story = (second: number) => Moment | undefined;

/** An even spread, similar to a measured one, and deterministic. */
export function usualLatencies(second: number): number[] {
	return [0, 1, 2, 3].map(
		part => 8 + (((second * 4 + part) * 7919) % 13) + (second % 97 === 0 && part === 0 ? 30 : 0),
	);
}

export function wellAt(second: number): Moment {
	return {
		leader: 'pgdb1',
		vip: ['pgdb1'],
		lag: 0,
		writes: usualLatencies(second),
		reads: usualLatencies(second).map(one => one / 4),
	};
}

const members = ['pgdb1', 'pgdb2'];

/** The cluster after this many seconds, and its charts. */
export function trendsAfter(seconds: number, story: Story, scene = probedTarget): ClusterSnapshot {
	let last = snapshotAt(seconds, scene);
	for (const shown of trendsOverTime(seconds, story, scene)) {
		last = shown;
	}

	return {...last, now: start + seconds * 1000};
}

/** The same after each second in which the console runs. */
export function* trendsOverTime(
	seconds: number,
	story: Story,
	scene = probedTarget,
): Generator<ClusterSnapshot> {
	const known = wellSeconds.get(scene) ?? [];
	wellSeconds.set(scene, known);
	let shown = snapshotAt(0, scene);
	let ranAt = 0;
	let isWell = true;
	for (let second = 0; second <= seconds; second++) {
		const moment = story(second);
		isWell &&= isDeepStrictEqual(moment, wellAt(second));
		if (moment === undefined) {
			continue;
		}

		shown = (isWell ? known[second] : undefined) ?? foldSecond(shown, moment, second, ranAt);
		ranAt = second;
		if (isWell) {
			known[second] = shown;
		}

		yield shown;
	}
}

/** By scene: each second while all is well from the start, as most stories begin. */
const wellSeconds = new WeakMap<Target, ClusterSnapshot[]>();

function foldSecond(before: ClusterSnapshot, moment: Moment, second: number, ranAt: number): ClusterSnapshot {
	const now = start + second * 1000;
	const stalled: ClusterEvent[] =
		second - ranAt > 1 ? [{type: 'console.stalled', milliseconds: (second - ranAt) * 1000}] : [];
	const cluster = [...stalled, ...factsAt(moment, second)].reduce(
		(known, event) => foldCluster(known, event, now),
		before.cluster,
	);
	return {...before, now, cluster, trends: foldTrends(before.trends, cluster, before.target, now)};
}

function snapshotAt(second: number, scene: Target): ClusterSnapshot {
	return {
		now: start + second * 1000,
		target: scene,
		cluster: emptyCluster,
		timeline: [],
		found: noFindings,
		trends: emptyTrends,
	};
}

/** Facts that the sources report at that second. */
export function factsAt({leader, vip, lag, writes, reads}: Moment, second: number): Fact[] {
	return [
		...(leader === undefined
			? [lost('dcs:http://10.73.0.160:2379')]
			: [dcsFact(leader, lag ?? 0, 1000 + second)]),
		...members.map(member =>
			lag === undefined ? lost(`patroni:${member}`) : restFact(member, member === leader),
		),
		...members.map(node =>
			vip === undefined
				? lost(`vip:${node}`)
				: addressesFact(node, ...(vip.includes(node) ? ['10.73.0.172'] : [])),
		),
		...probeFacts('write', 5000, writes),
		...probeFacts('read', 5001, reads),
	];
}

function lost(source: `${'dcs' | 'patroni' | 'vip'}:${string}`): Fact {
	return {type: 'source.lost', source, reason: 'no answer in time'};
}

/** By leader and lag: a second has the keys of the one before it, mostly. */
const snapshots = new Map<string, Fact>();

function dcsFact(leader: string, lag: number, revision: number): Fact {
	const name = `${leader} ${lag}`;
	const made = snapshots.get(name) ?? madeKeys(leader, lag);
	snapshots.set(name, made);
	return made.type === 'dcs.snapshot'
		? {...made, revision, entries: made.entries.map(entry => ({...entry, modRevision: revision}))}
		: made;
}

function madeKeys(leader: string, lag: number): Fact {
	return madeSnapshot({
		members: [...members]
			.sort((a, b) => Number(b === leader) - Number(a === leader))
			.map(name => ({
				name,
				key: name === leader ? {} : {location: (memberKey.location ?? 0) - lag},
			})),
		leader: leader !== '',
	});
}

function restFact(member: string, leads: boolean): Fact {
	return {
		type: 'patroni.status',
		source: `patroni:${member}`,
		member,
		status: {...patroniStatus, ...(leads ? {role: 'primary', replicationState: undefined} : {})},
	};
}

function probeFacts(purpose: 'write' | 'read', port: number, answers: readonly number[] | undefined): Fact[] {
	const common = {source: `probe:${port}`, port, purpose, startedAt: 0} as const;
	return answers?.length === 0
		? [{type: 'probe.failed', ...common, reason: 'connection refused'}]
		: (answers ?? []).map(latency => ({
				type: 'probe.answered',
				...common,
				server: purpose === 'write' ? '10.73.1.1:5432' : '10.73.1.2:5432',
				inRecovery: purpose === 'read',
				latency,
				write: purpose === 'write',
			}));
}
