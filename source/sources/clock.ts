/** The clock as a source: a tick at each full second, and a word about each time in which this program itself did not run. */
import {ownTime} from '../lib/own-time.ts';
import type {Source} from './source.ts';

export const clockSource: Source = async ({emit, signal, pause}) => {
	const stop = ownTime.onStall(({milliseconds}) => {
		emit({type: 'console.stalled', milliseconds: Math.round(milliseconds)});
	});
	try {
		while (!signal.aborted) {
			// What a late tick makes of ages is known before the tick itself.
			ownTime.now();
			emit({type: 'tick'});
			await pause(1000 - (Date.now() % 1000), signal);
		}
	} finally {
		stop();
	}
};
