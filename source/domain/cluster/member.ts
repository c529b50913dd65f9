/** One member of the cluster, as its key, its own REST and its upstream describe it together. */
import type {KnownKey, KnownStatus} from './cluster.ts';
import type {MemberKey} from './dcs.ts';

export type Role = 'leader' | 'standby_leader' | 'sync_standby' | 'quorum_standby' | 'replica';

export type Member = {
	name: string;
	/** The member's key in the DCS; undefined when it is not (or no longer) there. */
	key: (KnownKey & {data: MemberKey}) | undefined;
	/** The member's own answer to GET /patroni, however old. */
	rest: KnownStatus | undefined;
	/** The DCS is being read now, by a linearizable read. */
	dcsSees: boolean;
	/** The member's REST API answers now, and agrees with its key. */
	restSees: boolean;
	role: Role;
	/** The source: the DCS, or, while it is lost, the member itself. */
	roleFrom: 'dcs' | 'rest';
	state: string;
	stateFrom: 'dcs' | 'rest';
	timeline: number | undefined;
	/** Bytes behind the leader's published location; undefined for the leader, `unknown` when Patroni cannot know it. */
	lag: number | 'unknown' | undefined;
	/** `dcs`: by the keys, as Patroni counts it; `rest`: by what both members say themselves, while the DCS is lost. */
	lagFrom: 'dcs' | 'rest';
	/** Bytes of WAL that it has on the leader's timeline and the leader has not: its history diverged. */
	ahead: number | undefined;
	/** Of a standby whose PostgreSQL runs: where its WAL comes from. */
	upstream: Upstream | undefined;
	health: Health;
};

/** Whether it does what its role requires; `unknown` if no fresh source shows it. */
export type Health = 'well' | 'unwell' | 'unknown';

export type Upstream =
	/** `from`: the member that lists it; undefined if only the standby itself reports it. */
	| {state: 'streaming'; from: string | undefined}
	/** It takes WAL from an archive alone; `meant`: so configured (tag nostream, a standby cluster). */
	| {state: 'archive'; from: undefined; meant: boolean}
	/** `text`: how that is known. */
	| {state: 'none'; from: undefined; text: string}
	/** `text`: why that is so. */
	| {state: 'unknown'; from: undefined; text: string};
