/** etcd's own changes of leader. */
import type {Cluster} from '../cluster.ts';
import type {Entry} from './entry.ts';

export function etcdEntries(before: Cluster, after: Cluster, at: number): Entry[] {
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
					text: `etcd's raft leader: ${nameOf(after, was)} → ${nameOf(after, is)}`,
				},
			];
}

/** As the member with the highest term says, which is the newest word. */
function raftLeader(cluster: Cluster): string | undefined {
	const [newest] = Object.values(cluster.etcd.status)
		.map(({value}) => value)
		.sort((a, b) => b.raftTerm - a.raftTerm);
	return newest?.raftLeader;
}

/** etcd's own name of a member, by its id. */
export function nameOf(cluster: Cluster, id: string): string {
	return cluster.etcd.members?.value.find(member => member.id === id)?.name ?? id;
}
