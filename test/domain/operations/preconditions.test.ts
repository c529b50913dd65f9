/** Preconditions: no warning for a healthy cluster, and the right text for each broken rule. */
import {describe, expect, it} from 'vitest';
import type {Command} from '../../../source/domain/commands.ts';
import {
	offersFor,
	preconditionsOf,
	requestsOf,
	subjectOf,
} from '../../../source/domain/operations/operation.ts';
import type {Operation} from '../../../source/domain/operations/types.ts';
import type {Json} from '../../../source/lib/json.ts';
import {operationContext} from '../../../source/state/selection.ts';
import {haproxyFact, suites} from '../../support/captures.ts';
import {Operator} from '../../support/operator.ts';
import {Session, target} from '../../support/session.ts';
import {madeFacts} from '../../support/synthetic-cluster.ts';

const vip = {ip: '10.73.0.172', interface: 'host0'};
const dcs = [
	'dcs:http://10.73.0.160:2379',
	'dcs:http://10.73.0.170:2379',
	'dcs:http://10.73.0.171:2379',
] as const;

/** A trixie cluster ten seconds on: pgdb1 leads and holds the VIP, pgdb2 is the synchronous standby. */
const healthy = () => new Operator().after(10);

function said(operation: Operation, session: Session): string[] {
	return preconditionsOf(operation, operationContext(session.state)).map(({level, text, rule}) =>
		[level, text, rule].filter(Boolean).join(' | '),
	);
}

const switchover = {kind: 'switchover', leader: 'pgdb1', candidate: 'pgdb2', at: undefined} as const;
const service = {kind: 'service', node: 'pgdb1', service: 'patroni', pauseFirst: false} as const;

describe('a healthy cluster', () => {
	it.each(suites)('allows a switchover without a warning (%s)', suite => {
		const operator = new Operator(suite).after(10);
		const [leader, candidate] = suite === 'trixie' ? ['pgdb1', 'pgdb2'] : ['pgdb2', 'pgdb1'];
		const levels = preconditionsOf(
			{...switchover, leader: leader ?? '', candidate: candidate ?? ''},
			operationContext(operator.state),
		);
		expect(levels.filter(({level}) => level !== 'ok')).toEqual([
			expect.objectContaining({
				level: 'unknown',
				text: expect.stringMatching(/^not checked by SQL: client sessions, .*\(set monitor\.user /),
			}),
		]);
		expect(levels.length).toBeGreaterThan(9);
	});

	it.each<[Operation]>([
		[{kind: 'reload', member: 'pgdb2'}],
		[{...service, node: 'etcd1', service: 'etcd'}],
		[{kind: 'configure', patch: {}}],
		[{kind: 'reboot', node: 'etcd1'}],
	])('allows %j without a warning', operation => {
		expect(said(operation, healthy()).filter(text => !text.startsWith('ok'))).toEqual([]);
	});
});

/** Each breaks one rule, and has the text for it. */
const broken: Record<string, [(operator: Operator) => unknown, RegExp]> = {
	'another leads': [
		o => o.after(11, o.leads('pgdb2')),
		/^blocking \| pgdb1 does not lead \| leader name does not match \(412\)/,
	],
	'no sync standby': [
		o => o.after(11, o.put('sync', {kind: 'sync', leader: 'pgdb1', standbys: [], quorum: 0})),
		/^blocking \| there is no synchronous standby .*\(412\)/,
	],
	'not the sync standby': [
		o => o.after(11, o.put('sync', {kind: 'sync', leader: 'pgdb1', standbys: ['pgdb3'], quorum: 0})),
		/^blocking \| pgdb2 is not in the sync key \(pgdb3\) .*\(412\)/,
	],
	'too far behind': [
		o =>
			o.after(
				11,
				o.put('status', {kind: 'status', optime: 90_000_000, slots: {}}),
				o.says('pgdb2', {received: 50_331_784, replayed: 50_331_784}),
			),
		/^blocking \| pgdb2 is [0-9.]+ (?:[KMG]i)?B behind, more than maximum_lag_on_failover \(1 MiB\)/,
	],
	'tagged nofailover': [
		o => o.after(11, o.member('pgdb2', {tags: {nofailover: 'True'}})),
		/^blocking \| pgdb2 is tagged nofailover \| no good candidates/,
	],
	'on another timeline': [
		o => o.after(11, o.member('pgdb2', {timeline: 7})),
		/^warning \| pgdb2 is on timeline 7, the leader on 1/,
	],
	'not streaming': [
		o => o.after(11, o.member('pgdb2', {replicationState: undefined, state: 'starting'})),
		/^warning \| pgdb2 is starting, and does not stream/,
	],
	stopped: [
		o => o.after(11, o.member('pgdb2', {replicationState: undefined, state: 'stopped'})),
		/^blocking \| pgdb2 is stopped/,
	],
	'no member': [o => o.after(11, o.gone('members/pgdb2')), /^blocking \| pgdb2 has no key in etcd/],
	"the candidate's REST out of sight": [
		o => o.blind('patroni:pgdb2').after(12),
		/^warning \| pgdb2's REST API does not answer: no answer in time/,
	],
	"the leader's REST out of sight": [
		o => o.blind('patroni:pgdb1').after(12),
		/^warning \| pgdb1's REST API does not answer/,
	],
	"the candidate not reached from the leader's node": [
		o => {
			const fact = haproxyFact('trixie', 'pgdb1');
			return o.after(11, {
				...fact,
				servers: (fact.type === 'haproxy.stats' ? fact.servers : []).map(server =>
					server.server === 'pgdb2' ? {...server, checkStatus: 'L4TOUT', checkCode: undefined} : server,
				),
			} as typeof fact);
		},
		/^warning \| pgdb2's REST API does not answer from pgdb1 \(HAProxy: L4TOUT\)/,
	],
	'HAProxy at the VIP out of sight': [
		o => o.blind('haproxy:pgdb1').after(12),
		/^warning \| HAProxy on pgdb1, which holds the VIP, cannot be seen/,
	],
	paused: [
		o => o.after(11, o.configured({pause: true})),
		/^warning \| the cluster is paused: the switchover is done anyway/,
	],
	'a switchover that is scheduled': [
		o =>
			o.after(
				11,
				o.put('failover', {
					kind: 'failover',
					leader: 'pgdb1',
					candidate: 'pgdb2',
					scheduledAt: '2026-11-24T02:00:00+00:00',
				}),
			),
		/^warning \| a switchover is scheduled at 2026-11-24 02:00:00 UTC: pgdb1 → pgdb2; this one replaces it/,
	],
	"another operator's switchover": [
		o =>
			o.after(
				11,
				o.put('failover', {kind: 'failover', leader: 'pgdb1', candidate: undefined, scheduledAt: undefined}),
			),
		/^warning \| another switchover or failover is running: pgdb1 → any/,
	],
	'an operation of this console': [
		o => o.press('operation.restart', 'dialog.yes', 'dismiss'),
		/^blocking \| still running: restart PostgreSQL on pgdb1/,
	],
	'no VIP': [
		o => o.after(11, {type: 'addresses.removed', source: 'vip:pgdb1', node: 'pgdb1', address: vip}),
		/^warning \| no node holds the VIP/,
	],
	'two VIPs': [
		o => o.after(11, {type: 'addresses.added', source: 'vip:pgdb2', node: 'pgdb2', address: vip}),
		/^warning \| the VIP is held by pgdb1 and pgdb2 at once/,
	],
	'a node blind for the VIP': [
		o => o.blind('vip:pgdb2').after(12),
		/^warning \| the VIP is on pgdb1; it is not known whether pgdb2 also has it/,
	],
	'etcd minus one': [
		o => o.blind('etcd:http://10.73.0.171:2379', 'dcs:http://10.73.0.171:2379').after(12),
		/^warning \| etcd: 2 of 3 members healthy, 1 without an answer: how many more may fail is not known/,
	],
	'etcd that cannot be read': [
		o => o.blind(...dcs).after(20),
		/^blocking \| etcd cannot be read: the leader is not known/,
	],
};

describe('a switchover', () => {
	it.each(Object.entries(broken))('with %s', (_, [break_, expected]) => {
		const operator = healthy();
		break_(operator);
		const all = said(switchover, operator);
		expect(all).toContainEqual(expect.stringMatching(expected));
		const rank = all.map(text => ['blocking', 'warning', 'unknown', 'ok'].indexOf(text.split(' ')[0] ?? ''));
		expect(rank).toEqual([...rank].sort());
	});

	it('without a user for the REST API', () => {
		const operator = new Operator('trixie', {...target, restUser: false}).after(10);
		expect(said(switchover, operator)).toContainEqual(
			expect.stringMatching(/^warning \| no user for Patroni's REST API .* 401/),
		);
	});

	it('that is scheduled while the cluster is paused', () => {
		const operator = healthy();
		operator.after(11, operator.configured({pause: true}));
		expect(said({...switchover, at: operator.state.now + 60_000}, operator)[0]).toMatch(
			/^blocking \| the cluster is paused \| nothing can be scheduled in a paused state \(400\)/,
		);
	});

	it('to the leader itself', () => {
		expect(said({...switchover, candidate: 'pgdb1'}, healthy())[0]).toMatch(/same source and target \(400\)/);
	});

	it('with quorum commit the HA loop asks for the sync key once it names standbys', () => {
		const session = new Session({...target, haproxy: undefined, vip: undefined}).at(
			0,
			...madeFacts({
				members: [{name: 'a'}, {name: 'b'}, {name: 'c'}],
				config: {synchronousMode: 'quorum'},
				sync: [],
			}),
		);
		const all = said({...switchover, leader: 'a', candidate: 'c'}, session);
		expect(all).toContainEqual(expect.stringMatching(/^warning \| no standby is in the sync key yet/));
		expect(all.filter(text => text.startsWith('blocking'))).toEqual([]);
	});
});

describe('a failover', () => {
	it('is blocked if a switchover is possible', () => {
		expect(said({kind: 'failover', candidate: 'pgdb2'}, healthy())[0]).toMatch(
			/^blocking \| a switchover to pgdb2 is possible, and loses nothing/,
		);
	});

	it('warns of what can be lost', () => {
		const operator = healthy();
		operator.after(11, operator.put('sync', {kind: 'sync', leader: 'pgdb1', standbys: [], quorum: 0}));
		expect(said({kind: 'failover', candidate: 'pgdb2'}, operator)).toEqual(
			expect.arrayContaining([
				expect.stringMatching(/^warning \| pgdb1 leads and is healthy: .* is lost/),
				expect.stringMatching(/^warning \| pgdb2 is not a synchronous standby: .* are LOST/),
			]),
		);
	});

	it('is offered without warning when there is no leader', () => {
		const operator = healthy();
		operator.after(11, operator.gone('leader')).after(12);
		const all = said({kind: 'failover', candidate: 'pgdb2'}, operator);
		expect(all).toContainEqual('ok | no healthy leader is known');
		expect(all.filter(text => text.startsWith('blocking'))).toEqual([]);
	});
});

describe('a node that goes away', () => {
	const reboot = {kind: 'reboot', node: 'pgdb1'} as const;
	it('with the leader, which holds the VIP', () => {
		const all = said({...reboot, kind: 'poweroff'}, healthy());
		for (const expected of [
			/^warning \| pgdb1 leads: clients cannot write until another has taken over/,
			/^ok \| could take over: pgdb2/,
			/^ok \| etcd keeps its quorum without pgdb1/,
			/^warning \| pgdb1 holds the VIP: it would go to pgdb2/,
			/^warning \| it stays off until it is switched on at the machine/,
			/^ok \| SSH to 10\.73\.0\.160 works/,
		]) {
			expect(all).toContainEqual(expect.stringMatching(expected));
		}
	});

	it('with the only synchronous standby', () => {
		const all = said({...reboot, node: 'pgdb2'}, healthy());
		expect(all).toContainEqual('ok | pgdb2 does not lead');
		expect(all).toContainEqual(expect.stringMatching(/^warning \| pgdb2 is the only synchronous standby/));
		expect(all).toContainEqual('ok | the VIP is not on pgdb2');
		expect(all.join()).not.toContain('switches it on');
	});

	it('with etcd only', () => {
		const all = said({...reboot, node: 'etcd1'}, healthy());
		expect(all).toContainEqual('ok | no PostgreSQL on etcd1');
		expect(all).toContainEqual('ok | etcd1 is not watched for the VIP');
		expect(all).toContainEqual(expect.stringMatching(/^ok \| etcd keeps its quorum without etcd1/));
	});

	it('with the leader without a successor, and with an etcd member that the quorum needs', () => {
		const operator = healthy();
		operator.after(11, operator.member('pgdb2', {tags: {nofailover: 'true'}}));
		operator.blind('etcd:http://10.73.0.171:2379', 'dcs:http://10.73.0.171:2379').after(12);
		const all = said(reboot, operator);
		expect(all).toContainEqual(expect.stringMatching(/^warning \| no member could take over/));
		expect(all).toContainEqual(
			expect.stringMatching(
				/^warning \| etcd may LOSE ITS QUORUM without pgdb1: of 3 members, 1 without an answer/,
			),
		);
	});

	it('with a service', () => {
		const of = (changed: Partial<typeof service | {service: 'etcd' | 'haproxy' | 'keepalived'}>) =>
			said({...service, ...changed} as Operation, healthy());
		expect(of({})).toEqual(
			expect.arrayContaining([
				expect.stringMatching(/^warning \| PostgreSQL stops with Patroni, unless the cluster is paused/),
				expect.stringMatching(/^warning \| pgdb1 leads/),
			]),
		);
		expect(of({pauseFirst: true} as never)).toEqual(
			expect.arrayContaining([
				expect.stringMatching(/^ok \| paused first/),
				expect.stringMatching(/^warning \| it stays paused afterwards/),
			]),
		);
		expect(of({service: 'haproxy'})).toContainEqual(
			expect.stringMatching(/^warning \| connections through it are closed/),
		);
		expect(of({service: 'keepalived'})).toContainEqual(
			expect.stringMatching(/^warning \| pgdb1 holds the VIP: it would go to pgdb2/),
		);
		expect(of({service: 'etcd'})).toContainEqual(expect.stringMatching(/^ok \| etcd keeps its quorum/));
	});
});

describe('a service that is stopped', () => {
	const stopped = (active: string) => {
		const operator = healthy();
		const units = operator.state.cluster.units.get('pgdb2')?.value ?? [];
		const changed = units.map(unit => (unit.service === 'haproxy' ? {...unit, active} : unit));
		return operator.after(11, {type: 'units.snapshot', source: 'units:pgdb2', node: 'pgdb2', units: changed});
	};
	const offered = (operator: Operator) => {
		const context = operationContext(operator.state);
		return offersFor(subjectOf(context, 'pgdb2'), context).find(({id}) => id === 'service haproxy');
	};

	it('is started, which closes no connection', () => {
		const operator = stopped('inactive');
		const offer = offered(operator);
		expect(offer?.label).toBe('start the service haproxy on pgdb2');
		const {operation} = offer ?? {};
		if (operation === undefined) {
			throw new Error('nothing is offered');
		}

		const words = said(operation, operator);
		expect(words).toContainEqual(expect.stringMatching(/^ok \| haproxy is stopped on pgdb2/));
		expect(words).toContainEqual(expect.stringMatching(/^warning \| the VIP may move to pgdb2/));
		expect(words.join()).not.toContain('connections through it are closed');
		expect(requestsOf(operation, operationContext(operator.state))).toMatchObject({
			requests: [{command: 'sudo -n systemctl start haproxy.service'}],
		});
		expect(said(operation, healthy())).toContainEqual('blocking | haproxy runs on pgdb2 already');
		expect(said(operation, stopped('failed'))).toContainEqual(
			expect.stringMatching(/^warning \| haproxy failed on pgdb2/),
		);
	});

	it('is restarted while it runs, and while it is not known that it does not', () => {
		expect(offered(healthy())?.label).toBe('restart the service haproxy on pgdb2');
		expect(offered(stopped('inactive').blind('units:pgdb2'))?.label).toMatch(/^restart /);
		expect(said({...service, node: 'pgdb2', service: 'haproxy'}, healthy())).toContainEqual(
			expect.stringMatching(/without haproxy pgdb2 cannot take over the VIP/),
		);
	});
});

describe('a change of the configuration', () => {
	const warnings = (patch: {readonly [key: string]: Json}) =>
		said({kind: 'configure', patch}, healthy()).filter(text => text.startsWith('warning'));

	it('warns by the rule of the finding config.timing', () => {
		expect(warnings({ttl: 20, loop_wait: 10, retry_timeout: 10})).toContainEqual(
			'warning | loop_wait 10 + 2 x retry_timeout 10 exceeds ttl 20: Patroni uses loop_wait 1 and retry_timeout 9 instead',
		);
		expect(warnings({ttl: '25', retry_timeout: 8, loop_wait: null})).toContainEqual(
			expect.stringContaining('loop_wait 10 + 2 x retry_timeout 8 exceeds ttl 25'),
		);
		expect(warnings({ttl: 60, loop_wait: 20}).join()).not.toContain('exceeds');
	});

	it('warns of the pending restart that a parameter needs', () => {
		const of = (parameters: Json) => warnings({postgresql: {parameters}}).join();
		expect(of({max_connections: 200, work_mem: '8MB'})).toMatch(
			/max_connections needs a restart of PostgreSQL: members will have a pending restart/,
		);
		expect(of({work_mem: '8MB'})).not.toContain('restart');
		expect(of(null)).toContain('may have a pending restart');
	});
});

describe('what is blocked for other operations', () => {
	it.each<[Operation, (operator: Operator) => unknown, RegExp]>([
		[{kind: 'pause'}, o => o.after(11, o.configured({pause: true})), /paused already/],
		[{kind: 'resume'}, () => undefined, /is not paused/],
		[{kind: 'reinitialize', member: 'pgdb1', force: true, fromLeader: false}, () => undefined, /pgdb1 leads/],
		[
			{kind: 'reinitialize', member: 'pgdb2', force: true, fromLeader: false},
			o => o.after(11, o.gone('leader')),
			/there is no leader/,
		],
		[
			{kind: 'restart', member: 'pgdb2', role: 'replica', pendingOnly: true, at: undefined},
			() => undefined,
			/no restart is pending/,
		],
		[
			{kind: 'restart', member: 'pgdb2', role: 'replica', pendingOnly: false, at: Date.UTC(2027, 0, 1)},
			o => o.after(11, o.member('pgdb2', {scheduledRestart: '2026-12-24T00:00:00+00:00'})),
			/a restart is scheduled at .*409/,
		],
		[{kind: 'switchover.cancel'}, () => undefined, /nothing is scheduled .*404/],
		[{kind: 'restart.cancel', member: 'pgdb2'}, () => undefined, /nothing is scheduled/],
		[{kind: 'reload', member: 'nosuch'}, () => undefined, /nosuch has no key/],
		[{kind: 'poweroff', node: 'nosuch'}, () => undefined, /the address of nosuch is not known/],
	])('%j', (operation, break_, expected) => {
		const operator = healthy();
		break_(operator);
		expect(said(operation, operator)[0]).toMatch(new RegExp(`^blocking \\| .*${expected.source}`));
	});
});

describe('a question', () => {
	it.each<[string, (operator: Operator) => unknown, RegExp]>([
		['that the leader left', o => o.after(11, o.leads('pgdb2')), /the leader is pgdb2 now, it was pgdb1/],
		['whose leader took the key again', o => o.after(11, o.leads('pgdb1')), /took the leader key again/],
		['that lost its leader', o => o.after(11, o.gone('leader')), /the leader is none now/],
		['while etcd is lost', o => o.blind(...dcs).after(20), /etcd cannot be read/],
	])('%s sends nothing, and says why', (_, happens, expected) => {
		for (const asks of ['operation.restart', 'operation.reload'] satisfies Command[]) {
			const operator = healthy().press(asks);
			happens(operator);
			operator.press('dialog.yes');
			expect(operator.sent).toEqual([]);
			expect(operator.dialog.problem).toMatch(/^nothing was sent: /);
			expect(operator.dialog.problem).toMatch(expected);
		}
	});

	it('whose time has passed sends nothing', () => {
		const operator = healthy().select('pgdb2').press('operation.switchover');
		operator.focus('when').types('00:01').focus('cancel');
		expect(operator.checks.filter(({level}) => level === 'blocking')).toEqual([]);
		operator.after(61).press('dialog.yes');
		expect(operator.sent).toEqual([]);
		expect(operator.dialog.problem).toContain('2026-11-23T00:01:00.000Z has passed meanwhile');
	});

	it('requires a typed name once another etcd member is down', () => {
		const operator = healthy().choose('service etcd').focus('send');
		operator.blind('etcd:http://10.73.0.171:2379', 'dcs:http://10.73.0.171:2379').after(12);
		operator.press('dialog.enter');
		expect(operator.sent).toEqual([]);
		expect(operator.dialog.problem).toBe('type pgdb1 to confirm; nothing was sent');
	});

	it('ignores keys that are text in its field, and answers to another question', () => {
		const operator = healthy().press('operation.restart').focus('reason').press('dialog.yes');
		expect(operator.sent).toEqual([]);
		operator
			.focus('cancel')
			.at(11, {type: 'command', command: 'dialog.yes', question: operator.dialog.question - 1});
		expect(operator.sent).toEqual([]);
		operator.at(11, {type: 'command', command: 'dialog.yes', question: operator.dialog.question});
		expect(operator.sent).toHaveLength(1);
	});
});
