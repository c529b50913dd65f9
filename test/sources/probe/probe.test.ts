import {describe, expect, it} from 'vitest';
import {routeTo} from '../../../source/domain/cluster/haproxy.ts';
import {parseFilesystems} from '../../../source/sources/filesystems.ts';
import {haproxyStats} from '../../../source/sources/haproxy-csv.ts';
import {parseUnits, presentUnits} from '../../../source/sources/systemd.ts';
import {captureText, suites} from '../../support/captures.ts';
import {healthySession, target} from '../../support/session.ts';

describe("HAProxy's statistics", () => {
	it.each(suites)('of %s, checks and all', suite => {
		const {servers, frontends} = haproxyStats(captureText(suite, 'haproxy-stats.csv'));
		expect(frontends.map(({name}) => name)).toEqual(['stats', 'primary', 'replicas']);
		expect(servers).toHaveLength(4);
		const down = servers.find(({backend, up}) => backend === 'primary' && !up);
		expect(down).toMatchObject({
			status: 'DOWN',
			checkStatus: 'L7STS',
			checkCode: 503,
			checkDescription: 'Layer7 wrong status',
			backup: false,
		});
		expect(down?.lastChange).toBeGreaterThan(0);
	});

	it.each([
		['UP 1/3', true],
		['no check', true],
		['DOWN 1/2', false],
		['MAINT', false],
		['NOLB', false],
	])('%s: new clients go there: %s', (status, up) => {
		const {servers} = haproxyStats(
			`# pxname,svname,status,type,bck,addr\npg,db1,${status},2,1,10.0.0.1:5432\n`,
		);
		expect(servers).toMatchObject([{up, backup: true, address: '10.0.0.1:5432'}]);
	});

	it('leaves out what a page does not have, or has not as a number', () => {
		const {servers, frontends} = haproxyStats(
			'# pxname,svname,status,type,lastchg,scur\npg,FRONTEND,OPEN,0,,\npg,db1,UP,2,,\npg,db2,UP,2,-1,x\npg,db3,UP,2,0,0\n',
		);
		const unknown = {lastChange: undefined, sessions: undefined};
		expect(servers).toMatchObject([unknown, unknown, {lastChange: 0, sessions: 0}]);
		expect(frontends).toMatchObject([{name: 'pg', sessions: undefined}]);
	});

	it('with a line for each listener has the ports', () => {
		const {frontends} = haproxyStats(
			'# pxname,svname,status,type,addr\npg,FRONTEND,OPEN,0,\npg,sock-1,OPEN,3,0.0.0.0:5000\npg,sock-2,OPEN,3,[::]:5010\n',
		);
		expect(frontends).toMatchObject([{name: 'pg', ports: [5000, 5010]}]);
	});

	it.each(['', '<html></html>', '{}', 'a,b\n1,2\n', '"'])('refuses %j, which is not statistics', text => {
		expect(() => haproxyStats(text)).toThrow('not HAProxy statistics');
	});

	it('names the server for writers, whatever HAProxy calls it', () => {
		const clusterWith = (csv: string) =>
			healthySession('trixie').at(1, {
				type: 'haproxy.stats',
				source: 'haproxy:pgdb1',
				node: 'pgdb1',
				...haproxyStats(`# pxname,svname,status,type,bck,addr\n${csv}`),
			}).state.cluster;
		const to = (csv: string, scene = target) =>
			routeTo(clusterWith(csv), scene, 'pgdb1', 'primary')?.to?.map(({member}) => member);
		expect(to('primary,pgdb1,UP,2,0,\nprimary,pgdb2,DOWN,2,0,\n')).toEqual(['pgdb1']);
		expect(to('pg_5000,srv1,UP,2,0,10.73.0.170:5432\npg_5001,pgdb1,UP,2,0,\n')).toEqual(['pgdb2']);
		expect(to('primary,pgdb1,DOWN,2,0,\n')).toEqual([]);
		expect(to('primary,pgdb1,UP,2,1,\nprimary,pgdb2,UP,2,0,\n')).toEqual(['pgdb2']);
		expect(to('a,pgdb1,UP,2,0,\nb,pgdb2,UP,2,0,\n')).toBeUndefined();
		expect(
			to('a,pgdb1,UP,2,0,\nb,pgdb2,UP,2,0,\n', {...target, haproxy: {backends: {primary: 'b'}}}),
		).toEqual(['pgdb2']);
		expect(
			to('a,FRONTEND,OPEN,0,0,\na,sock-1,OPEN,3,0,:5000\na,pgdb1,UP,2,0,\nprimary,pgdb2,UP,2,0,\n'),
		).toEqual(['pgdb1']);
	});
});

describe('systemctl show', () => {
	it('is read in the requested order, with times in UTC', () => {
		const text = [
			'MainPID=82\nNRestarts=1\nId=patroni.service\nLoadState=loaded\nActiveState=active\nSubState=running\nStateChangeTimestamp=Mon 2026-11-23 03:50:40 UTC\nActiveEnterTimestamp=Mon 2026-11-23 03:50:38 UTC\nInvocationID=079a',
			'MainPID=0\nNRestarts=0\nId=keepalived.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nStateChangeTimestamp=\nActiveEnterTimestamp=\nInvocationID=',
		].join('\n\n');
		expect(parseUnits(`${text}\n`, ['patroni', 'keepalived'])).toEqual([
			{
				service: 'patroni',
				unit: 'patroni.service',
				load: 'loaded',
				active: 'active',
				sub: 'running',
				invocationId: '079a',
				since: Date.UTC(2026, 10, 23, 3, 50, 38),
				pid: 82,
				restarts: 1,
			},
			expect.objectContaining({
				service: 'keepalived',
				load: 'not-found',
				active: 'inactive',
				since: undefined,
			}),
		]);
		expect(() => parseUnits('', ['patroni', 'etcd'])).toThrow('unexpected output of "systemctl show"');
	});

	it('leaves out an optional unit that does not exist, or is neither enabled nor was started', () => {
		const unit = (load: string, file: string, active: string) =>
			`Id=x.service\nLoadState=${load}\nUnitFileState=${file}\nActiveState=${active}\nSubState=dead`;
		const kept = (text: string, isOptional: boolean) =>
			presentUnits(text, [{service: 'pgbouncer', unit: 'x', isOptional}]).length === 1;
		for (const [load, file, active, isPresent] of [
			['not-found', '', 'inactive', false],
			['loaded', 'disabled', 'inactive', false],
			['loaded', 'enabled', 'inactive', true],
			['loaded', 'enabled-runtime', 'inactive', true],
			['loaded', 'disabled', 'active', true],
			['loaded', 'disabled', 'failed', true],
			['masked', 'masked', 'inactive', false],
		] as const) {
			expect([load, file, active, kept(unit(load, file, active), true)]).toEqual([
				load,
				file,
				active,
				isPresent,
			]);
			expect(kept(unit(load, file, active), false)).toBe(true);
		}
	});
});

describe('df and /proc/mounts', () => {
	it('are read as one line a file system, with its content and whether it is read-only', () => {
		const text = [
			'/ overlay 1000 270 730 27% /',
			'/var/lib/postgresql /dev/sdb1 2000 1900 100 95% /var/lib/postgresql',
			'/var/lib/etcd overlay 1000 270 730 27% /',
			'',
			'rootfs / rootfs ro 0 0',
			'overlay / overlay rw,relatime 0 0',
			'/dev/sdb1 /var/lib/postgresql ext4 ro,relatime 0 0',
			'',
		].join('\n');
		expect(parseFilesystems(text)).toEqual([
			{mount: '/', holds: ['root', 'etcd'], size: 1000, used: 270, usedPercent: 27, readOnly: false},
			{
				mount: '/var/lib/postgresql',
				holds: ['postgresql'],
				size: 2000,
				used: 1900,
				usedPercent: 95,
				readOnly: true,
			},
		]);
		expect(parseFilesystems('\n')).toEqual([]);
	});
});
