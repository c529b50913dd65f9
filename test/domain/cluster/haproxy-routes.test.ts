import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {shownSnapshot} from '../../../source/state/state.ts';
import {routeCell} from '../../../source/state/view/client-path.ts';
import {haproxyFact} from '../../support/captures.ts';
import {healthySession, type Session} from '../../support/session.ts';

/** The key moves from pgdb1 to pgdb2, as the watch reports it. */
const moved: Event = {
	type: 'dcs.put',
	source: 'watch:a',
	entry: {
		path: 'leader',
		value: {kind: 'leader', member: 'pgdb2'},
		createRevision: 900,
		modRevision: 900,
		lease: '1f',
	},
};

function stats(leader: string, tookMs: number | undefined, node = 'pgdb1'): Event {
	const {tookMs: _, ...fact} = haproxyFact('trixie', node, leader) as Event & {tookMs?: number};
	return (tookMs === undefined ? fact : {...fact, tookMs}) as Event;
}

const ids = ({state}: Session) =>
	findFindings(state.cluster, state.target, state.now, [], []).map(({id}) => id as string);
const cell = ({state}: Session) => routeCell(shownSnapshot(state), 'pgdb1', 'primary');

describe('the route of writers and the leader', () => {
	it('says nothing against a leader that took over after the statistics were requested', () => {
		const session = healthySession('trixie').at(1, stats('pgdb1', 10)).at(1.2, moved);
		expect(ids(session)).not.toContain('haproxy.wrong');
		expect(cell(session)).toMatchObject({text: 'pgdb1?', tone: 'dim'});
		// An answer that arrives after the change to a request from before it shows no more.
		session.at(1.5, stats('pgdb1', 400));
		expect(ids(session)).not.toContain('haproxy.wrong');
	});

	it('is wrong by statistics that were requested after it', () => {
		const session = healthySession('trixie').at(1.2, moved).at(1.5, stats('pgdb1', 200));
		expect(ids(session)).toContain('haproxy.wrong');
		expect(cell(session)).toMatchObject({text: 'pgdb1 ≠ leader', tone: 'bad'});
	});

	it('does not differ between two nodes, one of which was asked before the change', () => {
		const session = healthySession('trixie')
			.at(1.2, moved)
			.at(1.5, stats('pgdb2', 10, 'pgdb2'));
		expect(ids(session)).not.toContain('haproxy.differ');
		session.at(1.8, stats('pgdb1', 10));
		expect(ids(session)).toContain('haproxy.differ');
	});

	it('is not judged by an answer of a recording that does not have when it was requested, for three seconds', () => {
		const session = healthySession('trixie').at(1.2, moved).at(4, stats('pgdb1', undefined));
		expect(ids(session)).not.toContain('haproxy.wrong');
		session.at(4.5, stats('pgdb1', undefined));
		expect(ids(session)).toContain('haproxy.wrong');
	});

	it('is judged only by what was requested after the change, whenever answers arrive', () => {
		fc.assert(
			fc.property(
				fc.array(
					fc.record({after: fc.integer({min: 1, max: 400}), tookMs: fc.integer({min: 0, max: 3000})}),
					{
						minLength: 1,
						maxLength: 8,
					},
				),
				answers => {
					const session = healthySession('trixie').at(1, moved);
					let at = 0;
					for (const {after, tookMs} of answers) {
						at += after;
						session.at(1 + at / 1000, stats('pgdb1', tookMs));
						expect(ids(session).includes('haproxy.wrong')).toBe(at - tookMs >= 0);
					}
				},
			),
			{numRuns: 50},
		);
	});
});
