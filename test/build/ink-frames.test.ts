/** Ink as the build changes it writes the same frames as Ink itself. */
import {cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import fc from 'fast-check';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {changedFiles, keepOfFrames} from '../../tools/build/ink-frames.ts';

type Clip = {
	x1?: number | undefined;
	x2?: number | undefined;
	y1?: number | undefined;
	y2?: number | undefined;
};
type Output = {
	write(
		x: number,
		y: number,
		text: string,
		options: {transformers: Array<(line: string, index: number) => string>},
	): void;
	clip(clip: Clip): void;
	unclip(): void;
	get(): {output: string; height: number};
};
type OutputModule = {default: new (size: {width: number; height: number}) => Output};

const inkFolder = path.resolve('node_modules/ink');
/** Beside Ink, so that it finds the same packages. */
let copy: string;
let original: OutputModule['default'];
let changed: OutputModule['default'];

beforeAll(async () => {
	// Of a run that was killed.
	for (const name of readdirSync(inkFolder).filter(one => one.startsWith('build-changed-'))) {
		rmSync(path.join(inkFolder, name), {recursive: true, force: true});
	}

	copy = mkdtempSync(path.join(inkFolder, 'build-changed-'));
	cpSync(path.join(inkFolder, 'build'), copy, {recursive: true});
	for (const name of changedFiles) {
		const file = path.join(copy, name);
		writeFileSync(file, keepOfFrames(name, readFileSync(file, 'utf8')));
	}

	const load = async (folder: string): Promise<OutputModule> =>
		import(/* @vite-ignore */ pathToFileURL(path.join(folder, 'output.js')).href);
	original = (await load(path.join(inkFolder, 'build'))).default;
	changed = (await load(copy)).default;
});

afterAll(() => {
	rmSync(copy, {recursive: true, force: true});
});

const text = fc
	.array(
		fc.constantFrom(
			'a',
			'leader',
			' ',
			'\n',
			'日本',
			'한',
			'👩‍👩‍👧',
			'é',
			'\u{1B}[31m',
			'\u{1B}[7m',
			'\u{1B}[1m',
			'\u{1B}[39m',
			'\u{1B}[0m',
		),
		{maxLength: 12},
	)
	.map(parts => parts.join(''));
const bound = fc.option(fc.integer({min: 0, max: 24}), {nil: undefined});
const write = fc.record({
	x: fc.integer({min: -3, max: 22}),
	y: fc.integer({min: -2, max: 7}),
	text,
	isUpper: fc.boolean(),
	clip: fc.option(fc.record({x1: bound, x2: bound, y1: bound, y2: bound}), {nil: undefined}),
});
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;

function frameOf(
	made: OutputModule['default'],
	size: {width: number; height: number},
	writes: readonly Write[],
) {
	const output = new made(size);
	for (const one of writes) {
		if (one.clip !== undefined) {
			output.clip(one.clip);
		}

		output.write(one.x, one.y, one.text, {
			transformers: one.isUpper ? [(line, index) => `${index}${line.toUpperCase()}`] : [],
		});
		if (one.clip !== undefined) {
			output.unclip();
		}
	}

	return output.get();
}

test('frames one after another, some of whose texts are those of the frame before', () => {
	fc.assert(
		fc.property(
			fc.array(write, {minLength: 1, maxLength: 8}),
			fc.array(fc.record({at: fc.nat(), other: write, width: fc.constantFrom(20, 20, 20, 12)}), {
				maxLength: 6,
			}),
			(first, changes) => {
				const writes = [...first];
				expect(frameOf(changed, {width: 20, height: 6}, writes)).toEqual(
					frameOf(original, {width: 20, height: 6}, writes),
				);
				for (const {at, other, width} of changes) {
					writes[at % writes.length] = other;
					const size = {width, height: width === 20 ? 6 : 3};
					expect(frameOf(changed, size, writes)).toEqual(frameOf(original, size, writes));
				}
			},
		),
		{numRuns: 500},
	);
});

test('a row whose cells are those of the frame before stays, and another one changes', () => {
	const line = {x: 0, text: '\u{1B}[31mpgdb1\u{1B}[39m', isUpper: false, clip: undefined};
	const frames = ['one', 'two', 'two', 'one'].map(
		word =>
			frameOf(changed, {width: 20, height: 2}, [
				{...line, y: 0},
				{...line, y: 1, text: word},
			]).output,
	);
	expect(frames).toEqual(['one', 'two', 'two', 'one'].map(word => `\u{1B}[31mpgdb1\u{1B}[39m\n${word}`));
});

test('more characters and styles than are kept', () => {
	for (let frame = 0; frame < 60; frame++) {
		const letters = Array.from({length: 100}, (_, index) =>
			String.fromCodePoint(0x4e00 + frame * 50 + index),
		);
		const styled = letters.map(
			(letter, index) => `\u{1B}[38;5;${(frame + index) % 256}m${letter}a\u{1B}[39m`,
		);
		const writes = [letters, styled, letters].map((parts, y) => ({
			x: 0,
			y,
			text: parts.join(''),
			isUpper: false,
			clip: undefined,
		}));
		const size = {width: 300, height: 3};
		expect(frameOf(changed, size, writes)).toEqual(frameOf(original, size, writes));
	}
});

test('a text that Ink no longer has ends the build', () => {
	expect(() => keepOfFrames('measure-text.js', 'const cache = new Map();')).toThrow(
		"ink's measure-text.js has 0 times, not 1: maxSize: 4096",
	);
});
