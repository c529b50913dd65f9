/** Every other operation after its confirmation: steps by the sources, each request once, and the audit record. */
import {describe, expect, it} from 'vitest';
import type {Reported} from '../../../source/domain/events.ts';
import type {SourceId} from '../../../source/domain/facts.ts';
import {operationPane} from '../../../source/state/view/operations.ts';
import {endpoints, patroniFact, unitsFact} from '../../support/captures.ts';
import {Operator} from '../../support/operator.ts';
import {start} from '../../support/session.ts';
import {acknowledged, probedTarget, unacknowledged} from '../../support/write-probe.ts';

const accepted = (text: string, status = 200): Reported => ({kind: 'answered', status, text});
const all = ['patroni', 'etcd', 'haproxy', 'keepalived'] as const;
const after = {postmasterStartTime: '2026-11-23T00:00:13.000000+00:00'};

const on = (name: string) => new Operator().after(10).select(name);

describe('a restart of PostgreSQL', () => {
	it('is done when there is a new postmaster, and clears the pending restart', () => {
		const operator = on('pgdb2');
		operator.after(
			10,
			operator.member('pgdb2', {
				pendingRestart: true,
				pendingRestartReason: {max_connections: ['100', '120']},
			}),
		);
		operator.press('operation.restart');
		expect(operator.checks.map(({text}) => text)).toContain(
			'a restart is pending: max_connections 100 → 120',
		);
		operator.press('dialog.yes').after(11, operator.says('pgdb2', {state: 'restarting'}));
		expect(operator.run.outcome).toBeUndefined();
		operator.after(14, operator.says('pgdb2', after), operator.answer(accepted('restarted successfully')));
		expect(operator.run.outcome?.kind).toBe('done');
		operator.after(16, operator.member('pgdb2', {pendingRestart: false}));
		expect(operator.steps).toEqual({restarting: 1, restarted: 4, cleared: 6, streams: 4});
		expect(operator.run.watched).toBe(false);
		expect(operator.audit).toEqual(['confirmed', 'outcome done', 'complete done']);
	});

	it('of the leader shows how long clients could not write, and is the cause of that', () => {
		const operator = new Operator('trixie', probedTarget);
		operator.after(10, acknowledged).select('pgdb1').press('operation.restart', 'dialog.yes');
		operator.after(11, unacknowledged());
		operator.after(15.72, acknowledged);
		operator.after(16, operator.says('pgdb1', {...after, role: 'primary', replicationState: undefined}));
		operator.after(16, operator.answer(accepted('restarted successfully')));
		expect(operator.run.outcome?.kind).toBe('done');
		const [line = []] = operationPane(operator.state, operator.run.id).lines;
		expect(line.map(({text}) => text).join('')).toBe(
			'DONE writes stopped for 5.72 s; a new postmaster runs after 6.0 s',
		);
		expect(operator.state.timeline.map(({text}) => text)).toContain(
			'write outage through :5000 ended after 5.72 s; cause: restart PostgreSQL on pgdb1',
		);
		expect(operator.state.timeline.map(({text}) => text)).toContain(
			'write outage through :5000 began at 00:00:10.000; cause: restart PostgreSQL on pgdb1 (connection refused)',
		);
		// What comes after it is not its own.
		operator.after(20, acknowledged).after(24, acknowledged).after(25, unacknowledged('reset'));
		operator.after(26, acknowledged);
		const later = operator.state.timeline.findLast(({kind}) => kind === 'path');
		expect(later?.text).toBe('write outage through :5000 ended after 2.00 s');
		expect(operationPane(operator.state, operator.run.id).lines[0]).toEqual(line);
	});

	it('of the leader is done before clients can write again, and says so', () => {
		const operator = new Operator('trixie', probedTarget);
		operator.after(10, acknowledged);
		operator.select('pgdb1').press('operation.restart', 'dialog.yes');
		operator.after(11, unacknowledged());
		operator.after(13, operator.says('pgdb1', {...after, role: 'primary', replicationState: undefined}));
		const words = () =>
			(operationPane(operator.state, operator.run.id).lines[0] ?? []).map(({text}) => text).join('');
		expect(words()).toBe('DONE a new postmaster runs after 3.0 s; clients cannot write yet');
		operator.after(40);
		expect(words()).toBe('DONE a new postmaster runs after 3.0 s');
	});

	it("is not done by Patroni's answer alone", () => {
		const operator = on('pgdb2').press('operation.restart', 'dialog.yes');
		operator.after(12, operator.says('pgdb2', {}), operator.answer(accepted('restarted successfully')));
		expect(operator.run.outcome).toBeUndefined();
		expect(operator.after(73).run.outcome?.kind).toBe('unknown');
		operator.after(80, operator.says('pgdb2', after));
		expect(operator.run.outcome?.kind).toBe('done');
	});

	it('that fails halfway is unknown', () => {
		const operator = on('pgdb1').press('operation.restart', 'dialog.yes');
		operator.after(12, operator.answer({kind: 'answered', status: 400, text: 'restart failed'}));
		expect(operator.run.outcome?.kind).toBe('unknown');
	});

	it("that is scheduled is confirmed by the member's key, and can be cancelled", () => {
		const operator = on('pgdb2').press('operation.restart').focus('when').types('+2h').focus('cancel');
		operator.press('dialog.yes');
		expect(operator.sent).toMatchObject([
			{body: expect.stringContaining('"schedule":"2026-11-23T02:00:10.000Z"')},
		]);
		operator.after(12, operator.member('pgdb2', {scheduledRestart: '2026-11-23T02:00:10+00:00'}));
		expect(operator.steps).toEqual({scheduled: 2});
		operator.press('dismiss').choose('restart.cancel').press('dialog.yes');
		expect(operator.sent.at(-1)).toMatchObject({method: 'DELETE', url: 'http://10.73.0.170:8008/restart'});
		operator.after(14, operator.member('pgdb2', {scheduledRestart: undefined}));
		expect(operator.run.outcome?.kind).toBe('done');
	});
});

describe.each(['bookworm', 'trixie', 'forky'] as const)('a reinitialization on %s', suite => {
	it("follows a captured one, and requires the member's name", () => {
		const replica = suite === 'trixie' ? 'pgdb2' : 'pgdb1';
		const operator = new Operator(suite)
			.after(10)
			.select(replica)
			.press('operation.reinitialize', 'dialog.yes');
		expect(operator.sent).toEqual([]);
		operator.types(replica).focus('name').press('dialog.enter');
		expect(operator.sent).toMatchObject([{body: '{"force":true}'}]);
		operator.after(11, operator.answer(accepted('reinitialize started')));
		expect(operator.run.outcome).toBeUndefined();
		for (const look of [1, 2, 3, 4, 5, 6]) {
			operator.after(11 + look, patroniFact(suite, replica, `reinit-${look}-patroni`));
		}

		operator.after(18, operator.member(replica, {state: 'running', replicationState: 'streaming'}));
		expect(operator.run.outcome?.kind).toBe('done');
		const {removed, copied, streams} = operator.steps;
		expect(removed).toBeGreaterThan(1);
		expect(copied).toBeGreaterThanOrEqual(removed ?? Number.NaN);
		expect(streams).toBeGreaterThanOrEqual(copied ?? Number.NaN);
	});
});

describe('a reload', () => {
	it('is done when Patroni accepted it: no source shows more', () => {
		const operator = on('pgdb2').press('operation.reload', 'dialog.yes');
		operator.after(11, operator.answer(accepted('reload scheduled', 202)));
		expect(operator.run).toMatchObject({watched: false, outcome: {kind: 'done'}});
	});
});

describe('pause and resume', () => {
	it('wait until each member reports that it has applied it', () => {
		const operator = on('pgdb2').press('operation.pause', 'dialog.yes');
		operator.after(11, operator.configured({pause: true}), operator.answer(accepted('')));
		operator.after(12, operator.member('pgdb1', {pause: true}));
		expect(operator.run.outcome).toBeUndefined();
		operator.after(14, operator.member('pgdb2', {pause: true}));
		expect(operator.steps).toEqual({written: 1, 'applied pgdb1': 2, 'applied pgdb2': 4});
		expect(operator.run.outcome?.kind).toBe('done');
		operator.press('dismiss', 'operation.pause', 'dialog.yes');
		expect(operator.sent.at(-1)).toMatchObject({body: '{"pause":null}'});
		operator.after(16, operator.configured({pause: false}), operator.member('pgdb1', {pause: false}));
		operator.after(17, operator.member('pgdb2', {pause: false}));
		expect(operator.run.outcome?.kind).toBe('done');
	});
});

describe('a change of the configuration', () => {
	const edited = (revision: number | undefined) =>
		({type: 'config.edited', revision, patch: {ttl: 25}, difference: []}) as const;

	it('is done when etcd has it', () => {
		const operator = on('pgdb2');
		operator.after(11, edited(operator.state.cluster.keys.get('config')?.modRevision)).press('dialog.yes');
		expect(operator.sent).toMatchObject([{method: 'PATCH', body: '{"ttl":25}'}]);
		operator.after(13, operator.configured({ttl: 25}));
		expect(operator.steps).toEqual({written: 2});
	});

	it('is not sent if it was changed elsewhere while the editor was open', () => {
		const operator = on('pgdb2');
		const revision = operator.state.cluster.keys.get('config')?.modRevision;
		operator
			.after(11, operator.configured({ttl: 40}))
			.after(12, edited(revision))
			.press('dialog.yes');
		expect(operator.sent).toEqual([]);
		expect(operator.dialog.problem).toContain('the dynamic configuration was changed by another client');
	});
});

describe('a service', () => {
	it('is restarted when systemd gives it a new invocation', () => {
		const operator = on('pgdb2').choose('service haproxy').press('dialog.yes');
		operator.after(11, unitsFact('pgdb2', all), operator.answer({kind: 'ended', code: 0, text: ''}));
		expect(operator.run.outcome).toBeUndefined();
		operator.after(12, unitsFact('pgdb2', all, {service: 'haproxy', invocationId: 'another'}));
		expect(operator.run.outcome?.kind).toBe('done');
	});

	it.each<[Reported, string, string]>([
		[{kind: 'ended', code: 1, text: 'sudo: a password is required'}, 'refused', 'sudo refused'],
		[{kind: 'ended', code: 5, text: 'Unit haproxy.service not found.'}, 'failed', 'exited with 5'],
		[{kind: 'ended', code: undefined, text: ''}, 'unknown', 'the connection ended'],
		[{kind: 'lost', reason: 'no answer in time'}, 'unknown', 'no answer'],
		[{kind: 'unsent', reason: 'host key'}, 'failed', 'nothing was sent: host key'],
	])('after %j is %s', (answer, kind, text) => {
		const operator = on('pgdb2').choose('service haproxy').press('dialog.yes');
		operator.after(11, operator.answer(answer));
		expect(operator.run.outcome).toMatchObject({kind, text: expect.stringContaining(text)});
	});
});

describe('Patroni restarted, paused first', () => {
	function confirmed(): Operator {
		const operator = on('pgdb2').choose('service patroni').focus('pauseFirst').press('dialog.right');
		return operator.focus('cancel').press('dialog.yes');
	}

	const paused = (operator: Operator) => [
		operator.configured({pause: true}),
		operator.member('pgdb1', {pause: true}),
		operator.member('pgdb2', {pause: true}),
	];

	it('is sent once, when every member has applied the pause', () => {
		const operator = confirmed();
		const [written, first, second] = paused(operator);
		operator.after(11, operator.answer(accepted('')), written as never);
		operator.after(12, first as never);
		expect(operator.sent).toMatchObject([{via: 'rest', body: '{"pause":true}'}]);
		operator
			.after(13, second as never)
			.after(14)
			.after(15, ...paused(operator));
		expect(operator.sent).toMatchObject([
			{via: 'rest'},
			{via: 'ssh', command: 'sudo -n systemctl restart patroni.service'},
		]);
		operator.after(16, operator.answer({kind: 'ended', code: 0, text: ''}));
		operator.after(18, unitsFact('pgdb2', all, {service: 'patroni', invocationId: 'another'}));
		expect(operator.run.outcome?.kind).toBe('done');
		expect(operator.sent).toHaveLength(2);
	});

	it('is not sent if the leader has changed', () => {
		const operator = confirmed();
		operator.after(11, operator.leads('pgdb2')).after(12, ...paused(operator));
		expect(operator.sent).toHaveLength(1);
		expect(operator.run.outcome).toMatchObject({
			kind: 'failed',
			text: expect.stringContaining('only the pause was sent'),
		});
	});

	it('is not sent if the cluster was resumed before all members had applied the pause', () => {
		const operator = confirmed();
		const [written, first, second] = paused(operator);
		operator.after(11, written as never, first as never);
		operator.after(12, operator.configured({pause: false})).after(13, second as never);
		expect(operator.sent).toHaveLength(1);
		expect(operator.run.outcome).toMatchObject({
			kind: 'failed',
			text: expect.stringContaining('resumed meanwhile'),
		});
	});

	it('is not sent later: an unknown pause ends it', () => {
		const operator = confirmed();
		operator.after(11, operator.answer({kind: 'lost', reason: 'no answer in time'}));
		expect(operator.run.outcome).toMatchObject({
			kind: 'failed',
			text: expect.stringContaining('still watching for the result'),
		});
		operator.after(100, ...paused(operator));
		expect(operator.sent).toHaveLength(1);
	});

	it('is not sent after a refusal', () => {
		const operator = confirmed();
		operator.after(11, operator.answer({kind: 'answered', status: 401, text: 'not authenticated'}));
		operator.after(12, ...paused(operator));
		expect(operator.sent).toHaveLength(1);
		expect(operator.run.outcome?.kind).toBe('refused');
	});
});

describe('a machine', () => {
	const sources = [
		'vip:pgdb1',
		'units:pgdb1',
		'patroni:pgdb1',
		'etcd:http://10.73.0.160:2379',
	] as const satisfies SourceId[];

	it('that is powered off is done when no source of it answers, another member leads and the VIP has moved', () => {
		const operator = on('pgdb1').choose('poweroff').types('pgdb1').focus('name').press('dialog.enter');
		expect(operator.sent).toMatchObject([{command: 'sudo -n systemctl poweroff'}]);
		operator.after(11, operator.answer({kind: 'ended', code: undefined, text: ''}));
		operator.blind(...sources.slice(0, 3)).after(12, operator.gone('leader'));
		expect(operator.steps.down).toBeUndefined();
		operator.blind(...sources).after(13, operator.leads('pgdb2'));
		operator.after(14, {
			type: 'addresses.added',
			source: 'vip:pgdb2',
			node: 'pgdb2',
			address: {ip: '10.73.0.172', interface: 'host0'},
		});
		expect(operator.steps).toEqual({down: 2, taken: 3, vip: 4});
		expect(operator.run.outcome?.kind).toBe('done');
	});

	it('that is rebooted is done when all of its sources answer again', () => {
		const operator = on('pgdb2').choose('reboot').types('pgdb2').focus('name').press('dialog.enter');
		const own = ['vip:pgdb2', 'units:pgdb2', 'patroni:pgdb2', 'etcd:http://10.73.0.170:2379'] as const;
		operator.after(11, operator.answer({kind: 'ended', code: undefined, text: ''}));
		operator.blind(...own).after(15);
		expect(operator.steps).toEqual({down: 1, back: undefined, streams: undefined});
		operator.seesAgain(...own).after(30, operator.says('pgdb2', {}));
		expect(operator.run).toMatchObject({watched: false, outcome: {kind: 'done'}});
	});
});

describe('a power off', () => {
	it('is not seen in a silence that is of this console', () => {
		const operator = on('pgdb2').choose('poweroff').types('pgdb2').press('dialog.enter');
		operator.at(20, {type: 'console.stalled', milliseconds: 9500});
		expect(operator.steps.down).toBeUndefined();
		expect(operator.run.outcome).toBeUndefined();
		const sources = [
			'vip:pgdb2',
			'units:pgdb2',
			'patroni:pgdb2',
			'haproxy:pgdb2',
			`etcd:${endpoints.find(one => one.includes('10.73.0.170')) ?? ''}`,
		] as const;
		operator
			.after(20)
			.blind(...sources)
			.after(21);
		expect(operator.run.outcome?.text).toMatch(/^nothing on pgdb2 answers any more after 1[01]\.\d s$/);
	});
});

describe('the audit record', () => {
	it('has the leader, the preconditions, the requests, the steps and the reason', () => {
		const operator = on('pgdb2').press('operation.restart').focus('reason').types(' window 4711 ');
		operator.focus('cancel').press('dialog.yes');
		operator.after(13, operator.says('pgdb2', after));
		const records = operator.effects.flatMap(effect => (effect.type === 'audit' ? [effect.record] : []));
		expect(records[0]).toMatchObject({
			version: 1,
			at: '2026-11-23T00:00:10.000Z',
			operation_id: '2026-11-23T00:00:10.000Z/1',
			phase: 'confirmed',
			scope: 'postgres-cluster',
			what: 'restart PostgreSQL on pgdb2',
			reason: 'window 4711',
			requests: ['POST http://10.73.0.170:8008/restart', '{"role":"replica"}'],
			leader: 'pgdb1',
			leader_revision: 11,
		});
		expect(records[0]?.checks.length).toBeGreaterThan(4);
		expect(records[1]).toMatchObject({
			operation_id: '2026-11-23T00:00:10.000Z/1',
			phase: 'outcome',
			outcome: {kind: 'done', text: 'a new postmaster runs after 3.0 s'},
			steps: expect.arrayContaining([
				{text: 'a new postmaster runs', at: '2026-11-23T00:00:13.000Z', after_ms: 3000},
			]),
		});
	});
});

describe('a change of the configuration', () => {
	const edited = (operator: Operator) =>
		operator
			.at(10, {
				type: 'config.edited',
				revision: operator.state.cluster.keys.get('config')?.modRevision,
				patch: {postgresql: {parameters: {max_connections: 120}}},
				difference: ['-max_connections: 100', '+max_connections: 120'],
			})
			.press('dialog.yes');
	const restartLine = ({state, run}: Operator) =>
		operationPane(state, run.id)
			.lines.map(line => line.map(({text}) => text).join(''))
			.find(text => text.startsWith('restart '));
	/** The answer of a loop that has read etcd that many seconds after the start. */
	const read = (operator: Operator, name: string, seconds: number, answered: number) => {
		const changed = {dcsLastSeen: start / 1000 + seconds, serverTime: start + answered * 1000};
		return {...operator.says(name, changed), tookMs: 50};
	};

	it('is not done, and no restart is called needless, before each member has read it', () => {
		const operator = edited(on('pgdb1'));
		const {value} = operator.state.cluster.keys.get('config') ?? {};
		if (value?.kind !== 'config') {
			throw new Error('no configuration');
		}

		operator.after(11, operator.put('config', value), operator.answer(accepted('{}')));
		operator.after(12, read(operator, 'pgdb1', 9, 12), read(operator, 'pgdb2', 9, 12));
		expect(operator.steps).toEqual({written: 1});
		expect(operator.run.outcome).toBeUndefined();
		expect(restartLine(operator)).toBeUndefined();
		operator.after(18, read(operator, 'pgdb1', 15, 18));
		expect(operator.run.outcome).toBeUndefined();
		operator.after(
			22,
			read(operator, 'pgdb2', 19, 22),
			operator.member('pgdb2', {
				pendingRestart: true,
				pendingRestartReason: {max_connections: ['100', '120']},
			}),
		);
		expect(operator.steps).toEqual({written: 1, 'read pgdb1': 8, 'read pgdb2': 12});
		expect(operator.run.outcome?.kind).toBe('done');
		expect(restartLine(operator)).toBe('restart   pending on pgdb2 (max_connections 100 → 120)');
	});
});
