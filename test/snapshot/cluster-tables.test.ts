/** `history`, `topology` and `dsn`: of a state, and by the program with an etcd. */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {members} from '../../source/domain/cluster/members.ts';
import {dsnCommand, historyCommand, topologyCommand} from '../../source/snapshot/cluster-command.ts';
import {dsnText, historyTable, topologyTable} from '../../source/snapshot/cluster-tables.ts';
import {healthyFacts, suites} from '../support/captures.ts';
import {EtcdServer} from '../support/etcd-server.ts';
import {temporaryFolder} from '../support/folder.ts';
import {restTarget, viewFact} from '../support/rest-cluster.ts';
import {Session, target} from '../support/session.ts';
import {madeFacts} from '../support/synthetic-cluster.ts';

const anyNode = {...target, nodes: []};
const names = ['a', 'b', 'c', 'd', 'e'];

describe('topology', () => {
	it('has each member once, whatever their tags say', () => {
		fc.assert(
			fc.property(fc.array(fc.constantFrom(...names, 'gone', ''), {minLength: 5, maxLength: 5}), tags => {
				const {state} = new Session(anyNode).at(
					0,
					...madeFacts({
						members: names.map((name, index) => ({name, key: {tags: {replicatefrom: tags[index] ?? ''}}})),
					}),
				);
				const {rows} = topologyTable(state, {isTree: false});
				expect(rows.map(([name]) => name).sort()).toEqual(names);
				// Below its upstream, or where they replicate from each other.
				for (const [name, above] of rows) {
					expect(above).not.toBe(name);
					expect([...names, '']).toContain(above);
				}
			}),
		);
	});

	it('is a tree as text', () => {
		const {state} = new Session(target).at(0, ...healthyFacts('trixie'));
		expect(topologyTable(state, {isTree: true}).rows).toEqual([
			['pgdb1', '', '10.73.0.160:5432', 'Leader', 'running', 1, null],
			['+ pgdb2', 'pgdb1', '10.73.0.170:5432', 'Sync Standby', 'streaming', 1, 0],
		]);
	});
});

describe('history', () => {
	it.each(suites)('has a row for each line of the key (%s)', suite => {
		const {state} = new Session(target).at(0, ...healthyFacts(suite));
		const table = historyTable(state);
		for (const row of table?.rows ?? []) {
			expect(row.length).toBe(table?.columns.length);
			expect(row.slice(0, 2).map(value => typeof value)).toEqual(['number', 'number']);
		}
	});

	it('is not known by REST until a member reports it', () => {
		const unread = new Session(restTarget).at(0, viewFact('pgdb1', {leader: 'pgdb1'}));
		expect(historyTable(unread.state)).toBeUndefined();
	});
});

describe('dsn', () => {
	const {state} = new Session(target).at(0, ...healthyFacts('trixie'));

	it.each([
		[{role: undefined, member: undefined}, 'host=10.73.0.160 port=5432'],
		[{role: 'leader', member: undefined}, 'host=10.73.0.160 port=5432'],
		[{role: 'primary', member: undefined}, 'host=10.73.0.160 port=5432'],
		[{role: 'replica', member: undefined}, 'host=10.73.0.170 port=5432'],
		[{role: 'standby', member: undefined}, 'host=10.73.0.170 port=5432'],
		[{role: 'any', member: undefined}, 'host=10.73.0.160 port=5432'],
		[{role: 'standby-leader', member: undefined}, undefined],
		[{role: undefined, member: 'pgdb2'}, 'host=10.73.0.170 port=5432'],
		[{role: undefined, member: 'pgdb3'}, undefined],
	])('%j', (wanted, text) => {
		expect(members(state.cluster, state.now).length).toBe(2);
		expect(dsnText(state, wanted)).toBe(text);
	});

	it('quotes a host that libpq would take apart', () => {
		const hostile = new Session(anyNode).at(
			0,
			...madeFacts({members: [{name: 'a', key: {host: "x' user=y\\"}}]}),
		);
		expect(dsnText(hostile.state, {role: 'any', member: undefined})).toMatch(
			/^host='x\\' user=y\\\\' port=\d+$/,
		);
	});
});

describe('by command', () => {
	const folder = temporaryFolder('cluster-command');

	async function withEtcd<T>(keys: Record<string, string>, work: (args: string[]) => Promise<T>): Promise<T> {
		const etcd = await new EtcdServer({
			keys: Object.fromEntries(Object.entries(keys).map(([name, value]) => [`/service/main/${name}`, value])),
		}).listen();
		const file = path.join(folder, 'patronictl.yaml');
		writeFileSync(file, `scope: main\netcd3: {hosts: "${etcd.url.replace('http://', '')}"}\n`);
		try {
			return await work(['-c', file]);
		} finally {
			etcd.close();
		}
	}

	const member = (host: string, role: string) =>
		JSON.stringify({conn_url: `postgres://${host}:5433/postgres`, state: 'running', role, timeline: 3});
	const keys = {
		leader: 'pgdb1',
		initialize: '7',
		history: JSON.stringify([
			[1, 50_331_808, 'no recovery target specified', '2026-11-23T00:00:00+00:00', 'pgdb2'],
			[2, 67_109_024, 'no\trecovery\u001B[2J target'],
		]),
		'members/pgdb1': member('10.0.0.1', 'primary'),
		'members/pgdb2': member('10.0.0.2', 'replica'),
	};

	it('prints what patronictl prints', async () => {
		await withEtcd(keys, async args => {
			expect(JSON.parse((await historyCommand([...args, '-f', 'json'])).text)).toEqual([
				{
					TL: 1,
					LSN: 50_331_808,
					Reason: 'no recovery target specified',
					Timestamp: '2026-11-23T00:00:00+00:00',
					'New Leader': 'pgdb2',
				},
				{TL: 2, LSN: 67_109_024, Reason: 'no recovery target', Timestamp: '', 'New Leader': ''},
			]);
			expect(await historyCommand(args)).toEqual({
				exitCode: 0,
				text: [
					'TL       LSN  Reason                        Timestamp                  New Leader',
					' 1  50331808  no recovery target specified  2026-11-23T00:00:00+00:00  pgdb2',
					' 2  67109024  no recovery target',
					'',
				].join('\n'),
			});
			expect((await topologyCommand([...args, '--format', 'tsv'])).text.split('\n').slice(0, 3)).toEqual([
				'Member\tReplicates from\tHost\tRole\tState\tTL\tLag in bytes',
				'pgdb1\t\t10.0.0.1:5433\tLeader\trunning\t3\t',
				'pgdb2\tpgdb1\t10.0.0.2:5433\tReplica\trunning\t3\t',
			]);
			expect(await dsnCommand(args)).toEqual({exitCode: 0, text: 'host=10.0.0.1 port=5433\n'});
			expect(await dsnCommand([...args, '-m', 'pgdb3'])).toEqual({
				exitCode: 1,
				text: '',
				complaint: 'no member "pgdb3" with an address',
			});
		});
	});

	it('refuses a scope that etcd does not have, and prints nothing where nothing is read', async () => {
		await withEtcd(keys, async args => {
			expect(await dsnCommand([...args, 'mian'])).toMatchObject({
				text: '',
				exitCode: 64,
				complaint: expect.stringContaining('the scope mian does not exist'),
			});
		});
		const file = path.join(folder, 'unreachable.yaml');
		writeFileSync(file, 'scope: main\netcd3: {hosts: "127.0.0.1:1"}\n');
		for (const command of [dsnCommand, historyCommand, topologyCommand]) {
			expect(await command(['-c', file])).toEqual({
				text: '',
				exitCode: 69,
				complaint: expect.stringMatching(/^leader and members are not known now: no etcd endpoint answers/),
			});
		}
	});
});
