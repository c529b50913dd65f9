/** etcd's own changes of leader, and that another store took the place of the one that was read. */
import type {Cluster} from '../cluster/cluster.ts';
import {endpointName, raftLeader} from '../cluster/etcd.ts';
import {describeRebuilt, isForeign} from '../cluster/store.ts';
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

/** Another store: all keys are compared with those of the one before. */
export function storeEntries(before: Cluster, after: Cluster, target: Target, at: number): Entry[] {
	const {rebuilt, foreign} = after.store;
	const found = foreign.filter(({endpoint}) => !isForeign(before.store, endpoint));
	return [
		...(rebuilt === undefined || rebuilt === before.store.rebuilt
			? []
			: [{at, kind: 'etcd' as const, turn: 'worse' as const, text: describeRebuilt(rebuilt)}]),
		...found.map(({endpoint, revision}): Entry => {
			const text = `etcd ${endpointName(endpoint, target)} answers for another store, at revision ${revision}`;
			return {at, kind: 'etcd', turn: 'worse', text};
		}),
	];
}

/** etcd's own name of a member, by its id; while that is unknown, what its endpoint is called. */
export function nameOf(cluster: Cluster, target: Target, id: string): string {
	const own = cluster.etcd.members?.value.find(member => member.id === id)?.name;
	const [endpoint] = [...cluster.etcd.status].find(([, {value}]) => value.memberId === id) ?? [];
	return own || (endpoint === undefined ? id : endpointName(endpoint, target));
}
