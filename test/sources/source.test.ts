import {setTimeout as delay} from 'node:timers/promises';
import {describe, expect, it} from 'vitest';
import {deadlineMaxSeconds} from '../../source/config/schema.ts';
import {calmPollIntervalMs, freshForMs, pollIntervalMs} from '../../source/domain/cluster/source-kinds.ts';
import type {Event} from '../../source/domain/events.ts';
import {clockSource, Pulse} from '../../source/sources/source.ts';
import {start} from '../support/session.ts';

/** The wait that ends first. */
async function first(pulse: Pulse, act: () => void): Promise<string> {
	const {signal} = new AbortController();
	const ends = Promise.race([
		pulse.pause(60_000, signal).then(() => 'pause'),
		// The last request is long enough ago for a push to poll, and not long enough for the next poll.
		pulse.untilPoll(performance.now() - 1500, signal).then(() => 'poll'),
	]);
	act();
	return ends;
}

describe('a wait between two questions', () => {
	it('is cut short by a push for a poll, and not after a refused login', async () => {
		const pulse = new Pulse();
		// Otherwise it would end after 500 ms: timers end in order on a busy machine, too.
		const uncut = delay(300).then(() => 'uncut');
		expect(await Promise.race([first(pulse, () => pulse.nudge()), uncut])).toBe('poll');
	});

	it('is cut short by the operator in any case', async () => {
		const pulse = new Pulse();
		expect(await first(pulse, () => pulse.refresh())).toBe('pause');
	});

	it('ends with its source', async () => {
		const pulse = new Pulse();
		const controller = new AbortController();
		const waits = [
			pulse.pause(60_000, controller.signal),
			pulse.untilPoll(performance.now(), controller.signal),
		];
		controller.abort();
		await expect(Promise.all(waits)).resolves.toBeDefined();
	});
});

describe('a polled source', () => {
	it('answers or is lost, with the reason, while its last answer is still fresh', () => {
		// It answered at once, then the other requests took their full deadline, and then it did.
		const longest = deadlineMaxSeconds * 1000;
		const spare = freshForMs - (Math.max(pollIntervalMs, longest) + longest);
		expect(spare).toBeGreaterThanOrEqual(1000);
	});
});

describe('in calm', () => {
	/** When polls begin within 20 s, each answered after 20 ms, ms. */
	async function pollsOf(
		acts: Readonly<Record<number, (pulse: Pulse) => void>>,
		wait = async (pulse: Pulse, began: number, signal: AbortSignal) => pulse.untilPoll(began, signal),
	): Promise<number[]> {
		const clock = new SteppedClock();
		const pulse = new Pulse(clock);
		const controller = new AbortController();
		const begins: number[] = [];
		const polling = (async () => {
			while (!controller.signal.aborted) {
				const began = clock.now();
				begins.push(began);
				await clock.wait(20, controller.signal);
				await wait(pulse, began, controller.signal);
			}
		})();
		for (let at = 0; at < 20_000; at += 10) {
			await clock.moveTo(at, () => acts[at]?.(pulse));
		}

		controller.abort();
		await polling;
		return begins;
	}

	const calm = (pulse: Pulse) => {
		pulse.setCalm(true);
	};
	const end = (pulse: Pulse) => {
		pulse.setCalm(false);
	};

	it('all sources poll at the same moments, and less often', async () => {
		expect(await pollsOf({5000: calm})).toEqual([0, 2000, 4000, 6000, 8000, 12_000, 16_000]);
		// Whenever the calm begins, and whenever the last poll was.
		expect((await pollsOf({2500: calm})).slice(2)).toEqual([4000, 8000, 12_000, 16_000]);
	});

	it('what is asked rarely waits longer, a push does not end that wait, and the operator and the end of the calm do', async () => {
		const rare = async (pulse: Pulse, _: number, signal: AbortSignal) =>
			pulse.pauseByCalm({usualMs: 3000, calmMs: 6000}, signal);
		expect(await pollsOf({5000: calm}, rare)).toEqual([0, 3020, 6040, 12_000, 18_000]);
		expect(await pollsOf({5000: calm, 9000: pulse => pulse.nudge()}, rare)).not.toContain(9000);
		expect(await pollsOf({5000: calm, 9000: pulse => pulse.refresh()}, rare)).toContain(9000);
		expect(await pollsOf({5000: calm, 9500: end}, rare)).toEqual([
			0, 3020, 6040, 9500, 12_520, 15_540, 18_560,
		]);
	});

	it('a push and the operator poll at once', async () => {
		expect(await pollsOf({5000: calm, 10500: pulse => pulse.nudge()})).toContain(10_500);
		expect(await pollsOf({5000: calm, 10500: pulse => pulse.refresh()})).toContain(10_500);
	});

	it('its end brings the usual interval, at once where the last poll was longer ago', async () => {
		expect((await pollsOf({5000: calm, 11500: end})).slice(4, 8)).toEqual([8000, 11_500, 13_500, 15_500]);
		expect((await pollsOf({5000: calm, 9500: end})).slice(4, 7)).toEqual([8000, 10_000, 12_000]);
	});

	it('its end counts as a wish to see what is so now, as the key does', () => {
		const pulse = new Pulse();
		const counts = [];
		for (const act of [calm, end, end, (one: Pulse) => one.refresh(), (one: Pulse) => one.nudge()]) {
			act(pulse);
			counts.push(pulse.refreshes);
		}

		expect(counts).toEqual([0, 1, 1, 2, 2]);
	});

	it('the clock ticks every other second, and at once when the calm ends', async () => {
		const clock = new SteppedClock();
		const pulse = new Pulse(clock);
		const controller = new AbortController();
		const ticks: number[] = [];
		const emit = (event: Event) => {
			if (event.type === 'tick') {
				ticks.push(clock.now());
			}
		};
		const ticking = clockSource(pulse.untilTick)({
			emit,
			signal: controller.signal,
			pause: pulse.pause,
			untilPoll: pulse.untilPoll,
			pauseByCalm: pulse.pauseByCalm,
		});
		for (let at = 0; at < 12_000; at += 100) {
			await clock.moveTo(at, () => {
				if (at === 2500 || at === 9500) {
					pulse.setCalm(at === 2500);
				}
			});
		}

		controller.abort();
		await ticking;
		expect(ticks).toEqual([0, 1000, 2000, 3000, 4000, 6000, 8000, 9500, 10_000, 11_000]);
	});

	it('a source answers or is lost, with the reason, while its last answer is still fresh', () => {
		expect(calmPollIntervalMs + deadlineMaxSeconds * 1000 + 1000).toBeLessThanOrEqual(freshForMs);
	});
});

/** A clock that moves only when it is moved. */
class SteppedClock {
	#now = 0;
	readonly #waits = new Set<{due: number; end: () => void}>();

	readonly now = () => this.#now;
	readonly wall = () => start + this.#now;

	readonly wait = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
		if (milliseconds <= 0 || signal.aborted) {
			return;
		}

		const {promise, resolve} = Promise.withResolvers<void>();
		const wait = {due: this.#now + milliseconds, end: () => resolve()};
		this.#waits.add(wait);
		signal.addEventListener('abort', wait.end, {once: true});
		await promise;
		this.#waits.delete(wait);
	};

	async moveTo(at: number, act: () => void): Promise<void> {
		this.#now = at;
		for (const {due, end} of [...this.#waits]) {
			if (due <= at) {
				end();
			}
		}

		act();
		// What waited begins its next wait.
		await new Promise(setImmediate);
	}
}
