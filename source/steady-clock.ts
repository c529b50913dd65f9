/** The time that events are stamped with: this machine's, but it never goes back and never stands still when that is set back. */

/** Less is an ordinary correction; ms. */
const stepMs = 1000;

/**
 * Unix ms. A machine's clock that is set back would otherwise stop all ages until it has caught up, and what fell silent would
 * count as fresh. Set forward, it is believed: the machine may have been suspended.
 */
export function steadyClock(
	wall: () => number = Date.now,
	monotonic: () => number = () => performance.now(),
): () => number {
	let last = {wall: wall(), monotonic: monotonic()};
	/** What the clock was set back, and not set forward again. */
	let ahead = 0;
	return () => {
		const now = {wall: wall(), monotonic: monotonic()};
		const step = now.wall - last.wall - (now.monotonic - last.monotonic);
		if (step < -stepMs) {
			ahead -= step;
		} else if (step > stepMs) {
			ahead = Math.max(0, ahead - step);
		}

		last = now;
		return Math.round(now.wall + ahead);
	};
}
