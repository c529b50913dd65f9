/**
 * A state as JSON and back, to the letter: also what is undefined, which JSON does not know. Maps are objects there. The ring of
 * log lines stays out.
 */
import {type Cluster, emptyCluster, firstStore, type Store} from '../domain/cluster/cluster.ts';
import {type FindingHistory, noFindings} from '../domain/findings/history.ts';
import {emptyLogs} from '../domain/logs/logs.ts';
import type {Entry} from '../domain/timeline/entry.ts';
import {ownValue} from '../lib/map-entries.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import {initialState, type State} from '../state/state.ts';
import {clusterWithCodes} from './error-codes.ts';
import {hasLines, redactState, sanitizeRecorded} from './redact.ts';

/** No text of a state holds a NUL: what comes from outside is freed of it. */
const marks = {
	undefined: '\u0000',
	[Number.POSITIVE_INFINITY]: '\u0000+',
	[Number.NEGATIVE_INFINITY]: '\u0000-',
	[Number.NaN]: '\u0000n',
} as const;

/** @param logs lines of logs may be in it */
export function stateJson(state: State, {logs}: {logs: boolean}): string {
	const {ring: _, ...logState} = state.logs;
	return JSON.stringify({...redactState(state, {logs}), logs: logState}, mark);
}

/** Older recordings have `hands` where the target has `operations` now. */
const formerOperations: Readonly<Record<string, unknown>> = {
	on: 'enabled',
	'dry-run': 'dry-run',
	off: 'disabled',
};

/** The JSON of a header, a state or a snapshot of the panes with its target under the names of today. */
export function withPresentNames(json: Json): Json {
	const {target} = json;
	if (!isRecord(target) || 'operations' in target || typeof target.hands !== 'string') {
		return json;
	}

	const {hands, ...rest} = target;
	return {...json, target: {...rest, operations: ownValue(formerOperations, hands) ?? hands}};
}

/** Also the snapshot that the screen was frozen at. */
export function withPresentNamesOfState(json: Json): Json {
	const {view} = json;
	const state = withPresentNames(json);
	return isRecord(view) && isRecord(view.frozen)
		? {...state, view: {...view, frozen: withPresentNames(view.frozen)}}
		: state;
}

/** Entries of older recordings had other words for an outage; one list shows them beside those that are made in the replay. */
export function withPresentWords(timeline: readonly Entry[]): readonly Entry[] {
	return timeline.map(entry =>
		isRecord(entry) && entry.kind === 'path' && typeof entry.text === 'string'
			? {
					...entry,
					text: entry.text.replace(
						/^(writes|answers) (through :\d+): none acknowledged (any more|for (\d+ ms))/,
						(_, what: string, where: string, when: string, length: string) =>
							`${what === 'writes' ? 'write' : 'read'} outage ${where} ${when === 'any more' ? 'began' : `ended after ${length}`}`,
					),
				}
			: entry,
	);
}

type Json = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a newer program's state has beside it is as in the beginning. */
export function stateOf(state: State): State {
	const first = initialState(state.target, state.now);
	const {frozen} = state.view ?? {};
	const logs = {...emptyLogs, ...state.logs};
	return {
		...first,
		...state,
		cluster: clusterOf(state.cluster),
		timeline: withPresentWords(state.timeline ?? []),
		found: historyOf(state.found),
		runs: (state.runs ?? []).map(run => ({...run, before: clusterOf(run.before)})),
		view: {
			...first.view,
			...state.view,
			frozen: frozen && {
				...frozen,
				cluster: clusterOf(frozen.cluster),
				timeline: withPresentWords(frozen.timeline ?? []),
				found: historyOf(frozen.found),
			},
		},
		logs: {
			...logs,
			clocks: mapOf(logs.clocks),
			problems: mapOf(logs.problems),
			skipped: mapOf(logs.skipped),
		},
	};
}

/** A cluster as recordings have it: objects where the state has maps, and the statuses of sources by an older name. */
type RecordedCluster = Omit<Cluster, 'sourceStatuses'> & {sights?: Cluster['sourceStatuses']};

function clusterOf({sights, ...json}: RecordedCluster): Cluster {
	const cluster = {...emptyCluster, ...json};
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

/** @param json typed as what it becomes; it is an object still, but in what a state of today begins with */
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

/** By a map, which no data from outside holds, whatever it calls its fields. */
function isCluster(value: unknown): value is Cluster {
	return isRecord(value) && value.sourceStatuses instanceof Map;
}

/** What is written as JSON, and is no JSON: undefined, and numbers that are none. Text is made safe. */
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
