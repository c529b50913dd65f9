/** Warnings: what Patroni decides at a scheduled time, and what a replica's stop means for readers. */
import {describe, expect, it} from 'vitest';
import {offersFor, preconditionsOf, subjectOf} from '../../../source/domain/operations/operation.ts';
import type {Operation} from '../../../source/domain/operations/types.ts';
import {operationContext} from '../../../source/state/selection.ts';
import {menuPane} from '../../../source/state/view/overlay.ts';
import {haproxyFact} from '../../support/captures.ts';
import {Operator} from '../../support/operator.ts';
import {Session} from '../../support/session.ts';
import {madeFacts} from '../../support/synthetic-cluster.ts';

const later = Date.UTC(2026, 10, 24);
const healthy = () => new Operator().after(10);

function said(operation: Operation, session: Session): string[] {
	return preconditionsOf(operation, operationContext(session.state)).map(
		({level, text}) => `${level} | ${text}`,
	);
}

/** Patroni checks these in `is_failover_possible` and `restart_matches`: not when it accepts a schedule. */
describe('a precondition that Patroni checks at the scheduled time', () => {
	const switchover = {kind: 'switchover', leader: 'pgdb1', candidate: 'pgdb2'} as const;
	const restart = {kind: 'restart', member: 'pgdb2', role: 'replica', pendingOnly: true} as const;

	it.each<[string, (operator: Operator) => unknown]>([
		[
			'sync key',
			o => o.after(11, o.put('sync', {kind: 'sync', leader: 'pgdb1', standbys: ['x'], quorum: 0})),
		],
		['nofailover', o => o.after(11, o.member('pgdb2', {tags: {nofailover: 'true'}}))],
	])('blocks a switchover now, and not one for tomorrow (%s)', (word, breaks) => {
		const operator = healthy();
		breaks(operator);
		expect(said({...switchover, at: undefined}, operator)[0]).toMatch(new RegExp(`^blocking \\| .*${word}`));
		const then = said({...switchover, at: later}, operator);
		expect(then[0]).toMatch(/^warning \| .*; if it is so at that time, nothing is done$/);
		expect(then.join('\n')).not.toContain('blocking');
	});

	it('still blocks a schedule if Patroni refuses it at once', () => {
		const operator = healthy();
		operator.after(11, operator.configured({pause: true}));
		expect(said({...switchover, at: later}, operator)[0]).toBe('blocking | the cluster is paused');
		expect(said({...restart, at: later}, operator)[0]).toBe('blocking | the cluster is paused');
	});

	it('blocks a restart only-if-pending now, and not one for tomorrow', () => {
		expect(said({...restart, at: undefined}, healthy())[0]).toBe('blocking | no restart is pending');
		const then = said({...restart, at: later}, healthy());
		expect(then).toContain('warning | no restart is pending now; if none is at that time, nothing is done');
		expect(then.join('\n')).not.toContain('blocking');
	});
});

describe('a replica that stops', () => {
	const readers = /^warning \| readers have no server until (\S+) is back/;
	const noSuccessor = /^warning \| no member could take over from pgdb1 until pgdb2 is back/;
	const three = () =>
		new Session().at(
			0,
			...madeFacts({members: [{name: 'pgdb1'}, {name: 'pgdb2'}, {name: 'pgdb3'}], sync: ['pgdb2']}),
		);
	const stops: readonly Operation[] = [
		{kind: 'poweroff', node: 'pgdb2'},
		{kind: 'reboot', node: 'pgdb2'},
		{kind: 'service', node: 'pgdb2', service: 'patroni', pauseFirst: false},
		{kind: 'restart', member: 'pgdb2', role: 'replica', pendingOnly: false, at: undefined},
		{kind: 'reinitialize', member: 'pgdb2', force: true, fromLeader: false},
	];

	it.each(stops)(
		'warns that no server is left for readers and no successor, if it is the only one ($kind)',
		stop => {
			const all = said(stop, healthy());
			expect(all).toContainEqual(expect.stringMatching(readers));
			expect(all).toContainEqual(expect.stringMatching(noSuccessor));
		},
	);

	it('leaves readers the leader where HAProxy sends them there, too (GET /read-only)', () => {
		const stop = {kind: 'poweroff', node: 'pgdb2'} as const;
		const allUp = ['pgdb1', 'pgdb2'].map(node => {
			const fact = haproxyFact('trixie', node, 'pgdb1');
			return {...fact, servers: fact.servers.map(server => ({...server, up: true}))};
		});
		expect(said(stop, new Operator().after(11, ...allUp)).join('\n')).not.toMatch(readers);
	});

	it('names the remaining replica, unless it serves no readers or may not take over', () => {
		const stop = {
			kind: 'restart',
			member: 'pgdb2',
			role: 'replica',
			pendingOnly: false,
			at: undefined,
		} as const;
		expect(said(stop, three()).join('\n')).not.toMatch(/readers have|no member could/);
		const tagged = new Session().at(
			0,
			...madeFacts({
				members: [
					{name: 'pgdb1'},
					{name: 'pgdb2'},
					{name: 'pgdb3', key: {tags: {nofailover: 'true', noloadbalance: 'true'}}},
				],
			}),
		);
		const all = said(stop, tagged);
		expect(all).toContainEqual(expect.stringMatching(readers));
		expect(all).toContainEqual(expect.stringMatching(noSuccessor));
	});

	it('takes over from a leader that stops: then no replica is left for readers', () => {
		const all = said({kind: 'poweroff', node: 'pgdb1'}, healthy());
		expect(readers.exec(all.find(text => readers.test(text)) ?? '')?.[1]).toBe('pgdb1');
		expect(all.join('\n')).not.toContain('no member could take over from');
	});
});

describe('the menu', () => {
	const menu = (operator: Operator, name: string) => {
		const {state} = operator;
		return menuPane(state, subjectOf(operationContext(state), name), undefined)
			.table?.rows.map(({cells}) => cells.map(({text}) => text).join(' | '))
			.join('\n');
	};

	it('warns of a request that may not arrive, because its receiver is lost', () => {
		const operator = healthy().blind('patroni:pgdb2', 'units:pgdb2').after(12);
		const lines = menu(operator, 'pgdb2') ?? '';
		expect(lines).toMatch(
			/^R \| restart PostgreSQL on pgdb2 \| WARNING: pgdb2's REST API does not answer: no answer/m,
		);
		expect(lines).toMatch(/^ \| power off pgdb2 \| WARNING: SSH to pgdb2: no answer in time/m);
		expect(lines).toMatch(/^P \| pause the cluster.* \| $/m);
		expect(menu(healthy(), 'pgdb2')).not.toContain('WARNING');
	});

	it("shows when a cancellable schedule would run, in the operator's time zone", () => {
		const operator = healthy();
		const scheduledAt = '2026-11-24T02:00:00+01:00';
		operator.after(
			11,
			operator.put('failover', {kind: 'failover', leader: 'pgdb1', candidate: 'pgdb2', scheduledAt}),
			operator.member('pgdb2', {scheduledRestart: '2026-11-23T05:00:00+00:00'}),
		);
		expect(menu(operator, 'pgdb2')).toContain('cancel the scheduled switchover (2026-11-24 01:00:00 UTC) | ');
		expect(menu(operator, 'pgdb2')).toContain('cancel the scheduled restart (05:00:00 UTC) | ');
		expect(
			offersFor(subjectOf(operationContext(operator.state), 'pgdb1'), operationContext(operator.state)),
		).toContainEqual(expect.objectContaining({id: 'switchover.cancel', scheduledAt}));
	});
});
