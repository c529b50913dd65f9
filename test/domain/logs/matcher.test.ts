import {spawnSync} from 'node:child_process';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {defaultLogFilter, termsOf, testOf} from '../../../source/domain/logs/filtered-lines.ts';
import type {LogLine} from '../../../source/domain/logs/log-buffer.ts';
import {compileMatcher, type Matcher} from '../../../source/domain/logs/matcher.ts';
import {cpuMsOf} from '../../support/cpu.ts';

function pattern(source: string): Matcher {
	const compiled = compileMatcher(source);
	if ('problem' in compiled) {
		throw new Error(compiled.problem);
	}

	return compiled.value;
}

describe('a pattern', () => {
	it('ignores case, unless it has capitals', () => {
		expect(pattern('lock').test('Lock owner')).toBe(true);
		expect(pattern('Lock').test('the lock')).toBe(false);
		expect(pattern('/lock\\S/').test('LOCKS')).toBe(true);
	});

	it('reports where it matches', () => {
		expect(pattern('ab').ranges('abXAB')).toEqual([
			[0, 2],
			[3, 5],
		]);
		expect(pattern('/a+/').ranges('aaXa')).toEqual([
			[0, 2],
			[3, 4],
		]);
		expect(pattern('/x*/').ranges('abc')).toEqual([]);
	});

	it.each(['(x+x+)+y', '(.*)*z', '^(a|a)*$', '.*.*.*.*=', '(\\w+\\s?)*!'])(
		'%s does not hang on a hostile line',
		source => {
			const text = `${'xa'.repeat(4000)} `;
			// Endless with V8's backtracking engine; a fraction of a second with its linear one.
			expect(cpuMsOf(() => expect(pattern(`/${source}/`).test(text)).toBe(false))).toBeLessThan(5000);
		},
	);

	it.each(['(?=x)y', '(x)\\1', 'x{1,500}y', '(', '[', 'x'.repeat(300)])(
		'refuses %s, and says why',
		source => {
			expect(compileMatcher(`/${source}/`)).toHaveProperty('problem');
		},
	);
});

it('lets Node.js start with the code of its modules that it brings along, as V8 refuses it with other flags', () => {
	const matcher = path.join(import.meta.dirname, '../../../source/domain/logs/matcher.ts');
	const script = (source: string) => `
		import {compileMatcher} from ${JSON.stringify(matcher)};
		compileMatcher(${JSON.stringify(source)});
		process.getBuiltinModule('node:http2');
	`;
	const [word, expression] = ['lock', '/lock/'].map(
		source =>
			spawnSync(process.execPath, ['--input-type=module', '--eval', script(source)], {
				encoding: 'utf8',
				env: {...process.env, NODE_DEBUG_NATIVE: 'CODE_CACHE'},
			}).stderr,
	);
	expect(word).toMatch(/Code cache of http2 .*accepted/);
	expect(word).not.toContain('rejected');
	// Else this would find nothing.
	expect(expression).toMatch(/Code cache of http2 .*rejected/);
});

describe('a filter', () => {
	const line = (text: string, more: Partial<LogLine> = {}): LogLine => ({
		at: 1,
		order: 1,
		node: 'pgdb1',
		service: 'patroni',
		level: 6,
		word: 'INFO',
		text,
		...more,
	});
	const passes = (filter: string, text: string) => testOf({...defaultLogFilter, filter}).test(line(text));

	it('requires all of its words, and excludes those after !', () => {
		expect(passes('lock owner', 'Lock owner: pgdb1')).toBe(true);
		expect(passes('lock !owner', 'Lock owner: pgdb1')).toBe(false);
		expect(passes('!/no action/', 'no action. I am pgdb1')).toBe(false);
		expect(passes('"owner: p"', 'Lock owner: pgdb1')).toBe(true);
		expect(passes('/own|rent/ !zzz', 'Lock owner')).toBe(true);
		expect(passes('[WARNING]', 'a [WARNING] b')).toBe(true);
	});

	it('names an invalid word', () => {
		expect(termsOf('a /(/ b')).toEqual({problem: expect.stringContaining('/(/')});
	});

	it("hides services and less severe lines, but never the console's own", () => {
		const choice = {...defaultLogFilter, hidden: ['patroni'], level: 4, nodes: ['pgdb2'], filter: 'nothing'};
		expect(testOf(choice).test(line('x'))).toBe(false);
		expect(testOf(choice).test(line('VIP left pgdb1', {service: 'pgha-top', node: undefined}))).toBe(true);
	});
});
