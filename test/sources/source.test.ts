import {setTimeout as delay} from 'node:timers/promises';
import {describe, expect, it} from 'vitest';
import {deadlineMaxSeconds} from '../../source/config/schema.ts';
import {freshForMs, pollIntervalMs} from '../../source/domain/cluster/source-kinds.ts';
import {Pulse} from '../../source/sources/source.ts';

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
