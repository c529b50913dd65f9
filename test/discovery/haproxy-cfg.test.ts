/** haproxy.cfg as people write it: ports by role, statistics pages, sockets, servers. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {readHaproxy} from '../../source/discovery/haproxy-cfg.ts';
import {wordLines} from '../../source/discovery/haproxy-sections.ts';
import {listeningOn} from '../../source/discovery/listen-address.ts';

const file = '/etc/haproxy/haproxy.cfg';

function read(...texts: readonly string[]) {
	return readHaproxy(texts.map(text => ({path: file, text})));
}

/** `role port path` of each port. */
function portsOf(...texts: readonly string[]): string[] {
	return read(...texts).ports.map(({role, port, check}) => `${role} ${port} ${check}`);
}

describe('realistic files', () => {
	it('reads the form of the Patroni manual, with the statistics at /', () => {
		const found = read(`
global
    maxconn 100
    stats socket /run/haproxy/admin.sock mode 660 level admin expose-fd listeners

defaults
    log global
    mode tcp
    retries 2
    timeout client 30m

listen stats
    mode http
    bind *:7000
    stats enable
    stats uri /

listen batman
    bind *:5000
    option httpchk
    http-check expect status 200
    default-server inter 3s fall 3 rise 2 on-marked-down shutdown-sessions
    server postgresql_127.0.0.1_5432 127.0.0.1:5432 maxconn 100 check port 8008
    server postgresql_127.0.0.1_5433 127.0.0.1:5433 maxconn 100 check port 8008
`);
		expect(found.ports).toEqual([
			{
				role: 'primary',
				port: 5000,
				address: '*',
				isLocal: false,
				backend: 'batman',
				check: '/',
				file,
				line: 19,
			},
		]);
		expect(found.pages).toEqual([
			{port: 7000, path: '/', isLocal: false, isTls: false, needsUser: false, file, line: 16},
		]);
		expect(found.sockets).toEqual([{path: '/run/haproxy/admin.sock', file, line: 4}]);
		expect(found.backends).toEqual([{role: 'primary', name: 'batman', file, line: 18}]);
	});

	it('reads listens on the VIP with a lag in the check, in front of PgBouncer', () => {
		const found = read(`
listen stats
    mode http
    bind 10.128.64.140:7000
    stats enable
    stats uri /

listen master
    bind 10.128.64.145:5000
    option tcplog
    option httpchk OPTIONS /primary
    http-check expect status 200
    server pgnode01 10.128.64.140:6432 check port 8008
    server pgnode02 10.128.64.142:6432 check port 8008

listen replicas
    bind 10.128.64.145:5001
    option httpchk OPTIONS /replica?lag=100MB
    server pgnode01 10.128.64.140:6432 check port 8008

listen replicas_sync
    bind 10.128.64.145:5002
    option httpchk OPTIONS /sync
    server pgnode01 10.128.64.140:6432 check port 8008

listen replicas_async
    bind 10.128.64.145:5003
    option httpchk OPTIONS /async?lag=100MB
    server pgnode01 10.128.64.140:6432 check port 8008
`);
		expect(found.ports.map(({role, port, address}) => [role, port, address])).toEqual([
			['primary', 5000, '10.128.64.145'],
			['replicas', 5001, '10.128.64.145'],
			['synchronous', 5002, '10.128.64.145'],
			['asynchronous', 5003, '10.128.64.145'],
		]);
		expect(found.servers.slice(0, 2)).toEqual([
			{name: 'pgnode01', host: '10.128.64.140', file, line: 13},
			{name: 'pgnode02', host: '10.128.64.142', file, line: 14},
		]);
	});

	it('reads one file for each service, with http-check send and a page with a password', () => {
		const main = `
defaults
    mode       tcp
    option     redispatch

listen default
    bind *:9101
    mode http
    http-request use-service prometheus-exporter if { path /metrics }
    stats enable
    stats uri /
    stats auth admin:s3cret-of-the-page
    stats refresh 5s
`;
		const primary = `
listen pg-test-primary
    bind *:5433
    mode tcp
    option httpchk
    option http-keep-alive
    http-check send meth OPTIONS uri /primary
    http-check expect status 200
    server pg-test-1 10.10.10.11:6432 check port 8008 weight 100
`;
		const replica = primary
			.replaceAll('primary', 'replica')
			.replace('/replica', '/read-only')
			.replace('5433', '5434');
		const found = read(main, primary, replica);
		expect(found.ports.map(({role, port}) => [role, port])).toEqual([
			['primary', 5433],
			['replicas', 5434],
		]);
		expect(found.pages.map(({port, path, needsUser}) => ({port, path, needsUser}))).toEqual([
			{port: 9101, path: '/', needsUser: true},
		]);
		expect(JSON.stringify(found)).not.toContain('s3cret');
	});

	it('follows frontends to their backends, checks over TLS included', () => {
		expect(
			portsOf(`
frontend postgres_frontend
    bind *:5000 # can be any port
    bind [::]:5000 v6only
    mode tcp
    default_backend postgres_backend

frontend readers
    bind 10.0.0.9:5001,10.0.0.10:5001
    use_backend replica_backend

backend postgres_backend
    mode tcp
    option tcp-check
    option httpchk GET /primary
    http-check expect status 200
    server postgresql-01 192.168.137.101:5432 port 8008 check check-ssl verify none

backend replica_backend
    option httpchk HEAD "/replica" "HTTP/1.1\\r\\nHost: pg"
    server postgresql-01 192.168.137.101:5432 port 8008 check
`),
		).toEqual([
			'primary 5000 /primary',
			'primary 5000 /primary',
			'replicas 5001 /replica',
			'replicas 5001 /replica',
		]);
	});
});

describe('checks', () => {
	const backend = (lines: string, server = 'server a 10.0.0.1:5432 check port 8008') =>
		portsOf(`listen x\n bind :5000\n${lines}\n ${server}\n`);

	it.each([
		['option httpchk GET /leader', ['primary 5000 /leader']],
		['option httpchk /master', ['primary 5000 /master']],
		['option httpchk OPTIONS /read-write/', ['primary 5000 /read-write/']],
		['option httpchk GET /synchronous HTTP/1.0', ['synchronous 5000 /synchronous']],
		[
			'http-check send meth GET uri /asynchronous ver HTTP/1.1\n option httpchk',
			['asynchronous 5000 /asynchronous'],
		],
		['option httpchk GET /nowhere\n http-check send uri /replica meth GET', ['replicas 5000 /replica']],
		['option tcp-check\n tcp-check send GET\\ /primary\\ HTTP/1.0\\r\\n\\r\\n', ['primary 5000 /primary']],
		['option httpchk GET /replica\n no option httpchk', []],
		['option httpchk GET /primary\n option pgsql-check user haproxy', []],
		['http-check send meth GET uri /primary', []],
		['option httpchk GET /health', []],
		['option httpchk GET /constructor', []],
		['option httpchk GET /__proto__', []],
		['option pgsql-check user x', []],
		['', []],
	])('%s', (lines, expected) => {
		expect(backend(lines)).toEqual(expected);
	});

	it('takes GET / for the primary only at the port of Patroni', () => {
		expect(backend('option httpchk', 'server web 10.0.0.1:80 check')).toEqual([]);
		expect(backend('option httpchk', 'server pg 10.0.0.1:5432 check port 8008')).toHaveLength(1);
		expect(
			backend('option httpchk\n default-server port 8008', 'server pg 10.0.0.1:5432 check'),
		).toHaveLength(1);
	});

	it('inherits from defaults, also from named ones, and not beyond the next', () => {
		expect(
			portsOf(`
defaults writers
 option httpchk OPTIONS /primary
defaults readers
 option httpchk OPTIONS /replica
listen a
 bind :1
 server x 10.0.0.1:5432 check
listen b from writers
 bind :2
 server x 10.0.0.1:5432 check
defaults
listen c
 bind :3
 server x 10.0.0.1:5432 check
`),
		).toEqual(['replicas 1 /replica', 'primary 2 /primary']);
	});
});

describe('statistics', () => {
	const pages = (text: string) =>
		read(text).pages.map(({port, path, isLocal, isTls, needsUser}) => ({
			port,
			path,
			isLocal,
			isTls,
			needsUser,
		}));
	const page = {port: 8404, path: '/', isLocal: false, isTls: false, needsUser: false};

	it.each([
		['listen s\n bind :8404\n mode http\n stats enable', [{...page, path: '/haproxy?stats'}]],
		['listen stats *:8404\n mode http\n stats uri /', [page]],
		['listen s\n bind 127.0.0.1:8404\n mode http\n stats uri /', [{...page, isLocal: true}]],
		['listen s\n bind :8404 ssl crt /etc/x.pem\n mode http\n stats uri /', [{...page, isTls: true}]],
		['listen s\n bind :8404\n mode http\n stats uri /\n stats auth a:b', [{...page, needsUser: true}]],
		['listen s\n bind :8404\n mode http\n stats uri /\n http-request auth', [{...page, needsUser: true}]],
		['frontend f\n bind :8404\n mode http\n default_backend b\nbackend b\n mode http\n stats uri /', [page]],
		['defaults\n mode http\n stats uri /\nfrontend f\n bind :8404', [page]],
		['listen s\n bind :8404\n mode tcp\n stats uri /', []],
		['listen s\n bind :8404\n mode http', []],
	])('%s', (text, expected) => {
		expect(pages(text)).toEqual(expected);
	});

	it('names sockets in the file system only', () => {
		expect(
			read(
				'global\n stats socket ipv4@127.0.0.1:9999 level admin\n stats socket unix@/run/a.sock\n stats socket /run/b.sock user x\n stats timeout 30s\n',
			).sockets.map(({path}) => path),
		).toEqual(['/run/a.sock', '/run/b.sock']);
	});
});

describe('words', () => {
	it.each([
		['a  b\tc', ['a', 'b', 'c']],
		['a "b c" \'d e\' f\\ g', ['a', 'b c', 'd e', 'f g']],
		['a # b', ['a']],
		['a\\#b "c#d"', ['a#b', 'c#d']],
		['"" x', ['', 'x']],
		[`bind "\${VIP}":5000`, ['bind', `\${VIP}:5000`]],
		['# only', undefined],
		['.if defined(X)', undefined],
		['bind :1\r', ['bind', ':1']],
	])('%j', (line, words) => {
		expect(wordLines(line)[0]?.words).toEqual(words);
	});

	it.each([
		['*:5000', ['* 5000']],
		[':5000', ['* 5000']],
		[':::5000', [':: 5000']],
		['[::1]:5000', ['::1 5000 local']],
		['10.0.0.1:5000,10.0.0.2:5001', ['10.0.0.1 5000', '10.0.0.2 5001']],
		['ipv4@10.0.0.1:5000', ['10.0.0.1 5000']],
		[`\${VIP}:5000`, [`\${VIP} 5000`]],
		['localhost:80', ['localhost 80 local']],
		['*:5000-5010', []],
		['/run/x.sock', []],
		['unix@/run/x:80', []],
		['fd@3:1', []],
		['*:0', []],
		['*:70000', []],
		['*', []],
	])('listens on %s', (bind, expected) => {
		expect(
			listeningOn(bind).map(({address, port, isLocal}) => `${address} ${port}${isLocal ? ' local' : ''}`),
		).toEqual(expected);
	});
});

describe('any text', () => {
	const words = [
		...['global', 'defaults', 'frontend x', 'backend x', 'listen x :1', 'bind *:5000', 'mode http'],
		...[
			'option httpchk',
			'OPTIONS /primary',
			'http-check send',
			'uri',
			'stats uri /',
			'stats auth a:hunter2',
		],
		...['server a b:1', 'check port 8008', 'default_backend x', '"', "'", '\\', '#', '\n', '\n', '\n', ' '],
	];

	it('never throws, names lines that exist, and keeps no password', () => {
		fc.assert(
			fc.property(
				fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), {maxLength: 60}).map(all => all.join(' ')),
				text => {
					const found = read(text);
					const last = text.split('\n').length;
					for (const {line} of Object.values(found).flat()) {
						expect(line).toBeGreaterThan(0);
						expect(line).toBeLessThanOrEqual(last);
					}

					for (const {port} of [...found.ports, ...found.pages]) {
						expect(port).toBeGreaterThan(0);
						expect(port).toBeLessThan(65_536);
					}
				},
			),
			{numRuns: 300},
		);
	});

	it('keeps no password of a page or a user list', () => {
		const text = `userlist u\n user a insecure-password hunter2\nlisten s\n bind :1\n mode http\n stats auth a:hunter2\n stats uri /\n`;
		expect(JSON.stringify(read(text))).not.toContain('hunter2');
	});

	it('bounds the work for long lines and many lines', () => {
		expect(wordLines(`${'a '.repeat(100_000)}\nok`)).toEqual([{words: ['ok'], line: 2}]);
		expect(wordLines('x\n'.repeat(200_000)).length).toBeLessThanOrEqual(50_000);
	});
});
