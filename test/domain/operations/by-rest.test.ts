/** Operations on a cluster that is followed by REST alone: what is checked, what is named as not checked, and the steps. */
import {describe, expect, it} from 'vitest';
import {asPrimary, dynamic, RestOperator, restTarget} from '../../support/rest-cluster.ts';

const on = (name: string) => new RestOperator().hear(2).select(name);
const words = ({checks}: RestOperator, level: string) =>
	checks.filter(check => check.level === level).map(({text}) => text);

/** pgdb1 stops, no member leads, pgdb2 leads on the next timeline. */
function handOver(operator: RestOperator): RestOperator {
	return operator
		.say(12, {}, {pgdb1: {...asPrimary('pgdb2'), state: 'stopping'}})
		.say(
			14,
			{pgdb1: {leader: undefined}, pgdb2: {leader: undefined}},
			{pgdb1: {role: 'replica', state: 'stopped'}},
		)
		.say(
			16,
			{pgdb1: {leader: 'pgdb2', timeline: 4}, pgdb2: {leader: 'pgdb2', timeline: 4}},
			{pgdb2: {...asPrimary(), timeline: 4}},
		)
		.say(
			24,
			{
				pgdb1: {leader: 'pgdb2', timeline: 4, sync: 'pgdb1'},
				pgdb2: {leader: 'pgdb2', timeline: 4, sync: 'pgdb1'},
			},
			{
				pgdb1: {timeline: 4, syncStandby: true, state: 'running'},
				pgdb2: {...asPrimary('pgdb1'), timeline: 4},
			},
		);
}

describe('a switchover', () => {
	it('says what it is based on, and names what is not checked', () => {
		const operator = on('pgdb2').press('operation.switchover');
		expect(words(operator, 'blocking')).toEqual([]);
		expect(words(operator, 'ok')).toContain('pgdb1 answers as leader, and reaches Consul; 2 of 2 name it');
		expect(words(operator, 'warning')).toEqual(
			expect.arrayContaining([
				"not checked: the quorum of Consul, and the leader key's lease (seen by REST alone)",
				'not checked: a switchover of another client that is under way (REST shows scheduled ones)',
			]),
		);
		expect(operator.checks.map(({text}) => text).join('\n')).not.toMatch(/etcd/);
	});

	it('is sent to the leader, and done when the members show it', () => {
		const operator = on('pgdb2').press('operation.switchover', 'dialog.yes');
		expect(operator.sent).toEqual([
			{
				via: 'rest',
				to: 'pgdb1',
				method: 'POST',
				url: 'http://10.73.0.160:8008/switchover',
				body: '{"leader":"pgdb1","candidate":"pgdb2"}',
			},
		]);
		handOver(operator);
		expect(operator.steps).toMatchObject({stopping: 10, released: 12, taken: 14, writable: 14, sync: 22});
		expect(operator.run.outcome).toMatchObject({kind: 'done'});
		expect(operator.run.steps.map(({text}) => text).join('\n')).not.toMatch(/etcd|leader key/);
	});

	it('is blocked while the leader is not known, with the reason', () => {
		const operator = on('pgdb2')
			.say(4, {}, {pgdb1: {role: 'replica'}})
			.press('operation.switchover');
		expect(words(operator, 'blocking')).toContain(
			'the leader is not known: the member that is named as leader does not confirm it',
		);
		operator.press('dialog.yes');
		expect(operator.sent).toEqual([]);
	});

	it('is not sent once another member leads', () => {
		const operator = on('pgdb2').press('operation.switchover');
		handOver(operator).press('dialog.yes');
		expect(operator.sent).toEqual([]);
	});

	it('does not say that it was not done where its answer is lost: members do not show the request', () => {
		const operator = on('pgdb2').press('operation.switchover', 'dialog.yes');
		operator.after(3, operator.answer({kind: 'lost', reason: 'no answer in time'}));
		for (let seconds = 4; seconds <= 60; seconds += 2) {
			operator.hear(seconds);
		}

		expect(operator.run.outcome).toMatchObject({kind: 'unknown'});
	});
});

describe('other operations', () => {
	it('pauses: done when the members say so', () => {
		const operator = on('pgdb1').press('operation.pause', 'dialog.yes');
		expect(operator.sent).toMatchObject([{method: 'PATCH', url: 'http://10.73.0.160:8008/config'}]);
		const paused = {leader: 'pgdb1', sync: 'pgdb2', pause: true, extras: {config: dynamic}};
		operator.say(
			6,
			{pgdb1: paused, pgdb2: paused},
			{pgdb1: {...asPrimary('pgdb2'), pause: true}, pgdb2: {syncStandby: true, pause: true}},
		);
		expect(operator.run.outcome).toMatchObject({kind: 'done'});
	});

	it('changes the configuration: done when GET /config shows it', () => {
		const operator = on('pgdb1');
		operator.after(3, {
			type: 'config.edited',
			revision: operator.state.cluster.keys.get('config')?.modRevision,
			patch: {ttl: 40},
			difference: ['-ttl: 30', '+ttl: 40'],
		});
		operator.press('dialog.yes');
		expect(operator.sent).toMatchObject([{method: 'PATCH', body: '{"ttl":40}'}]);
		const changed = {leader: 'pgdb1', sync: 'pgdb2', extras: {config: {...dynamic, ttl: 40}}};
		operator.say(6, {pgdb1: changed, pgdb2: changed});
		expect(operator.steps.written).toBe(3);
	});

	it('restarts a member of Patroni 3 as master', () => {
		const operator = new RestOperator();
		operator.answers = {
			pgdb1: {...asPrimary('pgdb2'), version: '3.0.2', role: 'master'},
			pgdb2: {version: '3.0.2'},
		};
		operator.hear(2).select('pgdb1').press('operation.restart');
		expect(operator.dialog.requests).toMatchObject([{body: '{"role":"master"}'}]);
	});

	it('cancels a scheduled switchover that the members show', () => {
		const operator = on('pgdb1');
		const scheduled = {at: '2026-11-24T02:00:00+00:00', from: 'pgdb1', to: 'pgdb2'};
		operator.say(4, {
			pgdb1: {leader: 'pgdb1', sync: 'pgdb2', scheduled},
			pgdb2: {leader: 'pgdb1', sync: 'pgdb2', scheduled},
		});
		operator.choose('cancel the scheduled switchover');
		expect(operator.state.cluster.keys.get('failover')?.value).toMatchObject({candidate: 'pgdb2'});
	});

	it('shows what a dry run would send', () => {
		const operator = new RestOperator({...restTarget, operations: 'dry-run'}).hear(2).select('pgdb2');
		operator.press('operation.switchover', 'dialog.yes');
		expect(operator.sent).toEqual([]);
	});
});
