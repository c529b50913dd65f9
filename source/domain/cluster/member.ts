/** One member of the cluster, from its key, its REST API and its upstream; and its tags, by its Patroni version. */

import {isAtLeast} from '../../lib/format.ts';
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

/** It has no key in the DCS, which is read now, and does not answer. */
export function isGone({key, dcsSees, restSees}: Pick<Member, 'key' | 'dcsSees' | 'restSees'>): boolean {
	return key === undefined && dcsSees && !restSees;
}

/** The role is of now: by the DCS, or by the member itself while the DCS is not read. */
export function isRoleNow(one: Member): boolean {
	return !isGone(one) && (one.roleFrom === 'dcs' ? one.dcsSees : one.restSees);
}

/** What a member publishes may be as old as its lease: only its own answer confirms its state. */
export function isStateNow(one: Member): boolean {
	return one.restSees || isGone(one);
}

type Tagged = Pick<Member, 'key' | 'rest' | 'restSees'>;

/** Patroni versions that introduced the tag; older ones only show it. */
const knownFrom = {
	failover_priority: '3.2.0',
	nostream: '3.3.0',
	sync_priority: '4.1.0',
} as const;

type Tags = Readonly<Record<string, string>>;

/** The tags that the member reports now, else the published ones. Never merged, so a removed tag is gone. */
export function tagsOf({key, rest, restSees}: Tagged): Tags {
	return (restSees || key === undefined ? rest?.value.tags : undefined) ?? key?.data.tags ?? {};
}

/** The tags in the DCS, which other members read. */
function publishedTags({key}: Tagged): Tags {
	return key?.data.tags ?? {};
}

export function versionOf({key, rest}: Tagged): string | undefined {
	return key?.data.version ?? rest?.value.version;
}

/**
 * The member must not lead: by `nofailover`, or a `failover_priority` of 0 or below. Patroni checks both the key and
 * the member.
 */
export function isNoFailover(member: Tagged): boolean {
	return [tagsOf(member), publishedTags(member)].some(tags =>
		flagOrPriority(member, tags, 'nofailover', 'failover_priority'),
	);
}

/** The higher value leads if the same WAL was received; 0: never leads. */
export function failoverPriority(member: Tagged): number {
	return isNoFailover(member) ? 0 : (priority(member, tagsOf(member), 'failover_priority') ?? 1);
}

/** The member is never a sync standby. The leader decides by the key, which soon follows the member's own tags. */
export function isNoSync(member: Tagged): boolean {
	return [tagsOf(member), publishedTags(member)].some(tags =>
		flagOrPriority(member, tags, 'nosync', 'sync_priority'),
	);
}

/** The member reads WAL only from an archive or a shared disk. */
export function isNoStream(member: Tagged): boolean {
	return isYes(tagsOf(member).nostream) && isAtLeast(versionOf(member), knownFrom.nostream) !== false;
}

export function isNoLoadBalance(member: Tagged): boolean {
	return isSet(tagsOf(member).noloadbalance);
}

/** Other members copy their data from it rather than from the leader; they read its key. */
export function isCloneSource(member: Tagged): boolean {
	return isSet(publishedTags(member).clonefrom);
}

/** The member to stream from instead of the leader. */
export function replicatesFrom(member: Tagged): string | undefined {
	return tagsOf(member).replicatefrom || undefined;
}

/** The tag that keeps the member from leading, in the words of the configuration. */
export function noFailoverTag(member: Tagged): string {
	const tags = [tagsOf(member), publishedTags(member)].find(one =>
		flagOrPriority(member, one, 'nofailover', 'failover_priority'),
	);
	return tags === undefined || isSet(tags.nofailover)
		? 'nofailover'
		: `failover_priority ${tags.failover_priority}, which means nofailover`;
}

/** If set, the flag takes precedence over the priority. */
function flagOrPriority(
	member: Tagged,
	tags: Tags,
	flag: 'nofailover' | 'nosync',
	name: 'failover_priority' | 'sync_priority',
): boolean {
	const value = tags[flag];
	return value === undefined ? (priority(member, tags, name) ?? 1) <= 0 : isSet(value);
}

/** Undefined without the tag, if it is not a number, or if the member's Patroni does not know it. */
function priority(
	member: Tagged,
	tags: Tags,
	name: 'failover_priority' | 'sync_priority',
): number | undefined {
	const text = tags[name]?.trim() ?? '';
	const value = text === '' ? Number.NaN : Number(text);
	return Number.isFinite(value) && isAtLeast(versionOf(member), knownFrom[name]) !== false
		? Math.round(value)
		: undefined;
}

function isSet(value: string | undefined): boolean {
	return value !== undefined && !/^(|0|false)$/i.test(value);
}

function isYes(value: string | undefined): boolean {
	return /^(on|true|yes|1)$/i.test(value ?? '');
}
