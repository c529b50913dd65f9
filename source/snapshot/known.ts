/** What a snapshot knows to be true at its moment; undefined where it only knows what was. */
import type {Snapshot} from './schema.ts';

type SnapshotMember = Snapshot['members'][number];

export type KnownMember = {
	name: string;
	role: string | undefined;
	state: string | undefined;
	timeline: number | undefined;
	/** Bytes. */
	lag: number | undefined;
	pendingRestart: boolean | undefined;
};

/** The leader and members of the DCS are known now, in whatever way they are followed. */
export function isStoreRead({store, etcd}: Snapshot): boolean {
	return store?.read ?? etcd.read;
}

export function knownMembers(snapshot: Snapshot): KnownMember[] {
	const isRead = isStoreRead(snapshot);
	return snapshot.members.map(one => {
		const sees = (from: SnapshotMember['role_from']) => (from === 'dcs' ? isRead : one.witnesses.rest);
		const any = isRead || one.witnesses.rest;
		return {
			name: one.name,
			role: sees(one.role_from) ? one.role : undefined,
			state: sees(one.state_from) ? one.state : undefined,
			timeline: any ? (one.timeline ?? undefined) : undefined,
			lag: one.lag_is_now === true && typeof one.lag === 'number' ? one.lag : undefined,
			pendingRestart: any ? one.pending_restart : undefined,
		};
	});
}

/** `null`: there is no leader; undefined: not known. */
export function knownLeader(snapshot: Snapshot): string | null | undefined {
	return isStoreRead(snapshot) ? (snapshot.leader?.member ?? null) : undefined;
}

/** Undefined: not known. */
export function knownPause(snapshot: Snapshot): boolean | undefined {
	return isStoreRead(snapshot) ? (snapshot.pause ?? undefined) : undefined;
}
