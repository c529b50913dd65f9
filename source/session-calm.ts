/** Follows whether the session is calm: at each tick, and at each key and entry of the timeline. */
import type {Runtime} from './runtime.ts';
import {isCalm} from './state/calm.ts';

export function followCalm(runtime: Runtime, setCalm: (isCalm: boolean) => void): void {
	let touchedAt = runtime.state.now;
	runtime.observe(({stamped: {event}, before, after}) => {
		if (event.type === 'command' || event.type === 'typed') {
			touchedAt = after.now;
			setCalm(false);
		} else if (event.type === 'tick' || after.timeline !== before.timeline) {
			setCalm(isCalm(after, touchedAt));
		}
	});
}
