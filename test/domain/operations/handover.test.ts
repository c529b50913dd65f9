/** Switchover and failover after the confirmation: steps by the sources, and outcomes. */
import {describe, expect, it} from 'vitest';
import type {Reported} from '../../../source/domain/events.ts';
import {operationLine, operationPane} from '../../../source/state/view/operations.ts';
import {statusNotice} from '../../../source/state/view/verdict.ts';
import {haproxyFact} from '../../support/captures.ts';
import {Operator} from '../../support/operator.ts';
import {target} from '../../support/session.ts';

const ok = {kind: 'answered', status: 200, text: 'Successfully switched over to "pgdb2"'} as const;

/** A switchover from pgdb1 to pgdb2 that was confirmed ten seconds after the start. */
function confirmed(scene = target): Operator {
	const operator = new Operator('trixie', scene).after(10);
	return operator.select('pgdb2').press('operation.switchover', 'dialog.yes');
}

function asked(operator: Operator) {
	return operator.put('failover', {
		kind: 'failover',
		leader: 'pgdb1',
		candidate: 'pgdb2',
		scheduledAt: undefined,
	});
}

/** The leader key moves to pgdb2, whose REST API confirms it. */
function taken(operator: Operator, seconds: number): Operator {
	return operator
		.after(seconds, operator.gone('leader'), operator.gone('failover'))
		.after(seconds + 1, operator.leads('pgdb2'))
		.after(seconds + 2, operator.says('pgdb2', {role: 'primary', timeline: 2, replicationState: undefined}));
}

describe('a switchover', () => {
	it('is confirmed by the sources, each step with its time', () => {
		const operator = confirmed({...target, probe: {host: '10.73.0.172', ports: {write: 5000}, write: true}});
		operator.after(11, asked(operator));
		operator.after(12, operator.says('pgdb1', {state: 'stopping'}));
		taken(operator, 13);
		expect(operator.run.outcome).toMatchObject({kind: 'done', text: 'pgdb2 leads after 5.0 s'});
		operator.after(16, operator.answer(ok), haproxyFact('trixie', 'pgdb1', 'pgdb2'));
		operator.after(17, haproxyFact('trixie', 'pgdb2', 'pgdb2'));
		operator.after(18, {
			type: 'probe.answered',
			source: 'probe:5000',
			port: 5000,
			purpose: 'write',
			startedAt: operator.state.now,
			server: '10.73.0.170:5432',
			inRecovery: false,
			latency: 3,
			write: true,
		});
		operator.after(
			20,
			operator.member('pgdb2', {role: 'primary', timeline: 2}),
			operator.member('pgdb1', {role: 'replica', timeline: 2, replicationState: 'streaming'}),
			operator.says('pgdb1', {role: 'replica', timeline: 2, replicationState: 'streaming'}),
		);
		// Its own report is not enough if the new leader is fresh and does not list it.
		expect(operator.steps.follows).toBeUndefined();
		operator.after(
			20,
			operator.says('pgdb2', {
				role: 'primary',
				timeline: 2,
				replicationState: undefined,
				replication: [
					{
						application: 'pgdb1',
						user: 'replicator',
						address: '10.73.0.160',
						state: 'streaming',
						syncState: 'async',
					},
				],
			}),
		);
		expect(operator.audit).not.toContain('complete done');
		operator.after(21, operator.put('sync', {kind: 'sync', leader: 'pgdb2', standbys: ['pgdb1'], quorum: 0}));
		expect(operator.steps).toEqual({
			asked: 1,
			stopping: 2,
			released: 3,
			taken: 4,
			writable: 5,
			'routes pgdb1': 6,
			'routes pgdb2': 7,
			path: 8,
			follows: 10,
			sync: 11,
		});
		expect(operator.run.watched).toBe(false);
		expect(operator.audit).toEqual(['confirmed', 'outcome done', 'complete done']);
		expect(operator.sent).toHaveLength(1);
	});

	it('is called done once clients reach the new leader, and first of all shows how long they could not write', () => {
		const operator = confirmed({...target, probe: {host: '10.73.0.172', ports: {write: 5000}, write: true}});
		const probe = {source: 'probe:5000', port: 5000, purpose: 'write', startedAt: 0} as const;
		const answered = (server: string) =>
			({type: 'probe.answered', ...probe, server, inRecovery: false, latency: 3, write: true}) as const;
		operator.after(10, answered('10.73.0.160:5432'));
		const words = () => {
			const [line = []] = operationPane(operator.state, operator.run.id).lines;
			return line.map(({text}) => text).join('');
		};
		operator.after(11, asked(operator), {type: 'probe.failed', ...probe, reason: 'connection refused'});
		expect(words()).toBe('RUNNING for 1s, confirmed at 00:00:10');
		taken(operator, 12);
		expect(operator.run.outcome?.kind).toBe('done');
		expect(words()).toBe(
			'pgdb2 LEADS after 4.0 s; clients not yet: HAProxy on pgdb1, HAProxy on pgdb2, VIP:5000',
		);
		expect(operationLine(operator.state)?.[0]?.text).toBe('pgdb2 LEADS');
		operator.after(15, haproxyFact('trixie', 'pgdb1', 'pgdb2'));
		expect(words()).toContain('clients not yet: HAProxy on pgdb2, VIP:5000');
		operator.after(16, answered('10.73.0.170:5432'));
		// The time beside DONE is that of the step that made it done, and the steps below show the same.
		expect(words()).toBe('DONE writes stopped for 6.00 s; VIP:5000 answers from pgdb2 after 6.0 s');
		expect(operator.steps.path).toBe(6);
		const entries = operator.state.timeline.filter(({kind}) => kind === 'operation').map(({text}) => text);
		expect(entries).toEqual([
			'operation confirmed: switchover pgdb1 → pgdb2',
			'switchover pgdb1 → pgdb2: pgdb2 leads after 4.0 s',
			'switchover pgdb1 → pgdb2: done, VIP:5000 answers from pgdb2 after 6.0 s',
		]);
	});

	it("is not done by Patroni's answer, only by the sources", () => {
		const operator = confirmed();
		operator.after(11, asked(operator), operator.answer(ok));
		expect(operator.run.outcome).toBeUndefined();
		operator.after(72);
		expect(operator.run.outcome).toMatchObject({kind: 'unknown', text: expect.stringContaining('accepted')});
		taken(operator, 80);
		expect(operator.run.outcome?.kind).toBe('done');
		expect(operator.audit).toEqual(['confirmed', 'outcome unknown', 'outcome done']);
	});

	it('is done elsewhere when a third member leads', () => {
		const operator = confirmed();
		operator.after(12, operator.gone('leader')).after(13, operator.leads('pgdb3'));
		expect(operator.run.outcome).toMatchObject({kind: 'elsewhere', text: 'pgdb3 leads, not pgdb2'});
	});

	it('does not mistake a new key of the same leader for another leader', () => {
		const operator = confirmed();
		operator.after(12, operator.gone('leader')).after(13, operator.leads('pgdb1'));
		expect(operator.run.outcome).toBeUndefined();
		expect(operator.steps.taken).toBeUndefined();
	});

	it("is refused with Patroni's answer and its meaning", () => {
		const operator = confirmed();
		operator.after(
			11,
			operator.answer({
				kind: 'answered',
				status: 412,
				text: 'candidate name does not match with sync_standby',
			}),
		);
		expect(operator.run.outcome).toMatchObject({
			kind: 'refused',
			text: expect.stringMatching(/^412 "candidate name .*": only a synchronous standby may take over/),
		});
		expect(operator.run.watched).toBe(false);
		expect(operator.audit).toEqual(['confirmed', 'outcome refused']);
	});

	it('fails if nothing was sent', () => {
		const operator = confirmed();
		operator.after(11, operator.answer({kind: 'unsent', reason: 'connection refused'}));
		expect(operator.run.outcome).toMatchObject({
			kind: 'failed',
			text: 'nothing was sent: connection refused',
		});
	});

	describe.each<[string, Reported]>([
		['a 503', {kind: 'answered', status: 503, text: 'Switchover status unknown'}],
		['a bare failure', {kind: 'answered', status: 503, text: 'Switchover failed'}],
		['a timeout', {kind: 'lost', reason: 'no answer in time'}],
		['a closed connection', {kind: 'lost', reason: 'connection closed'}],
	])('after %s', (_, answer) => {
		function unclear(): Operator {
			const operator = confirmed();
			operator.after(11, asked(operator)).after(15, operator.answer(answer));
			expect(operator.run.outcome?.kind).toBe('unknown');
			return operator;
		}

		it('is unknown, and settles to done', () => {
			const operator = taken(unclear(), 20);
			expect(operator.run.outcome?.kind).toBe('done');
			expect(operator.sent).toHaveLength(1);
		});

		it('settles to elsewhere', () => {
			const operator = unclear();
			operator.after(20, operator.gone('leader')).after(21, operator.leads('pgdb3'));
			expect(operator.run.outcome?.kind).toBe('elsewhere');
		});

		it('settles to failed once the request is gone and the leader is the same, and not before', () => {
			const operator = unclear().after(40);
			expect(operator.run.outcome?.kind).toBe('unknown');
			operator.after(41, operator.gone('failover'));
			expect(operator.run.outcome).toMatchObject({kind: 'failed', text: expect.stringContaining('pgdb1')});
			expect(operator.sent).toHaveLength(1);
		});

		it('changes from failed to done if it was only slow', () => {
			const operator = unclear().after(41);
			operator.after(42, operator.gone('failover')).press('dismiss');
			expect(operator.run.outcome?.kind).toBe('failed');
			taken(operator, 60);
			expect(operator.run.outcome).toMatchObject({
				kind: 'done',
				text: expect.stringMatching(/^pgdb2 leads after \d+\.\d s, later than expected$/),
			});
			expect(operator.audit).toEqual(['confirmed', 'outcome unknown', 'outcome failed', 'outcome done']);
			expect(operator.sent).toHaveLength(1);
		});

		it('stays failed after two minutes, or once another operation is confirmed', () => {
			const failed = () => {
				const operator = unclear().after(41);
				return operator.after(42, operator.gone('failover')).press('dismiss');
			};
			expect(taken(failed().after(170), 180).run.outcome?.kind).toBe('failed');
			const operator = failed().press('operation.reload', 'dialog.yes').after(45);
			expect(taken(operator, 60).state.runs[0]).toMatchObject({watched: false, outcome: {kind: 'failed'}});
			expect(operator.audit).toContain('complete failed');
		});

		it('does not settle while etcd is lost', () => {
			const operator = unclear();
			operator.after(16, operator.gone('failover'));
			operator.blind(
				'dcs:http://10.73.0.160:2379',
				'dcs:http://10.73.0.170:2379',
				'dcs:http://10.73.0.171:2379',
			);
			expect(operator.after(60).run.outcome?.kind).toBe('unknown');
		});

		it('ends after ten minutes, and blocks no other operation', () => {
			const operator = unclear().after(30);
			operator.select('pgdb2').press('dismiss', 'operation.restart');
			expect(operator.checks.filter(({text}) => text.includes('switchover pgdb1'))).toMatchObject([
				{level: 'warning', text: expect.stringContaining('is not known')},
			]);
			operator.press('dismiss').after(616);
			expect(operator.run).toMatchObject({watched: false, outcome: {kind: 'unknown'}});
			expect(operator.audit).toEqual(['confirmed', 'outcome unknown', 'complete unknown']);
			operator.press('operation.restart');
			expect(operator.checks.map(({text}) => text).join()).not.toContain('is not known');
		});
	});

	it('without any report ends as unknown', () => {
		const operator = confirmed().after(309);
		expect(operator.run.outcome).toBeUndefined();
		expect(operator.after(311).run.outcome).toMatchObject({
			kind: 'unknown',
			text: expect.stringContaining('no answer'),
		});
	});

	it('that is left running is logged as left', () => {
		const operator = confirmed().press('quit');
		expect(operator.effects.map(({type}) => type)).not.toContain('quit');
		expect(statusNotice(operator.state)?.text).toContain('still running');
		operator.press('quit');
		expect(operator.audit).toEqual(['confirmed', 'left']);
		expect(operator.effects.at(-1)).toEqual({type: 'quit'});
	});
});

describe('a scheduled switchover', () => {
	function scheduled(): Operator {
		const operator = new Operator().after(10).select('pgdb2').press('operation.switchover');
		return operator.focus('when').types('+30m').focus('cancel').press('dialog.yes');
	}

	it('is done when etcd has the schedule, and has its own question to cancel it', () => {
		const operator = scheduled();
		expect(operator.sent).toMatchObject([{body: expect.stringContaining('2026-11-23T00:30:10.000Z')}]);
		const at = '2026-11-23T00:30:10+00:00';
		operator.after(
			12,
			operator.answer({kind: 'answered', status: 202, text: 'Switchover scheduled'}),
			operator.put('failover', {kind: 'failover', leader: 'pgdb1', candidate: 'pgdb2', scheduledAt: at}),
		);
		expect(operator.run.outcome?.kind).toBe('done');
		operator.press('dismiss').choose('switchover.cancel').press('dialog.yes');
		expect(operator.sent.at(-1)).toMatchObject({method: 'DELETE', body: undefined});
		expect(operator.run.outcome).toBeUndefined();
		operator.after(
			14,
			operator.put('failover', {
				kind: 'failover',
				leader: undefined,
				candidate: undefined,
				scheduledAt: undefined,
			}),
		);
		expect(operator.run.outcome?.kind).toBe('done');
		expect(operator.steps).toEqual({cancelled: 2});
	});

	it('does not mistake an earlier schedule for its own', () => {
		const operator = new Operator().after(9);
		operator.after(
			10,
			operator.put('failover', {
				kind: 'failover',
				leader: 'pgdb1',
				candidate: 'pgdb2',
				scheduledAt: '2026-11-24T00:00:00+00:00',
			}),
		);
		operator.select('pgdb2').press('operation.switchover').focus('when').types('+30m').focus('cancel');
		operator.press('dialog.yes').after(12);
		expect(operator.run.outcome).toBeUndefined();
	});
});
