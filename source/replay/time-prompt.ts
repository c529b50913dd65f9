/** The line that asks for a time to go to: what is typed into it, and which time it means; pure. */
import type {Intent} from '../domain/events.ts';
import {type Moment, parseTime} from '../lib/parse-time.ts';
import type {Playback} from '../state/playback.ts';
import {eraseText, insertText} from '../state/update/text-input.ts';

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

	switch (intent.command) {
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

		default: {
			return undefined;
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
