/** One member of the cluster, from its key, its REST API and its upstream. */
import type {KnownKey, KnownStatus} from './cluster.ts';
import type {MemberKey} from './dcs.ts';

export type Role = 'leader' | 'standby_leader' | 'sync_standby' | 'quorum_standby' | 'replica';

export type Member = {
	name: string;
	/** The member's key in the DCS; undefined if it does not exist. */
	key: (KnownKey & {data: MemberKey}) | undefined;
	/** The member's own answer to GET /patroni, however old. */
	rest: KnownStatus | undefined;
	/** The DCS is being read now, by a linearizable read. */
	dcsSees: boolean;
	/** The member's REST API is fresh, and agrees with its key. */
	restSees: boolean;
	role: Role;
	/** The source of the role: the DCS, or the member itself while the DCS is lost. */
	roleFrom: 'dcs' | 'rest';
	state: string;
	stateFrom: 'dcs' | 'rest';
	/** The member's answer is of now, and its key is not newer. */
	restIsNewer: boolean;
	timeline: number | undefined;
	/** Bytes behind the leader's published location; undefined for the leader, `unknown` if it cannot be determined. */
	lag: number | 'unknown' | undefined;
	/** `dcs`: from the keys, as Patroni counts it; `rest`: from both members' answers, where the keys are older. */
	lagFrom: 'dcs' | 'rest';
	/** The lag is of now; otherwise it is as once published. */
	lagIsNow: boolean;
	/** Bytes of WAL on the leader's timeline that the leader does not have: the member has diverged. */
	ahead: number | undefined;
	/** Where a running standby receives its WAL from. */
	upstream: Upstream | undefined;
	health: Health;
};

/** Whether the member does what its role requires; `unknown` without a fresh source. */
export type Health = 'well' | 'unwell' | 'unknown';

export type Upstream =
	/** `from`: the member that lists the standby; undefined if only the standby itself reports it. */
	| {state: 'streaming'; from: string | undefined}
	/** The standby reads WAL from an archive only. `isIntended`: so configured (tag nostream, a standby cluster). */
	| {state: 'archive'; from: undefined; isIntended: boolean}
	/** `text`: the evidence. */
	| {state: 'none'; from: string | undefined; text: string}
	/** `text`: the reason. */
	| {state: 'unknown'; from: undefined; text: string};
