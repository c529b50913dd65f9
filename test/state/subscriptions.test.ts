/** Which sources run for the facts of the captures and of this test. */
import {describe, expect, it} from 'vitest';
import {openRecording} from '../../source/recording/read/open.ts';
import {tourFile} from '../../source/replay/command.ts';
import {hasSameSubscriptions, subscriptions} from '../../source/state/subscriptions.ts';
import {healthySession, Session} from '../support/session.ts';
import {madeFacts} from '../support/synthetic-cluster.ts';

const rest = (session: Session) =>
	subscriptions(session.state).flatMap(one => (one.kind === 'patroni' ? [`${one.member} ${one.url}`] : []));

describe("a member's REST API", () => {
	it('is asked at the address of its key', () => {
		expect(rest(healthySession('trixie'))).toEqual([
			'pgdb1 http://10.73.0.160:8008/patroni',
			'pgdb2 http://10.73.0.170:8008/patroni',
		]);
	});

	it('is asked only there, even if PostgreSQL has another address: two answers of one member would contradict each other', () => {
		const names = ['pgdb1', 'pgdb2'];
		const members = names.map((name, index) => ({
			name,
			key: {host: `192.0.2.${index + 1}`, apiUrl: `http://198.51.100.${index + 1}:8009/patroni`},
		}));
		expect(rest(new Session().at(0, ...madeFacts({members})))).toEqual([
			'pgdb1 http://198.51.100.1:8009/patroni',
			'pgdb2 http://198.51.100.2:8009/patroni',
		]);
	});

	it('is asked at the address of its node while the member has no key', () => {
		expect(rest(new Session())).toEqual([
			'pgdb1 http://10.73.0.160:8008/patroni',
			'pgdb2 http://10.73.0.170:8008/patroni',
		]);
	});
});

describe('the sources of a recorded cluster', () => {
	it.each(['calm', 'power-cut'])(
		'are the same wherever %s only has another answer of a probe',
		async name => {
			const recording = await openRecording(tourFile(name));
			let before = recording.segment(0).state;
			let same = 0;
			let answers = 0;
			for (const {stamped, after} of recording.replay()) {
				answers += stamped.event.type === 'probe.answered' ? 1 : 0;
				if (hasSameSubscriptions(before, after)) {
					same++;
					expect(subscriptions(after)).toEqual(subscriptions(before));
				}

				before = after;
			}

			// Else nothing is spared.
			expect(same).toBeGreaterThan(answers / 2);
			recording.close();
		},
	);
});
