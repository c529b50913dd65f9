/** The runtime's state for React: a burst of events becomes one drawing, the first of them without delay. */
import type {Runtime} from '../runtime.ts';
import type {State} from '../state/state.ts';

export type Store = {subscribe: (listener: () => void) => () => void; get: () => State};

export function throttledStore(runtime: Runtime, interval: number): Store {
	let shown = runtime.state;
	return {
		get: () => shown,
		subscribe(listener) {
			let timer: NodeJS.Timeout | undefined;
			let pending = false;
			const show = () => {
				pending = false;
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
