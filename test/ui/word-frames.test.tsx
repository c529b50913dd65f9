/** What Patroni and PostgreSQL said last, in whole frames. */
import {describe, expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import {frameOf, type Size} from '../support/screen.tsx';
import {healthySession, pressAt, type Session} from '../support/session.ts';
import {follows, leads, patroniSaid, postgresSaid, walRemoved} from '../support/words.ts';

const sizes: readonly Size[] = [
	{width: 80, height: 24},
	{width: 120, height: 40},
];
const lost: Event = {
	type: 'source.lost',
	source: 'said:pgdb2',
	reason: 'dba may not read the journal',
	remedy: 'on the node: sudo usermod -aG systemd-journal dba',
};
const onReplica = (session: Session) => pressAt(session, 5, 'select.down', 'details.open');
const replica = (...events: readonly Event[]) => onReplica(healthySession('trixie').at(4, ...events));

const scenes: Record<string, () => Session> = {
	'the last decision in the details': () => replica(patroniSaid('pgdb2', 4, follows)),
	'an old decision, of a log that is lost, and a complaint': () =>
		onReplica(
			healthySession('trixie')
				.at(1, patroniSaid('pgdb2', 1, follows), postgresSaid('pgdb2', 1, 'FATAL', walRemoved))
				.at(4, lost),
		),
	'a log that may not be read': () => replica(lost),
	'no leader, and why no member takes over': () =>
		pressAt(
			healthySession('trixie')
				.at(3, {type: 'dcs.deleted', source: 'watch:a', path: 'leader', revision: 1000})
				.at(
					5,
					patroniSaid('pgdb1', 4, 'DCS is not accessible'),
					patroniSaid(
						'pgdb2',
						5,
						'My wal position exceeds maximum replication lag',
						'following a different leader because i am not the healthiest node',
					),
				),
			5,
			'findings.toggle',
		),
	'a replica whose WAL the leader no longer has': () => {
		const session = healthySession('trixie');
		const leader = session.state.cluster.patroni.get('pgdb1')?.value;
		if (leader === undefined) throw new Error('no status of pgdb1');
		return pressAt(
			session.at(
				4,
				{
					type: 'patroni.status',
					source: 'patroni:pgdb1',
					member: 'pgdb1',
					status: {...leader, replication: []},
				},
				patroniSaid('pgdb1', 4, leads),
				postgresSaid('pgdb2', 4, 'FATAL', walRemoved),
			),
			5,
			'findings.toggle',
		);
	},
};

describe.each(sizes)('at $width x $height', size => {
	it.each(Object.keys(scenes))('%s', name => {
		const frame = frameOf((scenes[name] as () => Session)().state, size);
		expect(frame.split('\n').length).toBeLessThanOrEqual(size.height);
		expect(frame).toMatchSnapshot();
	});
});
