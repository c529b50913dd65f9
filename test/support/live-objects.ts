/** How many objects of a class are alive, after a garbage collection: what is kept for ever is counted, not timed. */
import {queryObjects} from 'node:v8';

export function liveCount(of: typeof Promise | typeof AbortSignal | typeof Map): number {
	return queryObjects(of, {format: 'count'});
}
