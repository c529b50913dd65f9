/** The state for React: a burst of events is drawn once, and nothing that would look the same. */
import type {State} from '../state/state.ts';

/** The runtime, or the player of a recording. */
export type Changing = {
	readonly state: State;
	subscribe: (listener: (state: State) => void) => () => void;
};

export type Store = {subscribe: (listener: () => void) => () => void; get: () => State};

export type StoreOptions = {
	/** Between two drawings; the first of a burst is not delayed. */
	intervalMs: number;
	/** The new state looks different. */
	needsRedraw: (shown: State, next: State) => boolean;
};

/** Between two drawings of keys: a held key must not take all of the time. */
const keyIntervalMs = 15;
/** Between two drawings that differ only in log lines, in intervals: they are not read faster, and keys get their turn. */
const logIntervals = 2;

export function throttledStore(runtime: Changing, {intervalMs, needsRedraw: differs}: StoreOptions): Store {
	let shown = runtime.state;
	/** A key is drawn early: its operator waits for it. */
	const waitFor = (next: State) =>
		next.view !== shown.view
			? keyIntervalMs
			: next.logs !== shown.logs && !differs({...shown, logs: next.logs}, next)
				? intervalMs * logIntervals
				: intervalMs;
	return {
		get: () => shown,
		subscribe(listener) {
			let drawnAt = Number.NEGATIVE_INFINITY;
			let timer: {due: number; end: NodeJS.Timeout} | undefined;
			const disarm = () => {
				clearTimeout(timer?.end);
				timer = undefined;
			};
			const look = () => {
				const next = runtime.state;
				const now = performance.now();
				const due = drawnAt + waitFor(next);
				if (now < due) {
					if (timer === undefined || due < timer.due) {
						disarm();
						timer = {due, end: setTimeout(again, Math.ceil(due - now))};
					}

					return;
				}

				disarm();
				if (differs(shown, next)) {
					shown = next;
					drawnAt = now;
					listener();
				}
			};
			const again = () => {
				timer = undefined;
				look();
			};
			const stop = runtime.subscribe(look);
			return () => {
				stop();
				disarm();
			};
		},
	};
}
