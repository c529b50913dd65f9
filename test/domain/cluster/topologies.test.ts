/** Separate balancers, a VIP that follows the leader, several VIPs, no VIP: sources, findings, operations, screen. */
import {describe, expect, it} from 'vitest';
import {clientsOf} from '../../../source/domain/cluster/haproxy.ts';
import {memberOfAnswer} from '../../../source/domain/cluster/identities.ts';
import {vipViews} from '../../../source/domain/cluster/vip.ts';
import type {Fact} from '../../../source/domain/events.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {logSourcesOf} from '../../../source/domain/logs/logs.ts';
import {offersFor, preconditionsOf, stepsOf} from '../../../source/domain/operations/operation.ts';
import type {Operation} from '../../../source/domain/operations/types.ts';
import type {Target} from '../../../source/domain/target.ts';
import {snapshotJson} from '../../../source/snapshot/json.ts';
import {operationContext, rowIds} from '../../../source/state/selection.ts';
import {subscriptions} from '../../../source/state/subscriptions.ts';
import {vipPane} from '../../../source/state/view/vip.ts';
import {unitsFact} from '../../support/captures.ts';
import {confirmed, Session, target} from '../../support/session.ts';
import {
	balancersFacts,
	balancersSession,
	balancersTarget,
	leaderVipFacts,
	leaderVipSession,
	leaderVipTarget,
	vip,
} from '../../support/topologies.ts';
import {addressesFact} from '../../support/vip.ts';

const found = ({state}: Session) =>
	findFindings(state.cluster, state.target, state.now, state.found.stops, state.found.running).map(
		({id, severity, text}) => `${severity} ${id}: ${text}`,
	);
const asked = ({state}: Session, kind: string) =>
	subscriptions(state).flatMap(one => (one.kind === kind && 'node' in one ? [one.node] : []));
const checks = ({state}: Session, operation: Operation) =>
	preconditionsOf(operation, operationContext(state)).map(({level, text}) => `${level} ${text}`);
const steps = ({state}: Session, operation: Operation) => stepsOf(operation, state).map(({text}) => text);
const paneText = ({state}: Session) => {
	const {title, lines, table} = vipPane(state);
	return [
		title,
		...lines.map(line => line.map(({text}) => text).join('')),
		...(table?.rows ?? []).map(({cells}) => cells.map(({text}) => text).join(' | ')),
	].join('\n');
};
const lost = (source: `vip:${string}` | `units:${string}`) =>
	({type: 'source.lost', source, reason: 'no answer in time', code: 'timeout'}) as const;

describe('balancers', () => {
	it('are watched for the VIP and HAProxy; database nodes for their services', () => {
		const session = balancersSession();
		expect(asked(session, 'haproxy')).toEqual(['lb1', 'lb2']);
		expect(asked(session, 'addresses')).toEqual(['lb1', 'lb2', 'pgdb1', 'pgdb2']);
		expect(asked(session, 'patroni')).toEqual([]);
		expect(rowIds(session.state, 'vip')).toEqual(['lb1', 'lb2', 'pgdb1', 'pgdb2']);
		const units = subscriptions(session.state).flatMap(one =>
			one.kind === 'units' ? [[one.node, one.required, one.optional] as const] : [],
		);
		expect(units).toEqual([
			['lb1', ['haproxy', 'keepalived'], ['vip-manager', 'pgbouncer']],
			['lb2', ['haproxy', 'keepalived'], ['vip-manager', 'pgbouncer']],
			['pgdb1', ['patroni', 'etcd'], ['keepalived', 'vip-manager', 'pgbouncer']],
			['pgdb2', ['patroni', 'etcd'], ['keepalived', 'vip-manager', 'pgbouncer']],
			['etcd1', ['etcd'], []],
		]);
	});

	it('hold the VIP without a finding, and database nodes need not be seen for that', () => {
		const session = balancersSession();
		expect(found(session)).toEqual([]);
		expect(vipViews(session.state.cluster, session.state.target, session.state.now)).toMatchObject([
			{state: 'held', nodes: ['lb1', 'lb2'], blind: []},
		]);
		session.at(1, lost('vip:pgdb2'), lost('units:pgdb2'));
		expect(found(session)).toEqual([
			'notice ssh.services: pgdb2: no data on services and disks: no answer in time',
		]);
		session.at(2, lost('vip:lb2'));
		expect(found(session)).toContainEqual(expect.stringMatching(/^unknown ssh\.blind: lb2: /));
	});

	it('show their routes in the pane; the rows of database nodes have a dash there', () => {
		const text = paneText(balancersSession());
		expect(text).toMatch(/^VIP 10\.73\.0\.172\nHolder\s+lb1, /);
		expect(text).toMatch(/^lb1 \| holds \| pgdb1 \| 2 of 2 up \|/m);
		expect(text).toMatch(/^lb2 \| no \| pgdb1 \| 2 of 2 up \|/m);
		expect(text).toMatch(/^pgdb1 \| - \| - \| 2 of 2 up \| -/m);
	});

	it('are restarted, rebooted and powered off; their logs are read', () => {
		const {state} = balancersSession();
		const offers = offersFor({member: undefined, node: 'lb1'}, operationContext(state))
			.filter(({operation}) => operation !== undefined)
			.map(({id}) => id);
		expect(offers).toEqual(
			expect.arrayContaining(['service haproxy', 'service keepalived', 'reboot', 'poweroff']),
		);
		expect(offers).not.toContain('service patroni');
		expect(
			logSourcesOf(state.cluster, state.target, state.now).find(({node}) => node === 'lb1'),
		).toMatchObject({
			host: '10.73.0.173',
			units: [
				{name: 'haproxy', unit: 'haproxy'},
				{name: 'keepalived', unit: 'keepalived'},
			],
			files: [],
		});
	});

	it('move the VIP when its holder is powered off, and not the leader', () => {
		const operation: Operation = {kind: 'poweroff', node: 'lb1'};
		const all = checks(balancersSession(), operation);
		expect(all).toEqual(
			expect.arrayContaining([
				'warning lb1 holds the VIP: it would go to lb2',
				'ok no etcd member on lb1',
				'ok no PostgreSQL on lb1',
			]),
		);
		expect(all.join('\n')).not.toMatch(/leads|take over|synchronous/);
		expect(steps(balancersSession(), operation)).toEqual([
			'nothing on lb1 answers any more',
			'another node holds the VIP',
		]);
		expect(checks(balancersSession(), {kind: 'poweroff', node: 'pgdb2'})).toContain(
			'ok the VIP is not on pgdb2',
		);
	});

	it('that do not run HAProxy make clients lose the cluster', () => {
		const session = balancersSession().at(
			1,
			unitsFact('lb1', ['haproxy', 'keepalived'], {active: 'failed', sub: 'failed'}),
		);
		expect(found(session)).toEqual(
			expect.arrayContaining([
				'critical vip.no-haproxy: lb1 holds the VIP, but its HAProxy is down',
				'degraded keepalived.down: lb1: keepalived is failed: it cannot take the VIP over',
			]),
		);
	});
});

describe('a VIP that follows the leader', () => {
	const switchover: Operation = {
		kind: 'switchover',
		leader: 'pgdb1',
		candidate: 'pgdb2',
		at: undefined,
	};

	it('is right on the leader, and needs no HAProxy', () => {
		const session = leaderVipSession();
		expect(found(session)).toEqual([]);
		expect(asked(session, 'haproxy')).toEqual([]);
		expect(paneText(session)).not.toContain('normal: leader');
	});

	it('is critical on another node, with what it means for clients', () => {
		const session = leaderVipSession('pgdb2');
		expect(found(session)).toEqual([
			`critical vip.not-leader: pgdb2 holds the VIP ${vip}, but the leader is pgdb1`,
		]);
		expect(snapshotJson(session.state).findings).toMatchObject([
			{clients: 'Clients that connect to PostgreSQL at the VIP reach a standby: their writes fail.'},
		]);
		expect(paneText(session)).toMatch(/pgdb2 ≠ leader pgdb1/);
		expect(checks(session, switchover)).toContain('warning the VIP is on pgdb2, but the leader is pgdb1');
	});

	it('is not judged while the leader is not known', () => {
		const session = leaderVipSession('pgdb2').at(8);
		expect(found(session).join('\n')).not.toContain('vip.not-leader');
	});

	it('is a step of a switchover, which is not done without it', () => {
		const session = leaderVipSession();
		expect(steps(session, switchover)).toContain(`VIP ${vip} on pgdb2`);
		confirmed(session, switchover, 1);
		const step = () => session.state.runs[0]?.steps.find(({id}) => id === `vip ${vip}`);
		expect(step()).toMatchObject({essential: true, at: undefined});
		expect(steps(new Session(target).at(0), switchover)).not.toContain(`VIP ${vip} on pgdb2`);
	});

	it('is the address of all servers: the start of PostgreSQL says which one answered', () => {
		const session = leaderVipSession();
		const answered = (serverStartedAt?: number): Fact => ({
			type: 'probe.answered',
			source: 'probe:5432',
			port: 5432,
			purpose: 'write',
			startedAt: 0,
			server: `${vip}:5432`,
			...(serverStartedAt === undefined ? {} : {serverStartedAt}),
			inRecovery: false,
			latency: 3,
			write: true,
		});
		const probed = (serverStartedAt?: number) =>
			new Session({...leaderVipTarget, probe: {host: vip, ports: {write: 5432}, write: true}})
				.at(0, ...leaderVipFacts())
				.at(1, answered(serverStartedAt));
		const started = (member: string) =>
			Date.parse(session.state.cluster.patroni.get(member)?.value.postmasterStartTime ?? '');
		expect(started('pgdb1')).not.toBe(started('pgdb2'));
		for (const member of ['pgdb1', 'pgdb2']) {
			const {state} = probed(started(member));
			expect(
				memberOfAnswer(state.cluster, state.target, {
					server: `${vip}:5432`,
					serverStartedAt: started(member),
				}),
			).toBe(member);
			expect(steps(probed(started(member)), switchover)).toContain('VIP:5432 answers from pgdb2');
			expect(paneText(probed(started(member)))).toMatch(new RegExp(`ok +3\\.0 ms ${member} `));
		}

		for (const unknown of [undefined, started('pgdb1') + 5000]) {
			expect(steps(probed(unknown), switchover)).not.toContain('VIP:5432 answers from pgdb2');
			expect(paneText(probed(unknown))).toMatch(new RegExp(`ok +3\\.0 ms ${vip}:5432 `));
		}
	});

	it('goes with the leader when the machine stops, and stays when vip-manager stops', () => {
		expect(checks(leaderVipSession(), {kind: 'poweroff', node: 'pgdb1'})).toContain(
			'warning pgdb1 holds the VIP, which follows the leader to pgdb2',
		);
		expect(
			checks(leaderVipSession(), {kind: 'service', node: 'pgdb1', service: 'vip-manager', pauseFirst: false}),
		).toContain(
			'warning pgdb1 holds the VIP: without vip-manager it may leave the node, and follows no leader',
		);
	});

	it('is not taken over where vip-manager is down', () => {
		const session = leaderVipSession().at(1, unitsFact('pgdb2', ['patroni', 'etcd']));
		expect(found(session)).toEqual([]);
		session.at(2, unitsFact('pgdb2', ['vip-manager'], {active: 'inactive', sub: 'dead'}));
		expect(found(session)).toContain(
			'degraded service.down: pgdb2: vip-manager is inactive: it cannot take the VIP over',
		);
	});
});

describe('several VIPs', () => {
	const readers = '10.73.0.175';
	const two: Target = {
		...target,
		vips: [
			{address: vip, manager: 'keepalived', follows: 'none'},
			{address: readers, manager: 'keepalived', follows: 'none'},
		],
	};
	const session = () =>
		new Session(two).at(
			0,
			...balancersFacts().filter(fact => fact.type !== 'addresses.snapshot'),
			addressesFact('pgdb1', '10.73.0.160', vip),
			addressesFact('pgdb2', '10.73.0.170', readers),
		);

	it('have a holder each, in the pane and in JSON', () => {
		const text = paneText(session());
		expect(text).toMatch(/^VIPs 10\.73\.0\.172, 10\.73\.0\.175\nVIP \.172\s+pgdb1, .*\n/);
		expect(text).toMatch(/^VIP \.175\s+pgdb2, /m);
		expect(text).toMatch(/^pgdb1 \| \.172 \|/m);
		expect(text).toMatch(/^pgdb2 \| \.175 \|/m);
		expect(snapshotJson(session().state)).toMatchObject({
			vip: {address: vip, holder: 'pgdb1'},
			vips: [{holder: 'pgdb1'}, {address: readers, holder: 'pgdb2'}],
		});
	});

	it('are found lost one by one', () => {
		const without = session().at(1, addressesFact('pgdb2', '10.73.0.170'));
		expect(found(without)).toContain(`critical vip.none: no node holds the VIP ${readers}`);
		expect(found(without)).not.toContain(`critical vip.none: no node holds the VIP ${vip}`);
		expect(without.state.timeline.map(({text}) => text)).toContain('VIP .175 left pgdb2');
	});
});

describe('without a VIP', () => {
	const bare: Target = {...balancersTarget, vip: undefined, vips: []};

	it('HAProxy, services and disks are read all the same, if the nodes are configured', () => {
		const session = new Session(bare).at(0, ...balancersFacts('none'));
		expect(asked(session, 'haproxy')).toEqual(['lb1', 'lb2']);
		expect(asked(session, 'units')).toEqual(['lb1', 'lb2', 'pgdb1', 'pgdb2', 'etcd1']);
		expect(found(session)).toEqual([]);
		expect(paneText(session)).toMatch(/^lb1 \| pgdb1 \| 2 of 2 up/m);
		session.at(1, lost('vip:lb1'), lost('units:lb1'));
		expect(found(session)).toEqual([
			'notice ssh.services: lb1: no data on services and disks: no answer in time',
		]);
	});

	it('has a port of its own, which is not shown as one of HAProxy', () => {
		const probed = {...balancersTarget, probe: {host: vip, ports: {write: 6432}, write: true}};
		const session = new Session(probed).at(0, ...balancersFacts());
		expect(clientsOf(session.state.cluster, probed, 'primary')).toBe('clients of :6432');
		session.at(1, unitsFact('lb1', ['haproxy', 'keepalived', 'pgbouncer']));
		expect(clientsOf(session.state.cluster, probed, 'primary')).toBe('writers');
	});

	it('keepalived is not missed, and PgBouncer is shown where it runs', () => {
		const session = new Session(bare).at(
			0,
			...balancersFacts('none'),
			unitsFact('lb1', ['haproxy']),
			unitsFact('lb2', ['haproxy', 'pgbouncer'], {active: 'failed', sub: 'failed'}),
		);
		expect(found(session)).toContain('degraded service.down: lb2: pgbouncer is failed');
		expect(found(session).join('\n')).not.toContain('lb1');
	});

	it('nothing is read over SSH without any setting about nodes', () => {
		const session = new Session({...bare, ssh: false}).at(0, ...leaderVipFacts());
		expect([...asked(session, 'units'), ...asked(session, 'addresses'), ...asked(session, 'disk')]).toEqual(
			[],
		);
	});
});

it('is as before for the targets of older recordings, which know the VIP alone', () => {
	const {vips: _, ssh: __, ...old} = {...leaderVipTarget, haproxy: {backends: {}}};
	const session = new Session(old).at(0, ...leaderVipFacts('pgdb2'));
	expect(vipViews(session.state.cluster, old, session.state.now)).toMatchObject([
		{vip: {address: vip, manager: 'keepalived', follows: 'none'}, state: 'held'},
	]);
	expect(asked(session, 'haproxy')).toEqual(['pgdb1', 'pgdb2']);
});
