/** An election is shorter than a poll: what an endpoint says during it is asked again, once, by a clock of the test. */
import {describe, expect, it, onTestFinished} from 'vitest';
import type {EtcdConnection} from '../../source/connections/etcd-grpc.ts';
import type {Event} from '../../source/domain/events.ts';
import {DcsEntries} from '../../source/sources/dcs-values.ts';
import {etcdSource} from '../../source/sources/etcd.ts';
import {newOrder} from '../../source/sources/source.ts';

const url = 'http://10.73.0.160:2379';
/** The interval of polls on the clock of the test, ms. */
const pollMs = 2000;

/** A clock that only the test moves. */
class Clock {
	now = 0;
	readonly #waiting: {until: number; wake: () => void}[] = [];

	readonly wait = async (milliseconds: number, signal: AbortSignal): Promise<void> =>
		new Promise(resolve => {
			if (signal.aborted) {
				resolve();
				return;
			}

			this.#waiting.push({until: this.now + milliseconds, wake: resolve});
			signal.addEventListener('abort', () => resolve(), {once: true});
		});

	/** Lets all promises settle, at this time and at each at which something waits until then. */
	async advanceTo(time: number): Promise<void> {
		await settle();
		for (;;) {
			const next = this.#waiting.filter(({until}) => until <= time).sort((a, b) => a.until - b.until)[0];
			if (next === undefined) {
				this.now = time;
				return;
			}

			this.#waiting.splice(this.#waiting.indexOf(next), 1);
			this.now = next.until;
			next.wake();
			await settle();
		}
	}
}

/** Nothing here waits for a socket or a timer. */
const settle = async () => new Promise(resolve => setImmediate(resolve));

function follow(leaderAt: (time: number) => string | undefined) {
	const clock = new Clock();
	const askedAt: number[] = [];
	const events: Event[] = [];
	const endpoint: EtcdConnection = {
		url,
		async status() {
			askedAt.push(clock.now);
			return {
				memberId: '1',
				version: '3.5.16',
				dbSize: 1,
				raftTerm: 2,
				revision: 3,
				raftLeader: leaderAt(clock.now),
			} as Awaited<ReturnType<EtcdConnection['status']>>;
		},
		read: async () => ({clusterId: '7', revision: 3, keys: []}),
		keys: async () => [],
		members: async () => ({members: [], alarms: []}),
		leaseTimeToLive: async () => ({ttl: 1, grantedTtl: 1}),
		watch: async () => undefined,
		close: () => undefined,
	};
	const controller = new AbortController();
	const done = etcdSource(() => endpoint, url, {
		prefix: '/service/main/',
		order: newOrder(),
		entries: new DcsEntries(),
		watch: false,
	})({
		emit: event => events.push(event),
		signal: controller.signal,
		pause: clock.wait,
		pauseByCalm: async ({usualMs}, signal) => clock.wait(usualMs, signal),
		async untilPoll(_, signal) {
			// Polls begin every two seconds, however long one takes.
			await clock.wait(pollMs - (clock.now % pollMs), signal);
		},
	});
	onTestFinished(async () => {
		controller.abort();
		await done;
	});
	const shown = () =>
		events.flatMap(event => (event.type === 'etcd.status' ? [event.status.raftLeader] : []));
	return {clock, askedAt, shown};
}

describe('an endpoint that has no raft leader', () => {
	it('is asked again after 200 ms, and shown with its leader then', async () => {
		const {clock, askedAt, shown} = follow(time => (time >= 2000 && time < 2100 ? undefined : '1'));
		await clock.advanceTo(2199);
		expect(shown()).toEqual(['1', undefined]);
		await clock.advanceTo(2200);
		expect(shown()).toEqual(['1', undefined, '1']);
		await clock.advanceTo(6000);
		expect(askedAt).toEqual([0, 2000, 2200, 4000, 6000]);
	});

	it('and gets none is asked twice in each interval, not more', async () => {
		const {clock, askedAt} = follow(() => undefined);
		await clock.advanceTo(5999);
		expect(askedAt).toEqual([0, 200, 2000, 2200, 4000, 4200]);
	});

	it('is asked once in each interval while it has one', async () => {
		const {clock, askedAt} = follow(() => '1');
		await clock.advanceTo(5999);
		expect(askedAt).toEqual([0, 2000, 4000]);
	});
});
