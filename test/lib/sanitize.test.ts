import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {sanitize, sanitizeLogLine} from '../../source/lib/sanitize.ts';

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
