/** Follows who led, what each leader is known to have written, and what its successor has of that. Pure. */
import type {ClusterEvent, Event} from '../events.ts';
import {isPrimaryRole} from '../facts.ts';
import type {Target} from '../target.ts';
import {isSeenByRest} from './beliefs.ts';
import {type Cluster, type KnownKey, keyOf} from './cluster.ts';
import {memberOfAnswer} from './identities.ts';
import {dynamicConfig, leaderKey} from './keys.ts';
import {withAnswerOf} from './leader-answers.ts';
import {judgeAll} from './leader-losses.ts';
import {withMembers, withoutReplaced, withWrite} from './leader-writes.ts';
import {
	highest,
	type LeaderChange,
	type LeaderChanges,
	type Leadership,
	type ServerWrites,
	type Write,
} from './loss.ts';

const changesMax = 20;
const serversMax = 8;
/** What was published this long before the leader key was deleted was published with that, ms. */
const releaseMs = 2000;

/** The cluster with what the event shows of its leaders. Nothing is followed in recordings of older consoles. */
export function foldLeaderChanges(
	before: Cluster,
	after: Cluster,
	event: ClusterEvent,
	target: Target,
	at: number,
): Cluster {
	const known = after.leaders;
	if (known === undefined) {
		return after;
	}

	const leaders = foldEvent(known, before, after, event, target, at);
	return leaders === known ? after : {...after, leaders};
}

function foldEvent(
	known: LeaderChanges,
	before: Cluster,
	after: Cluster,
	event: ClusterEvent,
	target: Target,
	at: number,
): LeaderChanges {
	if (event.type === 'probe.answered') {
		return event.write ? addWrite(known, after, event, target, at) : known;
	}

	// Another cluster has other positions.
	const isOther = before.systemId !== undefined && before.systemId !== after.systemId;
	let leaders = isOther ? {...known, current: undefined, servers: [], changes: []} : known;
	if (before.keys !== after.keys || isOther) {
		leaders = addKeys(leaders, before, after, event, at);
	}

	if (event.type === 'patroni.status') {
		leaders = withAnswerOf(withoutReplaced(withMembers(leaders, after, target), at), event, at);
	} else if (event.type === 'sql.status') {
		leaders = withAnswerOf(leaders, event, at);
	} else if (event.type === 'sql.details' && event.member === leaders.current?.leader) {
		return {...leaders, current: withCommit(leaders.current, after)};
	}

	return leaders === known ? known : judgeAll(leaders, after);
}

/** Writes of a server that led until a change are of that change, also those that arrive later. */
function addWrite(
	known: LeaderChanges,
	after: Cluster,
	event: Event & {type: 'probe.answered'},
	target: Target,
	at: number,
): LeaderChanges {
	const {location, serverStartedAt, startedAt, answeredAt = at} = event;
	if (location === undefined || serverStartedAt === undefined) {
		return known;
	}

	const server = `${event.server} ${serverStartedAt}`;
	const write: Write = {location, startedAt, at: Math.min(at, answeredAt)};
	const changed = known.changes.findLastIndex(({servers}) => servers.some(one => one.server === server));
	const change = known.changes[changed];
	// Who leads again without a restart writes for its new leadership.
	const isBack = change !== undefined && change.from.leader === known.current?.leader;
	if (change !== undefined && !isBack) {
		const next = {...change, servers: withWrite(change.servers, server, write)};
		return judgeAll({...known, changes: known.changes.with(changed, next)}, after);
	}

	if (known.servers.some(one => one.server === server)) {
		const next = {...known, servers: withWrite(known.servers, server, write)};
		const moved = withoutReplaced(next, at);
		return moved === next ? next : judgeAll(moved, after);
	}

	const member = memberOfAnswer(after, target, event);
	const earlier = change?.servers.find(one => one.server === server)?.writes ?? [];
	const servers = [...known.servers, {server, member, writes: [...earlier, write]}].slice(-serversMax);
	return judgeAll(withoutReplaced({...known, servers}, at), after);
}

function addKeys(
	known: LeaderChanges,
	before: Cluster,
	after: Cluster,
	event: ClusterEvent,
	at: number,
): LeaderChanges {
	const {current} = known;
	const key = leaderKey(after);
	// A standby cluster's leader writes nothing of its own.
	if (dynamicConfig(after)?.standbyCluster) {
		return known.current === undefined ? known : {...known, current: undefined, servers: []};
	}

	if (key === undefined) {
		const released = current && releasedWith(current, before, after, event, at);
		return released === undefined || current === undefined
			? known
			: {...known, current: {...current, released}};
	}

	if (current?.leader === key.member) {
		return {...known, current: published(withKey(current, key, after), after)};
	}

	const next = withCommit(published(newLeadership(key, after), after), after);
	if (current === undefined) {
		return {...known, current: next};
	}

	const change: LeaderChange = {
		id: known.count + 1,
		at,
		from: current,
		to: key.member,
		store: after.store.generation,
		revision: key.modRevision,
		isSync: current.store === after.store.generation && confirmedEach(after, current.leader, key),
		servers: [],
		end: undefined,
		fork: undefined,
		loss: undefined,
	};
	const isOld = ({member}: ServerWrites) => member === current.leader;
	return {
		current: next,
		servers: known.servers.filter(one => !isOld(one)),
		changes: [...known.changes, {...change, servers: known.servers.filter(isOld)}].slice(-changesMax),
		count: known.count + 1,
	};
}

function newLeadership(key: KnownKey & {member: string}, cluster: Cluster): Leadership {
	return withKey(
		{
			leader: key.member,
			store: cluster.store.generation,
			revision: key.modRevision,
			timeline: undefined,
			begin: undefined,
			positions: [],
			published: undefined,
			released: undefined,
		},
		key,
		cluster,
	);
}

/** With the timeline that the leader publishes as a primary. What it released before it holds the key again is void. */
function withKey(known: Leadership, key: KnownKey & {member: string}, cluster: Cluster): Leadership {
	const own = keyOf(cluster, `members/${key.member}`, 'member');
	const data = own?.value.data;
	// Before it was written again, its key is of an earlier leadership.
	const isPresent = own !== undefined && own.modRevision > key.createRevision;
	const timeline = isPresent && data !== undefined && isPrimaryRole(data.role) ? data.timeline : undefined;
	const {generation} = cluster.store;
	return {
		...known,
		...(known.store === generation ? {} : {store: generation, revision: key.modRevision}),
		timeline: highest(known.timeline, timeline),
		released: undefined,
	};
}

/** Kept here: its source ends with its member key. */
function withCommit(known: Leadership, {sqlDetails}: Cluster): Leadership {
	const synchronousCommit = sqlDetails.get(known.leader)?.value.settings?.synchronous_commit;
	return synchronousCommit === undefined ? known : {...known, synchronousCommit};
}

/** Only the leader writes the key `status`. */
function published(known: Leadership, cluster: Cluster): Leadership {
	const status = keyOf(cluster, 'status', 'status');
	return status === undefined || status.modRevision < known.revision
		? known
		: {...known, published: highest(known.published, status.value.optime)};
}

/**
 * What the leader published as its last act before it deleted the leader key itself: its member key, which has the same
 * lease, is still there. After a clean stop that is where its last record is.
 */
function releasedWith(
	current: Leadership,
	before: Cluster,
	after: Cluster,
	event: ClusterEvent,
	at: number,
): number | undefined {
	const status = keyOf(before, 'status', 'status');
	if (
		event.type !== 'dcs.deleted' ||
		event.path !== 'leader' ||
		leaderKey(before)?.member !== current.leader ||
		!after.keys.has(`members/${current.leader}`) ||
		status?.changed === undefined ||
		at - status.changed.at > releaseMs
	) {
		return undefined;
	}

	// Other members may put their own keys at any moment.
	const isLast = [...before.keys.values()].every(
		({value, modRevision}) => value.kind === 'member' || modRevision <= status.modRevision,
	);
	return isLast ? status.value.optime : undefined;
}

/**
 * The key `sync`, as it was when the new leader took the leader key, names the new one as a standby of the old one. Patroni
 * removes a member there before commits stop waiting for it. Of a quorum, not each one confirms each commit. Whether commits
 * wait at all, `synchronous_commit` says.
 */
function confirmedEach(cluster: Cluster, old: string, key: KnownKey & {member: string}): boolean {
	const sync = keyOf(cluster, 'sync', 'sync');
	const isOn = (dynamicConfig(cluster)?.synchronousMode ?? 'off') !== 'off';
	return (
		isOn &&
		!isSeenByRest(cluster) &&
		sync !== undefined &&
		sync.modRevision < key.createRevision &&
		sync.value.leader === old &&
		sync.value.quorum === 0 &&
		sync.value.standbys.some(name => name.toLowerCase() === key.member.toLowerCase())
	);
}

/** The cluster with an operator's note on a loss; unchanged if it does not have that change. */
export function acknowledgeLoss(
	cluster: Cluster,
	id: number,
	acknowledged: {at: number; reason: string},
): Cluster {
	const {leaders} = cluster;
	const index = leaders?.changes.findIndex(one => one.id === id) ?? -1;
	const change = leaders?.changes[index];
	return leaders === undefined || change === undefined
		? cluster
		: {...cluster, leaders: {...leaders, changes: leaders.changes.with(index, {...change, acknowledged})}};
}
