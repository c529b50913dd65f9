/** The session's time: it never goes back, whatever happens to the machine's clock. */
import {uptime} from 'node:os';

/** Less is an ordinary correction; ms. */
const stepMs = 1000;

export type SteadyClocks = {
	/** May be set, Unix ms. */
	wall: () => number;
	/** Stands still while the machine is suspended, ms. */
	monotonic: () => number;
	/** Counts while the machine is suspended, too, ms. */
	sinceBoot: () => number;
};

/** An event of the session as it is; ms. */
export type ClockStep = {type: 'clock.set'; milliseconds: number; aheadMs: number};

const steadyClocks: SteadyClocks = {
	wall: Date.now,
	monotonic: () => performance.now(),
	sinceBoot: () => uptime() * 1000,
};

/**
 * A machine's clock that is set back would otherwise stop all ages until it has caught up, and what fell silent would count as
 * fresh: the session's time continues at its pace, ahead of the machine's. Set forward, the session's time is the machine's.
 */
export class SteadyClock {
	readonly #clocks: SteadyClocks;
	#last: {wall: number; monotonic: number};
	/** How far the clock that counts suspension is ahead of the one that does not. */
	#suspended: number;
	/** What the clock was set back, and not set forward again. */
	#aheadMs: number;
	#set = 0;

	/** @param aheadMs of another thread's clock, where this one takes part in its session */
	constructor({clocks = steadyClocks, aheadMs = 0}: {clocks?: SteadyClocks; aheadMs?: number} = {}) {
		this.#clocks = clocks;
		this.#aheadMs = aheadMs;
		this.#last = {wall: clocks.wall(), monotonic: clocks.monotonic()};
		this.#suspended = clocks.sinceBoot() - this.#last.monotonic;
	}

	/** How far the session's time is ahead of the machine's clock, ms. */
	get aheadMs(): number {
		return this.#aheadMs;
	}

	/** Unix ms. */
	readonly now = (): number => {
		const now = {wall: this.#clocks.wall(), monotonic: this.#clocks.monotonic()};
		let step = now.wall - this.#last.wall - (now.monotonic - this.#last.monotonic);
		if (Math.abs(step) > stepMs) {
			// A suspended machine's clock moves, too, and was not set.
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

	/** What the clock was set, up to the last `now` and since this was asked before. */
	readonly takeSet = (): ClockStep | undefined => {
		const milliseconds = Math.round(this.#set);
		this.#set = 0;
		return milliseconds === 0
			? undefined
			: {type: 'clock.set', milliseconds, aheadMs: Math.round(this.#aheadMs)};
	};
}

/** Of this thread's session. */
export const sessionClock = new SteadyClock();
