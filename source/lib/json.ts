/**
 * Parses untrusted JSON with limited depth, so that recursion cannot overflow the stack; and edits maps of such data.
 */

/** Deeper than any answer of Patroni, etcd or `ip`. */
const depthMax = 64;

const quote = 0x22;
const backslash = 0x5c;
/** `[` and `{`, `]` and `}` differ in this bit only. */
const bit = 0x20;
const open = 0x7b;
const close = 0x7d;

/** @throws SyntaxError if invalid, or nested too deeply */
export function parseJson(text: string): unknown {
	if (isTooDeep(text)) {
		throw new SyntaxError(`nested deeper than ${depthMax} levels`);
	}

	return JSON.parse(text);
}

function isTooDeep(text: string): boolean {
	let depth = 0;
	let inText = false;
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		if (inText) {
			if (code === backslash) {
				index++;
			} else if (code === quote) {
				inText = false;
			}
		} else if (code === quote) {
			inText = true;
		} else if ((code | bit) === open) {
			depth++;
			if (depth > depthMax) {
				return true;
			}
		} else if ((code | bit) === close) {
			depth--;
		}
	}

	return false;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function countOf(value: unknown): number | undefined {
	const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
	return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
}

export function portOf(value: unknown): number | undefined {
	const port = countOf(value);
	return port !== undefined && port >= 1 && port <= 65_535 ? port : undefined;
}

/** A JSON value of Patroni's dynamic configuration; null in a patch deletes. */
export type Json = string | number | boolean | null | readonly Json[] | {readonly [key: string]: Json};

/** @returns a copy with the entry, which keeps its position if it existed */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, name: K, value: V): ReadonlyMap<K, V> {
	return copyOf(map).set(name, value);
}

/** @returns a copy without the name; the same map if the name was missing */
export function withoutEntry<K, V>(map: ReadonlyMap<K, V>, name: K): ReadonlyMap<K, V> {
	if (!map.has(name)) {
		return map;
	}

	const copy = copyOf(map);
	copy.delete(name);
	return copy;
}

/** An own property of an object whose names come from outside; undefined if missing. */
export function ownValue<V>(data: Readonly<Record<string, V>>, name: string): V | undefined {
	return Object.hasOwn(data, name) ? data[name] : undefined;
}

/** A third faster than `new Map(map)`; each event copies one. */
function copyOf<K, V>(map: ReadonlyMap<K, V>): Map<K, V> {
	const copy = new Map<K, V>();
	map.forEach((value, name) => {
		copy.set(name, value);
	});
	return copy;
}
