/** Writes an ordinary recording from what the logs say. */
import {rm} from 'node:fs/promises';
import type {Event} from '../domain/events.ts';
import {placeOf} from '../domain/history/kinds.ts';
import {LogFacts} from '../domain/history/log-facts.ts';
import type {Reconstructed} from '../domain/history/reconstruct.ts';
import type {LogEvent} from '../domain/history/said.ts';
import {takeIn} from '../domain/intake.ts';
import type {LogLine} from '../domain/logs/log-buffer.ts';
import type {Target} from '../domain/target.ts';
import {type Header, RecordingError} from '../recording/schema.ts';
import {Recorder} from '../recording/write/recorder.ts';
import {initialState, type State} from '../state/state.ts';
import {update} from '../state/update.ts';
import type {Gathered, SpooledLine} from './gather.ts';

/** The clock of the recording: each second near an event, else slower; ms. */
const ticks = {nearMs: 1000, calmMs: 10_000, nearEventMs: 20_000} as const;
/** Of a span without events, however long: a year by mistake must not take all memory. */
const calmTicksMax = 2000;
/** Events between two waits for the file. */
const flushEvery = 50;
/** Lines of one event. */
const linesMax = 500;

export type AssembleOptions = {
	file: string;
	header: Header;
	gathered: Gathered;
	/** Unix ms. */
	span: {since: number; until: number};
	/** As configured. */
	target: Target;
	/** Aborted: the file is removed. */
	signal: AbortSignal;
};

/** @throws RecordingError if the file cannot be written; the signal's reason. @returns the state at the end */
export async function assemble(options: AssembleOptions): Promise<State> {
	const {file, header} = options;
	const loss: Loss = {};
	const recorder = await Recorder.begin({
		file,
		header,
		onLost: reason => {
			loss.reason = reason;
		},
	});
	try {
		const state = await record(recorder, loss, options);
		await recorder.stop(state);
		throwIfLost(file, loss);
		return state;
	} catch (error) {
		// Half a recording is none.
		await recorder
			.stop(initialState(header.target, header.startedAt))
			.finally(async () => rm(file, {force: true}));
		throw error;
	}
}

type Loss = {reason?: string};

function throwIfLost(file: string, {reason}: Loss): void {
	if (reason !== undefined) {
		throw new RecordingError(`${file}: ${reason}`);
	}
}

async function record(
	recorder: Recorder,
	loss: Loss,
	{file, header, target, gathered, span, signal}: AssembleOptions,
): Promise<State> {
	const {events, coverage} = gathered;
	let state = initialState(header.target, span.since);
	let count = 0;
	const put = async (at: number, raw: Event) => {
		const stamped = {at: Math.max(at, state.now), event: takeIn(raw)};
		recorder.take(stamped, state);
		[state] = update(state, stamped);
		if (++count % flushEvery === 0) {
			await recorder.flushed();
			throwIfLost(file, loss);
			signal.throwIfAborted();
		}
	};
	const facts = new LogFacts(target, gathered, span);
	for (const [node, spans] of coverage) {
		const until = spans[0]?.to;
		if (until !== undefined) {
			await put(span.since, {type: 'source.connecting', source: `logs:${node}`});
			await put(span.since, {type: 'source.alive', source: `logs:${node}`, until});
		}
	}

	for (const {name} of header.target.nodes) {
		for (const source of [`vip:${name}`, `units:${name}`] as const) {
			const reason = 'no line of the logs says it yet';
			await put(span.since, {type: 'source.lost', source, reason, code: 'silent', fault: true});
		}
	}

	for (const {at, event} of facts.standing()) {
		await put(at, event);
	}

	const timeline = new Ticks(events, span);
	const ends = facts.ends().map(one => ({...one, kind: 'end' as const}));
	let waiting: LogLine[] = [];
	const flushLines = async (at: number) => {
		for (const [node, lines] of Map.groupBy(waiting, ({node}) => node ?? '')) {
			await put(at, {type: 'logs.lines', source: `logs:${node}`, node, lines, skipped: 0});
		}

		waiting = [];
	};
	for await (const step of inOrder(events, gathered.lines.read(), ends, timeline)) {
		switch (step.kind) {
			case 'tick': {
				await flushLines(step.at);
				await put(step.at, {type: 'tick'});
				break;
			}

			case 'line': {
				waiting.push(step.line);
				if (waiting.length >= linesMax) {
					await flushLines(step.at);
				}

				break;
			}

			case 'event': {
				await flushLines(step.at);
				for (const one of facts.take(step.event)) {
					await put(one.at, one.event);
				}

				break;
			}

			case 'end': {
				for (const one of step.lose()) {
					await put(one.at, one.event);
				}

				break;
			}

			default: {
				step satisfies never;
			}
		}
	}

	await flushLines(span.until);
	for (const {at, event} of facts.close()) {
		await put(at, event);
	}

	await put(span.until, {type: 'tick'});
	signal.throwIfAborted();
	return state;
}

type Step =
	| {kind: 'tick'; at: number}
	| {kind: 'line'; at: number; line: LogLine}
	| {kind: 'event'; at: number; event: LogEvent}
	| {kind: 'end'; at: number; lose: () => Reconstructed[]};

/** Seconds near an event, tens of seconds elsewhere. */
class Ticks {
	readonly #notable: readonly number[];
	readonly #until: number;
	readonly #calmMs: number;
	#next: number;
	#index = 0;

	constructor(events: readonly LogEvent[], {since, until}: {since: number; until: number}) {
		this.#notable = events.flatMap(event => (placeOf(event) === 'routine' ? [] : [event.at]));
		this.#next = since;
		this.#until = until;
		this.#calmMs = Math.max(ticks.calmMs, Math.ceil((until - since) / calmTicksMax));
	}

	/** The ticks up to that time. */
	*upTo(at: number): Generator<Step> {
		for (; this.#next < Math.min(at, this.#until); this.#next += this.#step()) {
			yield {kind: 'tick', at: this.#next};
		}
	}

	#step(): number {
		const isOver = (one: number | undefined) => one !== undefined && one < this.#next - ticks.nearEventMs;
		while (isOver(this.#notable[this.#index])) {
			this.#index++;
		}

		const next = this.#notable[this.#index];
		if (next === undefined) {
			return this.#calmMs;
		}

		// Never past the seconds before an event.
		const left = next - ticks.nearEventMs - this.#next;
		return left <= 0 ? ticks.nearMs : Math.max(ticks.nearMs, Math.min(this.#calmMs, left));
	}
}

/** Events, lines, ends and ticks in the order of time; of one moment a line before what it says. */
async function* inOrder(
	events: readonly LogEvent[],
	lines: AsyncGenerator<SpooledLine>,
	ends: readonly (Step & {kind: 'end'})[],
	timeline: Ticks,
): AsyncGenerator<Step> {
	let [event, end] = [0, 0];
	const upTo = function* (at: number): Generator<Step> {
		for (;;) {
			const [nextEvent, nextEnd] = [events[event], ends[end]];
			const isEvent =
				nextEvent !== undefined && nextEvent.at < at && nextEvent.at <= (nextEnd?.at ?? Infinity);
			const isEnd = nextEnd !== undefined && nextEnd.at < at;
			if (isEvent) {
				yield* timeline.upTo(nextEvent.at);
				yield {kind: 'event', at: nextEvent.at, event: nextEvent};
				event++;
			} else if (isEnd) {
				yield* timeline.upTo(nextEnd.at);
				yield nextEnd;
				end++;
			} else {
				return;
			}
		}
	};
	for await (const {at, line} of lines) {
		yield* upTo(at);
		yield* timeline.upTo(at);
		yield {kind: 'line', at, line};
	}

	yield* upTo(Infinity);
	yield* timeline.upTo(Infinity);
}
