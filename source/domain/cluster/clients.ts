/** Clients before and after a change of leader, counted by application, user and address. Pure. */
import type {Cluster} from './cluster.ts';
import {isFresh, unavailableReason} from './freshness.ts';
import {leaderKey} from './keys.ts';
import {type Application, type Clients, mayBeCut} from './postgres.ts';

/** A client for people: `shop-web (app from 10.73.0.21)`. */
export function clientName({application, user, address}: Omit<Application, 'sessions'>): string {
	const from = address === undefined ? '' : ` from ${address}`;
	return `${application === '' ? 'no application name' : application} (${user}${from})`;
}

/** Keeps the last count of the leader before, once another member has the leader key. */
export function foldClients(before: Cluster, after: Cluster, at: number): Cluster {
	if (before.keys === after.keys && before.sql === after.sql) {
		return after;
	}

	const leader = leaderKey(after)?.member;
	if (leader === undefined) {
		return after;
	}

	const changed = afterChange(after.clients, leader, at);
	const known = after.sql.get(leader);
	// A leader that is not promoted yet still has its readers alone.
	const counts =
		known !== undefined &&
		known !== before.sql.get(leader) &&
		!known.value.inRecovery &&
		known.value.applications !== undefined;
	const clients = counts
		? {...changed, counted: {member: leader, applications: known.value.applications ?? [], at: known.at}}
		: changed;
	return clients === after.clients ? after : {...after, clients};
}

function afterChange(clients: Clients, leader: string, changedAt: number): Clients {
	const {counted, before} = clients;
	return counted !== undefined && counted.member !== leader
		? {before: {...counted, to: leader, changedAt}}
		: counted === undefined && before !== undefined && before.to !== leader
			? // The leader in between was never counted.
				{before: {...before, to: leader, changedAt}}
			: clients;
}

/** Sessions of one application, user and address before the change, and now. */
export type Returning = Application & {
	/** On the leader now; undefined where it is not known how many are back. */
	now: number | undefined;
	/** As many of these came back from other addresses by their number. */
	fromElsewhere: number;
	/** Before the change and not since. */
	missing: number;
	/** On the leader before, now; undefined where that is not known. */
	onFormer: number | undefined;
};

export type AfterChange = {
	from: string;
	to: string;
	changedAt: number;
	countedAt: number;
	/** There may have been other clients: only those with the most sessions were counted. */
	isCut: boolean;
	returning: readonly Returning[];
	/** Why the sessions on the leader are not known now. */
	whyUnknown: string | undefined;
	/** As `whyUnknown`, of the leader before. */
	whyFormerUnknown: string | undefined;
};

/** A change is compared for so long, ms: later other clients have come and gone. */
const comparedForMs = 3_600_000;

/** Undefined where no change was seen, or long ago. */
export function afterChangeOfLeader(cluster: Cluster, now: number): AfterChange | undefined {
	const {before} = cluster.clients;
	if (before === undefined || now - before.changedAt > comparedForMs) {
		return undefined;
	}

	const {member: from, to, changedAt, applications, at: countedAt} = before;
	const onLeader = applicationsNow(cluster, to, now);
	const onFormer = applicationsNow(cluster, from, now);
	const isLeading = cluster.clients.counted?.member === to;
	const present = isLeading ? onLeader.applications : undefined;
	return {
		from,
		to,
		changedAt,
		countedAt,
		isCut: mayBeCut(applications),
		returning:
			present === undefined
				? unknown(applications, onFormer.applications)
				: compared(applications, present, onFormer.applications),
		whyUnknown: onLeader.why ?? (isLeading ? undefined : 'it has not answered as primary yet'),
		whyFormerUnknown: onFormer.why,
	};
}

type Present =
	| {applications: readonly Application[]; why?: undefined}
	| {applications?: undefined; why: string};

function applicationsNow({sql, sourceStatuses}: Cluster, member: string, now: number): Present {
	const source = `sql:${member}` as const;
	const status = sourceStatuses.get(source);
	const applications = sql.get(member)?.value.applications;
	return !isFresh(status, source, now)
		? {why: unavailableReason(status, source, now) ?? 'not asked'}
		: applications === undefined
			? {why: 'needs pg_monitor'}
			: {applications};
}

/** Undefined where it is not known, as of one that a list which may be cut does not have. */
function sessionsOf(all: readonly Application[] | undefined, one: Application): number | undefined {
	const same = all?.filter(other => isSame(one, other)) ?? [];
	return all === undefined || (same.length === 0 && mayBeCut(all))
		? undefined
		: same.reduce((sum, {sessions}) => sum + sessions, 0);
}

function isSame(one: Application, other: Application): boolean {
	return isAlike(one, other) && one.address === other.address;
}

/** The same application and user, from anywhere: behind a proxy another one may have its clients now. */
function isAlike(one: Application, other: Application): boolean {
	return one.application === other.application && one.user === other.user;
}

function unknown(before: readonly Application[], former: readonly Application[] | undefined): Returning[] {
	return before.map(one => ({
		...one,
		now: undefined,
		fromElsewhere: 0,
		missing: 0,
		onFormer: sessionsOf(former, one),
	}));
}

function compared(
	before: readonly Application[],
	present: readonly Application[],
	former: readonly Application[] | undefined,
): Returning[] {
	/** By application and user: sessions from addresses that had fewer, or none, before. */
	const more = new Map<string, number>();
	/** Those of which it is not known whether their address had fewer before. */
	const unclear = new Set<string>();
	for (const one of present) {
		const key = JSON.stringify([one.application, one.user]);
		const had = sessionsOf(before, one);
		if (had === undefined) {
			unclear.add(key);
		} else {
			more.set(key, (more.get(key) ?? 0) + Math.max(0, one.sessions - had));
		}
	}

	return before.map(one => {
		const key = JSON.stringify([one.application, one.user]);
		const onFormer = sessionsOf(former, one);
		const now = sessionsOf(present, one);
		const gone = Math.max(0, one.sessions - (now ?? 0));
		const fromElsewhere = Math.min(gone, more.get(key) ?? 0);
		const missing = gone - fromElsewhere;
		// Others may be back from an address that is not listed now, or was not before.
		if (now === undefined || (missing > 0 && (mayBeCut(present) || unclear.has(key)))) {
			return {...one, now: undefined, fromElsewhere: 0, missing: 0, onFormer};
		}

		more.set(key, (more.get(key) ?? 0) - fromElsewhere);
		return {...one, now, fromElsewhere, missing, onFormer};
	});
}
