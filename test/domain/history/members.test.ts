/** Members whose names are not those of their nodes. */
import {expect, it} from 'vitest';
import {Reconstruction} from '../../../source/domain/history/reconstruct.ts';
import type {LogEvent, Said} from '../../../source/domain/history/said.ts';
import {findIncidents} from '../../../source/domain/history/story.ts';
import {target} from '../../support/session.ts';

const event = (at: number, node: string, said: Said, text: string): LogEvent => ({
	at,
	uncertainMs: 0,
	node,
	service: 'patroni',
	from: `journal of ${node}`,
	said,
	text,
});

const events = [
	event(1000, 'db-a', {kind: 'patroni.leads'}, 'no action. I am (alpha), the leader with the lock'),
	event(1100, 'db-b', {kind: 'patroni.lock-owner', leader: 'alpha'}, 'Lock owner: alpha; I am beta'),
	event(
		1100,
		'db-b',
		{kind: 'patroni.follows', leader: 'alpha'},
		'no action. I am (beta), a secondary, and following a leader (alpha)',
	),
];

it('are named as Patroni names them, and tied to their nodes', () => {
	const reconstruction = new Reconstruction(target, (_, at) => at + 60_000);
	const facts = events.flatMap(one => reconstruction.take(one)).map(one => one.event);
	const views = facts.flatMap(fact => (fact.type === 'cluster.seen' ? [fact.view] : []));
	// The logs have no address of a REST API: none that looks like one is shown.
	expect(views.at(-1)?.members.map(({data}) => data.apiUrl)).toEqual(['log://db-a', 'log://db-b']);
	expect(views.at(-1)?.members.map(({name, role, data}) => [name, role, data.host])).toEqual([
		['alpha', 'leader', 'db-a'],
		['beta', 'replica', 'db-b'],
	]);
});

it('do not change the leader by another name', () => {
	const later = event(11_000, 'db-a', {kind: 'patroni.demoted', why: 'graceful'}, 'Demoting self (graceful)');
	expect(findIncidents([...events.slice(1), events[0] as LogEvent, later])[0]?.leaders).toEqual([]);
});
