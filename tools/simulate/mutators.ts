/** Mutates text as an outside party could: each mutator is a kind of hostile input. */
import {parseJson} from '../../source/lib/json.ts';
import type {Random} from './random.ts';

/** Characters, after which inputs are cut. */
export const inputMaxLength = 128 * 1024;

/** Names of JavaScript's own properties, paths, shell syntax, and invalid names. */
export const hostileNames: readonly string[] = [
	'constructor',
	'__proto__',
	'prototype',
	'toString',
	'hasOwnProperty',
	'valueOf',
	'then',
	'toJSON',
	'length',
	'undefined',
	'null',
	'',
	' ',
	'.',
	'..',
	'../../etc/passwd',
	'a/b',
	'-rf',
	'$(id)',
	"'; drop table x; --",
	'%s%n%00',
	'<b>&amp;</b>',
	'| a | b |',
	'名前',
	'e\u0301',
	'👩‍👩‍👧‍👦',
	'مرحبا',
];

/** Text that controls a terminal or is invisible: controls, escapes, bidi, zero width, lone surrogates, tags. */
export const hostileText: readonly string[] = [
	'\u0000',
	'\u0007',
	'\b',
	'\r',
	'\n',
	'\t',
	'\u001B[2J',
	'\u001B]0;title\u0007',
	'\u001B]52;c;aGk=\u0007',
	'\u001BP+q\u001B\\',
	'\u001B',
	'\u009B31m',
	'\u007F',
	'\u200B',
	'\u202E',
	'\u2066',
	'\u2069',
	'\u2028',
	'\u2029',
	'\uFEFF',
	'\uFFF9',
	'\uD800',
	'\uDFFF',
	'\u{E0041}',
];

/** Valid in both JSON and CSV. */
export const hostileNumbers: readonly string[] = [
	'0',
	'-0',
	'-1',
	'1e999',
	'-1e999',
	'1e-999',
	'0.1',
	'9007199254740992',
	'9007199254740993',
	'18446744073709551615',
	'-9223372036854775808',
	'99999999999999999999999999',
	'2147483648',
	'65536',
	'8640000000000001',
	'1e21',
];
const namesOfNumbers = ['NaN', 'Infinity', '-Infinity', '0x10', '1_000', '٣', '1e5', ''];

type Mutator = (text: string, random: Random) => string;

const mutators: Readonly<Record<string, Mutator>> = {
	cut: (text, random) => text.slice(0, random.below(text.length + 1)),
	'cut from the front': (text, random) => text.slice(random.below(text.length + 1)),
	'part left out': (text, random) => replaced(text, random, ''),
	'part repeated': (text, random) => {
		const [start, end] = range(text, random);
		return text.slice(0, end) + text.slice(start, end).repeat(1 + random.below(20)) + text.slice(end);
	},
	'all repeated': (text, random) => text.repeat(2 + random.below(3)),
	'repeated without end': (text, random) => {
		const [start, end] = range(text, random);
		const part = text.slice(start, end) || ' ';
		return (
			(text.slice(0, end) + part.repeat(Math.ceil(inputMaxLength / part.length))).slice(
				0,
				inputMaxLength - text.length + end,
			) + text.slice(end)
		);
	},
	'lines repeated without end': (text, random) => {
		const line = `${random.pick(text.split('\n'))}\n`;
		return text + line.repeat(Math.floor(inputMaxLength / line.length));
	},
	'lines in another order': (text, random) => {
		const lines = text.split('\n');
		for (let swaps = 1 + random.below(5); swaps > 0; swaps--) {
			const [from, to] = [random.below(lines.length), random.below(lines.length)];
			[lines[from], lines[to]] = [lines[to] ?? '', lines[from] ?? ''];
		}

		return lines.join('\n');
	},
	'characters flipped': (text, random) => {
		let flipped = text;
		for (let flips = 1 + random.below(8); flips > 0 && text.length > 0; flips--) {
			const at = random.below(text.length);
			flipped =
				flipped.slice(0, at) +
				String.fromCharCode(flipped.charCodeAt(at) ^ (1 << random.below(8))) +
				flipped.slice(at + 1);
		}

		return flipped;
	},
	'hostile name': (text, random) => word(text, random, random.pick(hostileNames)),
	'hostile character': (text, random) => inserted(text, random, random.pick(hostileText)),
	'escaped character': (text, random) =>
		inserted(
			text,
			random,
			JSON.stringify(random.pick(hostileText))
				.slice(1, -1)
				.replace(/^[^\\]$/, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
		),
	'hostile number': (text, random) => number(text, random, random.pick(hostileNumbers)),
	'no number': (text, random) => number(text, random, random.pick(namesOfNumbers)),
	'very long word': (text, random) =>
		word(
			text,
			random,
			random.pick(['a', '\\', '"', "'", ' ', '0', '(', '-', '=', 'é', ',']).repeat(inputMaxLength),
		),
	'deeply nested': (text, random) => {
		const [open, close] = random.pick([
			['[', ']'],
			['{"a":', '}'],
			['- ', ''],
			['(', ')'],
			['&a [*a, ', ']'],
		] as const);
		const depth = random.pick([10, 100, 10_000]);
		return inserted(text, random, `${open.repeat(depth)}1${close.repeat(depth)}`);
	},
	'line ends of Windows': text => text.replaceAll('\n', '\r\n'),
	'byte order mark': text => `\uFEFF${text}`,
	empty: () => '',
	blank: (_, random) => random.pick([' ', '\n', '\n\n\n', '\t', '\u0000', '""', 'null', '[]', '{}', '0']),
};

const names = Object.keys(mutators);
/** Mutators that make inputs of the maximum length, which take the most time. */
const long = new Set([
	'repeated without end',
	'lines repeated without end',
	'very long word',
	'deeply nested',
]);

export type Mutated = {text: string; kinds: readonly string[]};

/** Applies one to three mutators; few inputs reach the maximum length. */
export function mutate(seed: string, random: Random): Mutated {
	let text = seed;
	const kinds: string[] = [];
	for (let times = 1 + random.below(3); times > 0; times--) {
		const kind = random.pick(names);
		if (random.oneIn(4) || (long.has(kind) && !random.oneIn(8))) {
			const [changed, what] = mutateJson(text, random);
			text = changed;
			kinds.push(what);
		} else {
			text = mutators[kind]?.(text, random) ?? text;
			kinds.push(kind);
		}

		text = text.slice(0, inputMaxLength);
	}

	return {text, kinds};
}

/** Replaces one value in the JSON; in other text, one word. */
function mutateJson(text: string, random: Random): [string, string] {
	let json: unknown;
	try {
		json = parseJson(text);
	} catch {
		return [word(text, random, random.pick([...hostileNames, ...hostileText])), 'hostile word'];
	}

	// Marks a number that JSON.stringify would not write, until it is inserted.
	const mark = '@@';
	const strange: (() => unknown)[] = [
		() => `${mark}${random.pick(hostileNumbers)}${mark}`,
		() => random.pick(namesOfNumbers),
		() => random.pick(hostileNames),
		() => random.pick(hostileText),
		() => `a${random.pick(hostileText)}b`,
		() => null,
		() => true,
		() => [],
		() => ({}),
		() => ({toString: 0, valueOf: null}),
		() => [[[[null]]]],
		() => ({[random.pick(hostileNames)]: random.pick(hostileNames)}),
	];
	const changed = JSON.stringify(withChange(json, random, strange)) ?? 'null';
	return [changed.replaceAll(new RegExp(`"${mark}([^"]*)${mark}"`, 'g'), '$1'), 'hostile value in JSON'];
}

function withChange(json: unknown, random: Random, strange: readonly (() => unknown)[]): unknown {
	if (typeof json !== 'object' || json === null || random.oneIn(6)) {
		return random.pick(strange)();
	}

	if (Array.isArray(json)) {
		const at = random.below(json.length + 1);
		return json.toSpliced(at, 1, withChange(json[at], random, strange));
	}

	const entries = Object.entries(json);
	const at = random.below(entries.length + 1);
	const [name = random.pick(hostileNames), value] = entries[at] ?? [];
	const other = random.oneIn(8) ? random.pick(hostileNames) : name;
	return Object.fromEntries([...entries.toSpliced(at, 1), [other, withChange(value, random, strange)]]);
}

function range(text: string, random: Random): [number, number] {
	const start = random.below(text.length + 1);
	return [start, Math.min(text.length, start + random.below(random.pick([2, 10, 200, 5000])) + 1)];
}

function replaced(text: string, random: Random, by: string): string {
	const [start, end] = range(text, random);
	return text.slice(0, start) + by + text.slice(end);
}

function inserted(text: string, random: Random, what: string): string {
	const at = random.below(text.length + 1);
	return text.slice(0, at) + what + text.slice(at);
}

/** Replaces one word. */
function word(text: string, random: Random, by: string): string {
	return inPlaceOf(/[\p{L}_][\p{L}\d_.-]*/gu, text, random, by);
}

function number(text: string, random: Random, by: string): string {
	return inPlaceOf(/-?\d+(?:\.\d+)?/g, text, random, by);
}

function inPlaceOf(pattern: RegExp, text: string, random: Random, by: string): string {
	const places = [...text.slice(0, 20_000).matchAll(pattern)];
	if (places.length === 0) {
		return inserted(text, random, by);
	}

	const {0: found, index} = random.pick(places);
	return text.slice(0, index) + by + text.slice(index + found.length);
}
