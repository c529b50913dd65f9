/** A text field: typing, pasting, erasing. */
import {describe, expect, it} from 'vitest';
import {eraseText, insertText} from '../../../source/state/update/prompt.ts';

describe('a text field', () => {
	it.each([
		['a', 'b', 'ab'],
		['', '\u001B[2J\r\n\u0007\u009B31mx', '[2J31mx'],
		// The joiners are invisible, and are removed.
		['', 'päß 漢字 👩‍👩‍👧', 'päß 漢字 👩👩👧'],
		// A change of text direction makes a line look like another one.
		['', 'pgdb1\u202E1bdgp\u2066', 'pgdb11bdgp'],
	])('"%s" with %j behind it is %j', (text, more, expected) => {
		expect(insertText(text, more)).toBe(expected);
	});

	it('is limited to a line, and never ends in half a character', () => {
		expect(insertText('', 'x'.repeat(1000))).toHaveLength(200);
		expect([...insertText('', '👩'.repeat(1000))]).toHaveLength(200);
	});

	it.each([
		['ab', 'a'],
		['', ''],
		['né', 'n'],
		['ne\u0301', 'n'],
		['a👩‍👩‍👧', 'a'],
		['🇩🇪🇫🇷', '🇩🇪'],
	])('%j loses its last character as it is seen', (text, expected) => {
		expect(eraseText(text)).toBe(expected);
	});
});
