import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {sanitize, sanitizeJson, sanitizeLogLine} from '../../source/lib/sanitize.ts';

describe('text from outside', () => {
	it('keeps brackets, tabs in logs, and all letters', () => {
		const text = '[WARNING]\t(74) : {"a": [1]} — größer 数据库 🐘';
		expect(sanitizeLogLine(text)).toBe(text);
		expect(sanitize(text)).toBe(text.replace('\t', ' '));
	});

	it('has no control sequence left, whatever the input', () => {
		const nasty = fc.string({
			unit: fc.oneof(
				fc.integer({min: 0, max: 0x9f}).map(code => String.fromCharCode(code)),
				fc.constantFrom(
					'\u001B[',
					'\u001B]',
					'\u202E',
					'\u2066',
					'\uFEFF',
					'\u2028',
					'\uD800',
					'a',
					'[',
					';',
					'm',
					'\u0007',
				),
			),
		});
		fc.assert(
			fc.property(nasty, text => {
				expect(sanitizeLogLine(text)).not.toMatch(
					/[\u0000-\u0008\u000A-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/,
				);
				expect(sanitizeLogLine(text).isWellFormed()).toBe(true);
			}),
			{numRuns: 2000},
		);
	});
});

it('returns an answer itself if all of its text is safe', () => {
	const answer = {name: 'pgdb1', tags: [{a: 1}, null, ['x']], empty: {}};
	expect(sanitizeJson(answer)).toBe(answer);
});

it('cleans names and texts of an answer at any place, in order, and leaves the answer as it was', () => {
	const text =
		'{"a":1,"b\\u0007":["x","y\\u0007","z"],"__proto__":{"c":"\\u0007"},"d":{"e":[[],"\\u0007f"]},"g":2}';
	const answer: unknown = JSON.parse(text);
	expect(JSON.stringify(sanitizeJson(answer))).toBe(text.replaceAll(String.raw`\u0007`, ''));
	expect(JSON.stringify(answer)).toBe(text);
});

it('cleans a text with the name above it', () => {
	const clean = (text: string, key: string) => (key === 'query' ? 'masked' : text);
	expect(sanitizeJson({query: 'a', other: ['b', {query: ['c', 'd']}]}, clean)).toEqual({
		query: 'masked',
		other: ['b', {query: ['masked', 'masked']}],
	});
});
