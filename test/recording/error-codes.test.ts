import {describe, expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import {clusterWithCodes, eventWithCode} from '../../source/recording/state-json.ts';
import {healthyFacts} from '../support/captures.ts';
import {Session} from '../support/session.ts';

const lost = (reason: string): Event => ({type: 'source.lost', source: 'haproxy:pgdb1', reason});
const failed = (reason: string): Event => ({
	type: 'probe.failed',
	source: 'probe:5000',
	port: 5000,
	purpose: 'write',
	startedAt: 0,
	reason,
});

describe('a recording of a console without error codes', () => {
	it.each([
		[lost('connection refused'), 'refused'],
		[lost('no answer in time'), undefined],
		[lost('permission denied'), undefined],
		[failed('role "probe" does not exist'), 'denied'],
		[failed('connection refused'), 'refused'],
		[failed('no answer in time'), undefined],
	])('gets them from its reasons: %j', (event, code) => {
		expect(eventWithCode(event)).toEqual(code === undefined ? event : {...event, code});
	});

	it('keeps an existing code, whatever the reason', () => {
		const event = {...lost('connection refused'), code: 'timeout'} as Event;
		expect(eventWithCode(event)).toBe(event);
	});

	it('has them in snapshots and in events', () => {
		const events = [lost('connection refused'), failed('password authentication failed for user "probe"')];
		const recorded = new Session().at(0, ...healthyFacts('trixie')).at(1, ...events).state.cluster;
		const replayed = new Session().at(0, ...healthyFacts('trixie')).at(1, ...events.map(eventWithCode))
			.state.cluster;
		expect(clusterWithCodes(recorded)).toEqual(replayed);
		expect(replayed.sourceStatuses.get('haproxy:pgdb1')).toMatchObject({code: 'refused'});
		expect(replayed.probes.get(5000)?.failing).toMatchObject({code: 'denied'});
	});
});
