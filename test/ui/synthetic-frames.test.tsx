import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import {frameOf, screen, sizes} from '../support/screen.tsx';
import {pressAt, Session, target} from '../support/session.ts';
import {madeFacts, madeSnapshot} from '../support/synthetic-cluster.ts';

const session = (...args: Parameters<typeof madeFacts>) =>
	new Session({...target, vip: undefined, nodes: []}).at(0, ...madeFacts(...args));
const press = (one: Session, ...commands: readonly Command[]) => pressAt(one, 1, ...commands);
const names = (count: number) =>
	Array.from({length: count}, (_, index) => ({name: `node${String(index + 1).padStart(2, '0')}`}));

const scenes: Record<string, () => Session> = {
	'twelve members': () => session({members: names(12)}),
	'twelve members, the last one selected': () =>
		press(session({members: names(12)}), ...Array.from({length: 11}, () => 'select.down' as const)),
	'a standby cluster': () =>
		session({
			members: [
				{
					name: 'dr1',
					key: {role: 'standby_leader', replicationState: 'streaming'},
					rest: {role: 'standby_leader', replicationState: 'streaming'},
				},
				{name: 'dr2', key: {replicationState: 'streaming'}},
			],
			config: {standbyCluster: true},
		}),
	'a cluster that is initialising': () =>
		session({
			members: [
				{
					name: 'pgdb1',
					key: {
						state: 'initializing new cluster',
						replicationState: undefined,
						location: undefined,
						timeline: undefined,
					},
					rest: undefined,
				},
			],
			leader: false,
			initialized: false,
		}),
	'a replica that is being created': () =>
		session({
			members: [
				{name: 'pgdb1'},
				{
					name: 'pgdb2',
					key: {
						state: 'creating replica',
						replicationState: undefined,
						location: undefined,
						timeline: undefined,
					},
					rest: {
						state: 'creating replica',
						role: 'uninitialized',
						replicationState: undefined,
						received: undefined,
						replayed: undefined,
					},
				},
			],
		}),
	'quorum commit, pending restart with its reason, tags': () =>
		session({
			members: [
				{
					name: 'pgdb1',
					key: {pendingRestart: true, pendingRestartReason: {max_connections: ['100', '120']}},
					rest: {pendingRestart: true},
				},
				{
					name: 'pgdb2',
					key: {tags: {nofailover: 'true'}, scheduledRestart: '2026-11-23T04:00:00+00:00'},
					rest: {scheduledRestart: '2026-11-23T04:00:00+00:00'},
				},
				{name: 'pgdb3', key: {location: 40_000_000}, rest: {received: 40_000_000, replayed: 40_000_000}},
			],
			config: {synchronousMode: 'quorum', pause: true},
			sync: ['pgdb2', 'pgdb3'],
		}),
	'long names': () =>
		session({
			members: [
				{
					name: 'postgresql-cluster-production-eu-central-1a-node-0001',
					key: {host: 'postgresql-cluster-production-eu-central-1a-node-0001.example.com'},
				},
				{
					name: 'postgresql-cluster-production-eu-central-1b-node-0002',
					key: {host: 'postgresql-cluster-production-eu-central-1b-node-0002.example.com'},
				},
			],
		}),
	'wide characters': () => session({members: [{name: '数据库一号'}, {name: '데이터베이스🐘'}]}),
	'a Citus cluster, of which no group was chosen': () =>
		new Session({...target, vip: undefined, nodes: []}).at(0, madeSnapshot({members: names(2), below: '0/'})),
	details: () => press(session({members: names(2)}), 'details.open'),
	'details, whose sources differ': () =>
		press(
			session({
				members: [
					{
						name: 'pgdb1',
						key: {timeline: 3, location: 60_000_000, pause: true, tags: {nofailover: 'true'}},
						rest: {timeline: 4, location: 60_000_512, pause: false, tags: {}},
					},
					{name: 'pgdb2'},
				],
			}),
			'details.open',
		),
	'a configuration that verifies less': () =>
		new Session({
			...target,
			vip: undefined,
			nodes: [],
			warnings: [
				'TLS to Patroni is NOT verified (ctl.insecure)',
				'etcd is spoken to without TLS (etcd3.protocol is http)',
			],
		}).at(0, ...madeFacts({members: names(2)})),
	frozen: () => press(session({members: names(2)}), 'freeze.toggle').at(12, {type: 'tick'}),
};

describe.each(sizes)('at $width x $height', size => {
	it.each(Object.keys(scenes))('%s', name => {
		const frame = frameOf((scenes[name]?.() ?? new Session()).state, size);
		const lines = frame.split('\n');
		expect(lines).toHaveLength(size.height);
		expect(Math.max(...lines.map(line => stringWidth(line)))).toBeLessThanOrEqual(size.width);
		expect(frame).toMatchSnapshot();
	});
});

it('nothing of a scene stays on the screen when another one is drawn', () => {
	const size = {width: 80, height: 24};
	const states = Object.values(scenes).map(scene => scene().state);
	const fresh = states.map(state => {
		const shown = screen(state, size);
		const frame = shown.frame();
		shown.close();
		return frame;
	});
	const shown = screen(new Session().state, size);
	const order = [...states.keys(), ...[...states.keys()].reverse()];
	for (const index of order) {
		const state = states[index];
		if (state !== undefined) {
			shown.show(state);
			expect(shown.frame()).toBe(fresh[index]);
		}
	}

	shown.close();
});
