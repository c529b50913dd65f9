/** What is searched for and filtered by: words, and regular expressions that can't hang a key. */
import {setFlagsFromString} from 'node:v8';

/*
 * V8's default engine for regular expressions backtracks, without a limit for some patterns. It knows a second
 * one, whose time grows with the text alone: with these flags the first one hands over to it where it has gone back too
 * often, and a pattern that the second one can't run is refused when it is made (the flag "l").
 */
setFlagsFromString('--enable-experimental-regexp-engine');
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
setFlagsFromString('--regexp-backtracks-before-fallback=1000');

/** A pattern longer than this is a slip of the clipboard. */
const patternMaxLength = 200;
/** Characters that are looked through for what is marked in one line. */
const searchedLinesMax = 262_144;

export type Matcher = {
	/** Whether the text holds it. */
	test: (text: string) => boolean;
	/** Where it is found in the text, as beginnings and ends. */
	ranges: (text: string) => (readonly [number, number])[];
	/** A regular expression: costs more than a look for a word. */
	costly: boolean;
};

export type CompiledMatcher<T> = {value: T} | {problem: string};

/** `text`, or `/regular expression/`; letters are matched in either case where the pattern has small ones only. */
export function compileMatcher(source: string): CompiledMatcher<Matcher> {
	if (source.length > patternMaxLength) {
		return {problem: `longer than ${patternMaxLength} characters`};
	}

	const expression = /^\/(.+)\/$/s.exec(source)?.[1];
	// An escape such as \S is no capital letter.
	const folded = !/\p{Lu}/u.test((expression ?? source).replaceAll(/\\./gsu, ''));
	const prepare = folded ? foldCase : (text: string) => text;
	return expression === undefined
		? {value: wordPattern(prepare(source), prepare)}
		: regexPattern(expression, prepare);
}

/** In small letters, each where it was: "İ" alone would become longer. */
function foldCase(text: string): string {
	const small = text.toLowerCase();
	return small.length === text.length ? small : text.replaceAll(/[A-Z]/g, letter => letter.toLowerCase());
}

function wordPattern(word: string, prepare: (text: string) => string): Matcher {
	return {
		costly: false,
		test: text => prepare(text).includes(word),
		ranges(text) {
			const found: (readonly [number, number])[] = [];
			const prepared = prepare(text);
			for (
				let at = prepared.indexOf(word);
				at >= 0 && word !== '';
				at = prepared.indexOf(word, at + word.length)
			) {
				found.push([at, at + word.length]);
			}

			return found;
		},
	};
}

function regexPattern(source: string, prepare: (text: string) => string): CompiledMatcher<Matcher> {
	let every: RegExp;
	try {
		// Throws where it is no regular expression, or one that can't be run in linear time.
		void new RegExp(source, 'l');
		every = new RegExp(source, 'g');
	} catch (error) {
		if (error instanceof SyntaxError) {
			return {problem: patternProblem(error.message)};
		}

		throw error;
	}

	const one = new RegExp(source);
	return {
		value: {
			costly: true,
			test: text => one.test(prepare(text)),
			ranges: text => rangesOf(every, prepare(text)),
		},
	};
}

/**
 * Each look for the next place may go through all that is left of the line, be it for the empty text: as many looks are made as
 * that allows, which are all there are on any line that is not very long.
 */
function rangesOf(every: RegExp, text: string): (readonly [number, number])[] {
	const found: (readonly [number, number])[] = [];
	let left = searchedLinesMax;
	every.lastIndex = 0;
	while (left > 0 && every.lastIndex <= text.length) {
		left -= text.length - every.lastIndex + 1;
		const match = every.exec(text);
		if (match === null) {
			break;
		}

		const {
			index,
			0: {length},
		} = match;
		if (length === 0) {
			every.lastIndex++;
		} else {
			found.push([index, index + length]);
		}
	}

	return found;
}

function patternProblem(message: string): string {
	return message.includes('linear time')
		? 'can take for ever (look-around, \\1, and large counts such as {1,500} are not offered)'
		: `no regular expression: ${message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '')}`;
}
