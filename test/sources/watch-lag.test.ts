import {describe, expect, it} from 'vitest';
import type {RawRange} from '../../source/connections/etcd-grpc.ts';
import {WatchLag} from '../../source/sources/watch-lag.ts';

function range(revision: number, keys: Readonly<Record<string, number>>): RawRange {
	return {
		clusterId: '1',
		revision,
		keys: Object.entries(keys).map(([key, modRevision]) => ({
			key,
			value: '',
			createRevision: 1,
			modRevision,
			lease: undefined,
		})),
	};
}

/** A watch that began after this read, on a clock of the test. */
function watched(first: RawRange) {
	let now = 0;
	const waiting = new Set<{due: number; passed: () => void}>();
	const lags: string[] = [];
	const lag = new WatchLag(first, error => lags.push(error.message), {
		after(milliseconds, passed) {
			const one = {due: now + milliseconds, passed};
			waiting.add(one);
			return () => waiting.delete(one);
		},
	});
	const pass = (milliseconds: number) => {
		now += milliseconds;
		for (const one of waiting) {
			if (one.due <= now) {
				waiting.delete(one);
				one.passed();
			}
		}
	};
	return {lag, lags, pass};
}

describe('a watch', () => {
	it('that reports nothing of a change lags five seconds after the read that shows it', () => {
		const {lag, lags, pass} = watched(range(10, {leader: 10, status: 9}));
		lag.takeRead(range(12, {leader: 10, status: 12}));
		pass(2000);
		lag.takeRead(range(13, {leader: 10, status: 13}));
		pass(2999);
		expect(lags).toEqual([]);
		pass(1);
		expect(lags).toEqual(['the watch lags: a change that was read 5 s ago is missing']);
	});

	it('that reports nothing of a deleted key lags, too', () => {
		const {lag, lags, pass} = watched(range(10, {leader: 10, status: 9}));
		lag.takeRead(range(11, {status: 9}));
		pass(5000);
		expect(lags).toHaveLength(1);
	});

	it('that reports the change late, but in time, does not lag', () => {
		const {lag, lags, pass} = watched(range(10, {leader: 10}));
		lag.takeRead(range(12, {leader: 10, status: 12}));
		pass(4999);
		lag.takeChange(12);
		lag.takeRead(range(12, {leader: 10, status: 12}));
		pass(10_000);
		expect(lags).toEqual([]);
	});

	it('that is always late lags by the oldest change that is missing', () => {
		const {lag, lags, pass} = watched(range(10, {leader: 10}));
		for (let revision = 11; revision < 14; revision++) {
			lag.takeRead(range(revision, {leader: revision}));
			pass(1500);
		}

		lag.takeChange(10);
		pass(500);
		expect(lags).toHaveLength(1);
	});

	it('that reports before the read, or reports the deletion, does not lag', () => {
		const {lag, lags, pass} = watched(range(10, {leader: 10, status: 9}));
		lag.takeChange(11);
		lag.takeChange(12);
		lag.takeRead(range(12, {status: 12}));
		pass(5000);
		expect(lags).toEqual([]);
	});

	it('is not expected to report what the read before it has, nor what others write', () => {
		const {lag, lags, pass} = watched(range(10, {leader: 10, status: 9}));
		lag.takeRead(range(900, {leader: 10, status: 9}));
		pass(5000);
		expect(lags).toEqual([]);
	});

	it('that has ended does not lag', () => {
		const {lag, lags, pass} = watched(range(10, {leader: 10}));
		lag.takeRead(range(11, {leader: 11}));
		lag.close();
		pass(5000);
		expect(lags).toEqual([]);
	});
});
