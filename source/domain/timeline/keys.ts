/** Timeline entries on Patroni's keys: leader, sync standby, members, schedules; config.ts has the others. */
import {tenths} from '../../lib/format.ts';
import {utc} from '../../lib/parse-time.ts';
import {isSeenByRest} from '../cluster/beliefs.ts';
import {type Cluster, clockTime, type KnownKey, keyOf} from '../cluster/cluster.ts';
import type {DcsValue, MemberKey} from '../cluster/dcs.ts';
import {leaderKey, syncStandbys} from '../cluster/keys.ts';
import type {Entry} from '../facts.ts';
import {isPrimaryRole} from '../facts.ts';
import {configEntries} from './config.ts';

export function keyEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	if (before.keys === after.keys) {
		return [];
	}

	return [
		...leaderEntries(before, after, at),
		...syncEntries(before, after, at),
		...configEntries(before, after, at),
		...switchoverEntries(before, after, at),
		...memberEntries(before, after, at),
		...clusterEntries(before, after, at),
	];
}

/** Another system identifier means another cluster, whose timelines and WAL locations start from zero. */
function clusterEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	const {systemId: was} = before;
	const {systemId: is} = after;
	return was === undefined || is === undefined || is === was
		? []
		: [
				{
					at,
					kind: 'timeline',
					turn: 'news',
					text: `PostgreSQL was initialized again: system identifier ${was} → ${is}`,
				},
			];
}

function leaderEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	const was = leaderKey(before);
	const is = leaderKey(after);
	// In another store the same leadership has another revision.
	const isSameStore = before.store.generation === after.store.generation;
	if ((was?.createRevision === is?.createRevision || !isSameStore) && was?.member === is?.member) {
		return [];
	}

	const isByRest = isSeenByRest(after);
	if (is === undefined) {
		return [
			{
				at,
				kind: 'leader',
				turn: 'worse',
				about: {of: 'leader', from: was?.member, to: undefined, isWatched: !isByRest},
				text: isByRest
					? `no leader, as the members say; ${was?.member ?? 'unknown'} led before`
					: `leader key gone, held by ${was?.member ?? 'unknown'} before`,
			},
		];
	}

	const gone = before.gone.get('leader');
	const pause = was === undefined && gone?.live ? `, no leader for ${tenths(at - gone.since)}` : '';
	const from = was?.member ?? lastLeader(before);
	const what = isByRest ? 'leader' : 'leader key';
	const text =
		from === undefined || from === is.member ? `${what}: ${is.member}` : `${what}: ${from} → ${is.member}`;
	// Where the key was not seen to be without a holder, a request may have been missed as well.
	const isWatched = !isByRest && pause !== '';
	const about = {of: 'leader', from, to: is.member, isWatched} as const;
	return [{at, kind: 'leader', turn: 'better', text: `${text}${pause}`, about}];
}

/** The last leader by the sync key, after the leader key was deleted. */
function lastLeader(cluster: Cluster): string | undefined {
	return keyOf(cluster, 'sync', 'sync')?.value.leader;
}

function syncEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	const was = syncStandbys(before).join(', ');
	const is = syncStandbys(after).join(', ');
	return was === is
		? []
		: [
				{
					at,
					kind: 'sync',
					turn: is === '' ? 'worse' : 'better',
					text: `sync standby: ${was || 'none'} → ${is || 'none'}`,
					about: {of: 'sync', was, is},
				},
			];
}

function memberEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	const names = new Set([...memberNames(before), ...memberNames(after)]);
	const isSameStore = before.store.generation === after.store.generation;
	return [...names].sort().flatMap(name => {
		const was = keyOf(before, `members/${name}`, 'member');
		const is = keyOf(after, `members/${name}`, 'member');
		const leads = leaderKey(after)?.member === name;
		return was === is
			? []
			: memberChanges(
					{name, leads, clockAt: clockTime(after, at), isListed: isSeenByRest(after)},
					was,
					is,
					at,
					isSameStore,
				);
	});
}

type MemberEntry = (KnownKey & {value: Extract<DcsValue, {kind: 'member'}>}) | undefined;

function memberChanges(
	{name, leads, clockAt, isListed}: {name: string; leads: boolean; clockAt: number; isListed: boolean},
	was: MemberEntry,
	is: MemberEntry,
	at: number,
	isSameStore: boolean,
): Entry[] {
	if (is === undefined) {
		const text = isListed ? 'no longer listed by the members' : 'its key in etcd is gone';
		const then = was === undefined ? undefined : stateOf(was.value.data);
		const about = {of: 'member', member: name, was: then, is: undefined, isWorse: true} as const;
		return [{at, kind: 'member', turn: 'worse', text: `${name}: ${text}`, about}];
	}

	const now = is.value.data;
	if (was === undefined) {
		const text = isListed ? 'listed by the members' : 'new key in etcd';
		const about = {of: 'member', member: name, was: undefined, is: stateOf(now), isWorse: false} as const;
		return [{at, kind: 'member', turn: 'better', text: `${name}: ${text}: ${stateOf(now)}`, about}];
	}

	const then = was.value.data;
	const entries: Entry[] = [];
	if (stateOf(then) !== stateOf(now)) {
		// A change from streaming to running means that the standby lost its upstream.
		const turn =
			stateOf(now) === 'streaming' ||
			(stateOf(now) === 'running' && (stateOf(then) !== 'streaming' || isPrimaryRole(now.role) || leads))
				? 'better'
				: 'worse';
		entries.push({
			at,
			kind: 'member',
			turn,
			text: `${name}: ${stateOf(then)} → ${stateOf(now)}`,
			about: {
				of: 'member',
				member: name,
				was: stateOf(then),
				is: stateOf(now),
				isWorse: turn === 'worse',
			},
		});
	}

	if (then.timeline !== now.timeline && now.timeline !== undefined) {
		entries.push({
			at,
			kind: 'timeline',
			turn: 'news',
			text: `${name}: timeline ${then.timeline === undefined ? '' : `${then.timeline} → `}${now.timeline}`,
		});
	}

	if (then.pendingRestart !== now.pendingRestart) {
		entries.push({
			at,
			kind: 'member',
			turn: now.pendingRestart ? 'worse' : 'better',
			text: `${name}: restart ${now.pendingRestart ? 'pending' : 'no longer pending'}`,
			about: {of: 'note'},
		});
	}

	// A schedule that is missing in another store was not cancelled.
	if (then.scheduledRestart !== now.scheduledRestart && (isSameStore || now.scheduledRestart !== undefined)) {
		entries.push(...scheduledRestart(name, then.scheduledRestart, now.scheduledRestart, at, clockAt));
	}

	return entries;
}

function stateOf(data: MemberKey): string {
	return data.replicationState || data.state;
}

function memberNames(cluster: Cluster): string[] {
	return [...cluster.keys.values()].flatMap(({value}) => (value.kind === 'member' ? [value.name] : []));
}

export function switchoverEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	const was = keyOf(before, 'failover', 'failover');
	const is = keyOf(after, 'failover', 'failover');
	if (before.store.generation !== after.store.generation) {
		return was?.value.scheduledAt === undefined || is?.value.scheduledAt !== undefined
			? []
			: [lostSwitchover(was.value, at)];
	}

	if (is?.modRevision === was?.modRevision) {
		return [];
	}

	return [
		...(was?.value.scheduledAt === undefined || is?.value.scheduledAt !== undefined
			? []
			: endedSwitchover(
					was.value,
					before.dropped !== after.dropped && after.dropped !== undefined,
					at,
					clockTime(after, at),
				)),
		...(is === undefined ? [] : requestedSwitchover(is.value, at)),
	];
}

type Requested = {leader: string | undefined; candidate: string | undefined; scheduledAt: string | undefined};

function between({leader, candidate}: Requested): string {
	return `${leader ?? 'any'} → ${candidate ?? 'any'}`;
}

function requestedSwitchover(value: Requested, at: number): Entry[] {
	const {leader, candidate, scheduledAt} = value;
	if (leader === undefined && candidate === undefined) {
		return [];
	}

	const how = scheduledAt === undefined ? 'requested' : `scheduled at ${utc(scheduledAt)}`;
	const what = leader === undefined ? 'failover' : 'switchover';
	const about =
		scheduledAt === undefined ? ({of: 'request', leader, candidate} as const) : ({of: 'note'} as const);
	return [{at, kind: 'operation', turn: 'news', text: `${what} ${how}: ${between(value)}`, about}];
}

/** The schedule was lost with its store, not cancelled. */
function lostSwitchover(value: Requested, at: number): Entry {
	const what = `switchover scheduled at ${utc(value.scheduledAt ?? '')}`;
	return {
		at,
		kind: 'operation',
		turn: 'worse',
		text: `${what} lost: not in the new etcd store: ${between(value)}`,
	};
}

/** A schedule that ends before its time was cancelled; after it, it was done or dropped. */
function endedSwitchover(value: Requested, dropped: boolean, at: number, clockAt: number): Entry[] {
	const what = `switchover scheduled at ${utc(value.scheduledAt ?? '')}`;
	if (isBefore(clockAt, value.scheduledAt)) {
		return [{at, kind: 'operation', turn: 'news', text: `${what} cancelled: ${between(value)}`}];
	}

	return dropped ? [{at, kind: 'operation', turn: 'worse', text: `${what} not done: ${between(value)}`}] : [];
}

export function scheduledRestart(
	name: string,
	was: string | undefined,
	is: string | undefined,
	at: number,
	/** `at` by this machine's clock. */
	clockAt: number,
): Entry[] {
	if (is !== undefined) {
		return [{at, kind: 'operation', turn: 'news', text: `${name}: restart scheduled at ${utc(is)}`}];
	}

	return isBefore(clockAt, was)
		? [
				{
					at,
					kind: 'operation',
					turn: 'news',
					text: `${name}: restart scheduled at ${utc(was ?? '')} cancelled`,
				},
			]
		: [];
}

function isBefore(at: number, scheduledAt: string | undefined): boolean {
	return scheduledAt !== undefined && at < Date.parse(scheduledAt);
}
