/** Each way in which a source can fail, and the one cause and remedy that it gets. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {type Diagnosis, diagnose, type Failure} from '../../source/doctor/diagnosis.ts';

const rest: Failure = {
	asked: 'rest',
	node: 'pgdb1',
	host: '10.73.0.160',
	port: 8008,
	reason: 'connection refused',
	code: 'refused',
};
const runs = {name: 'patroni.service', active: 'active'};
const silent = {reason: 'no answer in time', code: 'timeout'} as const;

const cases: readonly [string, Failure, Diagnosis][] = [
	[
		'the service is stopped',
		{...rest, unit: {name: 'patroni.service', active: 'inactive'}, listeners: []},
		{
			cause: 'connection refused: patroni.service on pgdb1 is inactive',
			remedy: 'ssh 10.73.0.160 sudo systemctl start patroni.service',
		},
	],
	[
		'it listens on the loopback address only',
		{...rest, unit: runs, listeners: ['127.0.0.1', '[::1]']},
		{
			cause: 'connection refused: Patroni on pgdb1 listens on 127.0.0.1, [::1] only',
			remedy: 'let it listen on an address that is reached from here: `restapi.listen` in patroni.yml',
		},
	],
	[
		'it listens on another port',
		{...rest, unit: runs, listeners: []},
		{
			cause: 'connection refused: nothing on pgdb1 listens on port 8008',
			remedy: 'check the port: `restapi.listen` in patroni.yml, and `restapi.connect_address` in patroni.yml',
		},
	],
	[
		'a firewall drops packets',
		{...rest, ...silent, unit: runs, listeners: ['0.0.0.0']},
		{
			cause:
				'no answer in time: Patroni on pgdb1 runs and listens on port 8008; a firewall drops its packets, or it hangs',
			remedy:
				'on pgdb1: sudo nft list ruleset, sudo firewall-cmd --list-all or sudo ufw status; if port 8008 is open: sudo journalctl -u patroni.service',
		},
	],
	[
		'a firewall rejects',
		{...rest, unit: runs, listeners: ['*']},
		{
			cause: 'connection refused: pgdb1 listens on port 8008; a firewall refuses or drops its packets',
			remedy:
				'on pgdb1: sudo nft list ruleset, sudo firewall-cmd --list-all or sudo ufw status; let TCP port 8008 through from here',
		},
	],
	[
		'nothing is known of the node',
		{...rest, ...silent},
		{
			cause: 'no answer in time',
			remedy: 'check that pgdb1 is on, and that a firewall lets TCP port 8008 through from here',
		},
	],
	[
		'another service has the port',
		{...rest, reason: 'the answer is not JSON: is this Patroni?', code: undefined},
		{
			cause: 'the answer is not JSON: is this Patroni?',
			remedy:
				"check that port 8008 of 10.73.0.160 is Patroni's, and `restapi.connect_address` in patroni.yml",
		},
	],
	[
		'the name is unknown',
		{...rest, host: 'db1.example', reason: 'host name not found', code: 'unknown-host'},
		{
			cause: 'host name not found',
			remedy:
				'give db1.example an entry in DNS or /etc/hosts of this machine, or its address in `restapi.connect_address` in patroni.yml',
		},
	],
	...[
		'requires a user (stats auth): set haproxy.user and haproxy.password',
		'HAProxy answers 503: check haproxy.path',
		'the answer is not HAProxy statistics as CSV: check haproxy.port and haproxy.path',
	].map((reason): [string, Failure, Diagnosis] => [
		`HAProxy answers something else: ${reason}`,
		{
			...rest,
			asked: 'haproxy',
			port: 7000,
			reason,
			code: undefined,
			unit: {name: 'haproxy.service', active: 'active'},
			listeners: ['0.0.0.0'],
		},
		{
			cause: reason,
			remedy:
				'name the page as haproxy.cfg has it: `haproxy.port`, `haproxy.path` (`stats uri` with ;csv), `haproxy.user` and `haproxy.password` (`stats auth`)',
		},
	]),
	[
		'a host or a unit is no word of a shell',
		{...rest, host: '-oProxyCommand=x', unit: {name: 'patroni.service', active: 'inactive'}},
		{
			cause: 'connection refused: patroni.service on pgdb1 is inactive',
			remedy: 'start Patroni on pgdb1',
		},
	],
	[
		'PostgreSQL refuses in another language',
		{
			asked: 'probe',
			node: undefined,
			host: '10.73.0.172',
			port: 5000,
			reason: 'Passwort-Authentifizierung für Benutzer »probe« fehlgeschlagen',
			code: 'denied',
			login: {user: 'probe', database: 'app'},
		},
		{
			cause: 'Passwort-Authentifizierung für Benutzer »probe« fehlgeschlagen',
			remedy: 'check that probe exists, may connect to app, and has its password in ~/.pgpass (mode 0600)',
		},
	],
	[
		'pg_hba has no line for HAProxy',
		{
			asked: 'probe',
			node: undefined,
			host: '10.73.0.172',
			port: 5000,
			reason: 'no pg_hba.conf entry for host "10.73.0.160", user "probe", database "app", no encryption',
			login: {user: 'probe', database: 'app'},
		},
		{
			cause: 'no pg_hba.conf entry for host "10.73.0.160", user "probe", database "app", no encryption',
			remedy:
				'add to `postgresql.pg_hba` (patronictl edit-config): host app probe 10.73.0.160/32 scram-sha-256',
		},
	],
	[
		'the source itself advises',
		{...rest, asked: 'ssh', reason: 'the host key of pgdb1 is not known', remedy: 'ssh pgdb1, once'},
		{cause: 'the host key of pgdb1 is not known', remedy: 'ssh pgdb1, once'},
	],
];

describe('a diagnosis', () => {
	it.each(cases)('%s', (_, failure, expected) => {
		expect(diagnose(failure)).toEqual(expected);
	});

	it('names a firewall only where nothing answers and the service is known to listen beyond loopback', () => {
		const failures = fc.record({
			asked: fc.constantFrom('etcd' as const, 'rest' as const, 'haproxy' as const),
			reason: fc.constant('no answer in time'),
			code: fc.constantFrom('timeout', 'refused', 'unreachable', 'tls', 'denied', undefined),
			active: fc.constantFrom('active', 'inactive', 'failed', 'activating', 'not installed'),
			listeners: fc.option(fc.subarray(['0.0.0.0', '127.0.0.1', '[::1]', '*', '10.73.0.160']), {
				nil: undefined,
			}),
		});
		fc.assert(
			fc.property(failures, ({active, ...failure}) => {
				const {cause, remedy} = diagnose({...rest, ...failure, unit: {...runs, active}});
				const isOpen = failure.listeners?.some(one => !/^127\.|::1/.test(one)) === true;
				const isUnanswered = ['timeout', 'refused', 'unreachable'].includes(failure.code ?? '');
				expect(/a firewall/.test(cause)).toBe(active === 'active' && isOpen && isUnanswered);
				expect(remedy).not.toBe('');
			}),
		);
	});
});
