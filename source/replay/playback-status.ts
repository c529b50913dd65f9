/** What the screen tells of a recording that is played: the same object as long as all that is seen of it is the same. */
import {type Event, type Intent, isCommandOf} from '../domain/events.ts';
import {type Moment, parseTime} from '../lib/parse-time.ts';
import type {Recording} from '../recording/read/reader.ts';
import type {Playback} from '../state/state.ts';
import {eraseText, insertText} from '../state/update/text-input.ts';
import type {Playhead} from './playhead.ts';

/** What the player itself knows. */
export type Playing = Pick<Playback, 'playing' | 'speed' | 'asOperator' | 'prompt' | 'problem'>;

export class PlaybackReporter {
	readonly #recording: Recording;
	readonly #head: Playhead;
	readonly #zone: string;
	#told: Playback | undefined;

	constructor(recording: Recording, head: Playhead) {
		this.#recording = recording;
		this.#head = head;
		this.#zone = zoneAt(recording.header.startedAt);
	}

	of(playing: Playing): Playback {
		const {places, endedAt, events, cutShort, marks} = this.#recording;
		const head = this.#head;
		const time = playing.playing ? Math.floor(head.time / 1000) * 1000 : head.time;
		const next: Playback = {
			...playing,
			time,
			from: places[0]?.at ?? time,
			to: endedAt,
			zone: this.#zone,
			marks,
			events,
			step: playing.playing ? undefined : {position: head.position, event: inWords(head.last?.event)},
			end: head.atEnd
				? cutShort
					? 'cut short here: the console was killed, or could not write on'
					: 'the recording ends here'
				: undefined,
		};
		if (this.#told === undefined || !isSame(this.#told, next)) {
			this.#told = next;
		}

		return this.#told;
	}
}

function isSame(a: Playback, b: Playback): boolean {
	return (Object.keys(b) as (keyof Playback)[]).every(
		key => a[key] === b[key] || (key === 'step' && a.step?.position === b.step?.position),
	);
}

function inWords(event: Event | undefined): string {
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

/** The line after it; `taken`: the text is an answer. Undefined where the line did not take it. */
export function typeIntoPrompt(
	{text}: TimePrompt,
	intent: Intent,
): {prompt: TimePrompt | undefined} | {taken: string} | undefined {
	if (intent.type === 'typed') {
		return {prompt: {text: insertText(text, intent.text), problem: undefined}};
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

/** A time of the day is the last such one of the recording; -5m and +5m count from where it is. */
export function parsePromptTime(typed: string, {time, endedAt}: {time: number; endedAt: number}): Moment {
	return parseTime(typed, {
		from: {back: time, ahead: time},
		day: {until: endedAt},
		forms: '-5m, +30s, 04:14, 04:14:10.5, 2026-11-23 04:14',
	});
}
