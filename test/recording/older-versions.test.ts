import {describe, expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import {clusterWithCodes, eventWithCode} from '../../source/recording/older-versions.ts';
import {snapshotOf} from '../../source/recording/read/lines.ts';
import {stateJson} from '../../source/recording/state-json.ts';
import type {State} from '../../source/state/state.ts';
import {healthyFacts} from '../support/captures.ts';
import {DrillingOperator} from '../support/drilling.ts';
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
		[failed('the connection was closed'), 'closed'],
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

/** Former names of keys in a state, by the present ones. */
const former = {overlays: 'layers', guard: 'frozen'} as const;

/** States that have each of them. */
const states: readonly [string, () => State][] = [
	[
		'an open menu and question',
		() => new DrillingOperator().select('pgdb1').choose('restart postgres').state,
	],
	['the question of a drill', () => new DrillingOperator().asks('switchover', 'pgdb2').prepares().state],
	['a confirmed drill', () => new DrillingOperator().agrees('switchover', 'pgdb2').state],
	['a running drill', () => new DrillingOperator().agrees('switchover', 'pgdb2').begins().state],
	['a frozen screen', () => new DrillingOperator().press('freeze.toggle').state],
];

describe('a snapshot with the former names of keys', () => {
	const written = (state: State) => stateJson(state, {logs: true});
	const read = (state: string) => snapshotOf(`{"segment":0,"at":0,"state":${state}}`).state;

	it.each(states)('is read with the present ones: %s', (_, makeState) => {
		const present = written(makeState());
		const old = Object.entries(former).reduce(
			(text, [is, was]) => text.replaceAll(`"${is}":`, `"${was}":`),
			present,
		);
		expect(old).not.toBe(present);
		expect(read(old)).toEqual(read(present));
	});

	it('has all of them in some state', () => {
		const all = states.map(([, makeState]) => written(makeState())).join('\n');
		for (const name of Object.keys(former)) {
			expect(all).toMatch(new RegExp(`"${name}":(\\[\\{|\\{)`));
		}
	});
});
