/** The runtime's state for React: a burst of events becomes one drawing, and what would look the same is not drawn again. */
import type {Runtime} from '../runtime.ts';
import type {State} from '../state/state.ts';

export type Store = {subscribe: (listener: () => void) => () => void; get: () => State};

export type StoreOptions = {
	/** Milliseconds between two drawings; the first of a burst comes without delay. */
	interval: number;
	/** The drawing that the new state asks for differs from that of the old one. */
	differs: (shown: State, next: State) => boolean;
};

export function throttledStore(runtime: Runtime, {interval, differs}: StoreOptions): Store {
	let shown = runtime.state;
	return {
		get: () => shown,
		subscribe(listener) {
			let timer: NodeJS.Timeout | undefined;
			let pending = false;
			const show = () => {
				pending = false;
				if (!differs(shown, runtime.state)) {
					return;
				}

				shown = runtime.state;
				timer = setTimeout(() => {
					timer = undefined;
					if (pending) {
						show();
					}
				}, interval);
				listener();
			};
			const stop = runtime.subscribe(() => {
				pending = true;
				if (timer === undefined) {
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
