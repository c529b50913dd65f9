/** Operations in progress: of this console, and those of others that leave a trace. Their effects follow from them. */
import {type Cluster, keyOf} from '../cluster/cluster.ts';
import {dcsIsRead} from '../cluster/keys.ts';
import {members} from '../cluster/members.ts';
import type {Effect} from '../operations/types.ts';
import type {FindingId} from './advice.ts';

/** An operation that this console runs. */
export type OwnOperation = Effect & {
	/** `switchover pgdb1 → pgdb2` */
	text: string;
	/** The operator; undefined if a recording does not have one. */
	by: string | undefined;
	/** When it was confirmed, Unix ms. */
	at: number;
	/** `taken`: another member leads, and clients do not follow yet. `ended`: for its trace, which may stay. */
	state: 'open' | 'unknown' | 'taken' | 'ended';
	/** Since when it is in this state, Unix ms. */
	stateAt: number;
	/** The last step that was seen. */
	step: string | undefined;
};

export type RunningOperation = OwnOperation & {
	/** Where an operation of another client is seen; undefined for one of this console. */
	trace: 'failover' | 'state' | undefined;
	/** Keys of findings that held before it began: they do not follow from it. */
	heldBefore: readonly string[];
};

export const noRunning: readonly RunningOperation[] = [];

/** How long effects follow from an operation whose result is unknown, or that clients do not follow; ms. */
const overdueMs = 60_000;
/** Patroni deletes the key of a switchover that it does not do within this time, ms. */
const traceMaxMs = 60_000;

/** Of each finding: since when it holds, and when it last held; `at` is the time of the last look. */
type History = {at: number; known: ReadonlyMap<string, {at: number; since: number}>};

/** All operations in progress. `history`: since when findings hold. */
export function findRunning(
	own: readonly OwnOperation[],
	cluster: Cluster,
	now: number,
	history: History,
): readonly RunningOperation[] {
	const ours = own.filter(({state}) => state !== 'ended').map((one): Trace => ({...one, trace: undefined}));
	// A later operation replaces an earlier one of its kind whose result is unknown.
	const latest = ours.filter((one, index) => !ours.slice(index + 1).some(other => isSame(one, other)));
	const all = [...latest, ...tracesOf(cluster, now).filter(trace => !own.some(one => isTraceOf(trace, one)))];
	return all.length === 0
		? noRunning
		: all.map(one => ({
				...one,
				heldBefore: [...history.known].flatMap(([key, known]) =>
					known.at === history.at && known.since < one.at ? [key] : [],
				),
			}));
}

/** The name of its finding. */
export function nameOf({kind, members, node, service}: OwnOperation): {
	id: FindingId;
	about?: string;
	part?: string;
} {
	switch (kind) {
		case 'handover': {
			return {id: 'switchover.running'};
		}

		case 'restart': {
			return {id: 'restart.running', about: members[0] ?? ''};
		}

		case 'reinitialize': {
			return {id: 'reinitialize.running', about: members[0] ?? ''};
		}

		case 'service': {
			return {id: 'service.restarting', about: node ?? '', part: service ?? ''};
		}
	}
}

/** Whether it is in progress now: its trace, or its result, may have changed since it was found. */
export function isRunningNow(one: RunningOperation, cluster: Cluster, now: number): boolean {
	return one.trace === undefined
		? one.state === 'open' || now - one.stateAt <= overdueMs
		: tracesOf(cluster, now).some(trace => isSame(one, trace) && trace.at === one.at);
}

function isTraceOf(trace: Trace, one: OwnOperation): boolean {
	return (
		isSame(one, trace) && (one.state !== 'ended' || (one.at <= trace.at && trace.at - one.at <= traceMaxMs))
	);
}

/** Several members may be restarted at once; there is one leader key. */
function isSame(a: Trace | OwnOperation, b: Trace | OwnOperation): boolean {
	return (
		a.kind === b.kind &&
		a.node === b.node &&
		a.service === b.service &&
		(a.kind === 'handover' || a.members[0] === b.members[0])
	);
}

type Trace = Omit<RunningOperation, 'heldBefore'>;

function tracesOf(cluster: Cluster, now: number): Trace[] {
	return dcsIsRead(cluster, now) ? [...handoverTraces(cluster, now), ...restartTraces(cluster, now)] : [];
}

/** The key exists from the request until the new leader has taken over. */
function handoverTraces(cluster: Cluster, now: number): Trace[] {
	const key = keyOf(cluster, 'failover', 'failover');
	if (key === undefined) {
		return [];
	}

	const {leader, candidate, scheduledAt} = key.value;
	const askedAt = key.changed?.at ?? key.since;
	const at = scheduledAt === undefined ? askedAt : Math.max(askedAt, Date.parse(scheduledAt));
	if ((leader === undefined && candidate === undefined) || !(at <= now && now - at <= traceMaxMs)) {
		return [];
	}

	const text =
		leader === undefined
			? `failover to ${candidate}`
			: candidate === undefined
				? `switchover from ${leader}`
				: `switchover ${leader} → ${candidate}`;
	return [traceOf('handover', 'failover', text, at, [leader, candidate])];
}

/** On request, or since a setting that Patroni follows needs it. One that hangs explains nothing any more. */
function restartTraces(cluster: Cluster, now: number): Trace[] {
	return members(cluster, now).flatMap(({name, rest, restSees, state}) =>
		restSees &&
		state === 'restarting' &&
		rest?.stateSince !== undefined &&
		now - rest.stateSince <= traceMaxMs
			? [traceOf('restart', 'state', `restart of PostgreSQL on ${name}`, rest.stateSince, [name])]
			: [],
	);
}

function traceOf(
	kind: Effect['kind'],
	trace: 'failover' | 'state',
	text: string,
	at: number,
	names: readonly (string | undefined)[],
): Trace {
	return {
		kind,
		text,
		by: undefined,
		at,
		state: 'open',
		stateAt: at,
		members: names.filter(name => name !== undefined),
		step: undefined,
		trace,
	};
}
