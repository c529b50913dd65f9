import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {clientSessions, waitedFor} from '../../source/domain/cluster/processes.ts';
import {parseProcesses} from '../../source/sources/processes.ts';

const postmaster =
	'/usr/lib/postgresql/17/bin/postgres -D /var/lib/postgresql/17/main --config-file=/etc/postgresql.conf --cluster_name=postgres-cluster';

/** As ps on the lab prints them, PostgreSQL 17. */
const primary = `    138       1 postgres 3422 ${postmaster}
    139     138 postgres 3422 postgres: postgres-cluster: checkpointer
    140     138 postgres 3422 postgres: postgres-cluster: background writer
    142     138 postgres 3421 postgres: postgres-cluster: walwriter
    144     138 postgres 3421 postgres: postgres-cluster: logical replication launcher
    149     138 postgres 3421 postgres: postgres-cluster: postgres postgres 127.0.0.1(56574) idle
  16843     138 postgres 1559 postgres: postgres-cluster: walsender replicator 10.73.0.160(47118) streaming 0/516EF18
  23618     138 postgres 901 postgres: postgres-cluster: app app 10.73.0.1(44918) idle in transaction
  23619     138 postgres 901 postgres: postgres-cluster: app app fd00::1(54774) authentication`;
const standby = `  15170       1 postgres 1557 ${postmaster}
  15171   15170 postgres 1557 postgres: postgres-cluster: checkpointer
  15173   15170 postgres 1557 postgres: postgres-cluster: startup recovering 000000010000000000000005
  15188   15170 postgres 1557 postgres: postgres-cluster: walreceiver streaming 0/516E3B8`;

const parse = (text: string, dataDir?: string) => parseProcesses(text, dataDir).map(({server}) => server);

describe('the processes of PostgreSQL', () => {
	it('show a primary by its WAL writer, with its data directory and age', () => {
		expect(parse(primary, '/var/lib/postgresql/17/main')).toMatchObject([
			{pid: 138, dataDir: '/var/lib/postgresql/17/main', isMembers: true, ageMs: 3_422_000, state: 'primary'},
		]);
	});

	it('show a standby by its recovery', () => {
		expect(parse(standby)).toMatchObject([{pid: 15_170, isMembers: true, state: 'standby'}]);
	});

	it('of a server that starts or stops show neither', () => {
		expect(
			parse(
				`  1  0 postgres 2 ${postmaster}\n  5  1 postgres 2 postgres: checkpointer performing shutdown checkpoint`,
			),
		).toMatchObject([{state: 'busy', titles: ['checkpointer performing shutdown checkpoint']}]);
	});

	it('leave the name of the cluster out of the titles, and the colon of others in', () => {
		const [server] = parse(primary);
		expect(server?.titles).toContain('walwriter');
		expect(server?.titles).toContain('app app 10.73.0.1(44918) idle in transaction');
	});

	it("of a server with another data directory are not the member's", () => {
		expect(parse(primary, '/srv/pg')).toMatchObject([{isMembers: false}]);
	});

	it("of two servers are the member's only where its data directory is known", () => {
		const other =
			'  900  1 postgres 50 /usr/lib/postgresql/15/bin/postgres -D /srv/other\n  901  900 postgres 50 postgres: walwriter';
		expect(parse(`${primary}\n${other}`).map(({isMembers}) => isMembers)).toEqual([false, false]);
		expect(parse(`${primary}\n${other}`, '/srv/other').map(({isMembers}) => isMembers)).toEqual([
			false,
			true,
		]);
	});

	it('of another user are none of PostgreSQL, whatever they call themselves', () => {
		const fake =
			'  900  1 mallory 50 /tmp/x/postgres -D /var/lib/postgresql/17/main\n  901  900 mallory 50 postgres: walwriter';
		expect(parse(fake, '/var/lib/postgresql/17/main')).toEqual([]);
		expect(
			parse(`owner pgadmin\n${fake.replaceAll('mallory', 'pgadmin')}`, '/var/lib/postgresql/17/main'),
		).toMatchObject([{state: 'primary'}]);
		expect(parse(`owner pgadmin\n${primary}`)).toEqual([]);
	});

	it('show a primary also where it has more sessions than are kept', () => {
		const clients = Array.from(
			{length: 80},
			(_, index) =>
				`  ${200 + index} 138 postgres 5 postgres: postgres-cluster: app app 10.73.0.1(${index}) idle`,
		);
		const lines = primary.split('\n');
		const late = [
			...lines.filter(line => !line.includes('walwriter')),
			...clients,
			...lines.filter(line => line.includes('walwriter')),
		];
		expect(parse(late.join('\n'))).toMatchObject([{state: 'primary'}]);
		expect(parse(late.join('\n'))[0]?.titles).toHaveLength(64);
	});

	it('are not judged by the names of roles', () => {
		const role = `${primary}\n  300 138 postgres 5 postgres: postgres-cluster: startup app 10.73.0.1(7) idle`;
		expect(parse(role)).toMatchObject([{state: 'primary'}]);
	});

	it('show clients, and what may hold up a stop', () => {
		const [server] = parse(primary);
		expect(server && clientSessions(server)).toEqual([
			'postgres postgres 127.0.0.1(56574) idle',
			'app app 10.73.0.1(44918) idle in transaction',
		]);
		expect(server && waitedFor(server)).toEqual([
			{what: 'a client session', title: 'app app 10.73.0.1(44918) idle in transaction'},
			{what: 'a WAL sender', title: 'walsender replicator 10.73.0.160(47118) streaming 0/516EF18'},
		]);
	});

	it('are bounded, and safe to show, whatever ps prints', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(9), fc.string({unit: 'binary'}))), rows => {
				const found = parse(
					rows.map(([pid, parent, args]) => `${pid} ${parent} postgres 7 ${args}`).join('\n'),
				);
				expect(found.length).toBeLessThanOrEqual(8);
				for (const {titles} of found) {
					expect(titles.length).toBeLessThanOrEqual(64);
					for (const title of titles) {
						expect(title.length).toBeLessThanOrEqual(200);
						expect(title).not.toMatch(/\p{Cc}/u);
					}
				}
			}),
		);
	});
});
