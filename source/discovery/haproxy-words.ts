/** The words of haproxy.cfg: quotes, escapes and comments, as HAProxy splits them. */
import {linesMax, wordsMax} from './types.ts';

export type WordLine = {words: readonly string[]; line: number};

/** Characters of a line; HAProxy's own limit is 2 KiB. */
const lineMaxLength = 16_384;

/** Lines with words, without comments and without conditions (`.if`). */
export function wordLines(text: string): WordLine[] {
	return text.split('\n', linesMax).flatMap((line, index) => {
		const words = line.length > lineMaxLength ? [] : wordsOf(line.replace(/\r$/, ''));
		return words.length === 0 || words[0]?.startsWith('.') ? [] : [{words, line: index + 1}];
	});
}

function wordsOf(line: string): string[] {
	const words: string[] = [];
	let word: string | undefined;
	let quote: string | undefined;
	for (let at = 0; at < line.length && words.length < wordsMax; at++) {
		const letter = line[at] ?? '';
		if (quote === undefined && /[ \t]/.test(letter)) {
			if (word !== undefined) {
				words.push(word);
				word = undefined;
			}
		} else if (quote === undefined && letter === '#') {
			break;
		} else if (letter === quote) {
			quote = undefined;
		} else if (quote === undefined && (letter === '"' || letter === "'")) {
			quote = letter;
			word ??= '';
		} else if (letter === '\\' && quote !== "'" && at + 1 < line.length) {
			at++;
			word = (word ?? '') + line[at];
		} else {
			word = (word ?? '') + letter;
		}
	}

	return word === undefined || words.length >= wordsMax ? words : [...words, word];
}
