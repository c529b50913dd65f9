/**
 * Converts a state to JSON and back without loss, including undefined, which JSON lacks. Maps become objects. The ring
 * of
 * log lines is not included.
 */
import {type Cluster, emptyCluster, firstStore, type Store} from '../domain/cluster/cluster.ts';
import type {SourceStatus} from '../domain/cluster/freshness.ts';
import type {Probe} from '../domain/cluster/probe.ts';
import type {Event} from '../domain/events.ts';
import type {Entry, ErrorCode} from '../domain/facts.ts';
import {type FindingHistory, noFindings} from '../domain/findings/finding.ts';
import {emptyLogs} from '../domain/logs/logs.ts';
import {emptyTrends, type Trends} from '../domain/trends.ts';
import {duration} from '../lib/format.ts';
import {ownValue} from '../lib/json.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import {initialState, type State} from '../state/state.ts';
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

/** Old recordings have `hands` for the target's `operations`. */
const formerOperations: Readonly<Record<string, unknown>> = {
	on: 'enabled',
	'dry-run': 'dry-run',
	off: 'disabled',
};

/** The JSON of a header, a state or a snapshot of the panes, with its target's old names replaced. */
export function withPresentNames(json: Json): Json {
	const {target} = json;
	if (!isRecord(target) || 'operations' in target || typeof target.hands !== 'string') {
		return json;
	}

	const {hands, ...rest} = target;
	return {...json, target: {...rest, operations: ownValue(formerOperations, hands) ?? hands}};
}

/** The same for a whole state, and for the snapshot of a frozen screen. */
export function withPresentNamesOfState(json: Json): Json {
	const {view} = json;
	const state = withPresentNames(json);
	return isRecord(view) && isRecord(view.frozen)
		? {...state, view: {...view, frozen: withPresentNames(view.frozen)}}
		: state;
}

/** Wording of entries before 2026-11, and the present one: a recording stores texts, not facts. */
const presentWords: readonly (readonly [
	Entry['kind'] | undefined,
	RegExp,
	string | ((...found: string[]) => string),
])[] = [
	['path', /^writes (through :\d+): none acknowledged any more/, 'write outage $1 began'],
	['path', /^writes (through :\d+): none acknowledged for (\d+ ms)/, 'write outage $1 ended after $2'],
	['path', /^answers (through :\d+): none acknowledged any more/, 'read outage $1 began'],
	['path', /^answers (through :\d+): none acknowledged for (\d+ ms)/, 'read outage $1 ended after $2'],
	[
		'path',
		/^((?:write|read) outage .* ended after )(\d+) ms/,
		(_, before = '', milliseconds) => `${before}${duration(Number(milliseconds))}`,
	],
	[undefined, /\bleader key gone, it was (\S+)'s(?=\)?$)/, 'leader key gone, held by $1 before'],
	[undefined, /^(leader key: .*), nobody for (\d+\.\d s)$/, '$1, no leader for $2'],
	[undefined, /^(.*): its key in etcd is there: /, '$1: new key in etcd: '],
	[undefined, /^(HAProxy on .* sends writers to) nobody, it was /, '$1 no server, it was '],
	[undefined, /^(HAProxy on .* sends writers to .*), it was nobody$/, '$1, before to no server'],
	[undefined, /^(HAProxy on .* sends writers to .*), it was /, '$1, before to '],
	[undefined, /^(.*: .*) started anew$/, '$1 restarted'],
	[undefined, /^(.*) in sight again after (\d+ s)$/, '$1 back after $2'],
	[undefined, /^etcd is read again$/, 'etcd can be read again'],
	[undefined, /^etcd's raft leader: /, 'etcd raft leader: '],
	['path', /^((?:write|read) outage .* began: )the answer took long$/, '$1slow answer'],
	[
		'operation',
		/, never answered, but not seen to happen; it is watched$/,
		', no answer, but no source has seen it; still watching',
	],
	[
		'operation',
		/, accepted, but not seen to happen; it is watched$/,
		', accepted, but no source has seen it; still watching',
	],
	['operation', /; what became of it is watched$/, '; still watching for the result'],
	['operation', /, sudo does not let us: /, ', sudo refused: '],
	['operation', /, the command ended with (?=\d)/, ', the command exited with '],
	['operation', /; its log tells why$/, '; its log shows why'],
	['operation', /, only the pause was asked for, nothing more was sent: /, ', only the pause was sent: '],
];

/** Entries with the present wording, since a replay adds new entries to the same list. */
export function withPresentWords(timeline: readonly Entry[]): readonly Entry[] {
	return timeline.map(entry =>
		isRecord(entry) && typeof entry.text === 'string'
			? {
					...entry,
					text: presentWords
						.filter(([kind]) => kind === undefined || kind === entry.kind)
						.reduce(
							(text, [, was, is]) => (typeof is === 'string' ? text.replace(was, is) : text.replace(was, is)),
							entry.text as string,
						),
				}
			: entry,
	);
}

type Json = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
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
		timeline: withPresentWords(state.timeline ?? []),
		found: historyOf(state.found),
		trends: trendsOf(state.trends),
		runs: (state.runs ?? []).map(run => ({...run, before: clusterOf(run.before)})),
		view: {
			...first.view,
			...state.view,
			frozen: frozen && {
				...frozen,
				cluster: withChanges(clusterOf(frozen.cluster), frozen.now),
				timeline: withPresentWords(frozen.timeline ?? []),
				found: historyOf(frozen.found),
				trends: trendsOf(frozen.trends),
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

/** A cluster as recorded: objects for maps, and sourceStatuses under an older name. */
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

/** The reason's text in recordings without codes. */
const refusedWords = 'connection refused';

const denied = /authentication|pg_hba|does not exist|permission denied|is not permitted/;

function ofSource(reason: string): {code?: ErrorCode} {
	return reason === refusedWords ? {code: 'refused'} : {};
}

function ofProbe(reason: string): {code?: ErrorCode} {
	return denied.test(reason) ? {code: 'denied'} : ofSource(reason);
}

/** Adds a missing code; returns the same object if nothing is missing. */
export function eventWithCode(event: Event): Event {
	if (event.type === 'source.lost' && event.code === undefined) {
		return {...event, ...ofSource(event.reason)};
	}

	return event.type === 'probe.failed' && event.code === undefined
		? {...event, ...ofProbe(event.reason)}
		: event;
}

/** @param cluster of a snapshot, with its maps restored */
export function clusterWithCodes(cluster: Cluster): Cluster {
	return {
		...cluster,
		sourceStatuses: new Map(
			[...cluster.sourceStatuses].map(([source, status]) => [source, statusWithCode(status)]),
		),
		probes: new Map([...cluster.probes].map(([port, probe]) => [port, probeWithCode(probe)])),
	};
}

function statusWithCode(status: SourceStatus): SourceStatus {
	return status.state === 'lost' && status.code === undefined
		? {...status, ...ofSource(status.reason)}
		: status;
}

function probeWithCode(probe: Probe): Probe {
	const {failing} = probe;
	return failing === undefined || failing.code !== undefined
		? probe
		: {...probe, failing: {...failing, ...ofProbe(failing.reason)}};
}
