/** The group "clients and PostgreSQL": each check fails once on purpose, and nothing that is not known is in order. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Slot, SqlDetails, SqlStatus, Transaction} from '../../../source/domain/cluster/postgres.ts';
import type {Fact} from '../../../source/domain/events.ts';
import {preconditionsOf} from '../../../source/domain/operations/operation.ts';
import type {Operation, Precondition} from '../../../source/domain/operations/types.ts';
import {operationContext} from '../../../source/state/selection.ts';
import {Operator} from '../../support/operator.ts';
import {
	detailsFact,
	diskFact,
	type SqlRole,
	sqlDetails,
	sqlFacts,
	sqlStatus,
	sqlTarget,
	statusFact,
} from '../../support/sql-facts.ts';

const switchover = {kind: 'switchover', leader: 'pgdb1', candidate: 'pgdb2', at: undefined} as const;

/** A cluster whose members answer by SQL, with these facts after the healthy ones. */
function seen(...facts: readonly Fact[]): Operator {
	const operator = new Operator('trixie', sqlTarget);
	return operator.after(
		10,
		...sqlFacts(),
		diskFact('pgdb1'),
		diskFact('pgdb2'),
		...rewinding(operator),
		...facts,
	);
}

/** The captured configuration says nothing of pg_rewind. */
function rewinding(operator: Operator): Fact[] {
	const value = operator.state.cluster.keys.get('config')?.value;
	return value?.kind === 'config'
		? [
				operator.put('config', {
					kind: 'config',
					config: {...value.config, usePgRewind: true, permanentSlots: []},
				}),
			]
		: [];
}

const leaderSays = (changed: Partial<SqlStatus>) => statusFact('pgdb1', sqlStatus('primary', changed));
const candidateSays = (changed: Partial<SqlStatus>) => statusFact('pgdb2', sqlStatus('standby', changed));
const detailsOf = (role: SqlRole, changed: Partial<SqlDetails>) =>
	detailsFact(role === 'primary' ? 'pgdb1' : 'pgdb2', sqlDetails(role, changed));
const setting = (role: SqlRole, name: string, value: string) =>
	detailsOf(role, {settings: {...sqlDetails(role).settings, [name]: value}});

function group(operator: Operator, operation: Operation = switchover): Precondition[] {
	return preconditionsOf(operation, operationContext(operator.state)).filter(
		({topic}) => topic !== undefined,
	);
}

function said(operator: Operator, operation?: Operation): string[] {
	return group(operator, operation).map(({level, text}) => `${level} | ${text}`);
}

const transaction: Transaction = {
	pid: 4711,
	user: 'app',
	application: 'wiki',
	address: '10.73.0.9',
	state: 'idle in transaction',
	ageMs: 720_000,
};
const logical: Slot = {
	name: 'reports',
	type: 'logical',
	database: 'wiki',
	active: true,
	failover: false,
	synced: false,
	temporary: false,
};
const receiver = {
	application: 'pg_receivewal',
	user: 'replicator',
	address: '10.73.0.1',
	state: 'streaming',
	syncState: 'async',
	lag: 3 * 2 ** 20,
};
const sessions = {total: 42, active: 3, idle: 30, idleInTransaction: 0, waiting: 0};
const slotsWith = (role: SqlRole, ...more: Slot[]) => [...(sqlStatus(role).slots ?? []), ...more];

/** Each breaks one thing. */
const broken: Record<string, [readonly Fact[], RegExp]> = {
	'sessions that end': [
		[
			leaderSays({
				sessions,
				applications: [
					{application: 'wiki', user: 'app', address: '10.73.0.9', sessions: 12},
					{application: 'wiki', user: 'app', address: '10.73.0.8', sessions: 8},
					{application: 'pgbench', user: 'app', sessions: 10},
					{application: '', user: 'etl', sessions: 5},
					{application: 'psql', user: 'dba', sessions: 2},
					{application: 'Patroni heartbeat', user: 'postgres', sessions: 1},
				],
			}),
		],
		/^warning \| 41 client sessions on pgdb1 end: wiki 20, pgbench 10, user etl 5, others 6$/,
	],
	'one session, its application hidden': [
		[leaderSays({sessions: {...sessions, total: 1}, applications: undefined})],
		/^warning \| 1 client session on pgdb1 ends$/,
	],
	'an old transaction': [
		[leaderSays({transactions: [{...transaction, pid: 1, ageMs: 5}, transaction]})],
		/^warning \| the oldest transaction on pgdb1 is rolled back: pid 4711, wiki, user app, from 10\.73\.0\.9, idle in transaction, began 12m ago$/,
	],
	'idle in transaction': [
		[leaderSays({sessions: {...sessions, idleInTransaction: 2}})],
		/^warning \| 2 sessions on pgdb1 are idle in transaction: what they have done is rolled back/,
	],
	'prepared transactions': [
		[leaderSays({prepared: {count: 2, oldestMs: 7_200_000}})],
		/^warning \| 2 prepared transactions on pgdb1, the oldest 2h old: kept, with their locks/,
	],
	'a foreign receiver': [
		[leaderSays({senders: [...(sqlStatus('primary').senders ?? []), receiver]})],
		/^warning \| pg_receivewal \(user replicator, from 10\.73\.0\.1, streaming\), 3 MiB behind receives WAL and is not a member: pgdb1 stops when/,
	],
	'a base backup of the leader': [
		[leaderSays({senders: [{...receiver, application: 'pg_basebackup', state: 'backup'}]})],
		/^warning \| 1 base backup is aborted: pg_basebackup .* of pgdb1$/,
	],
	'a base backup of the candidate': [
		[candidateSays({senders: [{...receiver, application: 'pgbackrest', state: 'backup'}]})],
		/^warning \| 1 base backup is aborted: pgbackrest .* of pgdb2$/,
	],
	'archiving that fails': [
		[
			leaderSays({
				archiver: {failedAt: sqlStatus('primary').serverTime - 5000, failedWal: '0000000100000000000000A1'},
			}),
		],
		/^warning \| archiving FAILS on pgdb1: last failure 5s ago \(0000000100000000000000A1\), never succeeded/,
	],
	'an archive backlog': [
		[leaderSays({archiver: {lastAt: 1}}), detailsOf('primary', {archiveBacklog: 812})],
		/^warning \| 812 WAL files to archive on pgdb1: its clean stop waits for the archiver$/,
	],
	'a logical slot that is not there': [
		[leaderSays({slots: slotsWith('primary', logical)})],
		/^warning \| logical slots that pgdb2 does not have ready: reports \(database wiki\) is neither synced .* nor permanent in Patroni; their subscribers lose their position$/,
	],
	'a failover slot that is not synced': [
		[leaderSays({slots: slotsWith('primary', {...logical, failover: true})})],
		/reports \(database wiki\) is marked failover, but is not synced there/,
	],
	'a logical slot of its own on the candidate': [
		[
			leaderSays({slots: slotsWith('primary', logical)}),
			candidateSays({slots: slotsWith('standby', {...logical, active: false})}),
		],
		/reports \(database wiki\) exists there, and is not a copy of it/,
	],
	'a synced slot without its WAL': [
		[
			leaderSays({slots: slotsWith('primary', {...logical, failover: true})}),
			candidateSays({slots: slotsWith('standby', {...logical, synced: true, walStatus: 'lost'})}),
		],
		/reports \(database wiki\) has lost its WAL there/,
	],
	'no room for WAL senders': [
		[setting('standby', 'max_wal_senders', '0')],
		/^warning \| pgdb2 has max_wal_senders 0, and 1 WAL receiver may connect: some stay without WAL$/,
	],
	'no room for slots': [
		[setting('standby', 'max_replication_slots', '1')],
		/^warning \| pgdb2 has max_replication_slots 1, and 2 are needed/,
	],
	'no pg_rewind': [
		[
			detailsOf('primary', {
				settings: {...sqlDetails('primary').settings, wal_log_hints: 'off', data_checksums: 'off'},
			}),
		],
		/^warning \| pg_rewind cannot repair pgdb1 .*: if pgdb1 diverges it must be reinitialized$/,
	],
	'a lower setting': [
		[setting('primary', 'max_connections', '200')],
		/^warning \| lower on pgdb2 than on pgdb1: max_connections 100 \(200\)$/,
	],
	'a library that is not loaded': [
		[setting('primary', 'shared_preload_libraries', 'pg_stat_statements, "timescaledb"')],
		/^warning \| pgdb2 does not load pg_stat_statements, timescaledb \(shared_preload_libraries\)$/,
	],
	'an extension that is not installed': [
		[detailsOf('primary', {extensions: {plpgsql: '1.0', postgis: '3.5'}})],
		/^warning \| extensions of the database postgres that are not installed on pgdb2: postgis$/,
	],
	'another collation version': [
		[detailsOf('standby', {collations: [{database: 'wiki', recorded: '2.36', actual: '2.41'}]})],
		/^warning \| collation versions differ on pgdb2: wiki built with 2\.36, 2\.41 there; indexes/,
	],
	'unlogged tables': [
		[detailsOf('primary', {unlogged: 1})],
		/^warning \| 1 unlogged table in the database postgres is EMPTY on pgdb2$/,
	],
	'a full disk': [
		[diskFact('pgdb2', 95)],
		/^warning \| only 5 GiB free on pgdb2 \(\/var\/lib\/postgresql, 95 % used\)$/,
	],
	'another glibc': [
		[detailsOf('primary', {libcDatabases: ['wiki']}), diskFact('pgdb2', 12, '2.36')],
		/^warning \| pgdb2 has glibc 2\.36, pgdb1 has 2\.41: indexes on text may not find their rows \(wiki\)$/,
	],
	'another glibc that databases may use': [
		[diskFact('pgdb2', 12, '2.36')],
		/^warning \| pgdb2 has glibc 2\.36, pgdb1 has 2\.41; whether a database sorts text by it is not known: indexes/,
	],
	'clocks apart': [
		[statusFact('pgdb2', sqlStatus('standby', {}, 40))],
		/^warning \| the clock of pgdb2 is 30 s ahead of that of pgdb1$/,
	],
};

describe('a switchover', () => {
	it('with members that fit warns of nothing, and names all that was checked', () => {
		const all = group(seen());
		expect(all.filter(({level}) => level !== 'ok')).toEqual([]);
		expect(all.map(({topic}) => topic)).toEqual([
			...['sessions', 'oldest transaction', 'idle in transaction', 'prepared transactions', 'WAL receivers'],
			...['base backups', 'archiver', 'logical slots', 'WAL sender room', 'slot room', 'pg_rewind'],
			...['settings', 'libraries', 'extensions of postgres', 'collation versions'],
			...['unlogged tables of postgres', 'free disk on pgdb2', 'glibc', 'clocks'],
		]);
	});

	it.each(Object.entries(broken))('warns of %s', (name, [facts, expected]) => {
		const all = said(seen(...facts));
		expect(all).toContainEqual(expect.stringMatching(expected));
		expect(all.filter(text => text.startsWith('unknown'))).toEqual([]);
		expect(all.filter(text => text.startsWith('warning')).length).toBeLessThanOrEqual(
			/session|idle|WAL senders/.test(name) ? 2 : 1,
		);
	});

	it('counts a synced slot, and a permanent one of Patroni, as there', () => {
		const synced = seen(
			leaderSays({slots: slotsWith('primary', {...logical, failover: true})}),
			candidateSays({slots: slotsWith('standby', {...logical, synced: true})}),
		);
		expect(said(synced)).toContain('ok | pgdb2 has the logical slot');
		const copied = seen(
			leaderSays({slots: slotsWith('primary', logical)}),
			candidateSays({slots: slotsWith('standby', logical)}),
		);
		const value = copied.state.cluster.keys.get('config')?.value;
		if (value?.kind !== 'config') {
			throw new Error('no configuration');
		}

		copied.after(
			11,
			copied.put('config', {kind: 'config', config: {...value.config, permanentSlots: ['reports']}}),
		);
		expect(said(copied)).toContain('ok | pgdb2 has the logical slot');
	});

	it('shows a receiver once, by SQL where that has it, else by REST', () => {
		const lists = (operator: Operator) =>
			operator.after(
				11,
				operator.says('pgdb1', {
					role: 'primary',
					replication: [
						{application: 'pg_receivewal', address: '10.73.0.1', state: 'streaming', syncState: 'async'},
					],
				}),
			);
		const about = (operator: Operator) =>
			preconditionsOf(switchover, operationContext(operator.state)).filter(({text}) =>
				text.includes('pg_receivewal'),
			);
		const bySql = seen(leaderSays({senders: [receiver]}));
		expect(about(lists(bySql)).map(({topic}) => topic)).toEqual(['WAL receivers']);
		expect(about(lists(new Operator().after(10))).map(({topic}) => topic)).toEqual([undefined]);
	});

	it('of a later time says nothing of who is connected now', () => {
		const later = {...switchover, at: Date.UTC(2026, 10, 24)};
		const topics = group(seen(leaderSays({sessions, transactions: [transaction]})), later).map(
			({topic}) => topic,
		);
		expect(topics).not.toContain('sessions');
		expect(topics).toContain('logical slots');
	});
});

describe('what is not known', () => {
	it('is one line without a monitor, which says how to enable it', () => {
		const all = said(new Operator().after(10));
		expect(all.filter(text => text.startsWith('unknown'))).toEqual([
			expect.stringMatching(
				/^unknown \| not checked by SQL: client sessions, .*set monitor\.user to a role with pg_monitor/,
			),
		]);
	});

	it('is named with the reason, a line for each reason', () => {
		const operator = seen(
			leaderSays({
				seesAll: false,
				sessions: undefined,
				applications: undefined,
				transactions: undefined,
				senders: undefined,
				gaps: [{part: 'sessions and WAL senders', reason: 'needs pg_monitor'}],
			}),
		);
		operator.blind('sql:pgdb2', 'details:pgdb2').after(11);
		expect(said(operator).filter(text => text.startsWith('unknown'))).toEqual([
			'unknown | not known: sessions, oldest transaction, idle in transaction, WAL receivers, base backups, WAL sender room (SQL to pgdb1: needs pg_monitor)',
			expect.stringMatching(/^unknown \| not known: slot room, .*\(SQL to pgdb2: no answer in time\)$/),
			'unknown | not known: clocks (REST of pgdb2: its answer has no time)',
		]);
	});

	it('is what a version does not have', () => {
		const gaps = [{part: 'collation versions', reason: 'needs PostgreSQL 15'}];
		expect(said(seen(detailsOf('standby', {collations: undefined, gaps})))).toContain(
			'unknown | not known: collation versions (SQL to pgdb2: needs PostgreSQL 15)',
		);
	});

	it('is a glibc that a node does not name, whatever the databases use', () => {
		expect(
			said(seen(detailsOf('primary', {libcDatabases: []}), {...diskFact('pgdb2', 12), glibc: undefined})),
		).toContain('unknown | not known: glibc (getconf on pgdb2: no version of glibc)');
	});

	it('is no other glibc where no database sorts by it', () => {
		expect(said(seen(detailsOf('primary', {libcDatabases: []}), diskFact('pgdb2', 12, '2.36')))).toContain(
			'ok | pgdb2 has glibc 2.36, pgdb1 has 2.41; no database sorts text by it, by its default collation',
		);
	});

	it('is what only stale answers say', () => {
		const operator = seen();
		// No source reports for an hour.
		operator.at(3700, {type: 'source.alive', source: 'dcs:http://10.73.0.160:2379'});
		expect(group(operator).filter(({level}) => level === 'ok')).toEqual([]);
	});

	it('is whether a slot is missing from a list that may be cut', () => {
		const many = Array.from({length: 64}, (_, index) => ({...logical, name: `s${index}`}));
		const all = group(seen(candidateSays({slots: many}), leaderSays({slots: [logical]})));
		expect(all.find(({text}) => text.includes('only the first 64 slots'))?.level).toBe('unknown');
		expect(all.filter(({topic}) => topic === 'logical slots')).toEqual([]);
	});

	/** The topics that need a field: without it they must not be in order. */
	const needs: Record<string, readonly string[]> = {
		'status sessions': ['sessions', 'idle in transaction'],
		'status transactions': ['oldest transaction'],
		'status prepared': ['prepared transactions'],
		'status senders': ['WAL receivers', 'base backups', 'WAL sender room'],
		'status slots': ['logical slots', 'slot room'],
		'status archiver': ['archiver'],
		'details archiveBacklog': ['archive backlog'],
		'details settings': ['settings', 'WAL sender room', 'slot room', 'pg_rewind', 'libraries'],
		'details extensions': ['extensions of'],
		'details available': ['extensions of'],
		'details collations': ['collation versions'],
		'details unlogged': ['unlogged tables'],
	};

	it('is never in order, whatever is missing', () => {
		const fields = Object.keys(needs);
		const operator = seen();
		fc.assert(
			fc.property(
				fc.subarray(fields, {minLength: 1}),
				fc.subarray(['pgdb1', 'pgdb2'], {minLength: 1}),
				fc.boolean(),
				(missing, members, archives) => {
					const facts = (['pgdb1', 'pgdb2'] as const).flatMap(member => {
						const role = member === 'pgdb1' ? 'primary' : 'standby';
						const without = (kind: string) =>
							members.includes(member)
								? Object.fromEntries(
										missing.flatMap(field =>
											field.startsWith(`${kind} `) ? [[field.slice(kind.length + 1), undefined]] : [],
										),
									)
								: {};
						const archiver = archives ? {archiver: {lastAt: 1}} : {};
						return [
							statusFact(member, sqlStatus(role, {...archiver, ...without('status')})),
							detailsFact(member, sqlDetails(role, without('details'))),
						];
					});
					const all = group(operator.at(10, ...facts));
					const ok = new Set(all.flatMap(({level, topic}) => (level === 'ok' ? [topic ?? ''] : [])));
					const unknown = all.filter(({level}) => level === 'unknown').map(({text}) => text);
					// Which side a check reads: those of both, and those of one alone.
					const ofLeader = /^(sessions|idle|oldest|prepared|WAL receivers|archiv|unlogged|pg_rewind)/;
					const ofCandidate = /^(collation)/;
					for (const topic of missing.flatMap(field => needs[field] ?? [])) {
						const isRead = ofLeader.test(topic)
							? members.includes('pgdb1')
							: ofCandidate.test(topic)
								? members.includes('pgdb2')
								: members.length === 2;
						if (isRead) {
							expect([...ok].filter(one => one.startsWith(topic))).toEqual([]);
						}
					}

					expect(unknown.every(text => text.startsWith('not known: '))).toBe(true);
					expect(all.some(({level}) => level === 'blocking')).toBe(false);
				},
			),
			{numRuns: 150},
		);
	});
});

describe('other operations', () => {
	it.each<[string, Operation]>([
		['restart', {kind: 'restart', member: 'pgdb1', role: 'primary', pendingOnly: false, at: undefined}],
		['reboot', {kind: 'reboot', node: 'pgdb1'}],
		['power-off', {kind: 'poweroff', node: 'pgdb1'}],
		['restart of Patroni', {kind: 'service', node: 'pgdb1', service: 'patroni', pauseFirst: false}],
		['failover', {kind: 'failover', candidate: 'pgdb2'}],
		['reinitialize', {kind: 'reinitialize', member: 'pgdb1', force: true, fromLeader: false}],
	])('%s says whose sessions end', (_, operation) => {
		expect(said(seen(leaderSays({sessions})), operation)).toContainEqual(
			expect.stringMatching(/^warning \| \d+ client sessions on pgdb1 end/),
		);
	});

	it.each<[string, Operation, boolean]>([
		[
			'a restart',
			{kind: 'restart', member: 'pgdb1', role: 'primary', pendingOnly: false, at: undefined},
			false,
		],
		['a reboot of the leader', {kind: 'reboot', node: 'pgdb1'}, true],
		['a reboot of a replica', {kind: 'reboot', node: 'pgdb2'}, false],
	])('%s compares the one that takes over: %s', (_, operation, isCompared) => {
		expect(group(seen(), operation).some(({topic}) => topic === 'logical slots')).toBe(isCompared);
	});

	it('that stop no PostgreSQL have no such group', () => {
		expect(group(seen(), {kind: 'pause'})).toEqual([]);
		expect(group(seen(), {kind: 'reboot', node: 'etcd1'})).toEqual([]);
		expect(group(seen(), {kind: 'service', node: 'pgdb1', service: 'patroni', pauseFirst: true})).toEqual([]);
	});
});
