/** etcd's own changes of leader. */
import type {Cluster} from '../cluster.ts';
import {endpointName, raftLeader} from '../etcd.ts';
import type {Target} from '../target.ts';
import type {Entry} from './entry.ts';

export function etcdEntries(before: Cluster, after: Cluster, target: Target, at: number): Entry[] {
	if (before.etcd.status === after.etcd.status) {
		return [];
	}

	const was = raftLeader(before);
	const is = raftLeader(after);
	return was === undefined || is === undefined || was === is
		? []
		: [
				{
					at,
					kind: 'etcd',
					turn: 'news',
					text: `etcd's raft leader: ${nameOf(after, target, was)} → ${nameOf(after, target, is)}`,
				},
			];
}

/** etcd's own name of a member, by its id; while that is unknown, what its endpoint is called. */
export function nameOf(cluster: Cluster, target: Target, id: string): string {
	const own = cluster.etcd.members?.value.find(member => member.id === id)?.name;
	const [endpoint] = [...cluster.etcd.status].find(([, {value}]) => value.memberId === id) ?? [];
	return own || (endpoint === undefined ? id : endpointName(endpoint, target));
}
