/** Checks a program's table by lines: each says what is expected, and each row of the table is the one that a line matches. */
import {expect, it} from 'vitest';
import {readLine} from '../../../../source/domain/history/read-line.ts';
import {matchSaid, type Said, type SaidPattern} from '../../../../source/domain/history/said.ts';

/** A line as the console reads it, and what it says; undefined: nothing that is understood. */
export type SaidLine = readonly [text: string, said: Said | undefined];

export function expectSaid(service: string, rows: readonly SaidPattern[], lines: readonly SaidLine[]): void {
	it.each(lines)('%s', (text, said) => {
		expect(readLine({service, word: '', text})).toEqual(said);
	});

	it('has a line for each row', () => {
		const matched = new Set(
			lines.map(([text]) => rows.find(row => matchSaid([row], text) !== undefined)).filter(Boolean),
		);
		expect(rows.filter(row => !matched.has(row)).map(({pattern}) => pattern.source)).toEqual([]);
	});
}
