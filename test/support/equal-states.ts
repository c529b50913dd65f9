/**
 * Compares states as `toEqual` does, but each pair of values once: a state shares most values with the one before it.
 */
import {expect} from 'vitest';
import {type State, topOverlay} from '../../source/state/state.ts';

/** By value: the last value that it was equal to; values of a state are immutable. */
const equals = new WeakMap<object, object>();

/** `toEqual` prints a difference, and decides where this comparison is partial. */
export function expectEqual(actual: unknown, expected: unknown): void {
	if (!isEqual(actual, expected)) {
		expect(actual).toEqual(expected);
	}
}

/**
 * The log buffer is rebuilt from events; it is equal only if all of them are replayed. Over the logs, a snapshot leaves the
 * notice out, which may have a log line in it (source/recording/redact.ts).
 */
export function withoutRing({logs: {ring: _, ...logs}, ...state}: State): unknown {
	const view = topOverlay(state.view)?.kind === 'logs' ? {...state.view, notice: undefined} : state.view;
	return {...state, view, logs};
}

/** Also false for types of values that a state does not contain. */
export function isEqual(a: unknown, b: unknown): boolean {
	if (Object.is(a, b)) {
		return true;
	}

	if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
		return false;
	}

	if (equals.get(a) === b) {
		return true;
	}

	const isSame = hasEqualParts(a, b);
	if (isSame) {
		equals.set(a, b);
	}

	return isSame;
}

function hasEqualParts(a: object, b: object): boolean {
	if (Array.isArray(a)) {
		return Array.isArray(b) && a.length === b.length && a.every((value, index) => isEqual(value, b[index]));
	}

	if (a instanceof Map) {
		return b instanceof Map && a.size === b.size && hasEqualEntries(a, b);
	}

	return isPlain(a) && isPlain(b) && hasFieldsOf(a, b) && hasNoMore(b, a);
}

function hasEqualEntries(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
	for (const [key, value] of a) {
		if (!(b.has(key) && isEqual(value, b.get(key)))) {
			return false;
		}
	}

	return true;
}

/** An undefined field counts as a missing one. */
function hasFieldsOf(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
	return Object.keys(b).every(key => b[key] === undefined || isEqual(a[key], b[key]));
}

/** The fields that both have are equal already. */
function hasNoMore(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
	return Object.keys(b).every(key => b[key] === undefined || a[key] !== undefined);
}

function isPlain(value: object): value is Record<string, unknown> {
	return Object.getPrototypeOf(value) === Object.prototype;
}
