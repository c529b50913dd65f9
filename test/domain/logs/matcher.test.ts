import {execFileSync} from 'node:child_process';
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

it('leaves V8 as it is until there is a regular expression: other flags make compiled code useless', () => {
	const script = `
		const {compileMatcher, plainMatcher} = await import(${JSON.stringify(path.resolve('source/domain/logs/matcher.ts'))});
		const isChanged = () => { try { new RegExp('a', 'l'); return true; } catch { return false; } };
		compileMatcher('word');
		plainMatcher('word');
		const before = isChanged();
		compileMatcher('/expression/');
		console.log(before, isChanged());
	`;
	const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
		encoding: 'utf8',
	});
	expect(output).toBe('false true\n');
});

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
