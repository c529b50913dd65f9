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
			remedy: "port 8008 of 10.73.0.160 is another service's: check `restapi.connect_address` in patroni.yml",
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
	[
		'HAProxy asks for a user',
		{...rest, asked: 'haproxy', port: 7000, reason: 'answer 401', code: undefined},
		{
			cause: 'answer 401: the page asks for a user',
			remedy: 'set `haproxy.user` and `haproxy.password` as `stats auth` in haproxy.cfg has them',
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

	it('names a firewall only where the service is known to listen beyond loopback', () => {
		const failures = fc.record({
			asked: fc.constantFrom('etcd' as const, 'rest' as const, 'haproxy' as const),
			reason: fc.constant('no answer in time'),
			code: fc.constantFrom('timeout' as const, 'refused' as const, 'unreachable' as const),
			active: fc.constantFrom('active', 'inactive', 'failed', 'activating', 'not installed'),
			listeners: fc.option(fc.subarray(['0.0.0.0', '127.0.0.1', '[::1]', '*', '10.73.0.160']), {
				nil: undefined,
			}),
		});
		fc.assert(
			fc.property(failures, ({active, ...failure}) => {
				const {cause, remedy} = diagnose({...rest, ...failure, unit: {...runs, active}});
				const isOpen = failure.listeners?.some(one => !/^127\.|::1/.test(one)) === true;
				expect(/a firewall/.test(cause)).toBe(active === 'active' && isOpen);
				expect(remedy).not.toBe('');
			}),
		);
	});
});
