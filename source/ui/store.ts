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
	differs: (shown: State, next: State) => boolean;
};

/** Milliseconds after a drawing in which not even a key is drawn: a held key does not take all of the time. */
const hurried = 15;

export function throttledStore(runtime: Changing, {interval, differs}: StoreOptions): Store {
	let shown = runtime.state;
	return {
		get: () => shown,
		subscribe(listener) {
			let timer: NodeJS.Timeout | undefined;
			/** A key may be shown before the rest of the time has passed: who pressed it waits for it. */
			let mayHurry = false;
			let pending = false;
			const wait = () => {
				mayHurry = false;
				timer = setTimeout(() => {
					mayHurry = true;
					if (pending && runtime.state.view !== shown.view) {
						show();
						return;
					}

					timer = setTimeout(() => {
						timer = undefined;
						if (pending) {
							show();
						}
					}, interval - hurried);
				}, hurried);
			};
			const show = () => {
				pending = false;
				if (!differs(shown, runtime.state)) {
					return;
				}

				shown = runtime.state;
				clearTimeout(timer);
				wait();
				listener();
			};
			const stop = runtime.subscribe(state => {
				pending = true;
				if (timer === undefined || (mayHurry && state.view !== shown.view)) {
					show();
				}
			});
			return () => {
				stop();
				clearTimeout(timer);
			};
		},
	};
}
