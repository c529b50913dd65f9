/** Timeline entries on scheduled switchovers and restarts: requested, cancelled, not done. */
import {utc} from '../../lib/parse-time.ts';
import {type Cluster, clockTime, keyOf} from '../cluster/cluster.ts';
import type {Entry} from '../facts.ts';

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
	return [{at, kind: 'operation', turn: 'news', text: `${what} ${how}: ${between(value)}`}];
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
