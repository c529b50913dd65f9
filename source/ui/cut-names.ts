/** Cuts the names of one column so that different names stay different. */
import {textWidth} from '../lib/format.ts';
import {graphemes} from '../lib/graphemes.ts';

const sign = '…';

/**
 * Each name cut to `width` columns: in the middle where that keeps them apart, else where they differ. Names that no
 * single place keeps apart end with a number of their own.
 */
export function cutNames(names: readonly string[], width: number): ReadonlyMap<string, string> {
	const different = [...new Set(names)];
	if (different.every(name => textWidth(name) <= width)) {
		return new Map(different.map(name => [name, name]));
	}

	const room = Math.max(0, width - textWidth(sign));
	const middle = Math.floor(room / 2);
	// From the middle towards the start, since names of nodes end with what identifies them; then towards the end.
	const heads = [
		...Array.from({length: middle + 1}, (_, index) => middle - index),
		...Array.from({length: room - middle}, (_, index) => middle + 1 + index),
	];
	const split = different.map(partsOf);
	for (const head of heads) {
		const cut = split.map(parts => cutAt(parts, {width, head, tail: room - head}));
		if (new Set(cut).size === different.length) {
			return new Map(different.map((name, index) => [name, cut[index] ?? name]));
		}
	}

	return numbered(different, split, width);
}

type Part = {text: string; width: number};

function partsOf(name: string): Part[] {
	return [...graphemes.segment(name)].map(({segment}) => ({text: segment, width: textWidth(segment)}));
}

function cutAt(
	parts: readonly Part[],
	{width, head, tail}: {width: number; head: number; tail: number},
): string {
	const whole = parts.reduce((sum, one) => sum + one.width, 0);
	return whole <= width
		? parts.map(({text}) => text).join('')
		: taken(parts, head).join('') + sign + taken(parts.toReversed(), tail).reverse().join('');
}

/** The first parts that fit into the room. */
function taken(parts: readonly Part[], room: number): string[] {
	let left = room;
	const kept: string[] = [];
	for (const {text, width} of parts) {
		if (width > left) {
			break;
		}

		left -= width;
		kept.push(text);
	}

	return kept;
}

function numbered(
	names: readonly string[],
	split: readonly (readonly Part[])[],
	width: number,
): ReadonlyMap<string, string> {
	const digits = String(names.length).length;
	return new Map(
		names.map((name, index) => {
			const number = String(index + 1).padStart(digits, '0');
			const head = taken(split[index] ?? [], Math.max(0, width - digits - 1)).join('');
			return [name, `${head}${width > digits ? '~' : ''}${number}`.slice(-width)];
		}),
	);
}
