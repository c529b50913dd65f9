import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {sqlRowsMax as rowsMax} from '../../../source/domain/cluster/postgres.ts';
import {parseDetails, parseStatus} from '../../../source/sources/sql/parse.ts';
import {detailParts, questionOf, statusParts} from '../../../source/sources/sql/questions.ts';
import {capture} from '../../support/captures.ts';

const answer = (role: 'primary' | 'standby') =>
	capture('trixie', `sql-status-${role}`) as Record<string, unknown>;

describe('the status by SQL', () => {
	it('of a primary has its position, its sessions and its standbys', () => {
		expect(parseStatus(answer('primary'), 170_012, [])).toMatchObject({
			version: 170_012,
			inRecovery: false,
			timeline: 1,
			location: expect.any(Number) as number,
			seesAll: true,
			mayCheckpoint: true,
			sessions: {limit: 100, waiting: 0},
			senders: [{application: 'pgdb1', user: 'replicator', state: 'streaming', syncState: 'sync', lag: 0}],
			slots: [{name: 'pgdb1', type: 'physical', active: true, walStatus: 'reserved', synced: false}],
			archiver: 'off',
			gaps: [],
		});
	});

	it('of a standby has what it received and replayed, and no lag while nothing waits', () => {
		const status = parseStatus(answer('standby'), 170_012, []);
		expect(status).toMatchObject({inRecovery: true, replayLagMs: 0, senders: []});
		expect(status.location).toBeUndefined();
		expect(status.replayed).toBe(status.received);
	});

	it('measures the lag by the last replayed commit while WAL waits', () => {
		const wal = {received: 200, replayed: 100, timeline: 1, behind: 1500};
		expect(parseStatus({...answer('standby'), wal}, 170_012, []).replayLagMs).toBe(1500);
	});

	it('does not know the sessions without the right to see them, and says so', () => {
		const given = answer('primary');
		const server = {...(given.server as object), all: false, superuser: false};
		const status = parseStatus({...given, server}, 170_012, []);
		expect(status).toMatchObject({
			sessions: undefined,
			applications: undefined,
			transactions: undefined,
			senders: undefined,
		});
		expect(status.gaps).toEqual([{part: 'sessions and WAL senders', reason: 'needs pg_monitor'}]);
	});

	it.each([
		'sessions',
		'applications',
		'transactions',
		'prepared',
		'senders',
		'slots',
		'archiver',
		'checkpoint',
	])('without the part %s does not take it for empty', part => {
		const {[part]: _, ...rest} = answer('primary');
		const server = {...(rest.server as object), archiving: true};
		expect(parseStatus({...rest, server}, 170_012, [])).toMatchObject({[part]: undefined});
	});

	it('does not know the transactions of sessions whose activity is not tracked', () => {
		const sessions = {total: 3, active: 0, idle: 0, idleInTransaction: 0, waiting: 0, untracked: 1};
		const found = parseStatus({...answer('primary'), sessions}, 170_012, []);
		expect(found).toMatchObject({sessions: undefined, transactions: undefined});
		expect(found.gaps).toContainEqual({part: 'oldest transactions', reason: 'track_activities is off'});
	});

	it('keeps at most so many rows, and leaves out odd ones alone', () => {
		const applications = [
			7,
			...Array.from({length: 200}, (_, index) => ({application: `a${index}`, user: 'u', sessions: 1})),
		];
		const found = parseStatus({...answer('primary'), applications}, 170_012, []).applications;
		expect(found).toHaveLength(rowsMax - 1);
	});

	it('is refused where the answer is not one to the question', () => {
		expect(() => parseStatus({server: {recovery: 'f'}}, 170_012, [])).toThrow('not an answer of PostgreSQL');
		expect(() => parseStatus(null, 170_012, [])).toThrow('not an answer of PostgreSQL');
	});

	it('never throws another error, whatever a part holds', () => {
		const parts = Object.keys(answer('primary')).filter(name => name !== 'server');
		fc.assert(
			fc.property(fc.constantFrom(...parts), fc.jsonValue(), (part, value) => {
				expect(parseStatus({...answer('primary'), [part]: value}, 170_012, []).inRecovery).toBe(false);
			}),
		);
	});
});

describe('the details by SQL', () => {
	it('have settings, extensions and what else may differ', () => {
		expect(parseDetails(capture('trixie', 'sql-details-primary'), [])).toMatchObject({
			archiveBacklog: 0,
			settings: {max_connections: '100', data_checksums: 'on'},
			extensions: {plpgsql: '1.0'},
			collations: [],
			baseBackups: [],
			unlogged: 0,
		});
	});

	it('have the databases that sort by glibc, or do not know them', () => {
		expect(parseDetails({libcDatabases: ['app', 'wiki']}, []).libcDatabases).toEqual(['app', 'wiki']);
		expect(parseDetails({libcDatabases: null}, []).libcDatabases).toBeUndefined();
		expect(parseDetails(capture('trixie', 'sql-details-primary'), []).libcDatabases).toBeUndefined();
	});

	it('mask a secret in a setting', () => {
		const settings = {primary_conninfo_password: 'hunter2'};
		expect(JSON.stringify(parseDetails({settings}, []))).not.toContain('hunter2');
	});
});

describe('a question', () => {
	it('is one statement, whatever parts it has', () => {
		for (const parts of [statusParts, detailParts]) {
			expect(questionOf(parts)).toMatch(/^SELECT jsonb_build_object\(.*\) AS answer$/s);
			expect(questionOf(parts)).not.toContain(';');
		}
	});
});
