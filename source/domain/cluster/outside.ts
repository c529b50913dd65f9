/** Servers that take writes although another member, or none, holds the leader key. */

import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';
import {isFresh} from './freshness.ts';
import {dcsIsRead, leaderKey} from './keys.ts';
import {machines} from './members.ts';
import type {SqlStatus} from './postgres.ts';
import type {ServerProcesses} from './processes.ts';

/** By its own answer, or by its processes where it does not answer. */
export type OutsideServer = {member: string; at: number} & (
	| {by: 'sql'; status: SqlStatus}
	| {by: 'processes'; node: string; server: ServerProcesses}
);

/**
 * Members whose PostgreSQL takes writes beside the leader; without a leader that is known now, all where there are several. Only
 * answers to questions that were asked since the leader key was given count: a predecessor took writes until then.
 */
export function serversOutside(cluster: Cluster, target: Target, now: number): readonly OutsideServer[] {
	const dcs = dcsIsRead(cluster, now);
	const key = leaderKey(cluster);
	const counts = (member: string, askedAt: number) =>
		!dcs || key === undefined || key.member === member || askedAt >= key.since;
	const isNow = (source: `sql:${string}` | `processes:${string}`) =>
		isFresh(cluster.sourceStatuses.get(source), source, now);
	const bySql = [...cluster.sql].filter(([member]) => isNow(`sql:${member}`));
	const answering = new Set(bySql.map(([member]) => member));
	const byProcesses = [...cluster.processes].filter(([node]) => isNow(`processes:${node}`));
	const all = [
		...bySql.flatMap(([member, {value: status, at, askedAt}]): OutsideServer[] =>
			!status.inRecovery && counts(member, askedAt) ? [{member, at, by: 'sql', status}] : [],
		),
		...byProcesses.flatMap(([node, {value, at, askedAt}]): OutsideServer[] => {
			const member = machines(cluster, target, now).find(({name}) => name === node)?.member ?? node;
			return answering.has(member) || !counts(member, askedAt)
				? []
				: value
						.filter(({isMembers, state}) => isMembers && state === 'primary')
						.map(server => ({member, at, by: 'processes', node, server}));
		}),
	];
	return dcs && key !== undefined
		? all.filter(({member}) => member !== key.member)
		: all.length > 1
			? all
			: [];
}
