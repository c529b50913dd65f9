/** Valid inputs to be mutated: real answers, and lines of the services' logs. */
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {serviceIds} from '../../source/domain/cluster/services.ts';
import {stateJson} from '../../source/recording/state-json.ts';
import {captureText, healthyFacts, prefix, suites} from '../../test/support/captures.ts';
import {header} from '../../test/support/recorded.ts';
import {healthySession, start} from '../../test/support/session.ts';

const captures = path.join(import.meta.dirname, '../../test/captures');

/** All captures of a kind, of every version. */
function captured(kind: RegExp): string[] {
	return suites.flatMap(suite =>
		readdirSync(path.join(captures, suite))
			.filter(name => kind.test(name))
			.map(name => readFileSync(path.join(captures, suite, name), 'utf8')),
	);
}

type Range = {kvs: readonly {key: string; value: string}[]};

const decoded = (text: string) => Buffer.from(text, 'base64').toString();

/** A key's path below the scope, a line end, its value. */
export const keys = captured(/etcd-range\.json$/).flatMap(text =>
	(JSON.parse(text) as Range).kvs.map(
		({key, value}) => `${decoded(key).slice(prefix.length)}\n${decoded(value)}`,
	),
);

/** Name of the request, a line end, the gateway's answer. */
export const etcdAnswers = [
	...captured(/etcd-range\.json$/).map(text => `range\n${text}`),
	...captured(/^etcd-members\.json$/).map(text => `members\n${text}`),
	...captured(/^etcd-status\.json$/).map(text => `status\n${text}`),
	...captured(/^etcd-alarm\.json$/).map(text => `alarms\n${text}`),
	...captured(/^etcd-watch\.ndjson$/).flatMap(text =>
		text
			.trim()
			.split('\n')
			.map(line => `watch\n${line}`),
	),
	'lease\n{"header":{"cluster_id":"1"},"ID":"4711","TTL":"18","grantedTTL":"20"}',
];

/** Bodies of GET /patroni; captures of requests have them in `body`. */
export const patroniBodies = captured(/-patroni\.json$|^patroni-/).map(text => {
	const content = JSON.parse(text) as {body?: unknown};
	return JSON.stringify(content.body ?? content);
});

export const processes = [
	'  138   1 postgres 3422 /usr/lib/postgresql/17/bin/postgres -D /var/lib/postgresql/17/main\n  142 138 postgres 3421 postgres: main: walwriter\n  149 138 postgres 3421 postgres: main: app app 10.73.0.1(56574) idle',
];

/** `status`, `details` or `sessions`, a line end, the answer. */
export const sqlAnswers = [
	...captured(/^sql-status-/).map(text => `status\n${text}`),
	...captured(/^sql-details-/).map(text => `details\n${text}`),
	...captured(/^sql-sessions-/).map(text => `sessions\n${text}`),
];

export const haproxyPages = suites.map(suite => captureText(suite, 'haproxy-stats.csv'));

export const addresses = [
	'[{"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1"}]},{"ifname":"host0","addr_info":[{"local":"10.73.0.160"},{"local":"10.73.0.172"}]},{"ifname":"down"}]',
];

export const monitorLines = [
	'2: host0    inet 10.73.0.172/24 scope global secondary host0\\       valid_lft forever',
	'Deleted 2: eth0    inet6 fe80::1/64 scope link',
	'[ADDR]3: eth0@if7    inet 10.0.0.1/32 scope global',
	'monitor ended',
];

export const disks = [
	`/ /dev/vda1 270553174016 30219059200 226553174016 12% /
/var/lib/postgresql /dev/vdb 270553174016 30219059200 226553174016 12% /var/lib/postgresql
/var/lib/etcd /dev/vda1 270553174016 30219059200 226553174016 12% /

proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0
/dev/vda1 / ext4 rw,relatime 0 0
/dev/vdb /var/lib/postgresql xfs ro,relatime 0 0

glibc 2.41
`,
];

export const units = [
	serviceIds
		.map(
			name => `Id=${name}.service
LoadState=loaded
ActiveState=active
SubState=running
InvocationID=079a1bf06d434e9290d7998adfda8a46
ActiveEnterTimestamp=Mon 2026-11-23 03:44:56 UTC
StateChangeTimestamp=Mon 2026-11-23 03:44:56 UTC
MainPID=82
NRestarts=0`,
		)
		.join('\n\n'),
];

/** The service, a line end, a line of its log. */
export const logLines = [
	'patroni\n2026-11-23 04:14:10,541 INFO: no action. I am (pgdb1), a secondary, and following a leader (pgdb2)',
	'patroni\n2026-11-23 04:14:03.847 UTC [144] FATAL:  the database system is starting up',
	'patroni\nTraceback (most recent call last):',
	'patroni\n  File "/usr/lib/python3/dist-packages/patroni/ha.py", line 7, in run',
	'postgresql\n2026-11-23 04:14:03.799 UTC [135] app@db LOG:  checkpoint complete: wrote 3 buffers',
	'postgresql\n2026-11-23 04:14:03.799 UTC,"app","db",135,"10.0.0.1:4711",5f.1,1,"SELECT",2026-11-23 04:14:00 UTC,3/7,0,ERROR,42P01,"relation ""x"" does not exist",,,,,,"select 1",15,,"psql"',
	'postgresql\n{"timestamp":"2026-11-23 04:14:03.799 UTC","pid":135,"error_severity":"LOG","message":"ready"}',
	'etcd\n{"level":"warn","ts":"2026-11-23T04:14:00.028Z","caller":"api/x.go:7","msg":"slow fdatasync","took":"1.2s","n":3}',
	"haproxy\n[ALERT]    (74) : proxy 'primary' has no server available!",
	'haproxy\nNov 23 04:14:14 pgdb1 haproxy[74]: Server primary/pgdb1 is DOWN, reason: Layer7 wrong status, code: 503',
	'keepalived\nMon Nov 23 04:14:14 2026: (VI_1) Entering BACKUP STATE',
];

/** Lines that have a meaning: the service, a line end, the text of its line. */
export const saidLines = [
	...logLines,
	'patroni\nLock owner: pgdb2; I am pgdb1',
	"patroni\npatroni.service: Failed with result 'signal'.",
	'etcd\nraft.node: aece9727e17f4e60 changed leader from aece9727e17f4e60 to 128d561b356a5206 at term 5 logger=raft',
	'etcd\nprober detected unhealthy status round-tripper-name=X remote-peer-id=74bd96734677205c rtt=1s error=dial tcp: timeout',
	'keepalived\n(postgres) Received advert from 10.73.0.170 with lower priority 102, ours 103, forcing new election',
	'haproxy\nServer primary/pgdb1 is DOWN, reason: Layer4 timeout, check duration: 1001ms. 0 active and 0 backup servers left.',
	'kernel\nMemory cgroup out of memory: Killed process 20344 (postgres) total-vm:529736kB, anon-rss:154124kB',
	'kernel\nigb 0000:01:00.0 eno1: igb: eno1 NIC Link is Down',
	'system\nSystem clock was stepped by -3601.734210 seconds',
	'vip-manager\n2026/11/27 11:46:33 Configuring address 10.73.0.172/24 on eth0',
];

/** A log_line_prefix, and a line under it. */
export const prefixedLines = [
	'%m [%p] \n2026-11-23 04:14:03.799 UTC [135] LOG:  checkpoint starting: time',
	'%t [%p]: [%l-1] user=%u,db=%d \n2026-11-23 04:14:03 MSK [135]: [3-1] user=app,db=shop ERROR:  x',
	'%-10u %5p %q%h %r|%a|%i %b\napp          135 10.0.0.7 10.0.0.7(4711)|psql|SELECT client backendFATAL:  x',
	'\nPANIC:  x',
];

/** log.format, log.dateformat, and a line under them. */
export const formattedLines = [
	'%(asctime)s %(levelname)-8s %(name)s[%(process)d]: %(message)s\n\n2026-11-23 04:14:10,541 WARNING  patroni.ha[7]: x',
	'%(levelname)s %(asctime)s %(message)s\n%d/%b/%Y:%H:%M:%S %z\nERROR 23/Nov/2026:04:14:10 +0300 x',
];

export const patroniFiles = [
	"file /etc/patroni.yml\nlog: {dir: /var/log/patroni, format: [message, {levelname: level}]}\npostgresql: {parameters: {log_line_prefix: '%m '}}",
	'unreadable /etc/patroni.yml\n',
];

export const journalLines = logLines.map(text => {
	const at = text.indexOf('\n');
	return JSON.stringify({
		__CURSOR: 's=a;i=bb;b=cc;m=1;t=2;x=3',
		__REALTIME_TIMESTAMP: '1795407240028515',
		PRIORITY: '6',
		_SYSTEMD_UNIT: `${text.slice(0, at)}.service`,
		SYSLOG_IDENTIFIER: 'patroni',
		_COMM: 'postgres',
		_TRANSPORT: 'journal',
		_PID: '82',
		MESSAGE: text.slice(at + 1),
	});
});

export const stamps = [
	'2026-11-23 04:14:03.799 UTC',
	'2026-11-23 04:14:03,756',
	'2026-11-23T04:14:00.028Z',
	'2026-11-23T04:14:00+02:00',
	'Nov 23 04:14:14',
];

export const typedTimes = [
	'-5m',
	'+10 min',
	'14:30',
	'04:14:10.5',
	'2026-11-23 04:14',
	'2026-02-30 04:14',
	'2026-11-24T02:00:00.123+01:00',
	'now',
];

export const sshSettings = [
	`user root
hostname 10.73.0.160
port 22
checkhostip no
identityfile ~/.ssh/id_rsa
identityfile ~/.ssh/id_ed25519
userknownhostsfile ~/.ssh/known_hosts "/a b/known_hosts2"
globalknownhostsfile /etc/ssh/ssh_known_hosts
stricthostkeychecking ask
hostkeyalgorithms ssh-ed25519,ecdsa-sha2-nistp256
proxyjump none
identityagent SSH_AUTH_SOCK
`,
];

const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIGtVcG9uZ2hhdG9wc2ltdWxhdGlvbmtleTEyMzQ1Njc4OTA';

export const knownHosts = [
	`# comment
10.73.0.160,pgdb1 ssh-ed25519 ${key} root@pgdb1
@revoked * ssh-ed25519 ${key}
@cert-authority *.example.org,!pgdb2.example.org ssh-ed25519 ${key}
|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-ed25519 ${key}
[10.73.0.160]:2222 ssh-ed25519 ${key}
`,
];

export const dsns = [
	'postgresql://probe:p%40ss@10.73.0.172:5432/postgres?sslmode=verify-full&application_name=a+b',
	'postgres://[fd00::1]:5433,pgdb1/db?target_session_attrs=any',
	"host=10.73.0.172 user=probe password='it\\'s' dbname=postgres sslrootcert=system channel_binding=require",
	'user=probe require_auth=scram-sha-256,!md5 hostaddr=10.0.0.1 ssl_min_protocol_version=TLSv1.3',
];

export const configurations = [
	`scope: postgres-cluster
namespace: /service/
restapi: {connect_address: '10.73.0.160:8008', authentication: {username: admin, password: secret}}
ctl: {insecure: false, cacert: /etc/ssl/ca.pem}
etcd3:
  hosts: [10.73.0.160:2379, 10.73.0.170:2379]
  protocol: http
pgha-top:
  vip: 10.73.0.172
  nodes:
    pgdb1: {host: 10.73.0.160, roles: [database, etcd]}
    etcd1: &etcd {host: 10.73.0.171, roles: [etcd]}
    etcd2: *etcd
  probe: {user: probe, dbname: postgres, write: true}
  logs:
    pgdb1: [{unit: patroni.service}, {path: /var/log/postgresql/postgresql.log, name: postgresql}]
  deadline: 1.5
`,
	'scope: a\netcd3:\n  host: 127.0.0.1:2379\n  <<: {protocol: https, cacert: /a}\n',
	'scope: b\netcd3: {url: "https://u:p@[::1]:2379"}\npgha-top: {probe: {dsn: "host=h user=u password=hunter2"}}\n',
];

/** The pattern, a line end, the text. */
export const patterns = logLines.flatMap(line => {
	const text = line.slice(line.indexOf('\n') + 1);
	return [
		`"checkpoint complete" !secret /err(or)?/\n${text}`,
		`/(a|aa)*b|\\d+$/\n${text}${'a'.repeat(200)}`,
		`/^(?<stamp>[\\d-]+).*(x+x+)+y/\n${text}`,
	];
});

export const statements = [
	"SELECT 'it''s', E'a\\'b', $q$ $$ $q$, 1.5e-3, \"Name\" FROM t WHERE id = $1 -- x",
	"ALTER ROLE app PASSWORD 'hunter2'; SET app.token TO hunter2; /* a /* b */ */ SELECT f(password => x)",
	"INSERT INTO t VALUES (1, 'a'), (2, 'b')",
];

export const secrets = [
	'psql "host=h user=u password=hunter2" --password hunter2 -c "select 1"',
	'PGPASSWORD=hunter2 AWS_SECRET_ACCESS_KEY=abc/def+ghi curl -H "Authorization: Bearer abc.def.ghi" -u admin:secret',
	'{"password":"hunter2","api_key": "x", "authentication": {"username": "a", "password": "b@c"}}',
	"CREATE USER app PASSWORD 'hunter2'; ALTER ROLE a WITH ENCRYPTED PASSWORD 'md5abc'",
	'postgres://app:hun@ter2@10.0.0.1/db?sslpassword=x etcd3://root:pw@10.0.0.1:2379',
	'-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----',
];

/**
 * One character per byte: a login up to ReadyForQuery, an ErrorResponse, a RowDescription with its row, a SASL request.
 */
export const frames = [
	'R\u0000\u0000\u0000\u0008\u0000\u0000\u0000\u0000S\u0000\u0000\u0000\u0011TimeZone\u0000UTC\u0000Z\u0000\u0000\u0000\u0005I',
	'E\u0000\u0000\u0000\u001dSFATAL\u0000C57P03\u0000Mstarting\u0000\u0000',
	'T\u0000\u0000\u0000\u001a\u0000\u0001one\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0017\u0000\u0004\u00ff\u00ff\u00ff\u00ffD\u0000\u0000\u0000\u000b\u0000\u0001\u0000\u0000\u0000\u00011',
	'R\u0000\u0000\u0000\u0017\u0000\u0000\u0000\nSCRAM-SHA-256\u0000\u0000',
];

const healthy = healthySession('trixie').state;

export const recordingLines = [
	JSON.stringify(header()),
	`{"segment":0,"at":${start},"state":${stateJson(healthy, {logs: true})}}`,
	JSON.stringify({
		index: {
			segments: [{at: start, offset: 0, line: 2, events: 0}],
			marks: healthy.timeline,
			endedAt: start,
			events: 1,
		},
	}),
	...suites.flatMap(suite => healthyFacts(suite).map(event => JSON.stringify({at: start + 1000, event}))),
];

export const nodeFiles = [
	`global\n  stats socket /run/haproxy/admin.sock\ndefaults\n  option httpchk OPTIONS /primary\nlisten a\n  bind *:5000,10.0.0.9:5432\n  server x 10.0.0.1:5432 check port 8008\nlisten s\n  mode http\n  bind :7000\n  stats uri /\n  stats auth a:b\n`,
	`! c\n$V=10.0.0.9/24\nvrrp_script c {\n  script "/bin/sh -c 'curl :8008/leader'"\n}\nvrrp_instance A {\n  virtual_ipaddress {\n    $V dev eth0\n    fd00::9\n  }\n  track_script {\n    c\n  }\n}\ninclude /etc/x/*.conf\n`,
	`[databases]\n* = host=127.0.0.1 port=5000 password='x'\n[pgbouncer]\nlisten_addr = *\nlisten_port = 6432\n`,
	`scope: a\netcd3: {hosts: [a:2379, b:2379]}\nrestapi: {connect_address: 10.0.0.1:8008}\npostgresql: {data_dir: /srv/pg}\nip: 10.0.0.9\n`,
	`${'ab'.repeat(16)} file haproxy /etc/haproxy/haproxy.cfg\nglobal\n${'ab'.repeat(16)} units\nId=patroni@a.service\nActiveState=active\nUnitFileState=enabled\n`,
];
