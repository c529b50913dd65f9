/** The replay's state for the screen (the same object while nothing visible changes), and the prompt for a time. */
import {isDeepStrictEqual} from 'node:util';
import {isCommandOf} from '../domain/commands.ts';
import type {Event, Intent} from '../domain/events.ts';
import type {Entry} from '../domain/facts.ts';
import {type Moment, parseTime} from '../lib/parse-time.ts';
import type {Playable} from '../recording/read/reader.ts';
import type {LivePlayback, Playback} from '../state/state.ts';
import {eraseText, insertText} from '../state/update/prompt.ts';
import type {Playhead} from './playhead.ts';

/** The player's part of the state. */
export type Playing = Pick<Playback, 'playing' | 'speed' | 'asOperator' | 'prompt' | 'problem'>;

export class PlaybackReporter {
	readonly #recording: Playable;
	readonly #head: Playhead;
	readonly #zone: string;
	#last: Playback | undefined;
	#joined: {marks: readonly Entry[]; timeline: readonly Entry[]; all: readonly Entry[]} | undefined;

	constructor(recording: Playable, head: Playhead) {
		this.#recording = recording;
		this.#head = head;
		this.#zone = zoneAt(recording.header.startedAt);
	}

	/** @param live of a recording that grows */
	of(playing: Playing, live?: LivePlayback): Playback {
		const {places, endedAt, events, cutShort, marks} = this.#recording;
		const head = this.#head;
		const time = playing.playing ? Math.floor(head.time / 1000) * 1000 : head.time;
		const isFollowing = live?.isFollowing === true && playing.playing;
		const next: Playback = {
			...playing,
			time,
			from: places[0]?.at ?? time,
			to: isFollowing ? Math.max(time, Math.floor(endedAt / 1000) * 1000) : endedAt,
			zone: this.#zone,
			marks: live === undefined ? marks : this.#newest(marks),
			// Shown only while paused.
			events: isFollowing ? 0 : events,
			...(this.#recording.header.reconstructed === undefined ? {} : {isByLogs: true as const}),
			step: playing.playing ? undefined : {position: head.position, event: eventText(head.last?.event)},
			end:
				live !== undefined || !head.atEnd
					? undefined
					: cutShort
						? 'cut short here: the console was killed, or could not write'
						: 'the recording ends here',
			live,
		};
		if (this.#last === undefined || !isSame(this.#last, next)) {
			this.#last = next;
		}

		return this.#last;
	}

	/** With the entries of the last moments, which the recording does not list yet. */
	#newest(marks: readonly Entry[]): readonly Entry[] {
		const at = marks.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
		const {timeline} = this.#head.state;
		if (this.#joined?.marks !== marks || this.#joined.timeline !== timeline) {
			const later = timeline.filter(entry => entry.at > at);
			this.#joined = {marks, timeline, all: later.length === 0 ? marks : [...marks, ...later]};
		}

		return this.#joined.all;
	}
}

function isSame(a: Playback, b: Playback): boolean {
	return (Object.keys(b) as (keyof Playback)[]).every(
		key =>
			a[key] === b[key] ||
			(key === 'step' && a.step?.position === b.step?.position) ||
			(key === 'live' && isDeepStrictEqual(a.live, b.live)),
	);
}

function eventText(event: Event | undefined): string {
	if (event === undefined) {
		return '';
	}

	const about = 'source' in event ? event.source : event.type === 'command' ? event.command : '';
	return [event.type, about].filter(Boolean).join(' ');
}

function zoneAt(at: number): string {
	const parts = new Intl.DateTimeFormat('en', {timeZoneName: 'short'}).formatToParts(at);
	return parts.find(part => part.type === 'timeZoneName')?.value ?? '';
}

export type TimePrompt = NonNullable<Playback['prompt']>;

export const emptyPrompt: TimePrompt = {text: '', problem: undefined};

/** The prompt after an intent; `taken`: the text that was entered. Undefined if the intent is not for the prompt. */
export function typeIntoPrompt(
	{text}: TimePrompt,
	intent: Intent,
): {prompt: TimePrompt | undefined} | {taken: string} | undefined {
	if (intent.type === 'typed') {
		return {prompt: {text: insertText(text, intent.text), problem: undefined}};
	}

	if (intent.type === 'notice') {
		return undefined;
	}

	const {command} = intent;
	if (!isCommandOf(command, 'text', 'prompt', 'dismiss')) {
		return undefined;
	}

	switch (command) {
		case 'text.erase': {
			return {prompt: {text: eraseText(text), problem: undefined}};
		}

		case 'text.clear': {
			return {prompt: emptyPrompt};
		}

		case 'dismiss': {
			return {prompt: undefined};
		}

		case 'prompt.take': {
			return {taken: text};
		}
	}
}

/** A time of day is the last one in the recording; -5m and +5m count from the present position. */
export function parsePromptTime(typed: string, {time, endedAt}: {time: number; endedAt: number}): Moment {
	return parseTime(typed, {
		from: {back: time, ahead: time},
		day: {until: endedAt},
		forms: () => '-5m, +30s, 04:14, 04:14:10.5, 2026-11-23 04:14',
	});
}
