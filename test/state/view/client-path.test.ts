import {describe, expect, it} from 'vitest';
import {clientPathLines} from '../../../source/state/view/client-path.ts';
import {Session, start, target} from '../../support/session.ts';

const port = 5000;
const source = 'probe:5000' as const;

/** One try a second, each with its latency; undefined where it fails. */
function lines(latencies: readonly (number | undefined)[]): string[] {
	const session = new Session({...target, probe: {host: '10.73.0.172', ports: {write: port}, write: true}});
	for (const [second, latency] of latencies.entries()) {
		const common = {source, port, purpose: 'write' as const, startedAt: start + second * 1000};
		session.at(
			second,
			latency === undefined
				? {type: 'probe.failed', ...common, reason: 'no answer in time'}
				: {
						type: 'probe.answered',
						...common,
						server: '10.73.0.160:5432',
						inRecovery: false,
						latency,
						write: true,
					},
		);
	}

	return clientPathLines(session.state).map(cells => cells.map(({text}) => text).join(''));
}

const line = (latencies: readonly (number | undefined)[]) => lines(latencies)[0] ?? '';

describe('the line of a path that is well', () => {
	it('has a bar for each five seconds that passed, and the longest wait of the last of them', () => {
		expect(line([1, 1, 3, 1, 1, 1, 1, 12, 1, 1, 1])).toBe('Writes    ok 12 ms pgdb1 ▂▄');
	});

	it('stays as it is while the next five seconds are no worse', () => {
		const ten = [1, 1, 3, 1, 1, 1, 1, 12, 1, 1];
		const lines = [[1], [1, 2], [1, 2, 13], [1, 2, 13, 1]].map(more => line([...ten, ...more]));
		expect(new Set(lines).size).toBe(1);
	});

	it('shows at once what is worse', () => {
		expect(line([1, 1, 1, 1, 1, 1, 250])).toBe('Writes    ok 250 ms pgdb1 ▁█');
		expect(line([1, 1, 1, 1, 1, undefined, 1])).toMatch(/ ▁×$/);
	});

	it('goes no further back than its bars', () => {
		expect(line(Array.from({length: 61}, () => 1))).toMatch(/ ▁{10}$/);
	});
});

describe('the last time without an acknowledgement', () => {
	const [well, fails] = [[1], [undefined]];
	const last = (...seconds: (number | undefined)[][]) => lines(seconds.flat())[1];

	it('stands beside the longest of the session, where that was another one', () => {
		expect(last(well, fails, fails, well)).toMatch(
			/^Last {6}write outage 3000 ms at 00:00:00: no answer in time$/,
		);
		expect(last(well, fails, fails, well, fails, well)).toMatch(
			/^Last {6}write outage 2000 ms, longest 3000 ms at 00:00:03: no answer in time$/,
		);
		expect(last(well, fails, well, fails, fails, well)).toMatch(/^Last {6}write outage 3000 ms at 00:00:02/);
	});
});
