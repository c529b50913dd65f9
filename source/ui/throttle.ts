/** The runtime's state for React: a burst of events becomes one drawing, and what would look the same is not drawn again. */
import type {State} from '../state/state.ts';

/** Whoever has a state that changes: the runtime, or the player of a recording. */
export type Changing = {
	readonly state: State;
	subscribe: (listener: (state: State) => void) => () => void;
};

export type Store = {subscribe: (listener: () => void) => () => void; get: () => State};

export type StoreOptions = {
	/** Milliseconds between two drawings; the first of a burst comes without delay. */
	interval: number;
	/** The drawing that the new state asks for differs from that of the old one. */
	needsRedraw: (shown: State, next: State) => boolean;
};

/** Milliseconds after a drawing in which not even a key is drawn: a held key does not take all of the time. */
const hurried = 15;
/** Intervals between two drawings that differ in nothing but lines of logs: nobody reads them faster, and keys find time. */
const unhurried = 2;

export function throttledStore(runtime: Changing, {interval, needsRedraw: differs}: StoreOptions): Store {
	let shown = runtime.state;
	/** A key may be shown before the time has passed: who pressed it waits for it. */
	const waitFor = (next: State) =>
		next.view !== shown.view
			? hurried
			: next.logs !== shown.logs && !differs({...shown, logs: next.logs}, next)
				? interval * unhurried
				: interval;
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
