/** A member's tags as Patroni reads them, each from the version on that knows it (Patroni's `tags.py`). */
import type {Member} from './members.ts';

type Tagged = Pick<Member, 'key' | 'rest' | 'restSees'>;

/** From these on Patroni knows the tag: before, it is only shown. */
const knownFrom = {
	failover_priority: '3.2.0',
	nostream: '3.3.0',
	sync_priority: '4.1.0',
} as const;

/** What the member itself says now, over what it last published. */
export function tagsOf({key, rest, restSees}: Tagged): Readonly<Record<string, string>> {
	return {...key?.data.tags, ...(restSees || key === undefined ? rest?.value.tags : undefined)};
}

export function versionOf({key, rest}: Tagged): string | undefined {
	return key?.data.version ?? rest?.value.version;
}

/** Undefined where the version is not known. */
export function isAtLeast(version: string | undefined, least: string): boolean | undefined {
	if (version === undefined || !/^\d/.test(version)) {
		return undefined;
	}

	const [is, needed] = [version, least].map(text =>
		text.split('.').map(part => Number.parseInt(part, 10) || 0),
	);
	for (let part = 0; part < 3; part++) {
		const difference = (is?.[part] ?? 0) - (needed?.[part] ?? 0);
		if (difference !== 0) {
			return difference > 0;
		}
	}

	return true;
}

/** It may not lead: by its own tag, or by a priority that is not positive. */
export function isNoFailover(member: Tagged): boolean {
	return flagOrPriority(member, 'nofailover', 'failover_priority');
}

/** Higher leads first, where as much WAL was received; 0: never. */
export function failoverPriority(member: Tagged): number {
	return isNoFailover(member) ? 0 : (priority(member, 'failover_priority') ?? 1);
}

/** It is never made a synchronous standby. */
export function isNoSync(member: Tagged): boolean {
	return flagOrPriority(member, 'nosync', 'sync_priority');
}

/** It takes WAL from an archive or a shared disk alone. */
export function isNoStream(member: Tagged): boolean {
	return isYes(tagsOf(member).nostream) && isAtLeast(versionOf(member), knownFrom.nostream) !== false;
}

export function isNoLoadBalance(member: Tagged): boolean {
	return isSet(tagsOf(member).noloadbalance);
}

/** Others are copied from it rather than from the leader. */
export function isCloneSource(member: Tagged): boolean {
	return isSet(tagsOf(member).clonefrom);
}

/** The member that it is to stream from, in place of the leader. */
export function replicatesFrom(member: Tagged): string | undefined {
	return tagsOf(member).replicatefrom || undefined;
}

/** The tag that keeps it from leading, as the operator would look for it. */
export function noFailoverTag(member: Tagged): string {
	const tags = tagsOf(member);
	return isSet(tags.nofailover)
		? 'nofailover'
		: `failover_priority ${tags.failover_priority}, which is nofailover`;
}

/** The flag goes before the priority, where it is given. */
function flagOrPriority(
	member: Tagged,
	flag: 'nofailover' | 'nosync',
	name: 'failover_priority' | 'sync_priority',
): boolean {
	const value = tagsOf(member)[flag];
	return value === undefined ? (priority(member, name) ?? 1) <= 0 : isSet(value);
}

/** Undefined where there is none, where it is not a number, and where the member's Patroni does not know the tag. */
function priority(member: Tagged, name: 'failover_priority' | 'sync_priority'): number | undefined {
	const text = tagsOf(member)[name]?.trim() ?? '';
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
