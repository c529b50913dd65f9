/** What the operator was shown when the question was asked; an answer is worth nothing once that has changed. */
import type {Cluster} from '../cluster/cluster.ts';
import {dcsIsRead, leaderKey} from '../cluster/keys.ts';
import type {Guard} from './types.ts';

export function takeGuard(cluster: Cluster): Guard {
	const key = leaderKey(cluster);
	return {
		store: cluster.store.generation,
		leader: key?.member,
		leaderRevision: key?.modRevision,
		configRevision: cluster.keys.get('config')?.modRevision,
	};
}

/** What has changed since, in words; nothing when the question still is the one that was asked. */
export function changesSince(frozen: Guard, cluster: Cluster, {config}: {config: boolean}): string[] {
	const now = takeGuard(cluster);
	if (isOfOtherStore(frozen, cluster)) {
		return ['etcd was rebuilt or restored: ask again'];
	}

	const changes: string[] = [];
	if (now.leader !== frozen.leader) {
		changes.push(`the leader is ${now.leader ?? 'nobody'} now, it was ${frozen.leader ?? 'nobody'}`);
	} else if (now.leaderRevision !== frozen.leaderRevision) {
		changes.push(
			`${now.leader ?? 'nobody'} took the leader key anew: revision ${frozen.leaderRevision} → ${now.leaderRevision}`,
		);
	}

	if (config && now.configRevision !== frozen.configRevision) {
		changes.push('somebody else changed the dynamic configuration');
	}

	return changes;
}

/** Revisions of another store cannot be compared with those of the present one. */
export function isOfOtherStore({store = 0}: Pick<Guard, 'store'>, cluster: Cluster): boolean {
	return store !== cluster.store.generation;
}

/** Whether the frozen target can be compared at all now. */
export function isVerifiable(cluster: Cluster, now: number): boolean {
	return dcsIsRead(cluster, now);
}
