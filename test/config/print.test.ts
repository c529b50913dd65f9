import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {parse} from 'yaml';
import {configOf} from '../../source/config/config.ts';
import type {Flags} from '../../source/config/layers.ts';
import {printConfig} from '../../source/config/print.ts';
import {readSettings} from '../../source/config/settings.ts';
import {copyCertificates} from '../support/certificates.ts';
import {home} from '../support/home.ts';

function print(flags: Flags, environment: Record<string, string>): string {
	const settings = readSettings(flags, environment, '/nonexistent');
	return printConfig(configOf(settings), settings);
}

describe('--print-config', () => {
	it('shows each value in effect and its origin, and no secret', () => {
		const {ca, both} = copyCertificates();
		const folder = home({
			'patroni/patronictl.yaml': [
				'scope: main',
				'etcd3:',
				'  url: https://eve:s3cret-1@10.0.0.1',
				'postgresql: {authentication: {superuser: {password: s3cret-2}}}',
				`ctl: {certfile: ${both}, keyfile_password: s3cret-3}`,
				'restapi:',
				`  cafile: ${ca}`,
				'  authentication:',
				'    username: rest',
				'    password: s3cret-4',
				'',
			].join('\n'),
			'pgha-top/config.yaml': 'ssh:\n  user: dba\nlogs: {etcd: [{unit: etcd}]}\n',
		});
		const text = print(
			{vip: '10.0.0.9', group: '2', probe: 'user=app', writeProbe: true},
			{
				XDG_CONFIG_HOME: folder,
				PATRONI_CTL_INSECURE: '1',
				PATRONI_ETCD3_CACERT: ca,
				PGDATABASE: 'shop',
				PGUSER: 'bob',
				PGPASSWORD: 's3cret-5',
			},
		);
		const theirs = path.join(folder, 'patroni/patronictl.yaml');
		const ours = path.join(folder, 'pgha-top/config.yaml');
		expect(text).toBe(
			[
				'# pgha-top reads the keys below /service/main/2/ in etcd.',
				"# WARNING: the host name in Patroni's certificates is NOT checked (PATRONI_CTL_INSECURE)",
				'',
				`scope: main # ${theirs}:1`,
				'namespace: /service # default',
				'citus:',
				'  group: 2 # --group',
				'etcd3:',
				`  hosts: [https://10.0.0.1:2379] # ${theirs}:3, etcd3.url`,
				`  username: eve # ${theirs}:3, etcd3.url`,
				`  password: ••• # ${theirs}:3, etcd3.url`,
				`  cacert: ${ca} # PATRONI_ETCD3_CACERT`,
				'ctl:',
				'  insecure: true # PATRONI_CTL_INSECURE',
				`  cacert: ${ca} # ${theirs}:7, restapi.cafile`,
				`  certfile: ${both} # ${theirs}:5`,
				`  keyfile: ${both} # ${theirs}:5, ctl.certfile`,
				`  keyfile_password: ••• # ${theirs}:5`,
				'  authentication:',
				`    username: rest # ${theirs}:9, restapi.authentication.username`,
				`    password: ••• # ${theirs}:10, restapi.authentication.password`,
				'pgha-top:',
				'  vip: 10.0.0.9 # --vip',
				'  ssh:',
				`    user: dba # ${ours}:2`,
				'  units:',
				'    patroni: patroni # default',
				'    etcd: etcd # default',
				'    haproxy: haproxy # default',
				'    keepalived: keepalived # default',
				'    vip-manager: vip-manager # default',
				'    pgbouncer: pgbouncer # default',
				'  discover: true # default',
				'  probe:',
				'    host: 10.0.0.9 # --vip',
				'    port: 5000 # default',
				'    read_port: 5001 # default',
				'    user: app # --probe',
				'    database: shop # PGDATABASE',
				'    password: ••• # PGPASSWORD',
				'    sslmode: prefer # default',
				'    write: true # --write-probe',
				'  read_only: false # default',
				'  dry_run: false # default',
				'  logs:',
				`    etcd: [{unit: etcd}] # ${ours}:3`,
				'  log_buffer:',
				'    lines: 100000 # default',
				'    mebibytes: 64 # default',
				'  history: 60 # default',
				'  watch:',
				'    keep_size: 1GiB # default',
				'    keep_age: 7d # default',
				'  mouse: false # default',
				'  deadline: 1.5 # default',
				'',
			].join('\n'),
		);
	});

	it('is valid YAML without control sequences', () => {
		const text = print(
			{},
			{
				XDG_CONFIG_HOME: '/nonexistent',
				PATRONI_SCOPE: 'a\u001b[31mb: #c',
				PATRONI_ETCD3_HOST: 'h',
				PATRONI_ETCD3_USERNAME: 'u\nv',
				PATRONI_ETCD3_PASSWORD: 'p',
			},
		);
		expect(text).not.toContain('\u001b');
		expect(parse(text)).toMatchObject({etcd3: {username: 'u\nv'}});
	});
});
