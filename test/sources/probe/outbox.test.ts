/** Which answers of a probe wait for each other on their way to the screen. */
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import {Answers, Outbox, waitMaxMs} from '../../../source/sources/probe/outbox.ts';

const answer = (change: Partial<Event & {type: 'probe.answered'}> = {}): Event => ({
	type: 'probe.answered',
	source: 'probe:5000',
	port: 5000,
	purpose: 'write',
	startedAt: 0,
	server: '10.73.0.160:5432',
	serverStartedAt: 1,
	inRecovery: false,
	latency: 2,
	write: true,
	...change,
});
const failure: Event = {
	type: 'probe.failed',
	source: 'probe:5000',
	port: 5000,
	purpose: 'write',
	startedAt: 0,
	reason: 'connection refused',
};
const routineOf = (events: readonly Event[]) => {
	const answers = new Answers();
	return events.map(event => answers.isRoutine(event));
};

describe('an answer waits', () => {
	it('if it is like the one right before it', () => {
		expect(routineOf([answer(), answer(), answer({latency: 9})])).toEqual([false, true, true]);
	});

	it.each<[string, Partial<Event & {type: 'probe.answered'}>]>([
		['the first of a probe', {first: true}],
		['of another server', {server: '10.73.0.170:5432'}],
		['of a server that was restarted', {serverStartedAt: 2}],
		['in another role', {inRecovery: true}],
		['to another question', {write: false}],
		['that took long', {latency: 20}],
	])('but not %s', (_, change) => {
		expect(routineOf([answer(), answer(), answer(change)])).toEqual([false, true, false]);
	});

	it('but not after a failure, which does not wait either', () => {
		expect(routineOf([answer(), answer(), failure, answer(), answer()])).toEqual([
			false,
			true,
			false,
			false,
			true,
		]);
	});

	it('also on a slow path, if it is not slower than before', () => {
		const slow = Array.from({length: 5}, () => answer({latency: 40}));
		expect(routineOf([answer(), ...slow, answer({latency: 80})])).toEqual([
			false,
			false,
			true,
			true,
			true,
			true,
			false,
		]);
		// After some quiet seconds a slow one is news again.
		const quiet = Array.from({length: 100}, () => answer());
		expect(routineOf([answer({latency: 80}), ...quiet, answer({latency: 40})]).at(-1)).toBe(false);
	});
});

describe('the outbox', () => {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	it('sends what waits once, after half a second', () => {
		const posts: (readonly number[])[] = [];
		const outbox = new Outbox<number>(reports => posts.push(reports));
		outbox.add(1, true);
		vi.advanceTimersByTime(waitMaxMs - 1);
		outbox.add(2, true);
		expect(posts).toEqual([]);
		vi.advanceTimersByTime(1);
		expect(posts).toEqual([[1, 2]]);
		outbox.add(3, true);
		vi.advanceTimersByTime(waitMaxMs);
		expect(posts).toEqual([[1, 2], [3]]);
	});

	it('sends what cannot wait at once, after what waited', () => {
		const posts: (readonly number[])[] = [];
		const outbox = new Outbox<number>(reports => posts.push(reports));
		outbox.add(1, true);
		outbox.add(2, false);
		expect(posts).toEqual([[1, 2]]);
		vi.advanceTimersByTime(waitMaxMs);
		expect(posts).toHaveLength(1);
	});
});
