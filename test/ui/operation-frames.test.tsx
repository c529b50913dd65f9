/** Menu, questions and the steps of operations as whole frames, at each size. */
import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import type {SqlStatus} from '../../source/domain/cluster/postgres.ts';
import {topOverlay} from '../../source/state/state.ts';
import {haproxyFact} from '../support/captures.ts';
import {Operator} from '../support/operator.ts';
import {frameOf, sizes} from '../support/screen.tsx';
import {target} from '../support/session.ts';
import {
	detailsFact,
	diskFact,
	sqlDetails,
	sqlFacts,
	sqlStatus,
	sqlTarget,
	statusFact,
} from '../support/sql-facts.ts';

const on = (name: string, scene = target) => new Operator('trixie', scene).after(10).select(name);

function unsynchronised(): Operator {
	const operator = on('pgdb2');
	return operator.after(11, operator.put('sync', {kind: 'sync', leader: 'pgdb1', standbys: [], quorum: 0}));
}

function confirmed(): Operator {
	const operator = on('pgdb2').press('operation.switchover', 'dialog.yes');
	return operator.after(
		11,
		operator.put('failover', {
			kind: 'failover',
			leader: 'pgdb1',
			candidate: 'pgdb2',
			scheduledAt: undefined,
		}),
		operator.says('pgdb1', {state: 'stopping'}),
	);
}

function done(): Operator {
	const operator = confirmed();
	return operator
		.after(12, operator.gone('leader'), operator.gone('failover'))
		.after(13, operator.leads('pgdb2'))
		.after(14, operator.says('pgdb2', {role: 'primary', timeline: 2, replicationState: undefined}))
		.after(
			15,
			haproxyFact('trixie', 'pgdb1', 'pgdb2'),
			operator.answer({kind: 'answered', status: 200, text: 'Successfully switched over to "pgdb2"'}),
		);
}

const withSql = () => on('pgdb2', sqlTarget).after(11, ...sqlFacts(), diskFact('pgdb2'));

/** The leader has clients, an old transaction, a backup and a logical slot; of the candidate some is not known. */
function busy(): Operator {
	const backup = {application: 'pgbackrest', user: 'backup', state: 'backup', syncState: 'async'};
	const slot = {name: 'reports', type: 'logical', database: 'wiki', active: true} as const;
	const lasts = {user: 'app', application: 'wiki', address: '10.73.0.9', state: 'idle in transaction'};
	return withSql().after(
		11,
		statusFact(
			'pgdb1',
			sqlStatus('primary', {
				sessions: {total: 42, active: 3, idle: 37, idleInTransaction: 2, waiting: 0},
				applications: [
					{application: 'wiki', user: 'app', sessions: 30},
					{application: 'pgbench', user: 'app', sessions: 10},
					{application: 'psql', user: 'dba', sessions: 2},
				],
				transactions: [
					{pid: 4711, ...lasts, ageMs: 720_000},
					{pid: 4712, ...lasts, ageMs: 90_000},
				],
				prepared: {count: 1, oldestMs: 86_400_000},
				senders: [...(sqlStatus('primary').senders ?? []), backup],
				slots: [{...slot, failover: false, synced: false, temporary: false}],
			}),
		),
		detailsFact(
			'pgdb2',
			sqlDetails('standby', {
				collations: undefined,
				gaps: [{part: 'collation versions', reason: 'needs PostgreSQL 15'}],
			}),
		),
	);
}

function prepared(): Operator {
	return busy()
		.press('operation.switchover')
		.focus('checkpoint')
		.press('dialog.right')
		.focus('waitOlder')
		.press('dialog.right', 'dialog.right');
}

const busyLeader = (transactions: SqlStatus['transactions']) =>
	statusFact('pgdb1', sqlStatus('primary', {transactions}));

function waiting(): Operator {
	const lasts = {user: 'app', application: 'wiki', address: '10.73.0.9', state: 'idle in transaction'};
	return prepared()
		.focus('send')
		.press('dialog.enter')
		.after(
			12,
			busyLeader([
				{pid: 4711, ...lasts, ageMs: 721_000},
				{pid: 4712, ...lasts, state: 'active', ageMs: 91_000},
				{pid: 4713, ...lasts, ageMs: 1000},
			]),
		);
}

/** The leader stops, and refuses connections since. */
function heldUp(): Operator {
	const operator = withSql().press('operation.switchover', 'dialog.yes');
	const behind = {application: 'pg_receivewal', user: 'backup', address: '10.73.0.1', syncState: 'async'};
	operator.after(
		12,
		statusFact(
			'pgdb1',
			sqlStatus('primary', {
				senders: [{...behind, state: 'streaming', lag: 50 * 2 ** 20}],
				archiver: {lastAt: 1, failedAt: sqlStatus('primary').serverTime - 4000},
				checkpoint: {at: sqlStatus('primary').serverTime - 240_000, since: 3 * 2 ** 30},
			}),
		),
		detailsFact('pgdb1', sqlDetails('primary', {archiveBacklog: 31})),
	);
	return operator.blind('sql:pgdb1', 'details:pgdb1').after(24, operator.says('pgdb1', {state: 'stopping'}));
}

const scenes: Record<string, () => Operator> = {
	'the menu on a replica': () => on('pgdb2').press('menu.open'),
	'the menu on the leader': () => on('pgdb1').press('menu.open'),
	'a switchover': () => on('pgdb2').press('operation.switchover'),
	'a switchover of clients that SQL shows': () => busy().press('operation.switchover'),
	'a switchover where SQL shows nothing to fear': () => withSql().press('operation.switchover'),
	'a switchover after a CHECKPOINT and a wait, asked': () => prepared(),
	'a switchover that waits for transactions': () => waiting(),
	'a switchover that waits for transactions, hidden': () => waiting().press('dismiss'),
	'a switchover whose CHECKPOINT runs': () => waiting().after(13, busyLeader([])),
	'a switchover that takes longer than usual': () => heldUp(),
	'a switchover whose wait was cancelled': () => waiting().press('run.cancel'),
	'quit while a switchover waits': () => waiting().press('dismiss', 'quit'),
	'a switchover that is scheduled': () =>
		on('pgdb2').press('operation.switchover').focus('when').types('2026-11-24 02:00 +0100'),
	'a switchover that is blocked': () => unsynchronised().press('operation.switchover'),
	'a switchover whose leader has moved': () => {
		const operator = on('pgdb2').press('operation.switchover');
		return operator.after(12, operator.leads('pgdb2')).press('dialog.yes');
	},
	'a failover that can lose data, its name half typed': () =>
		unsynchronised().press('operation.failover').types('pgd'),
	'a power-off of the leader, with a wrong name': () =>
		on('pgdb1').choose('poweroff').types('pgdb2').focus('name').press('dialog.enter'),
	'Patroni restarted, paused first': () =>
		on('pgdb2').choose('service patroni').focus('pauseFirst').press('dialog.right'),
	'a change of the configuration': () => {
		const operator = on('pgdb2');
		return operator.after(11, {
			type: 'config.edited',
			revision: operator.state.cluster.keys.get('config')?.modRevision,
			patch: {ttl: 25, postgresql: {parameters: {max_connections: 117}}},
			difference: [
				'-ttl: 20',
				'+ttl: 25',
				' loop_wait: 5',
				'…',
				'   parameters:',
				'-    max_connections: 100',
				'+    max_connections: 117',
			],
		});
	},
	'a switchover that goes on': () => confirmed(),
	'a switchover that goes on, hidden': () => confirmed().press('dismiss'),
	'a switchover that is done': () => done(),
	'a switchover that is unknown': () => {
		const operator = confirmed();
		return operator.after(40, operator.answer({kind: 'lost', reason: 'no answer in time'}));
	},
	'a switchover that is refused': () => {
		const operator = confirmed();
		return operator.after(
			12,
			operator.answer({
				kind: 'answered',
				status: 412,
				text: 'candidate name does not match with sync_standby',
			}),
		);
	},
	'quit while an operation goes on': () => confirmed().press('dismiss', 'quit'),
	'read-only': () => on('pgdb2', {...target, operations: 'disabled'}),
	'dry run, asked': () => on('pgdb2', {...target, operations: 'dry-run'}).press('operation.restart'),
	'dry run, answered': () =>
		on('pgdb2', {...target, operations: 'dry-run'}).press('operation.restart', 'dialog.yes'),
};

describe.each(sizes)('at $width x $height', size => {
	it.each(Object.entries(scenes))('%s', (_, scene) => {
		const frame = frameOf(scene().state, size);
		const lines = frame.split('\n');
		expect(lines.length).toBeLessThanOrEqual(size.height);
		expect(Math.max(...lines.map(line => stringWidth(line)))).toBeLessThanOrEqual(size.width);
		expect(frame).toMatchSnapshot();
	});
});

/** What is over the panes, without the members and without the borders, in words. */
function words(frame: string): string[] {
	const lines = frame.split('\n');
	return lines
		.slice(lines.findIndex(line => line.startsWith('┌─ ▸')))
		.filter(line => line.startsWith('│') && !/… \d+ more (above|below)/.test(line))
		.map(line =>
			line
				.replace(/^│ (.*) │$/, '$1')
				.replaceAll(/\s+/g, ' ')
				.trim(),
		)
		.filter(line => line !== '');
}

describe('at 80 x 24', () => {
	it.each(
		Object.entries(scenes).filter(([, scene]) => topOverlay(scene().state.view)?.kind.match(/dialog|run/)),
	)('all of %s is reachable, and blocking preconditions come first', (_, scene) => {
		const operator = scene();
		const size = {width: 80, height: 24};
		const seen = new Set(words(frameOf(operator.state, size)));
		for (let step = 0; step < 5; step++) {
			operator.press('select.down', 'select.down', 'select.down');
			for (const line of words(frameOf(operator.press('select.down').state, size))) {
				seen.add(line);
			}
		}

		const all = words(frameOf(scene().state, {width: 80, height: 60}));
		expect(all.filter(line => !seen.has(line))).toEqual([]);
		const first = words(frameOf(scene().state, size)).join('\n');
		for (const line of all.filter(one => one.startsWith('BLOCKED'))) {
			expect(first).toContain(line);
		}
	});
});
