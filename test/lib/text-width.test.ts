import fc from 'fast-check';
import stringWidth from 'string-width';
import {expect, it} from 'vitest';
import {textWidth} from '../../source/lib/format.ts';

it.each([
	['', 0],
	['pgdb1', 5],
	['a\tb\u0007', 2],
	['…', 1],
	['東京', 4],
	['e\u0301', 1],
	['👩‍👩‍👧', 2],
	['\u001B[31m…\u001B[39m', 1],
	['é'.repeat(600), 600],
])('%j has %i columns, measured once or again', (text, columns) => {
	expect([textWidth(text), textWidth(text)]).toEqual([columns, columns]);
});

it('is the same for any text, whatever was measured before', () => {
	const text = fc.oneof(fc.string(), fc.string({unit: fc.constantFrom('a', ' ', '…', '東', '\u0301', '👍')}));
	fc.assert(
		fc.property(fc.array(text, {maxLength: 40}), texts => {
			expect(texts.map(textWidth)).toEqual(texts.map(one => stringWidth(one)));
		}),
	);
	const many = Array.from({length: 3000}, (_, index) => `${'é'.repeat(index % 7)}${index}`);
	expect(many.map(textWidth)).toEqual(many.map(one => one.length));
	expect(textWidth('éé1234')).toBe(6);
});
