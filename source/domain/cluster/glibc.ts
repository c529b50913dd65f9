/**
 * The glibc of members' nodes. PostgreSQL sorts by it where the collation provider is libc, and another version may sort in
 * another way: an index that was built with one may be wrong with the other. Pure.
 */
import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';
import {isFresh, unavailableReason} from './freshness.ts';
import {machines} from './members.ts';
import {readsNodes} from './roles.ts';

type Context = {cluster: Cluster; target: Target; now: number};

export type Glibc = {version: string; node: string; at: number} | {why: string};

/** The version on a member's node; without a fresh answer, why it is not known. */
export function glibcOf({cluster, target, now}: Context, member: string): Glibc {
	const node = machines(cluster, target, now).find(machine => machine.member === member)?.name;
	if (!readsNodes(target) || node === undefined) {
		return {
			why: node === undefined ? `the node of ${member} is not known` : 'the nodes are not read over SSH',
		};
	}

	const source = `disk:${node}` as const;
	const disk = cluster.disks.get(node);
	const reason = unavailableReason(cluster.sourceStatuses.get(source), source, now);
	return reason !== undefined || disk === undefined
		? {why: `df on ${node}: ${reason ?? 'no answer yet'}`}
		: disk.glibc === undefined
			? {why: `getconf on ${node}: no version of glibc`}
			: {version: disk.glibc, node, at: disk.at};
}

/** Databases whose default collation sorts by glibc, as either member says, since both have the same; undefined: not known. */
export function libcDatabases(
	{cluster, now}: Context,
	members: readonly string[],
): readonly string[] | undefined {
	for (const member of members) {
		const source = `details:${member}` as const;
		const databases = cluster.sqlDetails.get(member)?.value.libcDatabases;
		if (databases !== undefined && isFresh(cluster.sourceStatuses.get(source), source, now)) {
			return databases;
		}
	}

	return undefined;
}
