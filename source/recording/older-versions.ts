/** Reads what older versions recorded: former names, former wording, and reasons without codes. */
import type {Cluster} from '../domain/cluster/cluster.ts';
import type {SourceStatus} from '../domain/cluster/freshness.ts';
import type {Probe} from '../domain/cluster/probe.ts';
import type {Event} from '../domain/events.ts';
import type {Entry, ErrorCode} from '../domain/facts.ts';
import {duration, twoDigits} from '../lib/format.ts';
import {isRecord, ownValue} from '../lib/json.ts';

type Json = Readonly<Record<string, unknown>>;

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

/** The same for a whole state: its target, view, operations and drill. */
export function withPresentNamesOfState(json: Json): Json {
	const state = withPresentNames(json);
	const {view, runs, drill} = state;
	return {
		...state,
		...(isRecord(view) && {view: viewOf(view)}),
		...(Array.isArray(runs) && {runs: runs.map(withGuard)}),
		...(isRecord(drill) && {drill: {...drill, question: withGuard(drill.question)}}),
	};
}

/** Old recordings have `layers` for the view's `overlays`. */
function viewOf({layers, ...view}: Json): Json {
	const overlays = view.overlays ?? layers;
	return {
		...view,
		overlays: Array.isArray(overlays) ? overlays.map(withGuard) : overlays,
		frozen: isRecord(view.frozen) ? withPresentNames(view.frozen) : view.frozen,
	};
}

/** Old recordings have `frozen` for the `guard` of a question and of an operation. */
function withGuard(json: unknown): unknown {
	if (!isRecord(json) || !('frozen' in json)) {
		return json;
	}

	const {frozen, ...rest} = json;
	return {...rest, guard: rest.guard ?? frozen};
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
	[
		'operation',
		/^((?:switchover \S+ →|failover to) (\S+)): done, (?:later than expected, )?(\S+ s) after it was confirmed$/,
		'$1: $2 leads after $3',
	],
	['operation', /: done, (?:later than expected, )?(\S+ s) after it was confirmed$/, ': done after $1'],
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
							withHour(entry.text as string, entry),
						),
				}
			: entry,
	);
}

/** `began at 14:42.2` of versions before 2026-11-26 lacked the hour; that time is at most some minutes before the entry. */
function withHour(text: string, {at, kind}: Entry): string {
	return kind === 'path' && typeof at === 'number'
		? text.replace(
				/^((?:write|read) outage .* at )(\d\d):(\d\d\.\d)(?=[:,;]|$)/,
				(_, before: string, minutes: string, seconds: string) => {
					const hour = new Date(at).getHours() - (Number(minutes) > new Date(at).getMinutes() ? 1 : 0);
					return `${before}${twoDigits((hour + 24) % 24)}:${minutes}:${seconds}`;
				},
			)
		: text;
}

/** The reason's text in recordings without codes. */
const refusedWords = 'connection refused';

const denied = /authentication|pg_hba|does not exist|permission denied|is not permitted/;

function ofSource(reason: string): {code?: ErrorCode} {
	return reason === refusedWords ? {code: 'refused'} : {};
}

const closed = /^(?:the connection was closed|(?:connection )?closed at once)/;

function ofProbe(reason: string): {code?: ErrorCode} {
	return denied.test(reason) ? {code: 'denied'} : closed.test(reason) ? {code: 'closed'} : ofSource(reason);
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
