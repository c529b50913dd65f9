/** Number of live objects of a class after a garbage collection: a leak is counted, not timed. */
import {queryObjects} from 'node:v8';

export function liveCount(of: typeof Promise | typeof AbortSignal | typeof Map): number {
	return queryObjects(of, {format: 'count'});
}
