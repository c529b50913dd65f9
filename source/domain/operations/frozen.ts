/** What the operator was shown when the question was asked; an answer is worth nothing once that has changed. */
import type {Cluster} from '../cluster.ts';
import {dcsIsRead, leaderKey} from '../keys.ts';

export type Frozen = {
	leader: string | undefined;
	/** The leader key's last change, as etcd counts: it is put anew when its holder or its lease changes. */
	leaderRevision: number | undefined;
	/** Of the dynamic configuration. */
	configRevision: number | undefined;
};

export function freeze(cluster: Cluster): Frozen {
	const key = leaderKey(cluster);
	return {
		leader: key?.member,
		leaderRevision: key?.modRevision,
		configRevision: cluster.keys.get('config')?.modRevision,
	};
}

/** What has changed since, in words; nothing when the question still is the one that was asked. */
export function moved(frozen: Frozen, cluster: Cluster, {config}: {config: boolean}): string[] {
	const now = freeze(cluster);
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

/** Whether the frozen target can be compared at all now. */
export function canTell(cluster: Cluster, now: number): boolean {
	return dcsIsRead(cluster, now);
}
