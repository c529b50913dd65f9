/** What follows from the logs of a cluster as it is configured. */
import {expect, it} from 'vitest';
import {placeOf} from '../../../source/domain/history/kinds.ts';
import {LogFacts, targetOfLogs} from '../../../source/domain/history/log-facts.ts';
import type {LogEvent, Said} from '../../../source/domain/history/said.ts';
import {target} from '../../support/session.ts';

const event = (at: number, node: string, said: Said): LogEvent => ({
	at,
	uncertainMs: 0,
	node,
	service: said.kind.startsWith('haproxy.')
		? 'haproxy'
		: said.kind.startsWith('vrrp.')
			? 'keepalived'
			: 'patroni',
	from: `journal of ${node}`,
	said,
	text: '',
});

it('knows the backend for writes by its configured name, in the recording as in the text', () => {
	const events = [
		event(500, 'pgdb1', {kind: 'vrrp.master'}),
		event(1000, 'pgdb1', {kind: 'patroni.leads'}),
		event(2000, 'pgdb1', {kind: 'haproxy.no-server', backend: 'production'}),
		event(9000, 'pgdb1', {kind: 'haproxy.server-up', backend: 'production', object: 'pgdb1'}),
		event(20_000, 'pgdb1', {kind: 'patroni.leads'}),
	];
	const span = {since: 0, until: 30_000};
	const collected = {
		events,
		before: [],
		coverage: new Map([['pgdb1', [{from: 0, to: 30_000, boot: undefined}]]]),
		counts: {lines: events.length, understood: events.length},
		isCut: false,
	};
	const configured = {...target, haproxy: {backends: {primary: 'production'}}};
	const facts = new LogFacts(configured, collected, span);
	const all = events.flatMap(one => facts.take(one)).map(one => one.event);
	expect(all.filter(({type}) => type === 'history.outage')).toMatchObject([{outage: {leastMs: 6850}}]);
	expect(targetOfLogs(configured).haproxy).toBeUndefined();
});

it('takes a backend for one of reads only where its name says so', () => {
	const place = (backend: string) => placeOf(event(0, 'pgdb1', {kind: 'haproxy.no-server', backend}));
	expect(['replicas', 'synchronous', 'pg_ro', 'standbys'].map(place)).toEqual(Array(4).fill('routine'));
	expect(['production', 'primary', 'pg_rw'].map(place)).toEqual(Array(3).fill('effect'));
});
