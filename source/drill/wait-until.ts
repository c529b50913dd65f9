/** Waits for what the sources see: until it is so, until a time has passed, or until the drill is broken off. */
import type {Runtime} from '../runtime.ts';
import type {State} from '../state/state.ts';

export type Waited = 'seen' | 'late' | 'broken off';

export type Waiting = (isSo: (state: State) => boolean, milliseconds: number) => Promise<Waited>;

export function waitUntil(runtime: Pick<Runtime, 'state' | 'subscribe'>, signal: AbortSignal): Waiting {
	return async (isSo, milliseconds) => {
		if (isSo(runtime.state)) {
			return 'seen';
		}

		const {promise, resolve} = Promise.withResolvers<Waited>();
		const stop = runtime.subscribe(state => {
			if (isSo(state)) {
				resolve('seen');
			}
		});
		const timer = setTimeout(() => {
			resolve('late');
		}, milliseconds);
		const broken = () => {
			resolve('broken off');
		};
		signal.addEventListener('abort', broken);
		if (signal.aborted) {
			broken();
		}

		try {
			return await promise;
		} finally {
			stop();
			clearTimeout(timer);
			signal.removeEventListener('abort', broken);
		}
	};
}
