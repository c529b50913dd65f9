/** Which pushed events make the polled sources be asked at once. */
import {expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import {dcsEntry} from '../../source/sources/dcs-values.ts';
import {Pushes} from '../../source/sources/pushes.ts';

const put = (path: string, value: object | string): Event => ({
	type: 'dcs.put',
	source: 'watch:http://10.73.0.160:2379',
	entry: dcsEntry(
		{
			key: `/service/c/${path}`,
			value: typeof value === 'string' ? value : JSON.stringify(value),
			createRevision: 1,
			modRevision: 2,
			lease: undefined,
		},
		'/service/c/',
	),
	began: 1,
	ended: 2,
});
const member = {state: 'running', role: 'replica', timeline: 3, xlog_location: 100};

it.each<[string, readonly Event[], readonly boolean[]]>(
	[
		['a WAL location of a member', [{xlog_location: 100}, {xlog_location: 200}], [true, false]],
		[
			'locations of a standby',
			[
				{receive_lsn: 1, replay_lsn: 1},
				{receive_lsn: 9, replay_lsn: 8},
			],
			[true, false],
		],
		['a state', [{}, {state: 'stopped'}, {state: 'running'}], [true, true, true]],
		['a role', [{}, {role: 'primary'}], [true, true]],
		['a tag', [{}, {tags: {nofailover: true}}], [true, true]],
	].map(([what, changes, news]) => [
		what as string,
		(changes as object[]).map(change => put('members/pgdb1', {...member, ...change})),
		news as boolean[],
	]),
)('%s', (_, events, news) => {
	const pushes = new Pushes();
	expect(events.map(event => pushes.isNews(event))).toEqual(news);
});

it('each member for itself', () => {
	const pushes = new Pushes();
	expect(['pgdb1', 'pgdb2', 'pgdb1'].map(name => pushes.isNews(put(`members/${name}`, member)))).toEqual([
		true,
		true,
		false,
	]);
});

it('any other key but what Patroni writes in each loop', () => {
	const pushes = new Pushes();
	const keys: [string, object | string, boolean][] = [
		['status', {optime: 1}, false],
		['optime/leader', '1', false],
		['leader', 'pgdb1', true],
		['leader', 'pgdb1', true],
		['config', {ttl: 20}, true],
		['failover', {leader: 'pgdb1'}, true],
		['members/pgdb1', 'not JSON', true],
	];
	expect(keys.map(([path, value]) => pushes.isNews(put(path, value)))).toEqual(
		keys.map(([, , news]) => news),
	);
});
