/** What a snapshot knows to be true at its moment; undefined where it only knows what was. */
import type {Snapshot} from './schema.ts';

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

export function knownMembers({members}: Snapshot): KnownMember[] {
	return members.map(one => ({
		name: one.name,
		role: one.role_is_now ? one.role : undefined,
		state: one.state_is_now ? one.state : undefined,
		timeline: one.timeline_is_now ? (one.timeline ?? undefined) : undefined,
		lag: one.lag_is_now && typeof one.lag === 'number' ? one.lag : undefined,
		pendingRestart: one.pending_restart_is_now ? one.pending_restart : undefined,
	}));
}

/** Those that the DCS has now; undefined where it is not read. */
export function presentMembers(snapshot: Snapshot): KnownMember[] | undefined {
	return isStoreRead(snapshot) ? knownMembers(snapshot).filter(({state}) => state !== 'gone') : undefined;
}

/** `null`: there is no leader; undefined: not known. */
export function knownLeader(snapshot: Snapshot): string | null | undefined {
	return isStoreRead(snapshot) ? (snapshot.leader?.member ?? null) : undefined;
}

/** Undefined: not known. */
export function knownPause(snapshot: Snapshot): boolean | undefined {
	return isStoreRead(snapshot) ? (snapshot.pause ?? undefined) : undefined;
}
