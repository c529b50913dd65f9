/** When the screen is drawn: the first event of a burst at once, the others at most once per interval. */
import {afterEach, beforeEach, expect, it, vi} from 'vitest';
import {newLogOverlay} from '../../source/state/overlays.ts';
import {initialState, type State} from '../../source/state/state.ts';
import {needsRedraw, throttledStore} from '../../source/ui/screen.tsx';
import {start, target} from '../support/session.ts';

const interval = 50;

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

/** A store whose state the test sets, and the times of its redraws, ms. */
function storeOf(first: State) {
	let state = first;
	let listener: (state: State) => void = () => undefined;
	const store = throttledStore(
		{
			get state() {
				return state;
			},
			subscribe(given) {
				listener = given;
				return () => undefined;
			},
		},
		{intervalMs: interval, needsRedraw},
	);
	const began = performance.now();
	const drawn: number[] = [];
	store.subscribe(() => {
		drawn.push(performance.now() - began);
	});
	return {
		store,
		drawn,
		change(part: Partial<State>) {
			state = {...state, ...part};
			listener(state);
		},
	};
}

const calm = initialState(target, start);
const logs: State = {...calm, view: {...calm.view, overlays: [newLogOverlay(undefined)]}};
const moreLines = () => ({logs: {...calm.logs}});
const news = (now: number) => ({now: start + now});
const key = () => ({view: {...logs.view}});

it('draws the first of a burst at once, and the rest after the interval', async () => {
	const {change, drawn, store} = storeOf(calm);
	change(news(1));
	change(news(2));
	change(news(3));
	expect(drawn).toEqual([0]);
	await vi.advanceTimersByTimeAsync(1000);
	expect(drawn).toEqual([0, interval]);
	expect(store.get().now).toBe(start + 3);
});

it('draws after a key before the interval has passed', async () => {
	const {change, drawn} = storeOf(calm);
	change(news(1));
	await vi.advanceTimersByTimeAsync(5);
	change(key());
	await vi.advanceTimersByTimeAsync(1000);
	expect(drawn).toEqual([0, 15]);
});

it('waits longer if only log lines have arrived', async () => {
	const {change, drawn} = storeOf(logs);
	for (let passed = 0; passed < 1000; passed += 10) {
		change(moreLines());
		await vi.advanceTimersByTimeAsync(10);
	}

	expect(drawn).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
});

it('draws news among log lines at once', async () => {
	const {change, drawn} = storeOf(logs);
	change(moreLines());
	change(moreLines());
	await vi.advanceTimersByTimeAsync(20);
	change(news(1));
	await vi.advanceTimersByTimeAsync(1000);
	expect(drawn).toEqual([0, interval]);
});

it('does not draw an unchanged screen', async () => {
	const {change, drawn} = storeOf(calm);
	change(moreLines());
	await vi.advanceTimersByTimeAsync(1000);
	expect(drawn).toEqual([]);
});
