/** Since when the leader holds its key, by Patroni's history: its clock is that of the leader's node. */
import {expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import {shownSnapshot} from '../../../source/state/state.ts';
import {holderLine} from '../../../source/state/view/leader-key.ts';
import {healthyFacts, patroniFact} from '../../support/captures.ts';
import {Session, start} from '../../support/session.ts';

const history: Event = {
	type: 'dcs.put',
	source: 'watch:http://10.73.0.160:2379',
	entry: {
		path: 'history',
		value: {
			kind: 'history',
			lines: [
				{
					timeline: 1,
					location: 1,
					reason: 'no recovery target specified',
					at: '2026-11-22T23:50:00.400000+00:00',
					leader: 'pgdb1',
				},
			],
		},
		createRevision: 20,
		modRevision: 100_000,
		lease: undefined,
	},
	began: 1,
	ended: 2,
};

/** The leader's clock is so far ahead; the answer comes within the second of its Date header, at some part of it. */
function since(aheadMs: number, partMs: number): string {
	const fact = patroniFact('trixie', 'pgdb1', 'pgdb1-patroni');
	const serverTime = Math.floor((start + 2000 + partMs + aheadMs) / 1000) * 1000;
	const session = new Session().at(1, ...healthyFacts('trixie'), history);
	session.at(2 + partMs / 1000, {...fact, status: {...fact.status, serverTime}, tookMs: 10});
	const {cluster, now} = shownSnapshot(session.state);
	return holderLine(cluster, now)
		.flat()
		.map(({text}) => text)
		.join('');
}

it('is the same on two consoles that polled at different parts of a second', () => {
	const shown = new Set([0, 137, 500, 731, 999].map(partMs => since(0, partMs)));
	expect(shown).toEqual(
		new Set([expect.stringMatching(/ since 2026-11-22 23:50:00 \(10m\), Patroni's history$/)]),
	);
});

it('is about that time where the clock of the node is set otherwise', () => {
	expect(since(-60_000, 500)).toMatch(/ since about 2026-11-22 23:5[01]:\d\d /);
});
