/** Servers that take writes although another member, or none, holds the leader key. */
import type {Cluster} from './cluster.ts';
import {isFresh} from './freshness.ts';
import {dcsIsRead, leaderKey} from './keys.ts';

/**
 * Members whose PostgreSQL takes writes by its own answer, beside the leader; without a leader that is known now, all where there
 * are several. Only answers to questions that were asked since the leader key was given count: a predecessor took writes until then.
 */
export function serversOutside(cluster: Cluster, now: number): readonly string[] {
	const dcs = dcsIsRead(cluster, now);
	const key = leaderKey(cluster);
	const names = [...cluster.sql].flatMap(([member, {value, askedAt}]) => {
		const counts = !dcs || key === undefined || key.member === member || askedAt >= key.since;
		const source = `sql:${member}` as const;
		return !value.inRecovery && counts && isFresh(cluster.sourceStatuses.get(source), source, now)
			? [member]
			: [];
	});
	return dcs && key !== undefined ? names.filter(name => name !== key.member) : names.length > 1 ? names : [];
}
