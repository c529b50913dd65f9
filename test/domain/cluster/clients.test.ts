/** Who is back after a change of leader: counted on the old leader while it was the primary, and on the new one now. */
import {describe, expect, it} from 'vitest';
import {afterChangeOfLeader} from '../../../source/domain/cluster/clients.ts';
import {type Application, sqlRowsMax} from '../../../source/domain/cluster/postgres.ts';
import {sessionsPane} from '../../../source/state/view/sessions.ts';
import type {Operator} from '../../support/operator.ts';
import {start} from '../../support/session.ts';
import {monitoredOperator, statusOf} from '../../support/sessions.ts';

const web: Application = {application: 'shop-web', user: 'app', address: '10.73.0.21', sessions: 10};
const worker: Application = {application: 'shop-worker', user: 'app', address: '10.73.0.22', sessions: 3};
const reports: Application = {application: 'reports', user: 'bi', sessions: 1};

const led = () =>
	monitoredOperator().after(2, statusOf('pgdb1', [web, worker, reports]), statusOf('pgdb2', []));

const seen = ({state}: Operator) => afterChangeOfLeader(state.cluster, state.now);

const words = (operator: Operator) =>
	seen(operator)?.returning.map(({application, sessions, now, missing, fromElsewhere, onFormer}) =>
		[application, sessions, now, missing, fromElsewhere, onFormer].join(' '),
	);

/** pgdb2 leads, and has answered as the primary. */
function promoted(
	applications: readonly Application[] | undefined,
	former: readonly Application[] = [],
): Operator {
	const operator = led();
	return operator
		.after(10, operator.leads('pgdb2'))
		.after(
			12,
			statusOf('pgdb1', former, {inRecovery: true}),
			statusOf('pgdb2', applications, {inRecovery: false}),
		);
}

describe('clients after a change of leader', () => {
	it('are not compared without one', () => {
		expect(seen(led())).toBeUndefined();
	});

	it('are those that the old leader counted while it was the primary', () => {
		const operator = led().after(4, statusOf('pgdb1', [], {inRecovery: true}));
		operator.after(10, operator.leads('pgdb2'));
		expect(seen(operator)).toMatchObject({
			from: 'pgdb1',
			to: 'pgdb2',
			changedAt: start + 10_000,
			countedAt: start + 2000,
			returning: [web, worker, reports],
		});
	});

	it('are not known until the new leader has answered as primary', () => {
		const operator = led();
		operator.after(10, operator.leads('pgdb2'), statusOf('pgdb2', [web]));
		expect(seen(operator)?.whyUnknown).toBe('it has not answered as primary yet');
		expect(seen(operator)?.returning.map(({now, missing}) => [now, missing])).toEqual(
			Array(3).fill([undefined, 0]),
		);
	});

	it('are counted by application, user and address', () => {
		expect(
			words(
				promoted([
					{...web, sessions: 8},
					{...worker, sessions: 5},
				]),
			),
		).toEqual(['shop-web 10 8 2 0 0', 'shop-worker 3 5 0 0 0', 'reports 1 0 1 0 0']);
	});

	it('are back from another address by their number', () => {
		const operator = promoted([
			{...web, sessions: 4},
			{...web, address: '10.73.0.99', sessions: 5},
			{...reports, user: 'other'},
		]);
		expect(words(operator)).toEqual(['shop-web 10 4 1 5 0', 'shop-worker 3 0 3 0 0', 'reports 1 0 1 0 0']);
	});

	/** As many as are read, each of one session. */
	const fill = (...named: readonly Application[]): Application[] => [
		...named,
		...Array.from({length: sqlRowsMax - named.length}, (_, index) => ({
			...web,
			application: `other${index}`,
			sessions: 1,
		})),
	];

	it('are not missing where a list that may be cut does not have them', () => {
		const operator = promoted(fill({...web, sessions: 12}, {...worker, sessions: 2}), fill(worker));
		expect(seen(operator)?.isCut).toBe(false);
		// The third worker may be back from an address that is not listed.
		expect(words(operator)).toEqual(['shop-web 10 12 0 0 ', 'shop-worker 3  0 0 3', 'reports 1  0 0 ']);
	});

	it('are not all known where the list before may be cut, nor are they back from an address that it may not have', () => {
		const operator = monitoredOperator().after(2, statusOf('pgdb1', fill(web, worker)));
		operator.after(10, operator.leads('pgdb2'));
		operator.after(
			12,
			statusOf('pgdb1', [], {inRecovery: true}),
			statusOf(
				'pgdb2',
				[
					{...web, sessions: 8},
					{...web, address: '10.73.0.99', sessions: 2},
				],
				{
					inRecovery: false,
				},
			),
		);
		expect(seen(operator)?.isCut).toBe(true);
		expect(words(operator)?.slice(0, 2)).toEqual(['shop-web 10  0 0 0', 'shop-worker 3 0 3 0 0']);
		const text = () => {
			const {lines} = sessionsPane(operator.state, {
				kind: 'sessions',
				selected: undefined,
				grouped: true,
				scroll: 0,
			});
			return lines.map(line => line.map(one => one.text).join('')).join('\n');
		};
		expect(text()).toMatch(
			/: 0 of 75 or more sessions on pgdb1 .* are back, 65 not: .*, 10 not known: only the 64 largest groups are read/,
		);
	});

	it('are named on the old leader', () => {
		expect(words(promoted([web], [{...worker, sessions: 2}]))?.[1]).toBe('shop-worker 3 0 3 0 2');
	});

	it.each([
		['that may not see the sessions of others', promoted(undefined), 'needs pg_monitor'],
		['that does not answer', promoted([web]).blind('sql:pgdb2'), 'no answer in time'],
	])('are not known on a leader %s', (_, operator, why) => {
		expect(seen(operator)?.whyUnknown).toBe(why);
		expect(seen(operator)?.returning.every(({now, missing}) => now === undefined && missing === 0)).toBe(
			true,
		);
	});

	it('are those before the first of two changes, if the leader in between was never counted', () => {
		const operator = led();
		operator.after(10, operator.leads('pgdb2'));
		operator.after(11, operator.leads('pgdb1'));
		expect(seen(operator)).toMatchObject({from: 'pgdb1', to: 'pgdb1', changedAt: start + 11_000});
	});

	it('are not compared an hour later', () => {
		const operator = promoted([web]);
		expect(seen(operator)).toBeDefined();
		expect(seen(operator.after(4000))).toBeUndefined();
	});
});
