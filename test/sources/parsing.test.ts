import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {sanitize} from '../../source/lib/sanitize.ts';
import {parseAddresses, parseMonitorLine} from '../../source/sources/addresses.ts';
import {dcsValue} from '../../source/sources/dcs-values.ts';
import {parseFilesystems, parseGlibc} from '../../source/sources/filesystems.ts';
import {patroniStatus} from '../../source/sources/patroni-status.ts';
import {capture, patroniFact, snapshotFact, suites} from '../support/captures.ts';
import {anyText} from '../support/text.ts';

describe('GET /patroni', () => {
	it.each([
		['bookworm', 150020, '3.0.2', 'master'],
		['trixie', 170012, '4.0.7', 'primary'],
		['forky', 180006, '4.1.5', 'primary'],
	] as const)('of a primary on %s', (suite, serverVersion, version, role) => {
		const {status} = patroniFact(suite, 'pgdb1', 'patroni-leader-pending-restart');
		expect(status).toMatchObject({state: 'running', role, serverVersion, version, pendingRestart: true});
		expect(status.location).toBeGreaterThan(0);
		expect(status.replication).toMatchObject([{state: 'streaming', syncState: 'sync'}]);
	});

	it('of a standby', () => {
		const {status} = patroniFact('trixie', 'pgdb2', 'pgdb2-patroni');
		expect(status).toMatchObject({
			role: 'replica',
			syncStandby: true,
			replicationState: 'streaming',
			received: 50331784,
		});
	});

	it('without quorum is a stopping primary without locations', () => {
		expect(patroniFact('trixie', 'pgdb2', 'noquorum-12s-patroni').status).toMatchObject({
			state: 'stopping',
			role: 'primary',
			location: undefined,
			dcsLastSeen: 1795391168,
		});
	});

	it.each(['', '<html>', '[]', '{}', '{"role": "x"}'])('refuses %j, which is not Patroni', body => {
		expect(() => patroniStatus(body)).toThrow('is this Patroni?');
	});
});

describe("Patroni's keys", () => {
	it.each(suites)('are all parsed (%s)', suite => {
		const problems = snapshotFact(suite).entries.filter(({value}) => value.kind === 'other');
		expect(problems).toEqual([]);
	});

	it('give members the values of /cluster', () => {
		const {members} = capture('trixie', 'pgdb1-cluster') as {
			members: {name: string; host: string; port: number}[];
		};
		for (const {name, host, port} of members) {
			const entry = snapshotFact('trixie').entries.find(({path}) => path === `members/${name}`);
			expect(entry?.value).toMatchObject({kind: 'member', name, data: {host, port}});
		}
	});

	it.each([
		['config', '{"synchronous_mode": "quorum"}', {config: {synchronousMode: 'quorum', pause: false}}],
		[
			'config',
			'{"synchronous_mode": "on", "pause": true, "ttl": 30}',
			{config: {synchronousMode: 'on', pause: true, ttl: 30}},
		],
		['sync', '{"leader": "a", "sync_standby": "b,c"}', {leader: 'a', standbys: ['b', 'c']}],
		['sync', '{"leader": "a", "sync_standby": null}', {standbys: []}],
		[
			'failover',
			'{"leader": "a", "member": "b", "scheduled_at": "2026-11-23T10:00:00+00:00"}',
			{candidate: 'b'},
		],
		['optime/leader', '123', {kind: 'status', optime: 123}],
		[
			'members/x',
			'{"conn_url": "postgres://[fd00::1]:5433/postgres", "state": "running"}',
			{data: {host: 'fd00::1', port: 5433}},
		],
	])('%s %s', (path, text, expected) => {
		expect(dcsValue(path, text)).toMatchObject(expected);
	});

	it.each([
		['config', 'no json', 'config is not JSON'],
		['members/x', '[]', 'members/x does not have the form that Patroni writes'],
	])('%s %j says what is wrong with it', (path, text, problem) => {
		expect(dcsValue(path, text)).toEqual({kind: 'other', problem});
	});

	it('never throws, whatever the value', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(
					'leader',
					'status',
					'sync',
					'config',
					'history',
					'failover',
					'initialize',
					'members/a',
					'x',
				),
				fc.oneof(fc.string(), fc.json()),
				(path, text) => {
					expect(dcsValue(path, text)).toHaveProperty('kind');
				},
			),
		);
	});
});

describe('ip', () => {
	it('monitor', () => {
		expect(
			parseMonitorLine(
				'2: host0    inet 10.73.0.172/24 scope global secondary host0\\       valid_lft forever',
			),
		).toEqual({
			removed: false,
			address: {ip: '10.73.0.172', interface: 'host0'},
		});
		expect(parseMonitorLine('Deleted 2: eth0    inet6 fe80::1/64 scope link')).toEqual({
			removed: true,
			address: {ip: 'fe80::1', interface: 'eth0'},
		});
		expect(parseMonitorLine('[ADDR]3: eth0@if7    inet 10.0.0.1/32 scope global')).toMatchObject({
			address: {interface: 'eth0'},
		});
		expect(parseMonitorLine('monitor ended')).toBeUndefined();
	});

	it('-j address show', () => {
		const text =
			'[{"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1"}]},{"ifname":"host0","addr_info":[{"local":"10.73.0.160"},{"local":"10.73.0.172"}]},{"ifname":"down"}]';
		expect(parseAddresses(text)).toEqual([
			{ip: '127.0.0.1', interface: 'lo'},
			{ip: '10.73.0.160', interface: 'host0'},
			{ip: '10.73.0.172', interface: 'host0'},
		]);
		expect(() => parseAddresses('{"a": 1}')).toThrow('unexpected output of "ip -j address show"');
	});
});

describe('text from outside', () => {
	it('loses control sequences, and keeps readable text', () => {
		expect(sanitize('a\u001B[31mred\u001B[0m [x] \u001B]0;title\u0007b\u0000c\rd\te\u202Ef\u009B2J')).toBe(
			'ared [x] bc d ef',
		);
	});

	it('never has a control character left', () => {
		fc.assert(
			fc.property(anyText, text => {
				expect(sanitize(text)).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
			}),
		);
	});
});

it("finds PostgreSQL's WAL on a file system of its own, and names it once where it is not", () => {
	const df = [
		'/ /dev/sda1 1000 500 500 50% /',
		'/var/lib/postgresql /dev/sda1 1000 500 500 50% /',
		'/var/lib/postgresql/17/main/pg_wal /dev/sdb1 200 190 10 95% /wal',
		'',
		'/dev/sda1 / ext4 rw 0 0',
		'/dev/sdb1 /wal ext4 rw 0 0',
		'',
	];
	expect(parseFilesystems(df.join('\n'))).toMatchObject([
		{mount: '/', holds: ['root', 'postgresql']},
		{mount: '/wal', holds: ['postgresql'], usedPercent: 95},
	]);
});

describe('the version of glibc', () => {
	const answer = (text: string) => `/ /dev/sda1 200 190 10 95% /\n\n/dev/sda1 / ext4 ro 0 0\n${text}`;

	it.each([
		['\nglibc 2.41\n', '2.41'],
		['\nglibc 2.17.1\n', '2.17.1'],
		// Another C library, an older console's answer, and what is none.
		['\n', undefined],
		['', undefined],
		['\ngetconf: GNU_LIBC_VERSION: unknown variable\n', undefined],
		['\nglibc 2.41\u001B[2J\n', undefined],
	])('is in the last section of the answer: %j', (text, version) => {
		expect(parseGlibc(answer(text))).toBe(version);
		expect(parseFilesystems(answer(text))).toMatchObject([{mount: '/', readOnly: true}]);
	});
});

describe("a mount point that is PostgreSQL's by its name", () => {
	const of = (place: string) =>
		parseFilesystems(`${place} /dev/sdb1 200 190 10 95% ${place}\n\n/dev/sdb1 ${place} ext4 rw 0 0\n`);

	it.each(['/wal', '/mnt/pg_wal', '/pgwal/17', '/u02/xlog', '/PGDATA', '/data/postgres-17', '/srv/pgsql'])(
		'is %s',
		place => {
			expect(of(place)).toMatchObject([{mount: place, holds: ['postgresql'], usedPercent: 95, byName: true}]);
		},
	);

	it('needs no name where the data directory leads there', () => {
		const df = '/srv/backups/pg/pg_wal /dev/sdb1 200 190 10 95% /disk2\n\n/dev/sdb1 /disk2 ext4 rw 0 0\n';
		const [found] = parseFilesystems(df, {'/srv/backups/pg': 'postgresql'});
		expect(found).toMatchObject({mount: '/disk2', holds: ['postgresql']});
		expect(found?.byName).toBeUndefined();
	});

	it.each([
		'/data',
		'/var/wallet',
		'/mnt/walter',
		'/snap/postgresql16/3',
		'/mnt/postgres-backups',
		'/srv/wal-archive',
		'/home/postgres',
	])('is not %s', place => {
		expect(of(place)).toEqual([]);
	});
});
