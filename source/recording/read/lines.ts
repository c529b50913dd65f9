/** Parses one line of a recording, and checks what a replay depends on. */
import type {Stamped} from '../../domain/events.ts';
import {takeIn} from '../../domain/intake.ts';
import {isRecord} from '../../lib/json.ts';
import type {State} from '../../state/state.ts';
import {
	eventWithCode,
	withPresentNames,
	withPresentNamesOfState,
	withPresentWords,
} from '../older-versions.ts';
import {maybeUnsafe, safeJson} from '../redact.ts';
import {checkEvent, checkHeader, checkState, formatVersion, type Header, type IndexLine} from '../schema.ts';
import {stateOf, unmark} from '../state-json.ts';

/** @throws Error that says what is wrong with the line */
export function headerOf(text: string): Header {
	const json = parse(text);
	if (!isRecord(json) || json.recording !== 'pgha-top' || typeof json.version !== 'number') {
		throw new Error('not a recording of pgha-top');
	}

	if (json.version > formatVersion) {
		throw new Error(
			`its format is version ${json.version}, and this pgha-top reads up to version ${formatVersion}: a newer one is needed`,
		);
	}

	const header = withPresentNames(json);
	checkHeader(header);
	return safeJson(header) as Header;
}

/** @throws Error */
export function snapshotOf(text: string): {at: number; state: State} {
	const json = parse(text);
	if (
		!isRecord(json) ||
		typeof json.at !== 'number' ||
		!isRecord(json.state) ||
		!isRecord(json.state.target) ||
		!isRecord(json.state.cluster)
	) {
		throw new Error('invalid snapshot of the state');
	}

	const state = withPresentNamesOfState(unmark(json.state) as typeof json.state);
	checkState(state);
	return {at: json.at, state: stateOf(state as unknown as State)};
}

/**
 * @param careful whether the text may contain unsafe characters
 * @throws Error
 */
export function eventOf(text: string, careful = maybeUnsafe(text)): Stamped {
	const json = parse(text);
	if (
		!isRecord(json) ||
		typeof json.at !== 'number' ||
		!isRecord(json.event) ||
		typeof json.event.type !== 'string'
	) {
		throw new Error('not an event');
	}

	const {at, event} = json as Stamped;
	checkEvent(at, event);
	return {at, event: eventWithCode(careful ? takeIn(event) : event)};
}

/** Parses the index line; undefined for any other line. */
export function indexOf(text: string): IndexLine['index'] | undefined {
	if (!isIndex(text)) {
		return undefined;
	}

	const json = parse(text);
	const index = isRecord(json) ? json.index : undefined;
	return isRecord(index) && Array.isArray(index.segments) && Array.isArray(index.marks)
		? presentIndex(safeJson(index) as IndexLine['index'])
		: undefined;
}

function presentIndex(index: IndexLine['index']): IndexLine['index'] {
	return {...index, marks: [...withPresentWords(index.marks)]};
}

/** Tests the beginning of the line, without parsing it. */
export function isSnapshot(text: string): boolean {
	return text.startsWith('{"segment":');
}

export function isIndex(text: string): boolean {
	return text.startsWith('{"index":');
}

export function isEvent(text: string): boolean {
	return text.startsWith('{"at":');
}

/** The time at the beginning of an event's line. */
export function timeOf(text: string): number | undefined {
	const at = /^\{"at":(\d+)[,}]/.exec(text)?.[1];
	return at === undefined ? undefined : Number(at);
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// The parser's message would quote the text.
		throw new Error('not JSON');
	}
}
