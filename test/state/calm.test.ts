/** When sources are asked half as often. */
import {describe, expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import {isCalm} from '../../source/state/calm.ts';
import type {State} from '../../source/state/state.ts';
import {healthyFacts} from '../support/captures.ts';
import {confirmed, healthySession, start} from '../support/session.ts';

const minute = 60_000;
const watch: Event = {type: 'source.alive', source: 'watch:http://10.73.0.160:2379'};

/** A healthy cluster that reports all the time, ticked each second. */
function calmSession(seconds: number, watches: readonly Event[] = [watch]) {
	const session = healthySession('trixie');
	for (let second = 1; second <= seconds; second++) {
		session.at(second * 1000, ...healthyFacts('trixie'), ...watches, {type: 'tick'});
	}

	return session;
}

const calm = calmSession(150).state;
const isCalmWith = (change: Partial<State>, touchedAt = start) => isCalm({...calm, ...change}, touchedAt);

describe('the sources are asked half as often', () => {
	it('where a healthy cluster had no news for a minute', () => {
		expect([...calm.found.known.values()].map(({finding}) => finding.severity)).not.toContain('degraded');
		expect(isCalmWith({})).toBe(true);
	});

	it('not within a minute after the start, or after a key', () => {
		expect(isCalmWith({}, calm.now - minute + 1)).toBe(false);
		expect(isCalmWith({}, calm.now - minute)).toBe(true);
	});

	it('not within a minute after an entry of the timeline', () => {
		const entry = {kind: 'member', turn: 'news', text: 'x'} as const;
		expect(isCalmWith({timeline: [{at: calm.now - minute + 1, ...entry}]})).toBe(false);
		expect(isCalmWith({timeline: [{at: calm.now - minute, ...entry}]})).toBe(true);
	});

	it('not where no watch reports changes', () => {
		const {state} = calmSession(150, []);
		expect(isCalm(state, start)).toBe(false);
	});

	it('not while a view is open', () => {
		expect(isCalmWith({view: {...calm.view, overlays: [{kind: 'help', scroll: 0}]}})).toBe(false);
	});

	it('not while an operation runs', () => {
		const session = confirmed(healthySession('trixie'), {kind: 'pause'}, 0);
		expect(session.state.runs).toHaveLength(1);
		expect(isCalmWith({runs: session.state.runs})).toBe(false);
	});

	it('not while anything is wrong, however long', () => {
		const session = calmSession(10);
		for (let second = 11; second <= 200; second++) {
			const facts = healthyFacts('trixie').filter(
				event => !('source' in event && event.source === 'patroni:pgdb2'),
			);
			session.at(second * 1000, ...facts, watch, {type: 'tick'});
		}

		expect(session.state.timeline.every(({at}) => at <= session.state.now - minute)).toBe(true);
		expect(isCalm(session.state, start)).toBe(false);
	});

	it('not within a minute after the end of a finding', () => {
		const {known, at} = calm.found;
		const ended = {
			finding: {id: 'watch.lost' as const, severity: 'degraded' as const, text: 'x', evidence: []},
			since: at - 10 * minute,
			at: at - 1000,
			onsets: [],
		};
		expect(isCalmWith({found: {at, known: new Map([...known, ['watch.lost', ended]])}})).toBe(false);
	});
});
