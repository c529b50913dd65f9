/** Patterns for search and filter: words, and regular expressions in linear time. */
import {setFlagsFromString} from 'node:v8';

/**
 * V8's default regular expression engine may backtrack without a limit. With these flags it hands over to V8's linear
 * engine after too many backtracks; a pattern that the linear engine does not support is refused (flag "l"). Not set before they are
 * needed: code that was compiled with other flags, also that of Node.js's own modules, is then compiled again.
 */
const flags = [
	'--enable-experimental-regexp-engine',
	'--enable-experimental-regexp-engine-on-excessive-backtracks',
	'--regexp-backtracks-before-fallback=1000',
];

/** A longer pattern was pasted by mistake. */
const patternMaxLength = 200;
/** Limit of characters that are searched for marks in one line. */
const searchedLinesMax = 262_144;

export type Matcher = {
	/** Whether the text matches. */
	test: (text: string) => boolean;
	/** Matches in the text, as start and end. */
	ranges: (text: string) => (readonly [number, number])[];
	/** True for a regular expression, which costs more than a word. */
	costly: boolean;
};

export type CompiledMatcher<T> = {value: T} | {problem: string};

/** Compiles `text` or `/regular expression/`; case-insensitive if the pattern has no capital letter. */
export function compileMatcher(source: string): CompiledMatcher<Matcher> {
	if (source.length > patternMaxLength) {
		return {problem: `longer than ${patternMaxLength} characters`};
	}

	const expression = /^\/(.+)\/$/s.exec(source)?.[1];
	// The letter of an escape such as \S does not count.
	const folded = !/\p{Lu}/u.test((expression ?? source).replaceAll(/\\./gsu, ''));
	const prepare = folded ? foldCase : (text: string) => text;
	return expression === undefined
		? {value: wordPattern(prepare(source), prepare)}
		: regexPattern(expression, prepare);
}

/** Finds the text as it stands, in any case. */
export function plainMatcher(text: string): Matcher {
	return wordPattern(foldCase(text), foldCase);
}

/** Lower case of the same length: "İ" would become longer, so then only ASCII letters change. */
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
	for (const flag of flags.splice(0)) {
		setFlagsFromString(flag);
	}

	let every: RegExp;
	try {
		// Throws for an invalid expression, and for one that linear time does not allow.
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

/** Each search may scan the rest of the line, even for an empty match. The limit only affects very long lines. */
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
