/** Operations in progress as roots: what follows from them, what does not, and what is left when they end. */
import {describe, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import {keyOfFinding} from '../../../source/domain/findings/finding.ts';
import {byRoot} from '../../../source/domain/findings/roots.ts';
import type {Target} from '../../../source/domain/target.ts';
import {shownSnapshot} from '../../../source/state/state.ts';
import {judgeCluster, verdictLine} from '../../../source/state/view/verdict.ts';
import {endpoints, haproxyFact, unitsFact} from '../../support/captures.ts';
import {Operator} from '../../support/operator.ts';
import {target} from '../../support/session.ts';

const probed: Target = {
	...target,
	operator: 'root',
	probe: {host: '10.73.0.172', ports: {write: 5000, read: 5001}, write: true},
};
const probe = (port: number) =>
	({
		source: `probe:${port}`,
		port,
		purpose: port === 5000 ? 'write' : 'read',
		startedAt: 0,
	}) as const;
const answers = (port: number, server: string): Event => ({
	type: 'probe.answered',
	...probe(port),
	server: `${server}:5432`,
	inRecovery: port === 5001,
	latency: 3,
	write: port === 5000,
});
const fails = (port: number): Event => ({
	type: 'probe.failed',
	...probe(port),
	reason: 'connection refused',
	code: 'refused',
});
const served = (server: string) => [answers(5000, server), answers(5001, '10.73.0.170')];

/** pgdb1 leads and holds the VIP; nothing is wrong. */
const calm = (of = probed) =>
	new Operator('trixie', of).after(10, ...(of.probe === undefined ? [] : served('10.73.0.160')));
const groups = ({state}: Operator) =>
	Object.fromEntries(
		byRoot(judgeCluster(shownSnapshot(state)).findings).map(({root, consequences}) => [
			keyOfFinding(root),
			consequences.map(keyOfFinding).sort(),
		]),
	);
const words = ({state}: Operator) =>
	verdictLine(state)
		.map(({text}) => text)
		.join('');
const asked = (operator: Operator, scheduledAt?: string): Event =>
	operator.put('failover', {kind: 'failover', leader: 'pgdb1', candidate: 'pgdb2', scheduledAt});
const noSync = (operator: Operator, leader: string): Event =>
	operator.put('sync', {kind: 'sync', leader, standbys: [], quorum: 0});

describe('a switchover of this console', () => {
	const confirmed = (of = probed) => calm(of).select('pgdb2').press('operation.switchover', 'dialog.yes');
	/** pgdb1 has stopped, and no member leads. */
	const leaderless = (operator = confirmed()) =>
		operator
			.after(11, asked(operator), operator.says('pgdb1', {state: 'stopping'}), fails(5000))
			.after(
				12,
				operator.gone('leader'),
				operator.says('pgdb1', {state: 'stopped', replication: []}),
				fails(5000),
				fails(5001),
				haproxyFact('trixie', 'pgdb1', 'nobody'),
				haproxyFact('trixie', 'pgdb2', 'nobody'),
				noSync(operator, 'pgdb1'),
			);
	/** pgdb2 leads, and HAProxy does not know it yet. */
	const taken = (operator = leaderless()) =>
		operator.after(
			14,
			operator.leads('pgdb2'),
			operator.gone('failover'),
			operator.says('pgdb2', {role: 'primary', timeline: 2, replicationState: undefined}),
			fails(5000),
			fails(5001),
		);

	it('is worth knowing, and no fault, while nothing follows from it', () => {
		const operator = confirmed().after(11, ...served('10.73.0.160'));
		expect(groups(operator)).toEqual({'switchover.running': []});
		expect(words(operator)).toBe(
			'HEALTHY  switchover pgdb1 → pgdb2, running for 1 s; clients write in 3.0 ms',
		);
	});

	it('is the root of what follows, and the verdict names it with what clients feel', () => {
		const operator = leaderless();
		expect(groups(operator)).toEqual({
			'switchover.running': [
				'haproxy.nowhere pgdb2',
				'leader.none',
				'member.state pgdb1',
				'path.failing :5000',
				'path.reads :5001',
				'sync.none',
				'vip.no-primary pgdb1',
			],
		});
		expect(words(operator)).toBe('CRITICAL  switchover pgdb1 → pgdb2, running for 2 s; clients cannot write');
	});

	it('is the root without a probe, too', () => {
		const operator = leaderless(confirmed({...target, operator: 'root'}));
		expect(Object.keys(groups(operator))).toEqual(['switchover.running']);
		expect(words(operator)).toBe('CRITICAL  switchover pgdb1 → pgdb2, running for 2 s; no client can write');
	});

	it('runs until clients follow; from then on each finding stands on its own, at once', () => {
		const operator = taken();
		expect(operator.run.outcome?.kind).toBe('done');
		expect(Object.keys(groups(operator))).toEqual(['switchover.running']);
		expect(words(operator)).toBe(
			'CRITICAL  switchover pgdb1 → pgdb2, running for 4 s: clients do not follow yet; clients cannot write',
		);
		// Without a tick.
		const {state} = operator;
		operator.after(
			15,
			haproxyFact('trixie', 'pgdb1', 'pgdb2'),
			haproxyFact('trixie', 'pgdb2', 'pgdb2'),
			answers(5000, '10.73.0.170'),
			fails(5001),
		);
		expect(operator.state.found.running).toBeUndefined();
		expect(state.found.running).toHaveLength(1);
		expect(groups(operator)).toEqual({
			'member.state pgdb1': ['member.timeline pgdb1', 'path.reads :5001', 'sync.none'],
		});
		expect(words(operator)).toBe('DEGRADED  pgdb1: stopped; readers are not served');
	});

	it('that fails leaves each finding on its own, with the answer and not with the next tick', () => {
		const operator = leaderless();
		const answer = operator.answer({kind: 'unsent', reason: 'read-only'});
		operator.press();
		const before = operator.state;
		operator.at(12, answer);
		expect(operator.run.outcome?.kind).toBe('failed');
		expect(before.found.running).toHaveLength(1);
		expect(operator.state.found.running).toBeUndefined();
		const left = groups(operator);
		expect(Object.keys(left)).not.toContain('switchover.running');
		expect(Object.keys(left)).toContain('leader.none');
		expect(words(operator)).toMatch(/^CRITICAL \(1 of \d\) {2}no leader: /);
	});

	it('whose result is unknown explains nothing any more after a minute', () => {
		const operator = leaderless();
		operator.at(12, operator.answer({kind: 'lost', reason: 'no answer in time'}));
		expect(operator.run.outcome?.kind).toBe('unknown');
		expect(words(operator)).toContain(
			'switchover pgdb1 → pgdb2, running for 2 s, its result is not known yet',
		);
		expect(Object.keys(groups(operator.after(71)))).toContain('switchover.running');
		expect(Object.keys(groups(operator.after(73)))).not.toContain('switchover.running');
	});

	it.each<readonly [string, (operator: Operator) => Event[], string]>([
		[
			'two holders of the VIP',
			() => [
				{
					type: 'addresses.added',
					source: 'vip:pgdb2',
					node: 'pgdb2',
					address: {ip: '10.73.0.172', interface: 'host0'},
				},
			],
			'vip.two',
		],
		['two primaries', operator => [operator.says('pgdb2', {role: 'primary'})], 'leader.two'],
		[
			'etcd that is lost',
			() =>
				([`etcd:${endpoints[2]}`, `dcs:${endpoints[2]}`] as const).map(source => ({
					type: 'source.lost',
					source,
					reason: 'connection refused',
					code: 'refused',
				})),
			'etcd.member-down etcd1',
		],
		[
			'a start that fails',
			operator => [operator.says('pgdb1', {state: 'start failed'})],
			'member.state pgdb1',
		],
		['a crash', operator => [operator.says('pgdb1', {state: 'crashed'})], 'member.state pgdb1'],
		['a key that is gone', operator => [operator.gone('members/pgdb1')], 'member.unregistered pgdb1'],
		['a machine without sshd', () => [lostSsh('pgdb2')], 'ssh.blind pgdb2'],
	])('does not explain %s', (_, happens, key) => {
		const operator = key === 'leader.two' ? confirmed() : leaderless();
		operator.after(13, ...happens(operator), fails(5000), fails(5001));
		expect(Object.keys(groups(operator))).toContain(key);
	});

	it('does not explain a stop that takes too long, which says what it waits for', () => {
		const operator = confirmed();
		operator.after(11, asked(operator), operator.says('pgdb1', {state: 'stopping'}), fails(5000));
		operator.after(22, operator.says('pgdb1', {state: 'stopping'}), fails(5000));
		const [root] = judgeCluster(shownSnapshot(operator.state)).findings;
		expect(root?.id).toBe('member.stopping');
		expect(words(operator)).toMatch(/pgdb1: stopping since 00:00:11; last WAL receivers/);
	});

	it('does not explain what held before it', () => {
		const operator = new Operator('trixie', probed).after(5, ...served('10.73.0.160'));
		operator.after(8, fails(5000)).after(10, fails(5000));
		operator.select('pgdb2').press('operation.switchover', 'dialog.yes');
		leaderless(operator);
		const found = groups(operator);
		expect(Object.keys(found).sort()).toEqual(['path.failing :5000', 'switchover.running']);
		expect(found['switchover.running']).toContain('leader.none');
		// It began again meanwhile: now it does.
		operator.after(13, answers(5000, '10.73.0.160')).after(14, fails(5000));
		expect(groups(operator)['switchover.running']).toContain('path.failing :5000');
	});
});

function lostSsh(node: string): Event {
	return {type: 'source.lost', source: `vip:${node}`, reason: 'connection refused', code: 'refused'};
}

describe('an operation of another client', () => {
	it('is seen by the key of a switchover, until the key is gone', () => {
		const operator = calm();
		operator.after(11, asked(operator), ...served('10.73.0.160'));
		expect(words(operator)).toBe(
			'HEALTHY  switchover pgdb1 → pgdb2, running since 00:00:11, not by this console; clients write in 3.0 ms',
		);
		operator.after(12, operator.gone('leader'), fails(5000));
		expect(groups(operator)).toMatchObject({'switchover.running': ['leader.none', 'path.failing :5000']});
		// Between two ticks.
		const gone = operator.gone('failover');
		operator.after(12, gone, fails(5000));
		expect(Object.keys(groups(operator))).toEqual(['leader.none']);
	});

	it('that is scheduled begins at its time', () => {
		const at = '2026-11-23T00:00:20+00:00';
		const operator = calm();
		operator.after(11, asked(operator, at), ...served('10.73.0.160'));
		expect(groups(operator)).toEqual({'switchover.scheduled': []});
		operator.after(21, operator.gone('leader'), fails(5000), answers(5001, '10.73.0.170'));
		expect(groups(operator)).toEqual({'switchover.running': ['leader.none', 'path.failing :5000']});
	});

	it('that Patroni does not do within a minute explains nothing', () => {
		const operator = calm();
		operator.after(11, asked(operator));
		operator.after(72, operator.gone('leader'));
		expect(Object.keys(groups(operator))).toContain('leader.none');
	});

	it('is not seen in the key that an operation of this console left', () => {
		const operator = calm().select('pgdb2').press('operation.switchover', 'dialog.yes');
		operator.after(11, asked(operator));
		operator.at(11, operator.answer({kind: 'answered', status: 412, text: 'candidate does not exists'}));
		expect(operator.run.outcome?.kind).toBe('refused');
		operator.after(12, operator.gone('leader'));
		expect(Object.keys(groups(operator))).toContain('leader.none');
		expect(Object.keys(groups(operator))).not.toContain('switchover.running');
	});

	it('is seen by the state of a member that Patroni restarts', () => {
		const operator = calm({...target, operator: 'root'});
		operator.after(11, operator.says('pgdb1', {state: 'restarting', replication: []}));
		expect(groups(operator)).toMatchObject({'restart.running pgdb1': ['leader.not-writable pgdb1']});
		expect(words(operator)).toBe(
			'CRITICAL  restart of PostgreSQL on pgdb1, running since 00:00:11, not by this console; no client can write',
		);
		operator.after(12, operator.says('pgdb1', {state: 'starting', replication: []}));
		expect(Object.keys(groups(operator))).toEqual(['leader.not-writable pgdb1']);
	});
});

describe('a restart of this console', () => {
	it('explains its own member, and not another', () => {
		const operator = calm({...target, operator: 'root'}).select('pgdb2');
		operator.press('operation.restart', 'dialog.yes');
		operator.after(
			11,
			operator.says('pgdb2', {state: 'starting', replicationState: undefined}),
			operator.says('pgdb1', {replication: []}),
			noSync(operator, 'pgdb1'),
		);
		expect(groups(operator)).toEqual({
			'restart.running pgdb2': ['member.state pgdb2', 'sync.none'],
		});
		operator.after(12, operator.says('pgdb1', {state: 'crashed', replication: []}));
		expect(Object.keys(groups(operator))).toEqual(['leader.not-writable pgdb1', 'restart.running pgdb2']);
	});
});

describe('a reinitialization of this console', () => {
	it('explains the state of its member until it streams', () => {
		const operator = calm({...target, operator: 'root'}).select('pgdb2');
		operator.press('operation.reinitialize', 'dialog.yes').types('pgdb2').focus('name').press('dialog.enter');
		operator.after(11, operator.says('pgdb2', {state: 'creating replica', replicationState: undefined}));
		expect(groups(operator)).toMatchObject({'reinitialize.running pgdb2': ['member.state pgdb2']});
	});
});

describe('a restart of a service by this console', () => {
	const restarted = (service: 'patroni' | 'haproxy' | 'etcd', node = 'pgdb2') => {
		const operator = calm({...target, operator: 'root'})
			.select(node)
			.choose(`service ${service}`);
		if (operator.dialog.name !== undefined && service !== 'haproxy') {
			operator.types(node).focus('name');
		}

		return operator.press(service === 'haproxy' || service === 'etcd' ? 'dialog.yes' : 'dialog.enter');
	};
	const all = ['patroni', 'etcd', 'haproxy', 'keepalived'] as const;

	it('explains what needs it there', () => {
		const operator = restarted('patroni');
		operator.after(
			11,
			unitsFact('pgdb2', all, {service: 'patroni', active: 'deactivating', sub: 'stop-sigterm'}),
			{type: 'source.lost', source: 'patroni:pgdb2', reason: 'connection refused', code: 'refused'},
		);
		expect(groups(operator)).toMatchObject({
			'service.restarting pgdb2 patroni': expect.arrayContaining(['rest.blind pgdb2']),
		});
	});

	it('does not explain another service on the node', () => {
		const operator = restarted('haproxy');
		operator.after(11, unitsFact('pgdb2', all, {service: 'keepalived', active: 'failed', sub: 'failed'}), {
			type: 'source.lost',
			source: 'haproxy:pgdb2',
			reason: 'connection refused',
			code: 'refused',
		});
		expect(groups(operator)).toEqual({
			'service.restarting pgdb2 haproxy': ['haproxy.blind pgdb2'],
			'keepalived.down pgdb2': [],
		});
	});
});

describe('a schedule that did not happen', () => {
	it('follows from a pause that began before it', () => {
		const at = '2026-11-23T00:00:20+00:00';
		const operator = calm();
		operator.after(11, operator.configured({pause: true}), asked(operator, at));
		operator.after(40, operator.gone('failover'));
		expect(operator.state.cluster.dropped).toBeDefined();
		expect(groups(operator)).toMatchObject({'cluster.paused': ['switchover.dropped']});
	});

	it('does not follow from a later pause', () => {
		const operator = calm();
		operator.after(11, asked(operator, '2026-11-23T00:00:20+00:00'));
		operator.after(40, operator.gone('failover'));
		operator.after(41, operator.configured({pause: true}));
		expect(groups(operator)).toMatchObject({'cluster.paused': [], 'switchover.dropped': []});
	});
});
