/** Laws that hold for all input from outside once it was parsed. */
import type {Fact} from '../../source/domain/events.ts';
import {takeIn} from '../../source/domain/intake.ts';
import {eventOf} from '../../source/recording/read/lines.ts';

/** A law was violated. */
export class Broken extends Error {
	readonly law: string;

	constructor(law: string, details = '') {
		super(details === '' ? law : `${law}: ${details}`);
		this.law = law;
	}
}

/** @param details of this case, which are not part of the law */
export function hold(isTrue: boolean, law: string, details?: string): void {
	if (!isTrue) {
		throw new Broken(law, details);
	}
}

/** Controls, escapes, direction marks, invisible characters, lone surrogates; log lines may contain tabs. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\p{Bidi_Control}\u200B\uFEFF]/u;
const unsafeButTab = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\p{Bidi_Control}\u200B\uFEFF]/u;

export function holdSafe(text: string, what: string): void {
	if (unsafe.test(text)) {
		throw new Broken(`${what} cannot steer a terminal`, JSON.stringify(text));
	}
}

/**
 * The value contains no unsafe text, names of fields included, and no invalid number.
 * @param isRecording some texts have several lines, and unread fields may contain anything
 */
export function holdAllSafe(value: unknown, what: string, {isRecording = false} = {}): void {
	const isUnsafe = (text: string) => unsafeButTab.test(isRecording ? text.replaceAll('\n', ' ') : text);
	// JSON escapes control characters, so the strings are checked before.
	JSON.stringify(value, (key, one: unknown) => {
		if (isUnsafe(key)) {
			throw new Broken(`a name of a field in ${what} cannot steer a terminal`, JSON.stringify(key));
		}

		if (typeof one === 'string' && isUnsafe(one)) {
			throw new Broken(`text in ${what} cannot steer a terminal`, `${key} is ${JSON.stringify(one)}`);
		}

		if (typeof one === 'number' && !Number.isFinite(one) && !isRecording) {
			throw new Broken(`a number in ${what} is one`, `${key} is ${one}`);
		}

		return one;
	});
}

/** Laws of a parser's fact: safe once sanitized, and readable in a recording. */
export function holdFact(fact: Fact): Fact {
	const taken = takeIn(fact) as Fact;
	holdAllSafe(taken, taken.type);
	eventOf(JSON.stringify({at: 0, event: taken}));
	return taken;
}
