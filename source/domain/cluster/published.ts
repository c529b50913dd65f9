/**
 * What members publish in the DCS of themselves is as old as their last loop, or, where that does not reach the DCS, as their
 * lease: a member's own answer is newer, unless the key was seen to change since.
 */
import {isPrimaryRole} from '../facts.ts';
import type {KnownKey, KnownStatus} from './cluster.ts';
import {type DynamicConfig, type MemberKey, patroniDefaults} from './dcs.ts';
import type {Member} from './member.ts';
import {freshForMs} from './source-kinds.ts';

/** Of what is published once in each loop, it is of the last one, ms. */
export function publishedForMs(config: DynamicConfig | undefined): number {
	return (config?.loopWait ?? patroniDefaults.loopWait) * 1000 + freshForMs;
}

/** It is known to have been written within the last loop. One that does not change may be old, or have nothing new. */
export function isOfLastLoop(
	key: KnownKey | undefined,
	config: DynamicConfig | undefined,
	now: number,
): boolean {
	return key?.changed !== undefined && now - key.changed.after <= publishedForMs(config);
}

/** The answer is of a later moment than the key; or the key was there before this console. */
export function isNewer(rest: KnownStatus, key: KnownKey | undefined): boolean {
	return key?.changed === undefined || rest.at >= key.changed.at;
}

/** What the lag of each member is measured from. */
export type Leading = {
	name: string | undefined;
	/** Where the leader's WAL ends, as it published it. */
	optime: number | undefined;
	/** That is of its last loop, or what it answers now. */
	isCurrent: boolean;
	/** What it answers now, or has published since. */
	written: number | undefined;
};

type Lag = Pick<Member, 'lag' | 'lagFrom' | 'lagIsNow'>;

/**
 * As `patronictl list` counts it, while both positions are of the last loop; else by what both members answer now. Only one
 * that answers has a lag of now.
 */
export function lagOf(
	name: string,
	key: KnownMemberKey | undefined,
	/** Its answer of now. */
	rest: KnownStatus | undefined,
	leading: Leading,
	context: {dcsSees: boolean; config: DynamicConfig | undefined; now: number},
): Lag {
	const {dcsSees, config, now} = context;
	const location = rest && locationOf(rest);
	const isCurrent =
		dcsSees && leading.isCurrent && (isOfLastLoop(key, config, now) || location === key?.data.location);
	if (
		!isCurrent &&
		leading.written !== undefined &&
		location !== undefined &&
		name !== leading.name &&
		!isPrimaryRole(rest?.value.role ?? '')
	) {
		return {lag: Math.max(0, leading.written - location), lagFrom: 'rest', lagIsNow: true};
	}

	return {
		lag: name === leading.name || key === undefined ? undefined : lag(leading.optime, key.data),
		lagFrom: 'dcs',
		lagIsNow: isCurrent && rest !== undefined,
	};
}

type KnownMemberKey = KnownKey & {data: MemberKey};

function lag(optime: number | undefined, {location}: MemberKey): number | 'unknown' {
	return optime === undefined || location === undefined ? 'unknown' : Math.max(0, optime - location);
}

/** The WAL location that a member with this answer publishes. */
export function locationOf({value: {location, received, replayed, role}}: KnownStatus): number | undefined {
	return isPrimaryRole(role)
		? location
		: received === undefined
			? replayed
			: Math.max(received, replayed ?? 0);
}

/** @param rest the leader's answer of now */
export function leadingOf(
	name: string | undefined,
	status: (KnownKey & {value: {optime: number | undefined}}) | undefined,
	rest: KnownStatus | undefined,
	{config, now}: {config: DynamicConfig | undefined; now: number},
): Leading {
	const optime = status?.value.optime;
	const answered = rest && locationOf(rest);
	const isPublishedNow = isOfLastLoop(status, config, now);
	return {
		name,
		optime,
		isCurrent: isPublishedNow || (answered !== undefined && answered === optime),
		written:
			answered !== undefined && optime !== undefined && isPublishedNow
				? Math.max(answered, optime)
				: answered,
	};
}

/** A restart that waits for someone, with its reasons (parameter → [old value, new value]), and one that is scheduled. */
export function restartOf({key, rest, restIsNewer}: Pick<Member, 'key' | 'rest' | 'restIsNewer'>): {
	isPending: boolean;
	reasons: MemberKey['pendingRestartReason'];
	scheduledAt: string | undefined;
} {
	const own = restIsNewer || key === undefined ? rest?.value : undefined;
	const isPending = own?.pendingRestart ?? key?.data.pendingRestart ?? false;
	return {
		isPending,
		reasons: isPending ? (key?.data.pendingRestartReason ?? {}) : {},
		scheduledAt: own === undefined ? key?.data.scheduledRestart : own.scheduledRestart,
	};
}
