/** `history`, `topology` and `dsn` by command, with an etcd. Their sources run until the process ends. */
import {writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {parse} from 'yaml';
import {dsnCommand, historyCommand, topologyCommand} from '../../source/snapshot/cluster-command.ts';
import {EtcdServer} from '../support/etcd-server.ts';
import {temporaryFolder} from '../support/folder.ts';
import {listenOnLoopback} from '../support/loopback.ts';

describe('by command', () => {
	const folder = temporaryFolder('cluster-command');

	async function withEtcd<T>(keys: Record<string, string>, work: (args: string[]) => Promise<T>): Promise<T> {
		const etcd = await new EtcdServer({
			name: 'etcd1',
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

	/** @param port of its REST API; nothing listens at port 1 */
	const member = (host: string, role: string, port = 1) =>
		JSON.stringify({
			conn_url: `postgres://${host}:5433/postgres`,
			api_url: `http://127.0.0.1:${port}/patroni`,
			state: role === 'primary' ? 'running' : 'streaming',
			role,
			timeline: 3,
			xlog_location: 67_109_024,
		});
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
			expect(await dsnCommand(args)).toEqual({exitCode: 0, text: 'host=10.0.0.1 port=5433\n'});
			expect(await dsnCommand([...args, '-m', 'pgdb3'])).toEqual({
				exitCode: 1,
				text: '',
				complaint: 'no member "pgdb3" with an address',
			});
		});
	});

	it('prints a topology, with marks of what no REST API confirms', async () => {
		const patroni = createServer((_, response) => {
			response.end(
				JSON.stringify({
					state: 'running',
					role: 'primary',
					server_version: 170_005,
					xlog: {location: 67_109_024},
					timeline: 3,
					replication: [
						{application_name: 'pgdb2', client_addr: '10.0.0.2', state: 'streaming', sync_state: 'async'},
					],
					patroni: {version: '4.0.4', scope: 'main', name: 'pgdb1'},
				}),
			);
		});
		const port = await listenOnLoopback(patroni);
		const withRest = {
			...keys,
			status: JSON.stringify({optime: 67_109_024}),
			'members/pgdb1': member('10.0.0.1', 'primary', port),
			// Of these two nothing but the keys and the leader's word is known.
			'members/pgdb3': member('10.0.0.3', 'replica'),
		};
		await withEtcd(withRest, async args => {
			expect(await topologyCommand(args)).toEqual({
				exitCode: 0,
				text: [
					'Member    Replicates from  Host           Role     State       TL  Lag in bytes',
					'pgdb1                      10.0.0.1:5433  Leader   running      3',
					'+ pgdb2   pgdb1            10.0.0.2:5433  Replica  streaming?  3?            0?',
					'+? pgdb3  pgdb1?           10.0.0.3:5433  Replica  streaming?  3?            0?',
					'',
				].join('\n'),
			});
			expect((await topologyCommand([...args, '-f', 'tsv'])).text).toBe(
				[
					'Member\tReplicates from\tHost\tRole\tState\tTL\tLag in bytes',
					'pgdb1\t\t10.0.0.1:5433\tLeader\trunning\t3\t',
					'pgdb2\tpgdb1\t10.0.0.2:5433\tReplica\t\t\t',
					'pgdb3\t\t10.0.0.3:5433\tReplica\t\t\t',
					'',
				].join('\n'),
			);
			const rows = [
				{
					Member: 'pgdb1',
					'Replicates from': '',
					Host: '10.0.0.1:5433',
					Role: 'Leader',
					State: 'running',
					TL: 3,
					'Lag in bytes': null,
				},
				{
					Member: 'pgdb2',
					'Replicates from': 'pgdb1',
					Host: '10.0.0.2:5433',
					Role: 'Replica',
					State: null,
					TL: null,
					'Lag in bytes': null,
				},
				{
					Member: 'pgdb3',
					'Replicates from': null,
					Host: '10.0.0.3:5433',
					Role: 'Replica',
					State: null,
					TL: null,
					'Lag in bytes': null,
				},
			];
			expect(JSON.parse((await topologyCommand([...args, '-f', 'json'])).text)).toEqual(rows);
			expect(parse((await topologyCommand([...args, '-f', 'yaml'])).text)).toEqual(rows);
		});
		patroni.close();
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
