import {describe, expect, it} from 'vitest';
import {withoutMarks, withoutPasteMarks} from '../../source/ui/terminal.ts';

const begin = '\u001B[200~';

describe('the marks of a bracketed paste', () => {
	it('are removed, and one without its end does not hold back keys', () => {
		expect(withoutMarks('', `${begin}abc`)).toBe('abc');
		expect(withoutMarks('', `a${begin}bc\u001B[201~d`)).toBe('abcd');
	});

	it.each([1, 2, 3, 4, 5])('are removed if they are cut after %i characters', cut => {
		const first = withoutMarks('', begin.slice(0, cut));
		const second = withoutMarks(first, `${begin.slice(cut)}q`);
		expect(`${first}${second}`).not.toContain(begin);
		expect(second.endsWith('q')).toBe(true);
	});

	it('do not change other keys', () => {
		expect(withoutMarks('', '\u001B[A\u001B[20~')).toBe('\u001B[A\u001B[20~');
	});

	it('are removed from a stream that is otherwise unchanged', () => {
		const chunks = ['a\u001B[2', '00~b', null];
		const stream = {isTTY: true, read: () => chunks.shift() ?? null} as unknown as NodeJS.ReadStream;
		const clean = withoutPasteMarks(stream);
		expect(clean.isTTY).toBe(true);
		expect([clean.read(), clean.read(), clean.read()]).toEqual(['a\u001B[2', '9~b', null]);
	});
});
