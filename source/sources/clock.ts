/** The clock as a source: a tick at each full second. */
import type {Source} from './source.ts';

export const clockSource: Source = async ({emit, signal, pause}) => {
	while (!signal.aborted) {
		emit({type: 'tick'});
		await pause(1000 - (Date.now() % 1000), signal);
	}
};
