import {chmodSync, globSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {beforeEach, expect, it} from 'vitest';
import {KeptCode} from '../../source/lib/kept-code.ts';
import {temporaryFolder} from '../support/folder.ts';

let root: string;
let kept: string;

beforeEach(() => {
	root = temporaryFolder('kept-code');
	kept = path.join(root, 'kept');
	mkdirSync(kept);
	write('one.cjs', 'exports.value = function () { return 1 };');
});

function write(name: string, text: string): void {
	writeFileSync(path.join(root, name), text);
}

/** What a run of the program gets, which then keeps the code. */
function run(): number {
	const code = new KeptCode(root, kept);
	const value = numberOf(code.load('one.cjs'));
	code.keep();
	return value;
}

function numberOf(exports: unknown): number {
	return (exports as {value: () => number}).value();
}

function codeFile(): string {
	return path.join(kept, 'one.cjs.code');
}

/** A time within the last hour, to see whether the file is written again. */
function touch(minutesAgo: number): number {
	const seconds = Math.round(Date.now() / 1000) - minutesAgo * 60;
	utimesSync(codeFile(), seconds, seconds);
	return seconds * 1000;
}

it('keeps the code of what ran, and uses it', () => {
	expect(run()).toBe(1);
	expect(statSync(codeFile()).mode & 0o777).toBe(0o600);
	const before = touch(10);
	expect(run()).toBe(1);
	expect(statSync(codeFile()).mtimeMs).toBe(before);
	expect(globSync('*', {cwd: kept})).toEqual(['one.cjs.code']);
});

it('keeps functions that were called, not just those of the start', () => {
	const code = new KeptCode(root, kept);
	const exports = code.load('one.cjs');
	code.keep();
	const before = statSync(codeFile()).size;
	numberOf(exports);
	code.keep();
	expect(statSync(codeFile()).size).toBeGreaterThan(before);
});

it('runs each script once, with the modules that it requires', () => {
	write(
		'two.cjs',
		'const one = require("./one.cjs"), path = require("node:path"); exports.one = one; exports.path = path;',
	);
	const code = new KeptCode(root, kept);
	expect(code.load('two.cjs')).toEqual({one: code.load('./one.cjs'), path});
	write('where.cjs', 'exports.all = [__filename, __dirname, importMetaUrl];');
	expect(code.load('where.cjs')).toEqual({
		all: [path.join(root, 'where.cjs'), root, `file://${path.join(root, 'where.cjs')}`],
	});
});

it('runs another script of the same length as it is', () => {
	run();
	write('one.cjs', 'exports.value = function () { return 2 };');
	expect(run()).toBe(2);
	expect(run()).toBe(2);
});

it.each([
	['damaged', (code: Buffer) => code.fill(0xff, code.length / 2)],
	['cut', (code: Buffer) => code.subarray(0, code.length / 2)],
	['empty', () => Buffer.alloc(0)],
])('runs without %s code, and keeps it again', (_, change) => {
	run();
	const whole = readFileSync(codeFile());
	writeFileSync(codeFile(), change(Buffer.from(whole)));
	expect(run()).toBe(1);
	expect(readFileSync(codeFile()).length).toBe(whole.length);
	const before = touch(10);
	run();
	expect(statSync(codeFile()).mtimeMs).toBe(before);
});

it('keeps the code again after an hour: another run calls other functions', () => {
	run();
	const before = touch(61);
	expect(run()).toBe(1);
	expect(statSync(codeFile()).mtimeMs).toBeGreaterThan(before);
});

it('runs where nothing can be written', () => {
	const code = new KeptCode(root, path.join(root, 'none'));
	expect(numberOf(code.load('one.cjs'))).toBe(1);
	expect(() => code.keep()).not.toThrow();
	chmodSync(kept, 0o500);
	expect(run()).toBe(1);
});
