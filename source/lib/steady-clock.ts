/** The session's clock, which never goes back, even if the machine's clock is set. */
import {uptime} from 'node:os';

/** ms; a smaller step is an ordinary correction. */
const stepMs = 1000;

export type SteadyClocks = {
	/** Unix ms; may be set. */
	wall: () => number;
	/** ms; does not count while the machine is suspended. */
	monotonic: () => number;
	/** ms; counts while the machine is suspended, too. */
	sinceBoot: () => number;
};

/** The event that reports a step of the clock, ms. */
export type ClockStep = {type: 'clock.set'; milliseconds: number; aheadMs: number};

const steadyClocks: SteadyClocks = {
	wall: Date.now,
	monotonic: () => performance.now(),
	sinceBoot: () => uptime() * 1000,
};

/**
 * If the machine's clock is set back, ages would stop until it catches up, and lost sources would appear fresh. So the
 * session's
 * clock continues at its pace, ahead of the machine's. If set forward, it follows the machine's.
 */
export class SteadyClock {
	readonly #clocks: SteadyClocks;
	#last: {wall: number; monotonic: number};
	/** Difference of the clocks with and without suspension. */
	#suspended: number;
	/** How far the clock was set back, less what it was set forward again. */
	#aheadMs: number;
	#set = 0;

	/** @param aheadMs lead of the session's clock, taken from another thread */
	constructor({clocks = steadyClocks, aheadMs = 0}: {clocks?: SteadyClocks; aheadMs?: number} = {}) {
		this.#clocks = clocks;
		this.#aheadMs = aheadMs;
		this.#last = {wall: clocks.wall(), monotonic: clocks.monotonic()};
		this.#suspended = clocks.sinceBoot() - this.#last.monotonic;
	}

	/** Lead of the session's clock over the machine's, ms. */
	get aheadMs(): number {
		return this.#aheadMs;
	}

	/** The session's time, Unix ms. */
	readonly now = (): number => {
		const now = {wall: this.#clocks.wall(), monotonic: this.#clocks.monotonic()};
		let step = now.wall - this.#last.wall - (now.monotonic - this.#last.monotonic);
		if (Math.abs(step) > stepMs) {
			// Suspension moves the wall clock, too, but is not a step.
			const suspended = this.#clocks.sinceBoot() - now.monotonic;
			step -= suspended - this.#suspended;
			this.#suspended = suspended;
		}

		if (Math.abs(step) > stepMs) {
			this.#aheadMs = Math.max(0, this.#aheadMs - step);
			this.#set += step;
		}

		this.#last = now;
		return Math.round(now.wall + this.#aheadMs);
	};

	/** The step of the clock since the last call, if there was one. */
	readonly takeSet = (): ClockStep | undefined => {
		const milliseconds = Math.round(this.#set);
		this.#set = 0;
		return milliseconds === 0
			? undefined
			: {type: 'clock.set', milliseconds, aheadMs: Math.round(this.#aheadMs)};
	};
}

/** The session's clock in this thread. */
export const sessionClock = new SteadyClock();
