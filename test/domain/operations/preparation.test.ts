/** A CHECKPOINT and a wait before a switchover: off at first, each request once, and never sent on what is not known. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Transaction} from '../../../source/domain/cluster/postgres.ts';
import type {Event, Fact, Reported} from '../../../source/domain/events.ts';
import {holdersOf, waitLines} from '../../../source/domain/operations/preparation.ts';
import type {Target} from '../../../source/domain/target.ts';
import {fields} from '../../../source/state/update/dialog.ts';
import {ownOperations} from '../../../source/state/update/operations.ts';
import {operationPane} from '../../../source/state/view/operations.ts';
import {statusNotice} from '../../../source/state/view/verdict.ts';
import {Operator} from '../../support/operator.ts';
import {confirmed, target} from '../../support/session.ts';
import {sqlFacts, sqlStatus, sqlTarget, statusFact} from '../../support/sql-facts.ts';

const transaction: Transaction = {
	pid: 4711,
	user: 'app',
	application: 'wiki',
	address: '10.73.0.9',
	state: 'active',
	ageMs: 120_000,
};
const says = (...transactions: readonly Transaction[]): Fact =>
	statusFact('pgdb1', sqlStatus('primary', {transactions}));
const accepted: Reported = {kind: 'answered', status: 200, text: 'Successfully switched over to "pgdb2"'};
const checkpointed: Reported = {kind: 'sql', error: undefined, tookMs: 2300};

/** Only facts of this test say what runs: an answer that is repeated would be older than it looks. */
class SqlOperator extends Operator {
	protected override repeats(source: string): boolean {
		return !source.startsWith('sql:');
	}
}

function asking(scene: Target = sqlTarget): SqlOperator {
	const operator = new SqlOperator('trixie', scene);
	return operator
		.after(10, ...sqlFacts())
		.select('pgdb2')
		.press('operation.switchover');
}

const withCheckpoint = (operator = asking()) => operator.focus('checkpoint').press('dialog.right');
/** For transactions older than a minute, at most five. */
const withWait = (operator = asking()) => operator.focus('waitOlder').press('dialog.right', 'dialog.right');

function confirm(operator: SqlOperator): SqlOperator {
	return operator.focus('send').press('dialog.enter');
}

/** Time passes, and the leader says this each two seconds. */
function passes(operator: SqlOperator, from: number, to: number, fact: Fact): SqlOperator {
	for (let second = from; second <= to; second += 2) {
		operator.after(second, fact);
	}

	return operator;
}

const vias = (operator: Operator) => operator.sent.map(({via}) => via);

describe('the question', () => {
	it('has both fields, off, and asks for one request', () => {
		const operator = asking();
		expect(fields(operator.dialog, operator.state)).toEqual(
			expect.arrayContaining(['checkpoint', 'waitOlder']),
		);
		expect(operator.dialog.operation).toEqual({
			kind: 'switchover',
			leader: 'pgdb1',
			candidate: 'pgdb2',
			at: undefined,
		});
		expect(operator.dialog.requests.map(({via}) => via)).toEqual(['rest']);
	});

	it.each<[string, () => Operator]>([
		['without a monitor', () => asking(target)],
		[
			'while SQL does not answer',
			() => {
				const operator = asking();
				return operator.blind('sql:pgdb1');
			},
		],
		['of a later time', () => asking().focus('when').types('+10m')],
		['of a drill', () => asking().press('dismiss').choose('drill switchover')],
	])('has neither %s', (_, ask) => {
		const operator = ask();
		expect(fields(operator.dialog, operator.state).filter(field => /^(checkpoint|wait)/.test(field))).toEqual(
			[],
		);
	});

	it('offers a CHECKPOINT only to who may', () => {
		const operator = asking().after(11, statusFact('pgdb1', sqlStatus('primary', {mayCheckpoint: false})));
		expect(fields(operator.dialog, operator.state)).not.toContain('checkpoint');
		expect(fields(operator.dialog, operator.state)).toContain('waitOlder');
	});

	it('shows the statement, where and as whom', () => {
		const [request] = withCheckpoint().dialog.requests;
		expect(request).toEqual({
			via: 'sql',
			to: 'pgdb1',
			host: '10.73.0.160',
			port: 5432,
			user: 'monitor',
			database: 'postgres',
			statement: 'CHECKPOINT',
		});
	});

	it('drops both for a later time', () => {
		const operator = withWait(withCheckpoint()).focus('when').types('+10m');
		expect(operator.dialog.requests.map(({via}) => via)).toEqual(['rest']);
		confirm(operator);
		expect(vias(operator)).toEqual(['rest']);
	});

	it('says in a dry run what it would wait for and send', () => {
		const operator = confirm(withWait(withCheckpoint(asking({...sqlTarget, operations: 'dry-run'}))));
		expect(operator.state.view.notice?.text).toMatch(
			/^dry run, nothing was sent: wait until no transaction on pgdb1 is older than 1 min, at most 5 min; .* CHECKPOINT by SQL on 10\.73\.0\.160:5432 \(user monitor, database postgres\) POST /,
		);
		expect(operator.after(12, says()).sent).toEqual([]);
	});
});

describe('a CHECKPOINT', () => {
	it('is sent first and once, and the switchover after its answer', () => {
		const operator = confirm(withCheckpoint());
		expect(vias(operator)).toEqual(['sql']);
		operator.after(11).after(12, says());
		expect(vias(operator)).toEqual(['sql']);
		operator.after(13, operator.answer(checkpointed));
		expect(vias(operator)).toEqual(['sql', 'rest']);
		expect(operator.audit).toEqual(['confirmed', 'sending']);
		operator.after(14, operator.gone('leader')).after(15, operator.leads('pgdb2'));
		operator.after(
			16,
			operator.says('pgdb2', {role: 'primary', timeline: 2, replicationState: undefined}),
			operator.answer(accepted),
		);
		expect(operator.run.outcome?.kind).toBe('done');
		// The time is that of the switchover, which was sent after three seconds.
		const [line = []] = operationPane(operator.state, operator.run.id).lines;
		expect(line.map(({text}) => text).join('')).toMatch(/after 3\.0 s/);
		expect(vias(operator)).toEqual(['sql', 'rest']);
	});

	it.each<[string, Reported, RegExp]>([
		[
			'the server refuses',
			{kind: 'sql', error: 'permission denied', tookMs: 3},
			/the CHECKPOINT failed: permission denied$/,
		],
		[
			'cannot be sent',
			{kind: 'unsent', reason: 'connection refused'},
			/the CHECKPOINT was not sent: connection refused$/,
		],
		[
			'has no answer',
			{kind: 'lost', reason: 'no answer in time'},
			/it is not known whether the CHECKPOINT was done/,
		],
	])('that %s keeps the switchover from being sent', (_, answer, expected) => {
		const operator = confirm(withCheckpoint());
		operator.after(12, operator.answer(answer)).after(14, says()).after(100);
		expect(operator.run.outcome).toMatchObject({kind: 'failed', text: expect.stringMatching(expected)});
		expect(operator.run.outcome?.text).toMatch(/^the switchover was not sent: /);
		expect(vias(operator)).toEqual(['sql']);
		expect(operator.audit).toEqual(['confirmed', 'outcome failed']);
	});

	it('that takes minutes is waited for', () => {
		const operator = confirm(withCheckpoint());
		operator.after(250);
		expect(operator.run.outcome).toBeUndefined();
		operator.after(251, operator.answer(checkpointed));
		expect(vias(operator)).toEqual(['sql', 'rest']);
		operator.after(255);
		expect(operator.run.outcome).toBeUndefined();
	});

	it('during which another takes the leader key is the last thing that is sent', () => {
		const operator = confirm(withCheckpoint());
		operator.after(12, operator.leads('pgdb2')).after(13, operator.answer(checkpointed));
		expect(operator.run.outcome).toMatchObject({
			kind: 'failed',
			text: 'only the CHECKPOINT was sent: the leader is pgdb2 now, it was pgdb1',
		});
		expect(vias(operator)).toEqual(['sql']);
	});
});

describe('a wait for old transactions', () => {
	it('ends with them, and ends no session', () => {
		const operator = confirm(withWait(asking().after(11, says(transaction))));
		expect(operator.sent).toEqual([]);
		passes(operator, 12, 40, says(transaction));
		expect(operator.sent).toEqual([]);
		expect(waitLines(operator.run, operator.state)).toEqual([
			'pid 4711, wiki, user app, from 10.73.0.9, active, began 2m ago',
			'at most 4m 30s more; then nothing is sent',
		]);
		operator.after(42, says({...transaction, ageMs: 20_000}));
		expect(vias(operator)).toEqual(['rest']);
		expect(operator.steps.waited).toBe(31);
		expect(operator.audit).toEqual(['confirmed', 'sending']);
	});

	it('continues while a session that holds it up is ended', () => {
		const operator = confirm(withWait(asking().after(11, says(transaction))));
		const client = 'wiki (app from 10.73.0.9)';
		confirmed(
			operator,
			{kind: 'session.end', member: 'pgdb1', pid: 4711, startedAt: '2026-11-22', client},
			12,
		);
		operator.after(13, says());
		expect(vias(operator)).toEqual(['rest']);
	});

	it('is over at once if none is old', () => {
		const operator = confirm(withWait());
		expect(vias(operator)).toEqual(['rest']);
		expect(operator.audit).toEqual(['confirmed', 'sending']);
	});

	it('does not take silence for the end', () => {
		const operator = confirm(withWait(asking().after(11, says(transaction))));
		operator.blind('sql:pgdb1').after(20).after(60);
		expect(operator.sent).toEqual([]);
		expect(waitLines(operator.run, operator.state)[0]).toBe(
			'not known which transactions run (SQL to pgdb1: no answer in time)',
		);
		operator.after(312);
		expect(operator.run.outcome).toMatchObject({
			kind: 'failed',
			text: 'nothing was sent: 5 min are over, and it is not known which transactions run on pgdb1 (SQL to pgdb1: no answer in time)',
		});
	});

	it('counts the time since the last answer as age', () => {
		const asked = withWait(asking().after(11, says({...transaction, ageMs: 58_000})));
		const operator = confirm(asked.after(14));
		expect(operator.sent).toEqual([]);
		expect(holdersOf(operator.run, operator.state)).toMatchObject({value: [{ageMs: 61_000}]});
	});

	it('that is over sends nothing, and says who held it up', () => {
		const operator = confirm(withWait(asking().after(11, says(transaction))));
		passes(operator, 12, 314, says(transaction));
		expect(operator.run.outcome).toMatchObject({
			kind: 'failed',
			text: expect.stringMatching(
				/^nothing was sent: 5 min are over, and pgdb1 still has a transaction older than 1 min: pid 4711, wiki/,
			),
		});
		operator.after(316, says());
		expect(operator.sent).toEqual([]);
		expect(operator.audit).toEqual(['confirmed', 'outcome failed', 'complete failed']);
	});

	it('can be cancelled, and sends nothing then', () => {
		const operator = confirm(withWait(asking().after(11, says(transaction))));
		operator.after(20, says(transaction)).press('run.cancel');
		expect(operator.run.outcome).toMatchObject({
			kind: 'failed',
			text: 'nothing was sent: cancelled by the operator',
		});
		operator.after(22, says());
		expect(operator.sent).toEqual([]);
		expect(operator.run.watched).toBe(false);
		expect(operator.audit).toEqual(['confirmed', 'outcome failed', 'complete failed']);
	});

	it('cannot be cancelled once it is sent', () => {
		const operator = confirm(asking());
		operator.press('run.cancel');
		expect(operator.run.outcome).toBeUndefined();
		expect(operator.state.view.notice?.text).toBe('nothing waits here: what was sent cannot be cancelled');
	});

	it.each<[string, (operator: Operator) => readonly Event[], RegExp]>([
		['another leads', o => [o.leads('pgdb2')], /^nothing was sent: the leader is pgdb2 now, it was pgdb1$/],
		[
			'the leader took its key again',
			o => [o.leads('pgdb1')],
			/^nothing was sent: pgdb1 took the leader key again/,
		],
		[
			'the candidate may not take over',
			o => [o.member('pgdb2', {tags: {nofailover: 'true'}}), says()],
			/^nothing was sent: pgdb2 is tagged nofailover/,
		],
		[
			'the address of REST is another one',
			o => [o.member('pgdb1', {apiUrl: 'http://10.73.0.160:9008/patroni'}), says()],
			/^nothing was sent: the request has changed since$/,
		],
	])('ends without the switchover when %s', (_, change, expected) => {
		const operator = confirm(withWait(asking().after(11, says(transaction))));
		operator.after(14, says(transaction)).after(15, ...change(operator));
		expect(operator.run.outcome).toMatchObject({kind: 'failed', text: expect.stringMatching(expected)});
		expect(operator.after(17, says()).sent).toEqual([]);
	});

	it('is repeated after the CHECKPOINT, whose time is added', () => {
		const operator = confirm(withCheckpoint(withWait(asking().after(11, says(transaction)))));
		passes(operator, 12, 14, says(transaction));
		operator.after(16, says());
		expect(vias(operator)).toEqual(['sql']);
		operator.after(20, says(transaction), operator.answer({...checkpointed, tookMs: 4000}));
		expect(vias(operator)).toEqual(['sql']);
		// It waits again: the step is not done.
		expect(operator.steps).toMatchObject({waited: undefined, checkpoint: 9});
		operator.after(22, says());
		expect(vias(operator)).toEqual(['sql', 'rest']);
		expect(operator.steps.waited).toBe(11);
		expect(operator.audit).toEqual(['confirmed', 'sending', 'sending']);
	});

	it('explains no finding, and quitting says what becomes of it', () => {
		const operator = confirm(withWait(asking().after(11, says(transaction))));
		expect(ownOperations(operator.state)).toEqual([]);
		operator.press('quit');
		expect(statusNotice(operator.state)?.text).toMatch(
			/^press again to quit: then nothing more is sent \(switchover pgdb1 → pgdb2, wait first\)$/,
		);
	});

	/** Whatever happens: no request unless the transactions were known, none was old, and the same leader led. */
	it('sends only on what is known at that moment', () => {
		const step = fc.oneof(
			fc.record({kind: fc.constant('says' as const), ages: fc.array(fc.nat(150_000), {maxLength: 3})}),
			fc.record({
				kind: fc.constantFrom('silence' as const, 'lost' as const, 'leader' as const, 'cancel' as const),
			}),
		);
		fc.assert(
			fc.property(
				fc.array(fc.tuple(step, fc.integer({min: 1, max: 60})), {minLength: 1, maxLength: 12}),
				fc.boolean(),
				(steps, checkpoint) => {
					const asked = withWait(asking().after(11, says(transaction)));
					const operator = confirm(checkpoint ? withCheckpoint(asked) : asked);
					let seconds = 11;
					let led = true;
					for (const [one, pause] of steps) {
						const before = operator.sent.length;
						const wasOpen = operator.run.outcome === undefined;
						seconds += pause;
						const facts: Event[] =
							one.kind === 'says'
								? [says(...one.ages.map(ageMs => ({...transaction, ageMs})))]
								: one.kind === 'lost'
									? [{type: 'source.lost', source: 'sql:pgdb1', reason: 'no answer in time'}]
									: one.kind === 'leader'
										? [operator.leads('pgdb1')]
										: [];
						led &&= one.kind !== 'leader';
						operator.after(seconds, ...facts);
						if (one.kind === 'cancel') {
							operator.press('run.cancel');
						}

						const sent = operator.sent.slice(before);
						if (sent.length > 0) {
							expect(wasOpen && led && one.kind === 'says').toBe(true);
							expect(one.kind === 'says' && one.ages.every(age => age < 60_000)).toBe(true);
							expect(seconds - 11).toBeLessThanOrEqual(300);
							if (sent.some(({via}) => via === 'sql')) {
								operator.after(seconds, operator.answer(checkpointed));
							}
						}
					}

					expect(operator.sent.filter(({via}) => via === 'rest').length).toBeLessThanOrEqual(1);
				},
			),
			{numRuns: 60},
		);
	});
});
