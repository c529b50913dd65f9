/** The checks of a session's state: each source once, each failure with its cause, each login's accesses. */
import {describe, expect, it} from 'vitest';
import {jsonOf, schema} from '../../source/doctor/command.ts';
import {checksOf} from '../../source/doctor/examine.ts';
import {listenersIn, type OnNode, sudoWords} from '../../source/doctor/on-node.ts';
import {forEachService} from '../../source/domain/cluster/services.ts';
import {requestsOf} from '../../source/domain/operations/operation.ts';
import type {Operation} from '../../source/domain/operations/types.ts';
import {statsOf} from '../support/haproxy.ts';
import {healthySession} from '../support/session.ts';

const config = {
	haproxy: {
		isUsed: true,
		isPageFound: false,
		foundBackends: [],
		port: 7000,
		path: '/;csv',
		backends: {},
		ports: {},
		servers: {},
	},
	operations: 'enabled',
} as const;

const good: OnNode = {
	user: 'dba',
	listeners: listenersIn(
		'LISTEN 0      128          0.0.0.0:8008      0.0.0.0:*\nLISTEN 0 5 [::1]:2379 [::]:*\n',
	),
	refused: [],
	journal: '',
};

const known = (looks: Readonly<Record<string, OnNode>> = {}) => ({
	answers: new Map([['patroni:pgdb1' as const, 12]]),
	onNodes: new Map(Object.entries(looks)),
});

const lost = (['vip', 'units', 'disk'] as const).map(kind => ({
	type: 'source.lost' as const,
	source: `${kind}:pgdb1` as const,
	reason: 'the host key of 10.73.0.160 is not known',
	remedy: 'ssh 10.73.0.160, once',
}));

describe('the checks', () => {
	it('of a healthy cluster have no failure, and each its way and time', () => {
		const {state} = healthySession('trixie');
		const checks = checksOf(state, known({pgdb1: good}), config);
		expect(
			checks.filter(({asked}) => asked !== 'probe').filter(({failure}) => failure !== undefined),
		).toEqual([]);
		expect(checks.find(({name}) => name === 'REST of pgdb1')).toEqual({
			asked: 'rest',
			name: 'REST of pgdb1',
			address: 'http://10.73.0.160:8008/patroni',
			use: 'state, role and lag; operations',
			ms: 12,
			failure: undefined,
		});
		expect(new Set(checks.map(({name}) => name)).size).toBe(checks.length);
	});

	it('name the way by which HAProxy answered, not the one that was tried first', () => {
		const stats = (node: 'pgdb1' | 'pgdb2', by: string) =>
			({
				type: 'haproxy.stats',
				source: `haproxy:${node}`,
				node,
				by,
				...statsOf({primary: ['+pgdb1']}),
			}) as const;
		const session = healthySession('trixie').at(
			0,
			stats('pgdb1', 'http://10.73.0.160:8404/stats;csv'),
			stats('pgdb2', 'socket'),
		);
		const addresses = checksOf(session.state, known(), {
			...config,
			haproxy: {...config.haproxy, path: '/x;csv'},
		})
			.filter(({name}) => name.startsWith('HAProxy'))
			.map(({address}) => address);
		expect(addresses).toEqual(['http://10.73.0.160:8404/stats', "ssh 10.73.0.170, HAProxy's socket"]);
	});

	it('name the cause by what the login on the node shows', () => {
		const {state} = healthySession('trixie').at(3, {
			type: 'source.lost',
			source: 'patroni:pgdb1',
			reason: 'connection refused',
			code: 'refused',
		});
		const cause = (looks: Readonly<Record<string, OnNode>>) =>
			checksOf(state, known(looks), config).find(({name}) => name === 'REST of pgdb1')?.failure?.cause;
		expect(cause({})).toBe('connection refused');
		expect(cause({pgdb1: {...good, listeners: new Map()}})).toBe(
			'connection refused: nothing on pgdb1 listens on port 8008',
		);
		expect(cause({pgdb1: good})).toBe(
			'connection refused: pgdb1 listens on port 8008; a firewall refuses or drops its packets',
		);
	});

	it('say what sudo and the journal refuse to the login, and no sudo where nothing is operated', () => {
		const {state} = healthySession('trixie');
		const poor: OnNode = {
			...good,
			refused: ['systemctl restart patroni', 'systemctl poweroff'],
			journal: 'Hint: You are currently not seeing messages from other users and the system.',
		};
		const failures = (operations: 'enabled' | 'disabled') =>
			checksOf(state, known({pgdb1: poor}), {...config, operations})
				.filter(({asked}) => asked === 'sudo' || asked === 'journal')
				.map(({name, failure}) => [name, failure?.cause, failure?.remedy]);
		const journal = [
			'journal of pgdb1',
			'dba may not read the journal',
			'on pgdb1: sudo usermod -aG systemd-journal dba, then log in again',
		];
		expect(failures('enabled')).toEqual([
			[
				'sudo on pgdb1',
				'sudo does not let dba run without a password: systemctl restart patroni, systemctl poweroff',
				"on pgdb1: echo 'dba ALL=(root) NOPASSWD: /usr/bin/systemctl restart patroni, /usr/bin/systemctl poweroff' | sudo tee /etc/sudoers.d/pgha-top",
			],
			journal,
		]);
		expect(failures('disabled')).toEqual([journal]);
	});
});

it('follow their schema as JSON', () => {
	const {state} = healthySession('trixie').at(3, ...lost);
	const json = jsonOf(
		{scope: 'postgres-cluster'},
		{checks: checksOf(state, known(), config), isBlind: false, found: {values: [], remarks: []}},
	);
	expect(schema.strict().parse(json)).toEqual(json);
	expect(json.profile).toBe(null);
	expect(json.exit_code).toBe(1);
	expect(json.checks.filter(({ok}) => !ok).every(({cause, remedy}) => cause && remedy)).toBe(true);
});

it('ask sudo for the very words that operations send', () => {
	const units = {
		...forEachService(({unit}) => unit),
		haproxy: 'haproxy@main.service',
	};
	expect(sudoWords('pgdb1', ['haproxy', 'patroni'], {nodes: [], units})).toEqual([
		'systemctl restart patroni.service',
		'systemctl start patroni.service',
		'systemctl restart haproxy@main.service',
		'systemctl start haproxy@main.service',
		'systemctl reboot',
		'systemctl poweroff',
	]);
	const {cluster, target, now} = healthySession('trixie').state;
	const sent = (operation: Operation) => {
		const built = requestsOf(operation, {cluster, target, now});
		return 'problem' in built ? [] : built.requests.map(one => (one.via === 'ssh' ? one.command : ''));
	};
	const restart: Operation = {kind: 'service', node: 'pgdb1', service: 'patroni', pauseFirst: false};
	expect(sent(restart)).toHaveLength(1);
	const usual = sudoWords('pgdb1', ['patroni'], {nodes: [], units}).map(words => `sudo -n ${words}`);
	expect(usual).toEqual(expect.arrayContaining(sent(restart)));
	expect(usual).toEqual(expect.arrayContaining(sent({kind: 'poweroff', node: 'pgdb1'})));
});
