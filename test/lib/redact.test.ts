/** The known forms in which a secret is written, and words that only look like one. */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {filedPasswords} from '../../source/config/login.ts';
import type {Event} from '../../source/domain/events.ts';
import {takeIn} from '../../source/domain/intake.ts';
import {learnSecrets, redact, withoutKnownSecrets} from '../../source/lib/secrets.ts';
import {cpuMsOf} from '../support/cpu.ts';
import {temporaryFolder} from '../support/folder.ts';

const spelled: readonly string[] = [
	'postgresql://bob:hunter2@db/app',
	'postgres://bob:hun@ter2@db/app',
	'postgres://bob:hun/ter2@db/app',
	'https://bob:hunter2@[fd00::1]:2379',
	'https://:hunter2@db',
	'http://bob:hun%40ter2@db:2379/v3?x=1',
	'etcd3://root:hunter2@a:1,b:2',
	'host=h password=hunter2',
	'host=h password = hunter2 user=x',
	"host=h password='hunter2'",
	"host=h password='hun ter2'",
	String.raw`host=h password='hun\'ter2'`,
	String.raw`host=h password=hun\ ter2 user=x`,
	'host=h sslpassword=hunter2',
	'probe: "host=h password=hunter2"',
	'unexpected argument "host=h password=hunter2"',
	'PGPASSWORD=hunter2 psql',
	"export PGPASSWORD='hunter2'",
	'PATRONI_ETCD3_PASSWORD=hunter2',
	'PATRONI_SUPERUSER_PASSWORD: hunter2',
	'AWS_SECRET_ACCESS_KEY=hunter2',
	'AWS_SESSION_TOKEN=hunter2',
	'DB_PASS=hunter2',
	'MYSQL_PWD=hunter2',
	'MYSQL_PWD=/hunter2',
	'DRIVER=x;UID=bob;PWD=/hunter2',
	'{"password":"hunter2"}',
	'{"password": "hun ter2", "user": "x"}',
	String.raw`{"password":"hun\"ter2"}`,
	String.raw`{\"password\":\"hunter2\"}`,
	'{"api_key":"hunter2"}',
	'{"access_token":"hunter2"}',
	'{"client_secret": "hunter2"}',
	'{"aws_secret_access_key" : "hunter2"}',
	'{"pass":"hunter2"}',
	"{'password': 'hunter2'}",
	'password: hunter2',
	'    password: "hunter2"',
	'  password: hunter2 # the old one',
	'authentication: {username: x, password: hunter2}',
	'password = "hunter2"',
	'api_key = hunter2',
	'apikey=hunter2',
	'api-key: hunter2',
	':password => "hunter2"',
	'passphrase=hunter2',
	'private_key=hunter2',
	'Authorization: Basic Ym9iOmh1bnRlcjI=',
	'authorization: Bearer hunter2',
	'"Authorization": "Bearer hunter2"',
	'Proxy-Authorization: Basic hunter2',
	'Authorization: hunter2',
	'Bearer hunter2',
	'sent Basic Ym9iOmh1bnRlcjI= to it',
	'Cookie: session=hunter2; a=b',
	'Set-Cookie: session=hunter2; Path=/',
	'X-Api-Key: hunter2',
	'X-Auth-Token: hunter2',
	'--password hunter2',
	'--password=hunter2',
	"--password 'hun ter2'",
	'--pass hunter2',
	'--pass=hunter2',
	'--token hunter2',
	'--secret-key hunter2'.replace('secret-key', 'api-key'),
	'pgbackrest --repo1-s3-key-secret=hunter2',
	'curl -u bob:hunter2 http://a',
	'curl -ubob:hunter2 http://a',
	'curl --user bob:hunter2 http://a',
	'etcdctl --user=root:hunter2 get x',
	'mysql -u root -phunter2',
	'sshpass -p hunter2 ssh a',
	'wget --http-password hunter2',
	'GET /x?token=hunter2&a=b',
	'GET /x?a=b&access_token=hunter2',
	'GET /x?api_key=hunter2',
	'GET /x?password=hunter2',
	"ALTER ROLE bob PASSWORD 'hunter2'",
	"CREATE USER bob WITH ENCRYPTED PASSWORD 'hun''ter2'",
	"CREATE USER bob IDENTIFIED BY 'hunter2'",
	'SCRAM-SHA-256$4096:hunter2==$hunter2=:hunter2=',
	'md50123456789abcdef0123456789abcdef',
	'-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----',
	'-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\nhunter2',
	'-----BEGIN RSA PRIVATE KEY----- hunter2 -----END RSA PRIVATE KEY-----',
	'key AKIAIOSFODNN7EXAMPLE',
	'ghp_hunter2hunter2hunter2',
	'glpat-hunter2hunter2',
	'eyJhbGciOiJIUzI1NiJ9.eyJodW50ZXIyIjoxfQ.hunter2',
];

const pieces = ['hunter2', 'ter2', 'Ym9iOmh1bnRlcjI', '0123456789abcdef', 'AKIAIOSFODNN7EXAMPLE', 'eyJhbGci'];

describe('a secret is hidden as it is written', () => {
	it('is covered by at least 60 forms', () => {
		expect(spelled.length).toBeGreaterThan(60);
	});

	it.each(spelled)('%s', text => {
		for (const shown of [redact(text), redact(`2026-11-26 LOG:  ${text}`), redact(`${text} end`)]) {
			expect(shown).toContain('•••');
			for (const piece of pieces) {
				expect(shown).not.toContain(piece);
			}
		}
	});

	it.each([
		['host=h password=hunter2 user=bob', 'host=h password=••• user=bob'],
		['{"password":"hunter2","user":"bob"}', '{"password":"•••","user":"bob"}'],
		['probe: "host=h password=hunter2"', 'probe: "host=h password=•••"'],
		['https://bob:hun@ter2@db:5432/app', 'https://bob:•••@db:5432/app'],
		['curl -u bob:hunter2 http://a', 'curl -u bob:••• http://a'],
		["ALTER ROLE bob PASSWORD 'hunter2';", "ALTER ROLE bob PASSWORD '•••';"],
	])('and the text around it stays: %s', (text, shown) => {
		expect(redact(text)).toBe(shown);
	});
});

describe('a text without a secret is unchanged', () => {
	it.each([
		'     dba : PWD=/home/dba ; USER=root ; COMMAND=/usr/bin/systemctl poweroff',
		'OLDPWD=/var/lib/postgresql PWD=~/bin make',
		'FATAL:  password authentication failed for user "bob"',
		'DETAIL:  Connection matched file "pg_hba.conf" line 99: "host all all 0.0.0.0/0 scram-sha-256"',
		'/etc/patroni.yml, line 4: ctl.keyfile_password: does not decrypt /etc/key.pem',
		'/etc/patroni.yml, line 4: pgha-top.probe.password: must be text, found a list',
		'--probe: a password on the command line is visible to every user of this machine (ps): put it into ~/.pgpass',
		'unknown flag --password; see pgha-top --help',
		'etcd requires a user: set etcd3.username and etcd3.password',
		'rejects haproxy.user and haproxy.password (stats auth)',
		'password_encryption=scram-sha-256',
		'password_encryption = md5',
		'invalid auth token',
		'no Basic authentication; Bearer authentication is not supported',
		'http://10.0.0.1:8008/patroni',
		'etcd http://10.0.0.1:2379, http://10.0.0.2:2379',
		'user@host:5432',
		'passed: 3, failed: 2',
		'pg_basebackup --no-password -D /data',
		'psql -p 5432 -U postgres',
		'ssh -p 22 dba@pgdb1',
		'WAL archiving: passthrough',
		'LOG:  database system is ready to accept connections',
		'SHA256:z8/4jdtCz2RkllL0Wh+4IZLFCV+cj8jTT+5zQJxY+IA',
		'passfile=/home/bob/.pgpass',
		'sslkey=/etc/key.pem sslcert=/etc/cert.pem',
	])('%s', text => {
		expect(redact(text)).toBe(text);
	});

	it('masking twice changes nothing', () => {
		fc.assert(
			fc.property(fc.constantFrom(...spelled), text => {
				expect(redact(redact(text))).toBe(redact(text));
			}),
		);
	});
});

describe('what is configured as a secret', () => {
	/** Any code point but surrogates; the unit `binary` lists all of them first, for two seconds. */
	const character = fc
		.oneof(fc.integer({min: 0, max: 0xd7ff}), fc.integer({min: 0xe000, max: 0x10ffff}))
		.map(code => String.fromCodePoint(code));
	const secret = fc
		.oneof(
			{weight: 15, arbitrary: fc.string({unit: character, minLength: 9, maxLength: 30})},
			{weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'hasOwnProperty')},
		)
		.filter(
			text => text.isWellFormed() && text.trim() === text && /[^\d•]/.test(text) && !text.includes('•'),
		);

	it('is in no outgoing text, in whatever form', () => {
		fc.assert(
			fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
				learnSecrets([value], {users: ['bob']});
				const forms = [
					value,
					encodeURIComponent(value),
					JSON.stringify(value).slice(1, -1),
					Buffer.from(`bob:${value}`).toString('base64').replace(/=+$/, ''),
				];
				for (const form of forms) {
					expect(withoutKnownSecrets(`${before}${form}${after}`)).not.toContain(form);
					expect(redact(`${before} ${form} ${after}`)).not.toContain(form);
				}
			}),
			{numRuns: 60},
		);
	});

	it('masks no common word', () => {
		learnSecrets(['postgres', 'main', 'abc', '5432', undefined], {plain: ['main']});
		const text = 'postgres leads main at abc:5432';
		expect(withoutKnownSecrets(text)).toBe(text);
	});

	it('is in no log line and in no reason; names stay', () => {
		learnSecrets(['correct horse'], {users: ['bob']});
		const line = takeIn({
			type: 'logs.lines',
			source: 'logs:pgdb1:patroni',
			lines: [{text: 'user bob typed correct horse'}],
		} as unknown as Event);
		expect(JSON.stringify(line)).not.toContain('correct horse');
		const lost = {type: 'lost', source: 'vip:correct horse', reason: 'bad: correct horse'};
		expect(takeIn(lost as unknown as Event)).toEqual({...lost, reason: 'bad: •••'});
	});

	it("includes the user's entry in .pgpass", () => {
		const file = path.join(temporaryFolder('pgpass'), 'pgpass');
		writeFileSync(
			file,
			'# h:1:d:bob:no\nh:5432:d:bob:co\\:lon\n*:*:*:*:any\\\\one\nh:1:d:eve:other\nbroken\n',
		);
		expect(filedPasswords({user: 'bob'}, {PGPASSFILE: file})).toEqual(['co:lon', 'any\\one']);
		expect(filedPasswords({user: 'bob'}, {PGPASSFILE: '/nonexistent'})).toEqual([]);
	});

	it('is shown if it is a name as well, whichever was learnt first', () => {
		learnSecrets(['first-secret-name']);
		expect(withoutKnownSecrets('first-secret-name')).toBe('•••');
		learnSecrets([], {plain: ['first-secret-name']});
		expect(withoutKnownSecrets('first-secret-name')).toBe('first-secret-name');
	});

	it('keeps JSON valid', () => {
		learnSecrets(['1234567890']);
		expect(JSON.parse(withoutKnownSecrets('{"at":17640000001234567890}'))).toBeTruthy();
	});
});

describe('a hostile text', () => {
	it.each([
		['names', 'password'.repeat(20_000)],
		['colons', '://a:'.repeat(30_000)],
		['quotes', 'password="'.repeat(20_000)],
		['keys', '-----BEGIN PRIVATE KEY-----'.repeat(5000)],
		['blanks', `password${' '.repeat(150_000)}`],
		['tokens', 'eyJ'.repeat(50_000)],
		['cookies', 'cookie:'.repeat(20_000)],
		['commands', 'mysql '.repeat(25_000)],
	])('of many %s is masked in bounded time', (_, text) => {
		// What is quadratic takes minutes.
		expect(cpuMsOf(() => redact(text))).toBeLessThan(10_000);
	});
});
