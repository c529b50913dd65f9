/** Checks a program's table by lines: what each says, that each row is the one that a line matches, and that each is quick. */
import {expect, it} from 'vitest';
import {readLine} from '../../../../source/domain/history/read-line.ts';
import {matchSaid, type Said, type SaidPattern} from '../../../../source/domain/history/said.ts';
import {textMaxLength} from '../../../../source/domain/logs/journal.ts';
import {cpuMsOf} from '../../../support/cpu.ts';

/** A line as the console reads it, and what it says; undefined: nothing that is understood. */
export type SaidLine = readonly [text: string, said: Said | undefined];

export function expectSaid(service: string, rows: readonly SaidPattern[], lines: readonly SaidLine[]): void {
	it.each(lines)('%s', (text, said) => {
		expect(readLine({service, word: '', text})).toEqual(said);
	});

	it('has a line for each row', () => {
		const matched = new Set(lines.map(([text]) => rowOf(rows, text)));
		expect(rows.filter(row => !matched.has(row)).map(({pattern}) => pattern.source)).toEqual([]);
	});

	it('reads a line in linear time', () => {
		for (const [text] of lines) {
			const row = rowOf(rows, text);
			if (row === undefined) {
				continue;
			}

			for (const hostile of hostileLines(text)) {
				// A collection of garbage may fall into one of them.
				const isQuick = [1, 2, 3].some(() => cpuMsOf(() => matchSaid([row], hostile)) < limitMs);
				expect({isQuick, hostile: hostile.slice(0, 200)}).toMatchObject({isQuick: true});
			}
		}
	});
}

const rowOf = (rows: readonly SaidPattern[], text: string) =>
	rows.find(row => matchSaid([row], text) !== undefined);

/** A linear pattern takes about a millisecond for a hostile line; one that looks for two things takes some hundreds. */
const limitMs = 60;
/** Twenty times the longest text of a line. */
const hostileLength = textMaxLength * 20;

/** The line's beginning, and then a part of it again and again: a pattern goes far, and then fails. */
function hostileLines(text: string): string[] {
	const parts = text.split(/(?<=[ =,:([{"'])/).slice(0, 24);
	return parts.flatMap((_, from) =>
		[1, 2, 4].map(count => {
			const repeated = parts.slice(from, from + count).join('');
			return parts.slice(0, from).join('') + repeated.repeat(Math.ceil(hostileLength / repeated.length));
		}),
	);
}
