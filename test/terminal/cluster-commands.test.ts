/** `history`, `topology` and `dsn` by command, with an etcd. Their sources run until the process ends. */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {dsnCommand, historyCommand, topologyCommand} from '../../source/snapshot/cluster-command.ts';
import {EtcdServer} from '../support/etcd-server.ts';
import {temporaryFolder} from '../support/folder.ts';

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
