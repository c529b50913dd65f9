/** A member's tags, with their defaults and by the version of its Patroni. */
import {isAtLeast} from '../../lib/format.ts';
import type {Member} from './member.ts';

type Tagged = Pick<Member, 'key' | 'rest' | 'restSees'>;

/** From these on Patroni knows the tag: before, it is only shown. */
const knownFrom = {
	failover_priority: '3.2.0',
	nostream: '3.3.0',
	sync_priority: '4.1.0',
} as const;

type Tags = Readonly<Record<string, string>>;

/** What the member reports now, else what it last published; never merged, so that a removed tag is gone. */
export function tagsOf({key, rest, restSees}: Tagged): Tags {
	return (restSees || key === undefined ? rest?.value.tags : undefined) ?? key?.data.tags ?? {};
}

/** What the others read in the DCS. */
function publishedTags({key}: Tagged): Tags {
	return key?.data.tags ?? {};
}

export function versionOf({key, rest}: Tagged): string | undefined {
	return key?.data.version ?? rest?.value.version;
}

/** It may not lead: by its own tag, or by a priority that is not positive. Patroni asks both for it, the key and the member. */
export function isNoFailover(member: Tagged): boolean {
	return [tagsOf(member), publishedTags(member)].some(tags =>
		flagOrPriority(member, tags, 'nofailover', 'failover_priority'),
	);
}

/** Higher leads first, where as much WAL was received; 0: never. */
export function failoverPriority(member: Tagged): number {
	return isNoFailover(member) ? 0 : (priority(member, tagsOf(member), 'failover_priority') ?? 1);
}

/** It is never made a synchronous standby: the leader decides by the key, which soon follows the member. */
export function isNoSync(member: Tagged): boolean {
	return [tagsOf(member), publishedTags(member)].some(tags =>
		flagOrPriority(member, tags, 'nosync', 'sync_priority'),
	);
}

/** It takes WAL from an archive or a shared disk alone. */
export function isNoStream(member: Tagged): boolean {
	return isYes(tagsOf(member).nostream) && isAtLeast(versionOf(member), knownFrom.nostream) !== false;
}

export function isNoLoadBalance(member: Tagged): boolean {
	return isSet(tagsOf(member).noloadbalance);
}

/** Others are copied from it rather than from the leader: they read its key. */
export function isCloneSource(member: Tagged): boolean {
	return isSet(publishedTags(member).clonefrom);
}

/** The member that it is to stream from, in place of the leader. */
export function replicatesFrom(member: Tagged): string | undefined {
	return tagsOf(member).replicatefrom || undefined;
}

/** The tag that keeps it from leading, as the operator would look for it. */
export function noFailoverTag(member: Tagged): string {
	const tags = [tagsOf(member), publishedTags(member)].find(one =>
		flagOrPriority(member, one, 'nofailover', 'failover_priority'),
	);
	return tags === undefined || isSet(tags.nofailover)
		? 'nofailover'
		: `failover_priority ${tags.failover_priority}, which means nofailover`;
}

/** The flag goes before the priority, where it is given. */
function flagOrPriority(
	member: Tagged,
	tags: Tags,
	flag: 'nofailover' | 'nosync',
	name: 'failover_priority' | 'sync_priority',
): boolean {
	const value = tags[flag];
	return value === undefined ? (priority(member, tags, name) ?? 1) <= 0 : isSet(value);
}

/** Undefined where there is none, where it is not a number, and where the member's Patroni does not know the tag. */
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
