/**
 * Puts the keys together from what members say over REST, so that everything else reads one model. A key's revision is
 * a count of the changes that this console saw.
 */
import {withEntry} from '../../lib/json.ts';
import type {Event} from '../events.ts';
import {isPrimaryRole} from '../facts.ts';
import {type Belief, beliefs, isSeenByRest, restLeadership} from './beliefs.ts';
import {type Cluster, type KnownView, keyOf} from './cluster.ts';
import {leaderIn} from './cluster-view.ts';
import type {DcsValue} from './dcs.ts';
import {deleteKey, putKey} from './dcs-reducer.ts';
import {latenessOf} from './freshness.ts';
import {objectOf} from './source-kinds.ts';

export function foldView(before: Cluster, event: Event & {type: 'cluster.seen'}, at: number): Cluster {
	const origin = objectOf(event.source);
	const last = before.views.get(origin);
	const seenAt = at - latenessOf(event);
	const {config, history} = event.extras ?? {};
	const view: KnownView = {
		value: event.view,
		at: seenAt,
		source: event.source,
		config: config === undefined ? last?.config : {value: config, at: seenAt},
		history: history === undefined ? last?.history : {value: history, at: seenAt},
	};
	return withKeysOfViews({...before, views: withEntry(before.views, origin, view)}, at);
}

/** The cluster with the keys as members see them now. Who leads stays as last known while it is not known. */
export function withKeysOfViews(before: Cluster, at: number): Cluster {
	if (!isSeenByRest(before)) {
		return before;
	}

	let cluster = withListed(before, at);
	const leadership = restLeadership(cluster, at);
	if (leadership.state === 'unknown') {
		return cluster;
	}

	const {leader} = leadership;
	cluster =
		leader === undefined
			? without(cluster, 'leader', at)
			: withValue(cluster, 'leader', {kind: 'leader', member: leader}, at);
	const best = bestView(cluster, at);
	return best === undefined
		? cluster
		: {...cluster, read: {value: lastRevision(cluster), at: best.at, source: best.view.source}};
}

/** Everything but who leads, from the best view. */
function withListed(before: Cluster, at: number): Cluster {
	const best = bestView(before, at);
	if (best === undefined) {
		return before;
	}

	const values = valuesOf(before, best, at);
	let cluster = before;
	for (const [path, value] of values) {
		cluster = withValue(cluster, path, value, at);
	}

	for (const [path, {value}] of cluster.keys) {
		const isListed = value.kind === 'member' || value.kind === 'failover' || value.kind === 'sync';
		if (isListed && !values.has(path)) {
			cluster = without(cluster, path, at);
		}
	}

	return cluster;
}

/**
 * The view to believe: of a member that reaches the DCS rather than one that does not, then of the leader itself, then the
 * newest. Where none reaches the DCS, what is known stays; only a console that knows nothing yet takes any, to find the
 * members, however late it arrived.
 */
function bestView(cluster: Cluster, at: number): Belief | undefined {
	const known = beliefs(cluster, at);
	const counted = known.filter(({counts}) => counts);
	const hasMembers = [...cluster.keys.values()].some(({value}) => value.kind === 'member');
	const fresh = known.filter(one => one.isFresh);
	const any = fresh.length > 0 ? fresh : hasMembers ? [] : known;
	const all = counted.length > 0 || (hasMembers && cluster.read !== undefined) ? counted : any;
	const rank = (one: Belief) => (one.member !== undefined && one.member === one.leader ? 1 : 0);
	return all.toSorted((a, b) => rank(b) - rank(a) || b.at - a.at || (a.origin < b.origin ? -1 : 1))[0];
}

function valuesOf(cluster: Cluster, {view: {value}, view: own}: Belief, at: number): Map<string, DcsValue> {
	const values = new Map<string, DcsValue>();
	const leader = leaderIn(value);
	for (const {name, role, data} of value.members) {
		// Patroni renamed the role in 4.0; the list has a word of its own.
		const answered = cluster.patroni.get(name)?.value.role ?? '';
		const primary = isPrimaryRole(answered) ? answered : 'primary';
		values.set(`members/${name}`, {
			kind: 'member',
			name,
			data: {
				...data,
				role: role === 'leader' ? primary : role === 'standby_leader' ? role : 'replica',
				// The list has neither; both are the member's own answer.
				version: cluster.patroni.get(name)?.value.version,
				pause: cluster.patroni.get(name)?.value.pause ?? false,
			},
		});
	}

	const standbys = value.members.flatMap(({name, role}) =>
		/^(sync|quorum)_standby$/.test(role) ? [name] : [],
	);
	// While it is not known who leads, or none does, the last leader may come back.
	const leadership = restLeadership(cluster, at);
	const last = keyOf(cluster, 'sync', 'sync')?.value.leader;
	const syncLeader = (leadership.state === 'known' ? leadership.leader : undefined) ?? last ?? leader;
	values.set('sync', {kind: 'sync', leader: syncLeader, standbys, quorum: 0});
	if (value.scheduled !== undefined) {
		const {at: scheduledAt, from, to} = value.scheduled;
		values.set('failover', {kind: 'failover', leader: from, candidate: to, scheduledAt});
	}

	const newest = <T>(pick: (one: KnownView) => {value: T; at: number} | undefined): T | undefined => {
		const others = beliefs(cluster, at).flatMap(one => (one.counts ? (pick(one.view) ?? []) : []));
		const all = others.length > 0 ? others : [pick(own) ?? []].flat();
		return all.toSorted((a, b) => b.at - a.at)[0]?.value;
	};
	const config = newest(one => one.config);
	if (config !== undefined) {
		values.set('config', {kind: 'config', config: {...config, pause: value.pause}});
	}

	const history = newest(one => one.history);
	if (history !== undefined) {
		values.set('history', {kind: 'history', lines: history});
	}

	const systemId = systemIdOf(cluster, leader);
	if (systemId !== undefined) {
		values.set('initialize', {kind: 'initialize', systemId});
	}

	return values;
}

/** The leader's system identifier, else the one that all members report. */
function systemIdOf({patroni}: Cluster, leader: string | undefined): string | undefined {
	const own = leader === undefined ? undefined : patroni.get(leader)?.value.systemId;
	const all = new Set([...patroni.values()].flatMap(({value}) => value.systemId || []));
	return own || (all.size === 1 ? [...all][0] : undefined);
}

function lastRevision({keys, gone}: Cluster): number {
	return Math.max(
		0,
		...[...keys.values()].map(({modRevision}) => modRevision),
		...[...gone.values()].map(({revision}) => revision),
	);
}

function withValue(cluster: Cluster, path: string, value: DcsValue, at: number): Cluster {
	const known = cluster.keys.get(path);
	if (known !== undefined && isSame(known.value, value)) {
		return cluster;
	}

	const revision = lastRevision(cluster) + 1;
	const isSameHolder =
		known?.value.kind === 'leader' && value.kind === 'leader'
			? known.value.member === value.member
			: known !== undefined;
	return putKey(
		cluster,
		{
			path,
			value,
			createRevision: isSameHolder && known !== undefined ? known.createRevision : revision,
			modRevision: revision,
			lease: undefined,
		},
		at,
		cluster.read !== undefined,
	);
}

function without(cluster: Cluster, path: string, at: number): Cluster {
	return cluster.keys.has(path)
		? deleteKey(cluster, path, lastRevision(cluster) + 1, at, cluster.read !== undefined)
		: cluster;
}

/** Compares as JSON: recorded events lack properties that are undefined. */
function isSame(a: DcsValue, b: DcsValue): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}
