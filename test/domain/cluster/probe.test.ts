import {describe, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import type {SourceId} from '../../../source/domain/facts.ts';
import {update} from '../../../source/state/update.ts';
import {needsRedraw} from '../../../source/ui/screen.tsx';
import {healthyFacts} from '../../support/captures.ts';
import {healthySession, start, target} from '../../support/session.ts';

const common = {source: 'probe:5000', port: 5000, purpose: 'write', startedAt: start} as const;
const answered: Event = {
	...common,
	type: 'probe.answered',
	server: '10.73.0.160:5432',
	inRecovery: false,
	latency: 3,
	write: true,
};
const failed: Event = {...common, type: 'probe.failed', reason: 'connection refused'};

describe('a write outage', () => {
	it('lasts from the last acknowledgement to the next one, and has the first reason', () => {
		const session = healthySession('trixie')
			.at(1, answered)
			.at(1.1, answered)
			.at(1.2, failed)
			.at(1.9, {type: 'dcs.deleted', source: 'watch:a', path: 'leader', revision: 900})
			.at(2, failed);
		const probe = () => session.state.cluster.probes.get(5000);
		expect(probe()?.failing).toEqual({since: start + 1100, reason: 'connection refused'});
		expect(session.state.timeline.at(-1)?.text).toBe('leader key gone, held by pgdb1 before');
		session.at(3.35, answered);
		expect(probe()).toMatchObject({
			failing: undefined,
			outages: [
				{port: 5000, write: true, from: start + 1100, to: start + 3350, reason: 'connection refused'},
			],
		});
		expect(session.state.timeline.slice(-1)).toMatchObject([
			{
				kind: 'path',
				turn: 'better',
				outage: 2250,
				text: 'write outage through :5000 ended after 2.25 s; cause: leader key gone',
			},
		]);
	});

	it('has a cause from its begin, not what was seen at its end', () => {
		const units = (active: string): Event =>
			healthyFacts('trixie').flatMap((fact): Event[] =>
				fact.type === 'units.snapshot' && fact.node === 'pgdb1'
					? [
							{
								...fact,
								units: fact.units.map(unit => (unit.service === 'haproxy' ? {...unit, active} : unit)),
							},
						]
					: [],
			)[0] as Event;
		const vip = {ip: '10.73.0.172', interface: 'host0'};
		const at = {source: 'vip:pgdb1', node: 'pgdb1'} as const;
		const outage = (...seen: readonly (readonly [number, Event])[]) => {
			const session = healthySession('trixie').at(
				1,
				{type: 'addresses.added', ...at, address: vip},
				answered,
			);
			session.at(1.1, failed);
			for (const [seconds, event] of seen) {
				session.at(seconds, event);
			}

			return session.at(7.8, failed).at(7.9, answered).state.timeline.at(-1)?.text;
		};
		const left: Event = {type: 'addresses.removed', ...at, address: vip};
		expect(outage([1.9, units('inactive')], [7.4, left])).toBe(
			'write outage through :5000 ended after 6.90 s; cause: pgdb1: haproxy active → inactive',
		);
		expect(outage([7.4, left])).toBe('write outage through :5000 ended after 6.90 s');
		expect(outage([1.5, left])).toBe('write outage through :5000 ended after 6.90 s; cause: VIP left pgdb1');
	});

	it('has a machine as its cause that no longer answers, not the source of it that was missed first', () => {
		const lost = (source: SourceId, code?: 'refused'): Event => ({
			type: 'source.lost',
			source,
			reason: 'no answer in time',
			...(code === undefined ? {} : {code}),
		});
		const cause = (...events: readonly Event[]) =>
			healthySession('trixie')
				.at(1, answered)
				.at(2, failed)
				.at(2.1, lost('haproxy:pgdb1'))
				.at(2.2, ...events)
				.at(10, failed)
				.at(20, answered)
				.state.timeline.at(-1)
				?.text.split('cause: ')[1];
		expect(cause(lost('vip:pgdb1'), lost('patroni:pgdb1'))).toBe('pgdb1 did not answer at all');
		expect(cause(lost('vip:pgdb1'))).toBe('pgdb1: HAProxy lost: no answer in time');
		expect(cause(lost('vip:pgdb1'), lost('patroni:pgdb1', 'refused'))).toBe(
			'pgdb1: HAProxy lost: no answer in time',
		);
	});

	it('has entries that say when it was, where they are later', () => {
		const at = (seconds: number, event: Event): Event =>
			({...event, startedAt: start + seconds * 1000, answeredAt: start + seconds * 1000}) as Event;
		const session = healthySession('trixie').at(1, answered).at(2.6, failed).at(5.6, at(3.12, answered));
		expect(session.state.timeline.map(({text}) => text)).toEqual([
			'write outage through :5000 began at 00:00:01.000: connection refused',
			'write outage through :5000 ended after 2.12 s at 00:00:03.120',
		]);
	});

	it('is also a slow write without a failed attempt', () => {
		const {state} = healthySession('trixie').at(1, answered).at(3.5, answered);
		expect(state.cluster.probes.get(5000)?.outages).toMatchObject([{from: start + 1000, to: start + 3500}]);
	});

	it('starts at an acknowledgement, and leaves out a pause of the console itself', () => {
		const early = healthySession('trixie').at(1, failed).at(3, answered);
		expect(early.state.cluster.probes.get(5000)?.outages).toEqual([]);
		const paused = healthySession('trixie')
			.at(1, answered)
			.at(1.1, failed)
			.at(60, answered)
			.at(60.1, answered);
		expect(paused.state.cluster.probes.get(5000)?.outages).toEqual([]);
	});

	it('is not ended by the answer to a query', () => {
		const {state} = healthySession('trixie')
			.at(1, answered)
			.at(1.1, failed)
			.at(1.2, {...answered, write: false} as Event);
		expect(state.cluster.probes.get(5000)?.outages).toMatchObject([{to: undefined}]);
	});
});

describe('a probe', () => {
	it('has a bounded memory', () => {
		const session = healthySession('trixie');
		for (let second = 0; second < 400; second += 1) {
			session.at(second, answered, failed);
		}

		const probe = session.state.cluster.probes.get(5000);
		expect(probe?.seconds).toHaveLength(60);
		expect(probe?.outages).toHaveLength(50);
	});

	it('redraws when an outage begins and ends, not at each answer', () => {
		const probe = {host: '10.73.0.172', ports: {write: 5000}, write: true};
		const session = healthySession('trixie');
		session.state = {...session.state, target: {...target, probe}};
		session.at(1, answered);
		const drawn = (event: Event) => {
			const before = session.state;
			[session.state] = update(before, {at: start + 1200, event});
			return needsRedraw(before, session.state);
		};
		expect([answered, answered, failed, failed, answered, answered].map(drawn)).toEqual([
			false,
			false,
			true,
			false,
			true,
			false,
		]);
	});
});
