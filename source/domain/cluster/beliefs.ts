/**
 * Who leads, where the DCS is not read: by what each member believes (GET /cluster), whether it reaches the DCS, and
 * what the leader answers itself (GET /patroni). Pure.
 */
import {isPrimaryRole} from '../facts.ts';
import {type Cluster, type KnownStatus, type KnownView, keyOf} from './cluster.ts';
import {leaderIn, originOf} from './cluster-view.ts';
import {isFresh} from './freshness.ts';
import {publishedForMs} from './published.ts';

/** Whether a member reaches the DCS, by its own clock. `silentMs`: since it last did, at least. */
export type DcsContact = {state: 'reached' | 'lost' | 'unknown'; silentMs: number | undefined};

/** What the member at one address believes. */
export type Belief = {
	origin: string;
	/** The member at this address; undefined if no member publishes it. */
	member: string | undefined;
	/** The holder of the leader key, as it last read it. */
	leader: string | undefined;
	/** When it said so, Unix ms. */
	at: number;
	/** It answers now. */
	isFresh: boolean;
	dcs: DcsContact;
	/** It answers now and reaches the DCS: what it believes is at most one loop old. */
	counts: boolean;
	view: KnownView;
};

/**
 * `known`: who leads now, or that no member does. `unknown`: `why`: `silent`: no member answers; `cut-off`: none that
 * answers is known to reach the DCS; `unconfirmed`: the member that is named does not confirm it; `contradicted`:
 * several are named, or another member reports that it is primary.
 */
export type RestLeadership =
	| {state: 'known'; leader: string | undefined}
	| {state: 'unknown'; why: 'silent' | 'cut-off' | 'unconfirmed' | 'contradicted'};

/** Whether the keys are put together from what members say. */
export function isSeenByRest({views}: Pick<Cluster, 'views'>): boolean {
	return views.size > 0;
}

/** Whole seconds of `dcs_last_seen` and of the header Date, ms. */
const secondMs = 1000;

export function dcsContact(cluster: Cluster, member: string | undefined, now: number): DcsContact {
	const known = member === undefined ? undefined : freshStatus(cluster, member, now);
	const {dcsLastSeen, serverTime} = known?.value ?? {};
	if (known === undefined || dcsLastSeen === undefined || serverTime === undefined) {
		return {state: 'unknown', silentMs: undefined};
	}

	const silentMs = Math.max(0, serverTime - dcsLastSeen * secondMs) + Math.max(0, now - known.at);
	const config = keyOf(cluster, 'config', 'config')?.value.config;
	return {state: silentMs <= publishedForMs(config) + secondMs ? 'reached' : 'lost', silentMs};
}

/** The member's own answer of now. */
export function freshStatus(cluster: Cluster, member: string, now: number): KnownStatus | undefined {
	const source = `patroni:${member}` as const;
	return isFresh(cluster.sourceStatuses.get(source), source, now) ? cluster.patroni.get(member) : undefined;
}

const known = new WeakMap<Cluster, {now: number; beliefs: readonly Belief[]; leadership: RestLeadership}>();

/** Sorted by member, those at addresses of no member last. */
export function beliefs(cluster: Cluster, now: number): readonly Belief[] {
	return judged(cluster, now).beliefs;
}

export function restLeadership(cluster: Cluster, now: number): RestLeadership {
	return judged(cluster, now).leadership;
}

function judged(cluster: Cluster, now: number) {
	const before = known.get(cluster);
	if (before?.now === now) {
		return before;
	}

	const all = findBeliefs(cluster, now);
	const value = {now, beliefs: all, leadership: judgeLeadership(cluster, all, now)};
	known.set(cluster, value);
	return value;
}

function findBeliefs(cluster: Cluster, now: number): Belief[] {
	const byOrigin = membersByOrigin(cluster);
	return [...cluster.views]
		.map(([origin, view]): Belief => {
			const source = `view:${origin}` as const;
			const fresh = isFresh(cluster.sourceStatuses.get(source), source, now);
			const member = byOrigin.get(origin);
			const dcs = dcsContact(cluster, member, now);
			return {
				origin,
				member,
				leader: leaderIn(view.value),
				at: view.at,
				isFresh: fresh,
				dcs,
				counts: fresh && dcs.state === 'reached',
				view,
			};
		})
		.sort((a, b) => compare(a.member, b.member) || compare(a.origin, b.origin));
}

function compare(a: string | undefined, b: string | undefined): number {
	return a === b ? 0 : a === undefined ? 1 : b === undefined ? -1 : a < b ? -1 : 1;
}

/** By the addresses that members publish, in the keys and in every view; two members with one address are neither. */
function membersByOrigin(cluster: Cluster): ReadonlyMap<string, string | undefined> {
	const found = new Map<string, string | undefined>();
	const add = (name: string, url: string | undefined) => {
		const origin = originOf(url);
		if (origin !== undefined) {
			found.set(origin, found.has(origin) && found.get(origin) !== name ? undefined : name);
		}
	};

	for (const {value} of cluster.keys.values()) {
		if (value.kind === 'member') {
			add(value.name, value.data.apiUrl);
		}
	}

	for (const {value} of cluster.views.values()) {
		for (const {name, data} of value.members) {
			if (cluster.keys.get(`members/${name}`) === undefined) {
				add(name, data.apiUrl);
			}
		}
	}

	return found;
}

function judgeLeadership(cluster: Cluster, all: readonly Belief[], now: number): RestLeadership {
	if (!all.some(one => one.isFresh)) {
		return {state: 'unknown', why: 'silent'};
	}

	const counted = all.filter(({counts}) => counts);
	if (counted.length === 0) {
		return {state: 'unknown', why: 'cut-off'};
	}

	const named = new Set(counted.flatMap(({leader}) => leader ?? []));
	const primaries = primariesNow(cluster, now);
	if (named.size === 0) {
		return primaries.length === 0
			? {state: 'known', leader: undefined}
			: {state: 'unknown', why: 'contradicted'};
	}

	const confirmed = [...named].filter(name => confirms(cluster, all, name, now));
	const [leader] = confirmed;
	if (confirmed.length !== 1 || leader === undefined) {
		return {state: 'unknown', why: named.size > 1 || confirmed.length > 1 ? 'contradicted' : 'unconfirmed'};
	}

	return primaries.every(name => name === leader)
		? {state: 'known', leader}
		: {state: 'unknown', why: 'contradicted'};
}

/** Members that answer now that they are primary. */
export function primariesNow(cluster: Cluster, now: number): string[] {
	return [...cluster.patroni.keys()].filter(name =>
		isPrimaryRole(freshStatus(cluster, name, now)?.value.role ?? ''),
	);
}

/**
 * The member answers now that it leads, and has reached the DCS within its last loop, so that its lease has not run out;
 * and it does not name another leader itself.
 */
export function confirms(cluster: Cluster, all: readonly Belief[], name: string, now: number): boolean {
	const status = freshStatus(cluster, name, now);
	const own = all.filter(one => one.member === name && one.isFresh);
	return (
		status !== undefined &&
		(isPrimaryRole(status.value.role) || status.value.role === 'standby_leader') &&
		dcsContact(cluster, name, now).state === 'reached' &&
		own.every(({leader}) => leader === name)
	);
}
