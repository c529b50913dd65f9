/** What a line's head has besides its time and level: it stays in the text. */

type Range = {start: number; end: number};

/** The head without these ranges (in order), the brackets around each, and separators at both ends; `''` if only signs remain. */
export function headText(line: string, end: number, without: readonly Range[]): string {
	let rest = '';
	let at = 0;
	for (const range of without) {
		const isEnclosed = brackets.has(`${line[range.start - 1]}${line[range.end]}`) && range.end < end;
		const start = range.start - (isEnclosed ? 1 : 0);
		rest += line.slice(at, Math.max(at, start));
		at = Math.max(at, range.end + (isEnclosed ? 1 : 0));
	}

	rest += line.slice(at, Math.max(at, end));
	return /[\p{L}\p{N}]/u.test(rest) ? trimSigns(rest.replaceAll(/ {2,}/g, ' ')) : '';
}

const brackets: ReadonlySet<string> = new Set(['[]', '<>', '()', '{}']);
const separators = ' \t|:;,-';

function trimSigns(text: string): string {
	let [start, end] = [0, text.length];
	while (start < end && separators.includes(text[start] ?? '')) {
		start++;
	}

	while (end > start && separators.includes(text[end - 1] ?? '')) {
		end--;
	}

	return text.slice(start, end);
}
