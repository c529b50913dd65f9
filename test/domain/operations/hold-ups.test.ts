/** What holds up a handover: only after the usual time, from the last answers, each with its age. */
import {describe, expect, it} from 'vitest';
import type {SqlStatus} from '../../../source/domain/cluster/postgres.ts';
import type {Event} from '../../../source/domain/events.ts';
import {holdUps} from '../../../source/domain/operations/hold-ups.ts';
import {Operator} from '../../support/operator.ts';
import {
	detailsFact,
	sqlDetails,
	sqlFacts,
	sqlStatus,
	sqlTarget,
	statusFact,
} from '../../support/sql-facts.ts';
import {follows, patroniSaid} from '../../support/words.ts';

const receiver = {
	application: 'pg_receivewal',
	user: 'backup',
	address: '10.73.0.1',
	state: 'streaming',
	syncState: 'async',
	lag: 50 * 2 ** 20,
};
const {serverTime} = sqlStatus('primary');

class SqlOperator extends Operator {
	protected override repeats(source: string): boolean {
		return !source.startsWith('sql:');
	}
}

function running(changed: Partial<SqlStatus>, archiveBacklog = 0): SqlOperator {
	const operator = new SqlOperator('trixie', sqlTarget);
	operator
		.after(10, ...sqlFacts())
		.select('pgdb2')
		.press('operation.switchover', 'dialog.yes');
	return operator.after(
		12,
		statusFact('pgdb1', sqlStatus('primary', changed)),
		detailsFact('pgdb1', sqlDetails('primary', {archiveBacklog})),
	);
}

const said = (operator: Operator) => holdUps(operator.run, operator.state);

describe('a switchover that takes long', () => {
	it('says nothing in the usual time', () => {
		const operator = running({senders: [receiver]});
		expect(said(operator.after(19))).toEqual([]);
		expect(said(operator.after(21))).not.toEqual([]);
	});

	it('names the processes that are still there, while they are listed', () => {
		const operator = running({});
		const listedNow: Event = {
			type: 'processes.snapshot',
			source: 'processes:pgdb1',
			node: 'pgdb1',
			servers: [
				{
					pid: 7,
					isMembers: true,
					ageMs: 1000,
					state: 'primary',
					titles: [
						'checkpointer',
						'walsender backup 10.73.0.1(4711) streaming 0/5000060',
						'app app 10.73.0.1(5) idle',
					],
				},
			],
			tookMs: 10,
		};
		expect(said(operator.after(21, listedNow))).toEqual([
			'pgdb1: still there: a WAL sender (walsender backup 10.73.0.1(4711) streaming 0/5000060) (processes now)',
		]);
		expect(
			said(operator.after(22, {type: 'source.lost', source: 'processes:pgdb1', reason: 'no answer in time'})),
		).toEqual([]);
	});

	it.each<[string, Partial<SqlStatus>, number, string]>([
		['a receiver', {senders: [receiver]}, 0, 'WAL receivers behind: pg_receivewal at 10.73.0.1 50 MiB'],
		[
			'the archiver',
			{archiver: {lastAt: serverTime - 9000, failedAt: serverTime - 4000}},
			0,
			'archiving fails, last 4s before',
		],
		['the backlog', {archiver: {lastAt: serverTime}}, 31, '31 WAL files to archive'],
		[
			'the checkpoint',
			{checkpoint: {at: serverTime - 240_000, since: 3 * 2 ** 30}},
			0,
			'the checkpoint of its stop: 3 GiB of WAL since the last one, 4m before',
		],
	])('names %s, with the age of the answer', (_, changed, backlog, text) => {
		const operator = running(changed, backlog);
		operator.blind('sql:pgdb1').after(32);
		expect(said(operator)).toEqual([`pgdb1: ${text} (by SQL 20s ago; now: no answer in time)`]);
	});

	it('names WAL that the candidate must replay, also after it took the key', () => {
		const operator = running({});
		const replaying = () =>
			statusFact('pgdb2', sqlStatus('standby', {received: 80 * 2 ** 20, replayed: 30 * 2 ** 20}));
		operator.after(25, replaying());
		expect(said(operator)).toEqual(['pgdb2: 50 MiB of WAL to replay (by SQL now)']);
		operator.after(26, operator.gone('leader')).after(27, operator.leads('pgdb2'), replaying());
		expect(said(operator)).toEqual(['pgdb2: 50 MiB of WAL to replay (by SQL now)']);
	});

	it('says nothing of the stop once the key is released', () => {
		const operator = running({senders: [receiver]});
		operator.after(25, operator.gone('leader'));
		expect(said(operator)).toEqual([]);
	});

	it("has Patroni's last decision of both, each with its age", () => {
		const operator = running({});
		operator.after(
			21,
			patroniSaid('pgdb1', 20, 'switchover: demote in progress'),
			patroniSaid('pgdb2', 12, follows),
		);
		const decided = 'pgdb1: switchover: demote in progress';
		expect(said(operator)).toEqual([`${decided} (Patroni now)`, `pgdb2: ${follows} (Patroni now)`]);
		operator.after(24);
		expect(said(operator)).toEqual([`${decided} (Patroni now)`, `pgdb2: ${follows} (12s ago)`]);
		operator.blind('said:pgdb1').after(25);
		expect(said(operator)[0]).toBe(`${decided} (5s ago; now: no answer in time)`);
		operator.after(26, operator.gone('leader')).after(27, operator.leads('pgdb2'));
		expect(said(operator)).toEqual([`pgdb2: ${follows} (15s ago)`]);
	});

	it('says nothing where nothing is known, nor of an operation that hands nothing over', () => {
		expect(said(running({senders: undefined}).after(30))).toEqual([]);
		const restarted = new Operator('trixie', sqlTarget).after(10, ...sqlFacts()).select('pgdb1');
		restarted.press('operation.restart', 'dialog.yes');
		restarted.after(30, statusFact('pgdb1', sqlStatus('primary', {senders: [receiver]})));
		expect(said(restarted)).toEqual([]);
	});
});
