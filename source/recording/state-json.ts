/**
 * Converts a state to JSON and back without loss, including undefined, which JSON lacks. Maps become objects. The log
 * lines are not included.
 */
import {type Cluster, emptyCluster, firstStore, type Store} from '../domain/cluster/cluster.ts';
import {endpointName} from '../domain/cluster/etcd.ts';
import {type FindingHistory, noFindings} from '../domain/findings/finding.ts';
import {emptyLogs} from '../domain/logs/logs.ts';
import {emptyTrends, type Trends} from '../domain/trends.ts';
import {isRecord, ownValue} from '../lib/json.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import {initialState, type State} from '../state/state.ts';
import {withAbout} from './older-entries.ts';
import {clusterWithCodes, withPresentWords} from './older-versions.ts';
import {hasLines, redactState, sanitizeRecorded} from './redact.ts';

/** No text of a state contains NUL, since untrusted text is sanitized. */
const marks = {
	undefined: '\u0000',
	[Number.POSITIVE_INFINITY]: '\u0000+',
	[Number.NEGATIVE_INFINITY]: '\u0000-',
	[Number.NaN]: '\u0000n',
} as const;

/** @param logs whether log lines may be included */
export function stateJson(state: State, {logs}: {logs: boolean}): string {
	const {ring: _, ...logState} = state.logs;
	return JSON.stringify({...redactState(state, {logs}), logs: logState}, mark);
}

/** Fills fields that an older version's state lacks with initial values. */
export function stateOf(state: State): State {
	const first = initialState(state.target, state.now);
	const {frozen} = state.view ?? {};
	const logs = {...emptyLogs, ...state.logs};
	return {
		...first,
		...state,
		cluster: withChanges(clusterOf(state.cluster), state.now),
		timeline: entriesOf(state.timeline, state),
		found: historyOf(state.found),
		trends: trendsOf(state.trends),
		runs: (state.runs ?? []).map(run => ({...run, before: clusterOf(run.before)})),
		view: {
			...first.view,
			...state.view,
			frozen: frozen && {
				...frozen,
				cluster: withChanges(clusterOf(frozen.cluster), frozen.now),
				timeline: entriesOf(frozen.timeline, state),
				found: historyOf(frozen.found),
				trends: trendsOf(frozen.trends),
			},
		},
		logs: {
			...logs,
			clocks: mapOf(logs.clocks),
			problems: mapOf(logs.problems),
			skipped: mapOf(logs.skipped),
			// Recordings of older versions have none.
			settings: mapOf(logs.settings ?? new Map()),
		},
	};
}

/** Entries of older versions have former words, and say in words alone what they are about. */
function entriesOf(timeline: State['timeline'] | undefined, {target}: State): State['timeline'] {
	const endpointNamed = (name: string) =>
		target.endpoints.find(endpoint => endpointName(endpoint, target) === name);
	return withPresentWords(timeline ?? []).map(entry => withAbout(entry, endpointNamed));
}

/** A cluster as recorded: objects for maps, and sourceStatuses under an older name. */
type RecordedCluster = Omit<Cluster, 'sourceStatuses'> & {sights?: Cluster['sourceStatuses']};

function clusterOf({sights, ...json}: RecordedCluster): Cluster {
	// Where an older program did not follow the leaders, nothing is known of what they had written.
	const cluster = {...emptyCluster, ...json, leaders: json.leaders};
	const maps = Object.entries(cluster).flatMap(([name, value]) =>
		ownValue<unknown>(emptyCluster, name) instanceof Map
			? [[name, mapOf(value as ReadonlyMap<unknown, unknown>, name === 'probes' ? Number : undefined)]]
			: [],
	);
	return clusterWithCodes({
		...cluster,
		...Object.fromEntries(maps),
		sourceStatuses: mapOf(sights ?? cluster.sourceStatuses),
		store: storeOf(cluster.store),
		etcd: {...emptyCluster.etcd, ...cluster.etcd, status: mapOf(cluster.etcd.status)},
	});
}

/** An older program showed each key as of the last loop: so it is here, until the next one would be due. */
function withChanges(cluster: Cluster, now: number): Cluster {
	return [...cluster.keys.values()].some(key => 'changed' in key)
		? cluster
		: {
				...cluster,
				keys: new Map(
					[...cluster.keys].map(([path, key]) => [path, {...key, changed: {at: now, after: now}}]),
				),
			};
}

function storeOf({former, ...store}: Store): Store {
	return {
		...firstStore,
		...store,
		former: former && {...former, keys: mapOf(former.keys), gone: mapOf(former.gone)},
	};
}

function historyOf(json: FindingHistory | undefined): FindingHistory {
	return json === undefined ? noFindings : {...json, known: mapOf(json.known)};
}

/** Empty for old recordings, which have none: `Playhead` computes them again. */
function trendsOf(json: Trends | undefined): Trends {
	return json === undefined
		? emptyTrends
		: {
				...json,
				current: {
					...json.current,
					lag: mapOf(json.current.lag),
					probes: mapOf(json.current.probes, Number),
				},
				lag: mapOf(json.lag),
				probes: mapOf(json.probes, Number),
				...(json.sql === undefined ? {} : {sql: mapOf(json.sql)}),
			};
}

/** @param json typed as its result; an object, except in a state that was never serialized */
function mapOf<K, V>(
	json: ReadonlyMap<K, V>,
	nameOf: (name: string) => unknown = name => name,
): ReadonlyMap<K, V> {
	return json instanceof Map
		? json
		: new Map(Object.entries(json).map(([name, value]) => [nameOf(name) as K, value as V]));
}

function mark(_: string, value: unknown): unknown {
	if (value instanceof Map) {
		return Object.fromEntries(value);
	}

	if (isCluster(value)) {
		const {sourceStatuses, ...rest} = value;
		return {...rest, sights: sourceStatuses};
	}

	if (typeof value === 'string') {
		return withoutKnownSecrets(value);
	}

	return value === undefined || (typeof value === 'number' && !Number.isFinite(value))
		? marks[String(value) as keyof typeof marks]
		: value;
}

/** By its map: parsed JSON never contains one, whatever the names of its fields. */
function isCluster(value: unknown): value is Cluster {
	return isRecord(value) && value.sourceStatuses instanceof Map;
}

/** Restores undefined and special numbers, which JSON lacks. Sanitizes text. */
export function unmark(value: unknown, key = ''): unknown {
	if (typeof value === 'string') {
		return value.startsWith('\u0000') ? special(value) : sanitizeRecorded(value, key);
	}

	if (Array.isArray(value)) {
		return value.map(one => unmark(one, key));
	}

	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(
			Object.entries(value).map(([name, inner]) => [
				sanitizeRecorded(name),
				unmark(inner, hasLines(key) ? key : name),
			]),
		);
	}

	return value;
}

function special(text: string): unknown {
	const found = Object.entries(marks).find(([, written]) => written === text)?.[0];
	return found === undefined ? sanitizeRecorded(text) : found === 'undefined' ? undefined : Number(found);
}
