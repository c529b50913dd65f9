import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {LineSplitter} from '../../source/lib/line-splitter.ts';

describe('lines out of chunks', () => {
	const split = (chunks: readonly Buffer[], longest = 1e6) => {
		const splitter = new LineSplitter(longest);
		const lines: [string, number, boolean][] = [];
		for (const chunk of chunks) {
			splitter.push(chunk, (...line) => {
				lines.push(line);
			});
		}

		return lines;
	};

	it('are the same for any chunks', () => {
		fc.assert(
			fc.property(
				fc.array(fc.string({unit: 'grapheme', maxLength: 30})),
				fc.array(fc.nat(40)),
				(texts, cuts) => {
					const lines = texts.map(text => text.replaceAll('\n', ''));
					const whole = Buffer.from(lines.map(line => `${line}\n`).join(''));
					const chunks: Buffer[] = [];
					let at = 0;
					for (const cut of cuts) {
						chunks.push(whole.subarray(at, at + cut));
						at += cut;
					}

					chunks.push(whole.subarray(at));
					expect(split(chunks)).toEqual(lines.map(line => [line, Buffer.byteLength(line) + 1, false]));
				},
			),
		);
	});

	it('without an end keep their beginning, and all bytes are counted', () => {
		const chunk = Buffer.alloc(64 * 1024, 'x');
		const lines = split([...Array.from({length: 160}, () => chunk), Buffer.from('\nnext\n')], 1000);
		expect(lines).toEqual([
			['x'.repeat(1000), 160 * 64 * 1024 + 1, true],
			['next', 5, false],
		]);
	});

	it('are cut at the same place for any chunks', () => {
		fc.assert(
			fc.property(
				fc.array(fc.string({maxLength: 30}).map(text => text.replaceAll('\n', ''))),
				fc.nat(12),
				(lines, longest) => {
					const whole = Buffer.from(lines.map(line => `${line}\n`).join(''));
					const pieces = [...whole].map(byte => Buffer.from([byte]));
					const cut = lines.map(line => [line.slice(0, longest), line.length + 1, line.length > longest]);
					expect(split([whole], longest)).toEqual(cut);
					expect(split(pieces, longest)).toEqual(cut);
				},
			),
		);
	});

	it('leave the last one, which has no line end', () => {
		const splitter = new LineSplitter(5);
		const lines: string[] = [];
		const push = (text: string) => splitter.push(Buffer.from(text), line => lines.push(line));
		push('one\nla');
		expect(splitter.isOverLimit).toBe(false);
		push('st');
		expect(splitter.takeRest()).toBe('last');
		expect(splitter.takeRest()).toBe('');
		push('longer');
		expect(splitter.isOverLimit).toBe(true);
		expect(lines).toEqual(['one']);
	});
});
