/** Removes secrets from a recording, and log lines unless --record-logs is given. */
import type {Event} from '../domain/events.ts';
import type {Said} from '../domain/history/said.ts';
import {redactOperation} from '../domain/operations/operation.ts';
import {plainJson} from '../domain/operations/request.ts';
import type {Operation, Request} from '../domain/operations/types.ts';
import type {Json} from '../lib/json.ts';
import {sanitizeLogLine} from '../lib/sanitize.ts';
import {redact, withoutSecrets} from '../lib/secrets.ts';
import {type Overlay, type State, topOverlay} from '../state/state.ts';

export function redactEvent(event: Event, {logs}: {logs: boolean}): Event {
	switch (event.type) {
		case 'config.edited': {
			return {...event, patch: withoutSecrets(event.patch) as typeof event.patch};
		}

		case 'logs.lines': {
			// The event without its lines still shows that their source is fresh.
			return {...event, lines: logs ? event.lines.map(line => ({...line, text: redact(line.text)})) : []};
		}

		case 'history.said': {
			const {event: past} = event;
			// Lines are evidence: kept, without what looks like a secret.
			return {...event, event: {...past, text: redact(past.text), said: redactSaid(past.said)}};
		}

		case 'history.read': {
			const {entries, missing} = event;
			return {
				...event,
				entries: entries.map(entry => ({...entry, text: redact(entry.text)})),
				missing: missing.map(text => redact(text)),
			};
		}

		// An event is added here only if it contains no secret.
		case 'source.connecting':
		case 'source.lost':
		case 'source.closed':
		case 'source.alive':
		case 'dcs.snapshot':
		case 'dcs.put':
		case 'dcs.deleted':
		case 'lease.read':
		case 'etcd.status':
		case 'etcd.members':
		case 'patroni.status':
		case 'cluster.seen':
		case 'addresses.snapshot':
		case 'addresses.added':
		case 'addresses.removed':
		case 'haproxy.stats':
		case 'units.snapshot':
		case 'disk.snapshot':
		case 'processes.snapshot':
		// Query texts are not among its fields; settings are masked where they are parsed.
		case 'sql.status':
		case 'sql.details':
		// Query texts are masked where they are parsed.
		case 'sql.sessions':
		// Secrets are masked where a line becomes a word.
		case 'log.said':
		case 'probe.answered':
		case 'probe.failed':
		case 'logs.clock':
		case 'logs.settings':
		case 'logs.problems':
		case 'logs.seek':
		case 'command':
		case 'typed':
		case 'operation.report':
		case 'target.found':
		case 'recording.begun':
		case 'recording.ended':
		case 'notice':
		case 'tick':
		case 'console.stalled':
		case 'clock.set':
		case 'history.outage':
		case 'drill.ask':
		case 'drill.answer':
		case 'drill.prepared':
		case 'drill.begun':
		case 'drill.stage':
		case 'drill.asked':
		case 'drill.measured':
		case 'drill.verified':
		case 'drill.ended': {
			return event;
		}

		default: {
			event satisfies never;
			return event;
		}
	}
}

function redactSaid(said: Said): Said {
	return said.why === undefined ? said : {...said, why: redact(said.why)};
}

/** The state that the recorded events would have produced. */
export function redactState(state: State, {logs}: {logs: boolean}): State {
	// The notice about a copied log line contains the line.
	const notice = logs || topOverlay(state.view)?.kind !== 'logs' ? state.view.notice : undefined;
	return {
		...state,
		view: {...state.view, notice, overlays: state.view.overlays.map(redactOverlay)},
		runs: state.runs.map(redactAsked),
	};
}

function redactOverlay(overlay: Overlay): Overlay {
	return overlay.kind === 'dialog' ? redactAsked(overlay) : overlay;
}

function redactAsked<T extends {operation: Operation; requests: readonly Request[]}>(asked: T): T {
	const operation = redactOperation(asked.operation);
	return operation === asked.operation
		? asked
		: {...asked, operation, requests: asked.requests.map(redactRequest)};
}

function redactRequest(request: Request): Request {
	return request.via === 'rest' && request.body !== undefined
		? {...request, body: plainJson(withoutSecrets(JSON.parse(request.body) as Json) as object)}
		: request;
}

/** Keys above multi-line text: the printed configuration, and a change of it. */
const withLines: ReadonlySet<string> = new Set(['config', 'patch']);

/** All texts in a patch may have several lines. */
export function hasLines(key: string): boolean {
	return withLines.has(key);
}

/** One line, as all text in a state; unchanged if safe. @param key the key above it */
export function sanitizeRecorded(text: string, key = ''): string {
	return hasLines(key) && text.includes('\n')
		? text.split('\n').map(sanitizeLogLine).join('\n')
		: sanitizeLogLine(text);
}

/** Sanitizes every string in a parsed JSON value, keys included. */
export function safeJson(value: unknown, key = ''): unknown {
	if (typeof value === 'string') {
		return sanitizeRecorded(value, key);
	}

	if (Array.isArray(value)) {
		return value.map(one => safeJson(one, key));
	}

	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(
			Object.entries(value).map(([name, inner]) => [
				sanitizeRecorded(name),
				safeJson(inner, hasLines(key) ? key : name),
			]),
		);
	}

	return value;
}

/** Whether JSON text may contain unsafe characters, literally or escaped: nearly always false. */
export function maybeUnsafe(json: string): boolean {
	return /\\[ubfrn]|[\u007F-\u009F\u2028\u2029\uFFF9-\uFFFB\p{Default_Ignorable_Code_Point}\p{Surrogate}]/u.test(
		json,
	);
}
