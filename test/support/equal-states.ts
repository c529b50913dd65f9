/**
 * Compares states as `toEqual` does, but each pair of values once: a state shares most values with the one before it.
 */
import {expect} from 'vitest';
import type {State} from '../../source/state/state.ts';

/** Pairs known to be equal; values of a state are immutable. */
const equalPairs = new WeakMap<object, WeakSet<object>>();

/** `toEqual` prints a difference, and decides where this comparison is partial. */
export function expectEqual(actual: unknown, expected: unknown): void {
	if (!isEqual(actual, expected)) {
		expect(actual).toEqual(expected);
	}
}

/** The log buffer is rebuilt from events; it is equal only if all of them are replayed. */
export function withoutRing({logs: {ring: _, ...logs}, ...state}: State): unknown {
	return {...state, logs};
}

/** Also false for types of values that a state does not contain. */
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
