/** What happened, told by comparing the cluster before and after one event: leader, VIP, members, sync standby, etcd, sights. */
import {type Cluster, type KnownKey, keyOf} from './cluster.ts';
import type {DcsValue, MemberKey} from './dcs.ts';
import type {SourceId} from './events.ts';
import {dynamicConfig, leaderKey, syncStandbys, type Target} from './topology.ts';

export type EntryKind = 'leader' | 'vip' | 'member' | 'timeline' | 'sync' | 'etcd' | 'operation' | 'sight';

export type Entry = {
	/** Unix ms. */
	at: number;
	kind: EntryKind;
	/** `better` and `worse` as seen from a healthy cluster; `news` for what is neither. */
	turn: 'better' | 'worse' | 'news';
	text: string;
};

/** More than an operator ever scrolls through; older entries go. */
const longest = 1000;

/** The timeline with what one event added to it. */
export function foldTimeline(
	timeline: readonly Entry[],
	before: Cluster,
	after: Cluster,
	target: Target,
	at: number,
): readonly Entry[] {
	if (before === after) {
		return timeline;
	}

	const added = [
		// What the first read shows was so before: it did not happen now.
		...(before.read === undefined ? [] : keyEntries(before, after, at)),
		...vipEntries(before, after, target, at),
		...etcdEntries(before, after, at),
		...sightEntries(before, after, at),
	];
	return added.length === 0 ? timeline : [...timeline, ...added].slice(-longest);
}

function keyEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	if (before.keys === after.keys) {
		return [];
	}

	return [
		...leaderEntries(before, after, at),
		...syncEntries(before, after, at),
		...configEntries(before, after, at),
		...memberEntries(before, after, at),
	];
}

function leaderEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	const was = leaderKey(before);
	const is = leaderKey(after);
	if (was?.createRevision === is?.createRevision && was?.member === is?.member) {
		return [];
	}

	if (is === undefined) {
		return [
			{at, kind: 'leader', turn: 'worse', text: `leader key gone, it was ${was?.member ?? 'unknown'}'s`},
		];
	}

	const gone = before.gone.leader;
	const pause =
		was === undefined && gone?.live ? `, nobody for ${((at - gone.since) / 1000).toFixed(1)} s` : '';
	const from = was?.member ?? lastLeader(before);
	const text =
		from === undefined || from === is.member
			? `leader key: ${is.member}`
			: `leader key: ${from} → ${is.member}`;
	return [{at, kind: 'leader', turn: 'better', text: `${text}${pause}`}];
}

/** Whom Patroni last wrote down as synchronous leader: the one who held the key before it went. */
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
				},
			];
}

function configEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	const entries: Entry[] = [];
	const was = dynamicConfig(before)?.pause;
	const is = dynamicConfig(after)?.pause;
	if (was !== undefined && is !== undefined && was !== is) {
		entries.push({at, kind: 'operation', turn: is ? 'worse' : 'better', text: is ? 'paused' : 'resumed'});
	}

	const asked = keyOf(after, 'failover', 'failover');
	if (asked && asked.modRevision !== before.keys.failover?.modRevision) {
		const {leader, candidate, scheduledAt} = asked.value;
		if (leader !== undefined || candidate !== undefined) {
			const when = scheduledAt === undefined ? '' : ` at ${scheduledAt}`;
			const what = leader === undefined ? 'failover' : 'switchover';
			entries.push({
				at,
				kind: 'operation',
				turn: 'news',
				text: `${what} asked for${when}: ${leader ?? 'any'} → ${candidate ?? 'any'}`,
			});
		}
	}

	return entries;
}

function memberEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	const names = new Set([...memberNames(before), ...memberNames(after)]);
	return [...names].sort().flatMap(name => {
		const was = keyOf(before, `members/${name}`, 'member');
		const is = keyOf(after, `members/${name}`, 'member');
		return was === is ? [] : oneMember(name, was, is, at);
	});
}

type MemberEntry = (KnownKey & {value: Extract<DcsValue, {kind: 'member'}>}) | undefined;

function oneMember(name: string, was: MemberEntry, is: MemberEntry, at: number): Entry[] {
	if (is === undefined) {
		return [{at, kind: 'member', turn: 'worse', text: `${name}: its key in etcd is gone`}];
	}

	const now = is.value.data;
	if (was === undefined) {
		return [{at, kind: 'member', turn: 'better', text: `${name}: its key in etcd is there: ${stateOf(now)}`}];
	}

	const then = was.value.data;
	const entries: Entry[] = [];
	if (stateOf(then) !== stateOf(now)) {
		const turn = ['running', 'streaming'].includes(stateOf(now)) ? 'better' : 'worse';
		entries.push({at, kind: 'member', turn, text: `${name}: ${stateOf(then)} → ${stateOf(now)}`});
	}

	if (then.timeline !== now.timeline && now.timeline !== undefined) {
		entries.push({
			at,
			kind: 'timeline',
			turn: 'news',
			text: `${name}: timeline ${then.timeline ?? '?'} → ${now.timeline}`,
		});
	}

	if (then.pendingRestart !== now.pendingRestart) {
		entries.push({
			at,
			kind: 'member',
			turn: now.pendingRestart ? 'worse' : 'better',
			text: `${name}: restart ${now.pendingRestart ? 'pending' : 'no longer pending'}`,
		});
	}

	return entries;
}

function stateOf(data: MemberKey): string {
	return data.replicationState || data.state;
}

function memberNames(cluster: Cluster): string[] {
	return Object.values(cluster.keys).flatMap(({value}) => (value.kind === 'member' ? [value.name] : []));
}

function vipEntries(before: Cluster, after: Cluster, target: Target, at: number): Entry[] {
	if (target.vip === undefined || before.addresses === after.addresses) {
		return [];
	}

	return Object.keys(after.addresses).flatMap((node): Entry[] => {
		// The first look at a node tells what is, not what happened.
		const known = before.addresses[node];
		const had = known?.value.some(({ip}) => ip === target.vip);
		const has = after.addresses[node]?.value.some(({ip}) => ip === target.vip) ?? false;
		const unseen = before.sights[`vip:${node}`]?.state === 'seen' ? '' : ' while it was out of sight';
		return had === undefined || had === has
			? []
			: [
					{
						at,
						kind: 'vip',
						turn: has ? 'better' : 'worse',
						text: `VIP ${has ? 'arrived on' : 'left'} ${node}${unseen}`,
					},
				];
	});
}

function etcdEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	if (before.etcd.status === after.etcd.status) {
		return [];
	}

	const was = raftLeader(before);
	const is = raftLeader(after);
	return was === undefined || is === undefined || was === is
		? []
		: [
				{
					at,
					kind: 'etcd',
					turn: 'news',
					text: `etcd's raft leader: ${nameOf(after, was)} → ${nameOf(after, is)}`,
				},
			];
}

/** As the member with the highest term says, which is the newest word. */
function raftLeader(cluster: Cluster): string | undefined {
	const [newest] = Object.values(cluster.etcd.status)
		.map(({value}) => value)
		.sort((a, b) => b.raftTerm - a.raftTerm);
	return newest?.raftLeader;
}

function nameOf(cluster: Cluster, id: string): string {
	return cluster.etcd.members?.value.find(member => member.id === id)?.name ?? id;
}

const sightNames: Readonly<Record<string, (rest: string, cluster: Cluster) => string>> = {
	etcd: endpointName,
	patroni: rest => `${rest}: REST`,
	vip: rest => `${rest}: SSH`,
};

function endpointName(endpoint: string, cluster: Cluster): string {
	const id = cluster.etcd.status[endpoint]?.value.memberId;
	return `etcd ${id === undefined ? new URL(endpoint).hostname : nameOf(cluster, id)}`;
}

function sightEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	if (before.sights === after.sights) {
		return [];
	}

	return [
		...quorumEntries(before, after, at),
		...Object.keys(after.sights).flatMap(source => oneSight(source as SourceId, before, after, at)),
	];
}

function oneSight(source: SourceId, before: Cluster, after: Cluster, at: number): Entry[] {
	const was = before.sights[source];
	const is = after.sights[source];
	const colon = source.indexOf(':');
	const name = sightNames[source.slice(0, colon)]?.(source.slice(colon + 1), after);
	if (name === undefined || was?.state === is?.state) {
		return [];
	}

	if (is?.state === 'lost') {
		return [{at, kind: 'sight', turn: 'worse', text: `${name} lost: ${is.reason}`}];
	}

	return was?.state === 'lost' && is?.state === 'seen'
		? [
				{
					at,
					kind: 'sight',
					turn: 'better',
					text: `${name} in sight again after ${Math.round((at - was.since) / 1000)} s`,
				},
			]
		: [];
}

/** Linearizable reads: while one endpoint serves them there is a quorum. */
function quorumEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	const reads = (cluster: Cluster) =>
		Object.entries(cluster.sights).some(
			([source, sight]) => source.startsWith('dcs:') && sight?.state === 'seen',
		);
	const [was, is] = [reads(before), reads(after)];
	return before.read === undefined || was === is
		? []
		: [
				{
					at,
					kind: 'etcd',
					turn: is ? 'better' : 'worse',
					text: is ? 'etcd is read again' : 'etcd can no longer be read',
				},
			];
}
