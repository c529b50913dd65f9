/** Compares states as `toEqual` does, but each pair of values once: a state shares most values with the one before it. */
import {expect} from 'vitest';
import type {State} from '../../source/state/state.ts';

/** Pairs that were found to be equal; values of a state never change. */
const equalPairs = new WeakMap<object, WeakSet<object>>();

/** A difference is printed by `toEqual`, which also decides on what is compared here only in part. */
export function expectEqual(actual: unknown, expected: unknown): void {
	if (!isEqual(actual, expected)) {
		expect(actual).toEqual(expected);
	}
}

/** The log buffer is rebuilt from events, and is the same only if all of them are there. */
export function withoutRing({logs: {ring: _, ...logs}, ...state}: State): unknown {
	return {...state, logs};
}

/** False also for kinds of values that a state does not have. */
export function isEqual(a: unknown, b: unknown): boolean {
	if (Object.is(a, b)) {
		return true;
	}

	if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
		return false;
	}

	const known = equalPairs.get(a);
	if (known?.has(b)) {
		return true;
	}

	if (!hasEqualParts(a, b)) {
		return false;
	}

	if (known === undefined) {
		equalPairs.set(a, new WeakSet([b]));
	} else {
		known.add(b);
	}

	return true;
}

function hasEqualParts(a: object, b: object): boolean {
	if (Array.isArray(a)) {
		return Array.isArray(b) && a.length === b.length && a.every((value, index) => isEqual(value, b[index]));
	}

	if (a instanceof Map) {
		return (
			b instanceof Map &&
			a.size === b.size &&
			[...a].every(([key, value]) => b.has(key) && isEqual(value, b.get(key)))
		);
	}

	return isPlain(a) && isPlain(b) && hasFieldsOf(a, b) && hasFieldsOf(b, a);
}

/** An undefined field counts as a missing one. */
function hasFieldsOf(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
	return Object.keys(b).every(key => b[key] === undefined || isEqual(a[key], b[key]));
}

function isPlain(value: object): value is Record<string, unknown> {
	return Object.getPrototypeOf(value) === Object.prototype;
}
