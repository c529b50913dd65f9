import {utc} from '../../lib/parse-time.ts';
import {type Cluster, clockTime, keyOf} from '../cluster/cluster.ts';
import type {Entry} from './entry.ts';

export function switchoverEntries(before: Cluster, after: Cluster, at: number): Entry[] {
	const was = keyOf(before, 'failover', 'failover');
	const is = keyOf(after, 'failover', 'failover');
	if (before.store.generation !== after.store.generation) {
		return was?.value.scheduledAt === undefined || is?.value.scheduledAt !== undefined
			? []
			: [lost(was.value, at)];
	}

	if (is?.modRevision === was?.modRevision) {
		return [];
	}

	return [
		...(was?.value.scheduledAt === undefined || is?.value.scheduledAt !== undefined
			? []
			: ended(
					was.value,
					before.dropped !== after.dropped && after.dropped !== undefined,
					at,
					clockTime(after, at),
				)),
		...(is === undefined ? [] : asked(is.value, at)),
	];
}

type Asked = {leader: string | undefined; candidate: string | undefined; scheduledAt: string | undefined};

function between({leader, candidate}: Asked): string {
	return `${leader ?? 'any'} → ${candidate ?? 'any'}`;
}

function asked(value: Asked, at: number): Entry[] {
	const {leader, candidate, scheduledAt} = value;
	if (leader === undefined && candidate === undefined) {
		return [];
	}

	const when = scheduledAt === undefined ? '' : ` at ${utc(scheduledAt)}`;
	const what = leader === undefined ? 'failover' : 'switchover';
	return [{at, kind: 'operation', turn: 'news', text: `${what} asked for${when}: ${between(value)}`}];
}

/** It was not taken back: the store that held it is no longer there. */
function lost(value: Asked, at: number): Entry {
	const what = `the switchover scheduled at ${utc(value.scheduledAt ?? '')}`;
	return {
		at,
		kind: 'operation',
		turn: 'worse',
		text: `${what} is not in the new etcd store: ${between(value)}`,
	};
}

/** Before its time it was taken back; after it, it was done, or else let go. */
function ended(value: Asked, dropped: boolean, at: number, clockAt: number): Entry[] {
	const what = `the switchover scheduled at ${utc(value.scheduledAt ?? '')}`;
	if (isBefore(clockAt, value.scheduledAt)) {
		return [{at, kind: 'operation', turn: 'news', text: `${what} was taken back: ${between(value)}`}];
	}

	return dropped
		? [{at, kind: 'operation', turn: 'worse', text: `${what} was let go, and not done: ${between(value)}`}]
		: [];
}

export function scheduledRestart(
	name: string,
	was: string | undefined,
	is: string | undefined,
	at: number,
	/** The same by this machine's clock. */
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
					text: `${name}: the restart scheduled at ${utc(was ?? '')} was taken back`,
				},
			]
		: [];
}

function isBefore(at: number, scheduledAt: string | undefined): boolean {
	return scheduledAt !== undefined && at < Date.parse(scheduledAt);
}
