import {describe, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import type {SourceId} from '../../../source/domain/facts.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {stateJson, stateOf, unmark} from '../../../source/recording/state-json.ts';
import {type State, shownSnapshot} from '../../../source/state/state.ts';
import {etcdPane} from '../../../source/state/view/etcd.ts';
import {membersPane} from '../../../source/state/view/members.ts';
import {healthyFacts, patroniFact} from '../../support/captures.ts';
import {Operator} from '../../support/operator.ts';
import {Session, start, target} from '../../support/session.ts';

const back: Event = {type: 'clock.set', milliseconds: -30_000, aheadMs: 30_000};
const textsOf = ({state}: Session) =>
	findFindings(state.cluster, state.target, state.now).map(({text}) => text);
const idsOf = ({state}: Session) => findFindings(state.cluster, state.target, state.now).map(({id}) => id);
const clocks = (session: Session) => textsOf(session).filter(text => text.includes('clock'));

/** All sources answer at that moment, and then this happens. */
const seen = (seconds: number, ...events: readonly Event[]) =>
	new Session().at(seconds, ...healthyFacts('trixie'), ...events);

/** A member's answer, with the time of the clock that all nodes agree on. */
function answer(serverTime: number): Event {
	const fact = patroniFact('trixie', 'pgdb1', 'pgdb1-patroni');
	return {...fact, status: {...fact.status, serverTime}, tookMs: 10};
}

describe('a clock that is set forward', () => {
	it('makes no source silent: the time of the session jumps, and nothing else', () => {
		const session = seen(10);
		const before = textsOf(session);
		session.at(71, {type: 'clock.set', milliseconds: 60_000, aheadMs: 0});
		expect(textsOf(session).filter(text => !text.includes('clock'))).toEqual(before);
		session.at(78);
		expect(idsOf(session).join()).toMatch(/silent|console\.blind/);
	});

	it('is taken off first from how far the time of the session is ahead', () => {
		const session = seen(10, {type: 'clock.set', milliseconds: -60_000, aheadMs: 60_000});
		session.at(18, {type: 'clock.set', milliseconds: 60_000, aheadMs: 0});
		expect(idsOf(session).join()).toMatch(/silent|console\.blind/);
	});
});

describe('a clock that is set forward while something is lost', () => {
	const forward: Event = {type: 'clock.set', milliseconds: 3_600_000, aheadMs: 0};
	const lost = (source: SourceId): Event => ({type: 'source.lost', source, reason: 'connection refused'});

	it('makes neither the loss longer, nor an outage, nor a stop', () => {
		const probe = {source: 'probe:5000', port: 5000, purpose: 'write'} as const;
		const session = seen(
			10,
			lost('patroni:pgdb2'),
			...target.endpoints.map(endpoint => lost(`dcs:${endpoint}`)),
			{type: 'probe.failed', ...probe, startedAt: start + 10_000, reason: 'reset'},
		);
		session.at(14, {type: 'probe.failed', ...probe, startedAt: start + 14_000, reason: 'reset'});
		const shown = ({state}: Session) => [
			...(membersPane(shownSnapshot(state)).table?.rows ?? []).flatMap(({cells}) =>
				cells.map(({text}) => text),
			),
			etcdPane(shownSnapshot(state)).status.text,
			...textsOf(session).filter(text => !text.includes("this machine's clock")),
			String(state.now - (state.cluster.probes.get(5000)?.failing?.since ?? 0)),
		];
		const before = shown(session);
		expect(before.join()).toMatch(/rest lost for 4s.*LOST for 4s.*,4000$/);
		session.at(3614, forward);
		// The times are those of the clock as it is now.
		expect(shown(session)).toEqual(before.map(text => text.replace('since 00:00:10', 'since 01:00:10')));
	});

	it('leaves the difference of the other clocks right', () => {
		const session = seen(10, answer(start + 10_000 + 3_600_000));
		expect(clocks(session)).toEqual([expect.stringMatching(/^pgdb1: its clock is 3\d{3} s ahead of/)]);
		session.at(3610, forward);
		expect(clocks(session).filter(text => text.startsWith('pgdb1'))).toEqual([]);
	});
});

describe('a clock that is set back', () => {
	it('is an entry of the timeline, and a finding while times here differ from the clock', () => {
		const session = seen(10, back);
		expect(session.state.timeline.at(-1)).toMatchObject({
			kind: 'sight',
			text: "this machine's clock was set back by 30 s",
		});
		session.at(3610, ...healthyFacts('trixie'));
		expect(clocks(session)).toEqual([
			"this machine's clock was set back by 30 s, 3600 s ago: times here are 30 s ahead of that clock",
		]);
	});

	it('is not reported as a clock difference of every node', () => {
		// It was 30 s ahead of all others, and is correct now.
		const session = seen(10, answer(start - 20_000));
		expect(clocks(session)).toEqual(["pgdb1: its clock is 29 s behind this machine's"]);
		session.at(20, ...healthyFacts('trixie'), back, answer(start - 10_000));
		expect(clocks(session).filter(text => text.startsWith('pgdb1'))).toEqual([]);
	});

	it('schedules by the clock as it is now', () => {
		const operator = new Operator().after(10, back).select('pgdb2').press('operation.restart');
		operator.focus('when').types('+2h').focus('cancel').press('dialog.yes');
		expect(operator.sent).toMatchObject([
			{body: expect.stringContaining('"schedule":"2026-11-23T01:59:40.000Z"')},
		]);
	});

	it('survives a recorded snapshot', () => {
		const {state} = seen(10, back);
		expect(stateOf(unmark(JSON.parse(stateJson(state, {logs: false}))) as State).cluster.clockSet).toEqual(
			state.cluster.clockSet,
		);
	});
});

it('a clock that is set forward is a finding that ages out', () => {
	const session = seen(10, {
		type: 'clock.set',
		milliseconds: 60_000,
		aheadMs: 0,
	});
	expect(clocks(session)).toEqual([
		"this machine's clock was set forward by 60 s, 0 s ago: older ages are wrong by as much",
	]);
	session.at(311, ...healthyFacts('trixie'));
	expect(clocks(session)).toEqual([]);
});
