/** Follows whether the session is calm, once a second and at each key. */
import type {Runtime} from './runtime.ts';
import {isCalm} from './state/calm.ts';

export function followCalm(runtime: Runtime, setCalm: (isCalm: boolean) => void): void {
	let touchedAt = runtime.state.now;
	runtime.observe(({stamped: {event}, after}) => {
		if (event.type === 'command' || event.type === 'typed') {
			touchedAt = after.now;
			setCalm(false);
		} else if (event.type === 'tick') {
			setCalm(isCalm(after, touchedAt));
		}
	});
}
