import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {patroniSaid} from '../../../source/domain/history/programs/patroni.ts';
import {readLine} from '../../../source/domain/history/read-line.ts';
import {matchSaid, type Said} from '../../../source/domain/history/said.ts';
import {FileReader, JournalReader} from '../../../source/domain/logs/journal.ts';
import {cpuMsOf} from '../../support/cpu.ts';
import {loopTexts} from './patroni-loop.ts';

const clock = {correction: 0, zone: 0};

/** What a line of Patroni's journal says, as it comes. */
function ofJournal(message: string): (Said & {service: string}) | undefined {
	const reader = new JournalReader('pgdb1', clock, new Map([['patroni.service', 'patroni']]));
	const read = reader.read(
		JSON.stringify({
			__REALTIME_TIMESTAMP: '1700000000000000',
			_SYSTEMD_UNIT: 'patroni.service',
			MESSAGE: message,
		}),
	);
	const said = read === undefined ? undefined : readLine(read.line);
	return said === undefined || read === undefined ? undefined : {service: read.line.service, ...said};
}

function said(text: string): Said | undefined {
	return matchSaid(patroniSaid, text);
}

describe("Patroni's loop", () => {
	it.each(loopTexts)('$versions: $text', ({text, said: expected}) => {
		expect(said(text)).toEqual({...expected, isDecision: true});
		expect(said(`PAUSE: ${text}`)).toEqual({...expected, isDecision: true, isPaused: true});
		expect(ofJournal(`2026-11-27 11:41:30,978 INFO: ${text}`)).toEqual({
			service: 'patroni',
			...expected,
			isDecision: true,
		});
	});

	it('is not read from a part of a line', () => {
		for (const {text} of loopTexts) {
			// These end with a variable.
			if (!/ during |^released leader key|^data directory is not accessible/.test(text)) {
				expect(said(`${text} or so`)?.isDecision ?? false, text).toBe(false);
			}

			expect(said(`X ${text}`)?.isDecision ?? false, text).toBe(false);
		}
	});
});

/** Lines of real clusters, and of Patroni's source with values in place of its variables. */
const patroniLines: readonly (readonly [versions: string, text: string, Said])[] = [
	['3.0 to 4.1', 'Lock owner: pgdb1; I am pgdb2', {kind: 'patroni.lock-owner', leader: 'pgdb1'}],
	['3.0 to 4.1', 'Lock owner: None; I am pgdb1', {kind: 'patroni.lock-owner'}],
	[
		'3.0 to 4.1',
		'not healthy enough for leader race',
		{kind: 'patroni.waits', why: 'not healthy enough for leader race'},
	],
	[
		'3.0 to 4.1',
		'My wal position exceeds maximum replication lag',
		{kind: 'patroni.waits', why: 'My wal position exceeds maximum replication lag'},
	],
	[
		'3.0 to 4.1',
		'Wal position of pgdb3 is ahead of my wal position',
		{kind: 'patroni.waits', why: 'Wal position of pgdb3 is ahead of my wal position', object: 'pgdb3'},
	],
	[
		'3.0 to 4.1',
		'My timeline 3 is behind last known cluster timeline 4',
		{kind: 'patroni.waits', why: 'My timeline 3 is behind last known cluster timeline 4'},
	],
	[
		'3.0.3 to 4.1',
		'Can not figure out my timeline',
		{kind: 'patroni.waits', why: 'Can not figure out my timeline'},
	],
	[
		'3.0 to 4.1',
		'Primary (pgdb1) is still alive',
		{kind: 'patroni.waits', why: 'Primary (pgdb1) is still alive', object: 'pgdb1'},
	],
	[
		'3.2 to 4.1',
		'pgdb3 has equally tolerable WAL position and priority 2, while this node has priority 1',
		{
			kind: 'patroni.waits',
			why: 'pgdb3 has equally tolerable WAL position and priority 2, while this node has priority 1',
			object: 'pgdb3',
		},
	],
	[
		'4.0 to 4.1',
		'Quorum requirement 1 can not be reached',
		{kind: 'patroni.waits', why: 'Quorum requirement 1 can not be reached'},
	],
	[
		'3.0 to 4.1',
		'Member pgdb2 is not watchdog capable',
		{kind: 'patroni.waits', why: 'Member pgdb2 is not watchdog capable', object: 'pgdb2'},
	],
	[
		'3.0 to 4.1',
		'Member pgdb2 exceeds maximum replication lag',
		{kind: 'patroni.waits', why: 'Member pgdb2 exceeds maximum replication lag', object: 'pgdb2'},
	],
	[
		'3.0 to 4.1',
		'Timeline 3 of member pgdb2 is behind the cluster timeline 4',
		{
			kind: 'patroni.waits',
			why: 'Timeline 3 of member pgdb2 is behind the cluster timeline 4',
			object: 'pgdb2',
		},
	],
	['3.0 to 4.1', 'Could not take out TTL lock', {kind: 'patroni.waits', why: 'Could not take out TTL lock'}],
	[
		'3.0 to 3.1',
		'manual failover: no healthy members found, failover is not possible',
		{kind: 'patroni.waits', why: 'manual failover: no healthy members found, failover is not possible'},
	],
	[
		'3.2 to 4.1',
		'switchover: no healthy members found, switchover is not possible',
		{kind: 'patroni.waits', why: 'switchover: no healthy members found, switchover is not possible'},
	],
	[
		'3.2 to 4.1',
		'switchover: member pgdb2 is not reachable',
		{kind: 'patroni.waits', why: 'switchover: member pgdb2 is not reachable'},
	],
	[
		'3.2 to 4.1',
		'switchover: to pgdb2, i am pgdb3',
		{kind: 'patroni.waits', why: 'switchover: to pgdb2, i am pgdb3'},
	],
	[
		'3.2 to 4.1',
		'Switchover candidate=pgdb2 does not match with sync_standbys=pgdb3',
		{kind: 'patroni.waits', why: 'Switchover candidate=pgdb2 does not match with sync_standbys=pgdb3'},
	],
	[
		'3.0 to 4.1',
		'backoff: skip leader race after pre_promote script failure and releasing the lock voluntarily',
		{
			kind: 'patroni.waits',
			why: 'skip leader race after pre_promote script failure and releasing the lock voluntarily',
		},
	],
	[
		'3.0 to 4.1',
		'Waiting for primary to release us from synchronous standby',
		{kind: 'patroni.waits', why: 'Waiting for primary to release us from synchronous standby'},
	],
	[
		'3.0 to 4.1',
		'Still starting up as a standby.',
		{kind: 'patroni.waits', why: 'Still starting up as a standby'},
	],
	[
		'4.0.7',
		'received switchover request with leader=pgdb1 candidate=pgdb2 scheduled_at=None',
		{kind: 'patroni.switchover', from: 'pgdb1', object: 'pgdb2'},
	],
	[
		'3.0 to 4.1',
		'received switchover request with leader=pgdb1 candidate=None scheduled_at=2026-11-27T12:00:00+00:00',
		{kind: 'patroni.switchover', from: 'pgdb1', why: '2026-11-27T12:00:00+00:00'},
	],
	[
		'3.0 to 4.1',
		'received failover request with leader=None candidate=pgdb2 scheduled_at=None',
		{kind: 'patroni.switchover', object: 'pgdb2'},
	],
	['3.0 to 4.1', 'Demoting self (graceful)', {kind: 'patroni.demoted', why: 'graceful'}],
	['3.0 to 4.1', 'Demoting self (immediate-nolock)', {kind: 'patroni.demoted', why: 'immediate-nolock'}],
	['3.0 to 4.1', 'Demoting self (offline)', {kind: 'patroni.demoted', why: 'offline'}],
	['3.0 to 4.1', 'Lost lock while starting up. Demoting self.', {kind: 'patroni.demoted'}],
	[
		'3.0 to 4.1',
		'Demoting self because primary startup is taking too long',
		{kind: 'patroni.demoted', why: 'primary startup is taking too long'},
	],
	['3.0 to 4.1', 'Demoting primary during restart', {kind: 'patroni.demoted', object: 'restart'}],
	['3.0 to 4.1', 'Primary crashed. Failing over.', {kind: 'patroni.demoted', why: 'Primary crashed'}],
	['3.0 to 4.1', 'Leader key released', {kind: 'patroni.lock-lost', why: 'Leader key released'}],
	[
		'3.0 to 4.1',
		'failed to update leader lock',
		{kind: 'patroni.lock-lost', why: 'failed to update leader lock'},
	],
	[
		'4.0.7',
		'I am the leader but not owner of the lease',
		{kind: 'patroni.lock-lost', why: 'I am the leader but not owner of the lease'},
	],
	[
		'3.0 to 4.1',
		'Error communicating with DCS',
		{kind: 'patroni.dcs-lost', why: 'Error communicating with DCS'},
	],
	[
		'4.0.7',
		'No more machines in the cluster',
		{kind: 'patroni.dcs-lost', why: 'No more machines in the cluster'},
	],
	['3.0 to 4.1', 'waiting on etcd', {kind: 'patroni.dcs-lost', why: 'waiting on etcd'}],
	[
		'3.0 to 4.1',
		'Our lease disappeared from Etcd, can not "touch_member"',
		{kind: 'patroni.dcs-lost', why: 'Our lease disappeared from Etcd'},
	],
	[
		'3.0 to 4.1',
		'Watchdog device is not usable',
		{kind: 'patroni.watchdog', why: 'Watchdog device is not usable'},
	],
	[
		'3.0 to 4.0',
		"Could not activate Linux watchdog device: Can't open watchdog device: [Errno 13] Permission denied: '/dev/watchdog'",
		{
			kind: 'patroni.watchdog',
			why: "Could not activate Linux watchdog device: Can't open watchdog device: [Errno 13] Permission denied: '/dev/watchdog'",
		},
	],
	[
		'3.0 to 4.1',
		'Configuration requires watchdog, but watchdog could not be activated',
		{kind: 'patroni.watchdog', why: 'Configuration requires watchdog, but watchdog could not be activated'},
	],
	[
		'3.0 to 4.1',
		'running pg_rewind from user=postgres host=10.73.0.12 port=5432 dbname=postgres',
		{kind: 'patroni.rewinds'},
	],
	['3.0 to 4.1', 'pg_rewind exit code=0', {kind: 'patroni.rewinds', why: 'exit code=0'}],
	['3.0 to 4.1', 'pg_rewind exit code=1', {kind: 'patroni.rewind-failed', why: 'exit code=1'}],
	[
		'3.0 to 3.2',
		'Failed to rewind from healty primary: pgdb1',
		{kind: 'patroni.rewind-failed', leader: 'pgdb1'},
	],
	[
		'3.3 to 4.1',
		'Failed to rewind from healthy primary: pgdb1',
		{kind: 'patroni.rewind-failed', leader: 'pgdb1'},
	],
	[
		'3.0 to 4.1',
		'Failed to rewind because primary pgdb1 become unreachable',
		{kind: 'patroni.rewind-failed', why: 'primary pgdb1 become unreachable'},
	],
	[
		'3.0 to 4.1',
		'Can not use pgdb1 for rewind: leader is still in recovery',
		{kind: 'patroni.rewind-failed', leader: 'pgdb1', why: 'leader is still in recovery'},
	],
	[
		'3.0 to 4.1',
		"Leader is still in_recovery and therefore can't be used for rewind",
		{kind: 'patroni.rewind-failed', why: 'Leader is still in_recovery'},
	],
	[
		'3.0 to 4.1',
		"bootstrapped from leader 'pgdb1'",
		{kind: 'patroni.reinitializes', why: 'bootstrapped', leader: 'pgdb1'},
	],
	['3.0 to 4.1', 'bootstrapped (without leader)', {kind: 'patroni.reinitializes', why: 'bootstrapped'}],
	[
		'3.0 to 4.1',
		'bootstrapped clone from remote member postgres://10.73.1.11:5432/postgres',
		{kind: 'patroni.reinitializes', why: 'bootstrapped'},
	],
	[
		'3.0 to 4.1',
		'replica has been created using basebackup',
		{kind: 'patroni.reinitializes', why: 'replica has been created using basebackup'},
	],
	[
		'3.0 to 4.1',
		'Removing data directory: /var/lib/postgresql/17/main',
		{kind: 'patroni.reinitializes', why: 'Removing data directory: /var/lib/postgresql/17/main'},
	],
	[
		'3.0 to 4.1',
		"failed to bootstrap from leader 'pgdb1'",
		{kind: 'patroni.reinitialize-failed', why: "bootstrap from leader 'pgdb1'", leader: 'pgdb1'},
	],
	[
		'3.0 to 4.1',
		'Error when fetching backup: pg_basebackup exited with code=1',
		{
			kind: 'patroni.reinitialize-failed',
			why: 'Error when fetching backup: pg_basebackup exited with code=1',
		},
	],
	['4.0.7', 'postmaster pid=4711', {kind: 'patroni.starts-postgres', pid: 4711}],
	['3.0 to 4.1', 'Postgresql is not running.', {kind: 'patroni.waits', why: 'Postgresql is not running'}],
	[
		'3.0.3 to 4.1',
		"Can't start; there is already a node named 'pgdb1' running",
		{kind: 'patroni.stopped', why: "Can't start; there is already a node named 'pgdb1' running"},
	],
	[
		'3.0 to 4.1',
		'system ID mismatch, node pgdb1 belongs to a different cluster: 7577000000000000001 != 7577000000000000002',
		{kind: 'patroni.stopped', why: 'system ID mismatch, node pgdb1 belongs to a different cluster'},
	],
	[
		'3.0 to 4.1',
		'Loop time exceeded, rescheduling immediately.',
		{kind: 'patroni.waits', why: 'Loop time exceeded'},
	],
	[
		'3.0 to 4.1',
		'PostgreSQL shutdown failed, leader key not removed. Leaving watchdog running.',
		{kind: 'patroni.waits', why: 'PostgreSQL shutdown failed, leader key not removed'},
	],
];

/** Lines of Patroni that say nothing here, and why. */
const silent: readonly (readonly [text: string, reason: string])[] = [
	['establishing a new patroni heartbeat connection to postgres', 'no event of the cluster'],
	['Reconnection allowed, looking for another server.', 'one etcd server of several'],
	['Retrying on http://10.73.0.13:2379', 'one etcd server of several'],
	['Selected new etcd server http://10.73.0.13:2379', 'one etcd server of several'],
	[
		"Request to server http://10.73.0.11:2379 failed: ReadTimeoutError('x')",
		'one etcd server of several: the loop says when all are lost',
	],
	["KVCache.run EtcdConnectionFailed('No more machines in the cluster')", 'the loop says it'],
	[
		'Got response from pgdb2 http://10.73.0.12:8008/patroni: {"state": "running"}',
		'the console asks pgdb2 itself',
	],
	[
		'Request failed to pgdb2: GET http://10.73.0.12:8008/patroni (timed out)',
		'the loop says what follows of it',
	],
	["Assigning synchronous standby status to ['pgdb2']", 'the key sync says it'],
	["Synchronous standby status assigned to ['pgdb2']", 'the key sync says it'],
	['Cleaning up failover key', 'the key failover says it'],
	['Cleaning up failover key after acquiring leader lock...', 'the key failover says it'],
	[
		'Awaiting switchover at 2026-11-27T12:00:00+00:00 (in 60 seconds)',
		'repeats with each loop what the key failover says',
	],
	['No PostgreSQL configuration items changed, nothing to reload.', 'no event'],
	['Local timeline=44 lsn=0/D0528C0', 'pg_controldata is asked with each start'],
	['primary_timeline=44', 'asked with each start'],
	['server promoting', 'output of pg_ctl'],
	['localhost:5432 - accepting connections', 'output of pg_isready'],
	['restarted successfully', 'answer of the REST API, not logged'],
	['Scheduled restart: restart conditions are not satisfied', 'the key of the member says it'],
	['Ignoring the former leader being ahead of us', 'no reason against a promotion'],
	['Got quorum vote from pgdb2', 'no reason against a promotion'],
	['', 'an empty line'],
];

describe("another line of Patroni's log", () => {
	it.each(patroniLines)('%s: %s', (_versions, text, expected) => {
		expect(said(text)).toEqual(expected);
		expect(ofJournal(`2026-11-27 11:41:30,978 WARNING: ${text}`)).toEqual({service: 'patroni', ...expected});
	});

	it.each(silent)('%s: nothing, %s', text => {
		expect(said(text)).toBeUndefined();
	});

	it('is read in a custom format, and in JSON with more fields', () => {
		const decision = {kind: 'patroni.follows', leader: 'pgdb1', isDecision: true};
		const text = 'no action. I am (pgdb2), a secondary, and following a leader (pgdb1)';
		const read = (format: string | undefined, line: string) =>
			readLine(
				new FileReader('pgdb2', 'patroni', clock, {
					patroni: {...(format === undefined ? {} : {format})},
				}).read(line, 0),
			);
		expect(
			read(
				'%(asctime)s [%(process)d] %(levelname)s %(name)s - %(message)s',
				`2026-11-23 04:14:10,541 [74] INFO patroni.ha - ${text}`,
			),
		).toEqual(decision);
		expect(
			read(
				undefined,
				JSON.stringify({asctime: '2026-11-23 04:14:10,541', levelname: 'INFO', message: text, module: 'ha'}),
			),
		).toEqual(decision);
	});
});

/** Lines of PostgreSQL, with their level. */
const postgresLines: readonly (readonly [versions: string, line: string, Said | undefined])[] = [
	[
		'17.6',
		'LOG:  starting PostgreSQL 17.6 (Debian 17.6-0+deb13u1) on x86_64-pc-linux-gnu, compiled by gcc',
		{kind: 'postgres.starting'},
	],
	['15, 17, 18', 'LOG:  database system is ready to accept connections', {kind: 'postgres.ready'}],
	[
		'15, 17, 18',
		'LOG:  database system is ready to accept read-only connections',
		{kind: 'postgres.ready-standby'},
	],
	[
		'15, 17, 18',
		'LOG:  database system was interrupted; last known up at 2026-11-27 11:36:16 UTC',
		{kind: 'postgres.crash-recovery', why: 'was interrupted'},
	],
	[
		'15, 17, 18',
		'LOG:  database system was interrupted while in recovery at log time 2026-11-27 11:36:16 UTC',
		{kind: 'postgres.crash-recovery', why: 'was interrupted while in recovery'},
	],
	[
		'15, 17, 18',
		'LOG:  database system was not properly shut down; automatic recovery in progress',
		{kind: 'postgres.crash-recovery', why: 'was not properly shut down; automatic recovery in progress'},
	],
	['15, 17, 18', 'LOG:  received fast shutdown request', {kind: 'postgres.stop-requested', why: 'fast'}],
	[
		'15, 17, 18',
		'LOG:  received immediate shutdown request',
		{kind: 'postgres.stop-requested', why: 'immediate'},
	],
	['15, 17, 18', 'LOG:  database system is shut down', {kind: 'postgres.stopped'}],
	['15, 17, 18', 'LOG:  received promote request', {kind: 'postgres.promote-requested'}],
	['15, 17, 18', 'LOG:  selected new timeline ID: 44', {kind: 'postgres.new-timeline', timeline: 44}],
	[
		'15, 17, 18',
		'LOG:  server process (PID 4711) was terminated by signal 9: Killed',
		{
			kind: 'postgres.crashed',
			object: 'server process',
			pid: 4711,
			why: 'server process (PID 4711) was terminated by signal 9: Killed',
		},
	],
	[
		'15, 17, 18',
		'LOG:  background worker "parallel worker" (PID 4711) was terminated by signal 11: Segmentation fault',
		{
			kind: 'postgres.crashed',
			object: 'background worker "parallel worker"',
			pid: 4711,
			why: 'background worker "parallel worker" (PID 4711) was terminated by signal 11: Segmentation fault',
		},
	],
	[
		'15, 17, 18',
		'LOG:  startup process (PID 33) exited with exit code 1',
		{
			kind: 'postgres.crashed',
			object: 'startup process',
			pid: 33,
			why: 'startup process (PID 33) exited with exit code 1',
		},
	],
	[
		'15, 17, 18',
		'LOG:  background worker "logical replication launcher" (PID 33) exited with exit code 1',
		undefined,
	],
	[
		'15, 17, 18',
		'LOG:  terminating any other active server processes',
		{kind: 'postgres.crashed', why: 'terminating any other active server processes'},
	],
	[
		'15, 17, 18',
		'LOG:  all server processes terminated; reinitializing',
		{kind: 'postgres.crashed', why: 'all server processes terminated'},
	],
	[
		'17, 18',
		'LOG:  shutting down because "restart_after_crash" is off',
		{kind: 'postgres.crashed', why: 'shutting down because "restart_after_crash" is off'},
	],
	[
		'15',
		'LOG:  shutting down because restart_after_crash is off',
		{kind: 'postgres.crashed', why: 'shutting down because restart_after_crash is off'},
	],
	[
		'15, 17, 18',
		'FATAL:  terminating connection due to unexpected postmaster exit',
		{kind: 'postgres.crashed', why: 'unexpected postmaster exit'},
	],
	[
		'15, 17, 18',
		'WARNING:  terminating connection because of crash of another server process',
		{kind: 'postgres.crashed', why: 'crash of another server process'},
	],
	[
		'15, 17, 18',
		'LOG:  started streaming WAL from primary at 0/D000000 on timeline 43',
		{kind: 'postgres.streaming-began', lsn: '0/D000000', timeline: 43},
	],
	[
		'15, 17, 18',
		'LOG:  restarted WAL streaming at 0/D000000 on timeline 44',
		{kind: 'postgres.streaming-began', lsn: '0/D000000', timeline: 44},
	],
	[
		'15, 17, 18',
		'LOG:  replication terminated by primary server',
		{kind: 'postgres.streaming-lost', why: 'replication terminated by primary server'},
	],
	[
		'15, 17, 18',
		'FATAL:  could not receive data from WAL stream: server closed the connection unexpectedly',
		{
			kind: 'postgres.streaming-lost',
			why: 'could not receive data from WAL stream: server closed the connection unexpectedly',
		},
	],
	[
		'17.6',
		'FATAL:  could not connect to the primary server: connection to server at "10.73.0.11", port 5432 failed: Connection refused',
		{
			kind: 'postgres.streaming-lost',
			why: 'could not connect to the primary server: connection to server at "10.73.0.11", port 5432 failed: Connection refused',
		},
	],
	[
		'18',
		'FATAL:  streaming replication receiver "main" could not connect to the primary server: connection to server at "10.73.0.11", port 5432 failed: Connection refused',
		{
			kind: 'postgres.streaming-lost',
			why: 'could not connect to the primary server: connection to server at "10.73.0.11", port 5432 failed: Connection refused',
		},
	],
	[
		'17.6',
		'FATAL:  could not start WAL streaming: ERROR:  replication slot "pgdb2" does not exist',
		{
			kind: 'postgres.streaming-lost',
			why: 'could not start WAL streaming: ERROR:  replication slot "pgdb2" does not exist',
		},
	],
	[
		'15, 17, 18',
		'FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000003 has already been removed',
		{kind: 'postgres.wal-removed', object: '000000010000000000000003'},
	],
	[
		'15, 17, 18',
		'ERROR:  requested WAL segment 000000010000000000000003 has already been removed',
		{kind: 'postgres.wal-removed', object: '000000010000000000000003', why: 'a standby asked for it'},
	],
	[
		'15, 17',
		'FATAL:  could not start WAL streaming: ERROR:  can no longer get changes from replication slot "pgdb2"',
		{kind: 'postgres.wal-removed', why: 'can no longer get changes from replication slot "pgdb2"'},
	],
	[
		'18',
		'FATAL:  could not start WAL streaming: ERROR:  can no longer access replication slot "pgdb2"',
		{kind: 'postgres.wal-removed', why: 'can no longer access replication slot "pgdb2"'},
	],
	[
		'15, 17, 18',
		'LOG:  new timeline 5 forked off current database system timeline 4 before current recovery point 0/5000A0',
		{
			kind: 'postgres.diverged',
			why: 'new timeline 5 forked off current database system timeline 4 before current recovery point 0/5000A0',
		},
	],
	[
		'15, 17, 18',
		"FATAL:  requested timeline 5 is not a child of this server's history",
		{kind: 'postgres.diverged', why: "requested timeline 5 is not a child of this server's history"},
	],
	[
		'15, 17, 18',
		'FATAL:  highest timeline 3 of the primary is behind recovery timeline 4',
		{kind: 'postgres.diverged', why: 'highest timeline 3 of the primary is behind recovery timeline 4'},
	],
	[
		'15, 17, 18',
		'FATAL:  database system identifier differs between the primary and standby',
		{kind: 'postgres.diverged', why: 'database system identifier differs between the primary and standby'},
	],
	[
		'15, 17, 18',
		"FATAL:  could not start WAL streaming: ERROR:  requested starting point 0/5000000 on timeline 4 is not in this server's history",
		{
			kind: 'postgres.diverged',
			why: "requested starting point 0/5000000 on timeline 4 is not in this server's history",
		},
	],
	[
		'15, 17, 18',
		'PANIC:  could not write to file "pg_wal/xlogtemp.4711": No space left on device',
		{
			kind: 'postgres.disk-full',
			why: 'could not write to file "pg_wal/xlogtemp.4711": No space left on device',
		},
	],
	[
		'15, 17, 18',
		'ERROR:  could not extend file "base/5/16384": No space left on device',
		{kind: 'postgres.disk-full', why: 'could not extend file "base/5/16384": No space left on device'},
	],
	[
		'15, 17, 18',
		'LOG:  parameter "synchronous_standby_names" changed to "pgdb1"',
		{kind: 'postgres.sync-names', object: 'pgdb1'},
	],
	[
		'15, 17, 18',
		'LOG:  parameter "synchronous_standby_names" removed from configuration file, reset to default',
		{kind: 'postgres.sync-names'},
	],
	[
		'15, 17, 18',
		'LOG:  standby "pgdb1" is now a synchronous standby with priority 1',
		{kind: 'postgres.sync-joined', object: 'pgdb1'},
	],
	[
		'15, 17, 18',
		'LOG:  standby "pgdb1" is now a candidate for quorum synchronous standby',
		{kind: 'postgres.sync-joined', object: 'pgdb1'},
	],
	[
		'15, 17, 18',
		'FATAL:  sorry, too many clients already',
		{kind: 'postgres.refused', why: 'too many clients'},
	],
	[
		'15',
		'FATAL:  remaining connection slots are reserved for non-replication superuser connections',
		{kind: 'postgres.refused', why: 'too many clients'},
	],
	[
		'17, 18',
		'FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute',
		{kind: 'postgres.refused', why: 'too many clients'},
	],
	[
		'17, 18',
		'FATAL:  number of requested standby connections exceeds "max_wal_senders" (currently 2)',
		{kind: 'postgres.refused', why: 'too many WAL senders (max_wal_senders)'},
	],
	[
		'15, 17, 18',
		'FATAL:  the database system is starting up',
		{kind: 'postgres.refused', why: 'starting up'},
	],
	[
		'15, 17, 18',
		'FATAL:  the database system is shutting down',
		{kind: 'postgres.refused', why: 'shutting down'},
	],
	[
		'15, 17, 18',
		'FATAL:  password authentication failed for user "app"',
		{kind: 'postgres.refused', why: 'password authentication failed for user "app"'},
	],
	[
		'15, 17, 18',
		'FATAL:  no pg_hba.conf entry for host "10.73.0.9", user "app", database "app", no encryption',
		{
			kind: 'postgres.refused',
			why: 'no pg_hba.conf entry for host "10.73.0.9", user "app", database "app", no encryption',
		},
	],
	[
		'15, 17, 18',
		'FATAL:  database "x database system is shut down" does not exist',
		{kind: 'postgres.refused', why: 'database "x database system is shut down" does not exist'},
	],
	[
		'15, 17, 18',
		'PANIC:  could not locate a valid checkpoint record at 0/5000028',
		{kind: 'postgres.panic', why: 'could not locate a valid checkpoint record at 0/5000028'},
	],
	[
		'15, 17, 18',
		'FATAL:  data directory "/var/lib/postgresql/17/main" has invalid permissions',
		{kind: 'postgres.fatal', why: 'data directory "/var/lib/postgresql/17/main" has invalid permissions'},
	],
	['15, 17, 18', 'FATAL:  terminating connection due to administrator command', undefined],
	['15, 17, 18', 'FATAL:  terminating walreceiver process due to administrator command', undefined],
	[
		'15, 17, 18',
		'FATAL:  terminating background worker "logical replication launcher" due to administrator command',
		undefined,
	],
	['15, 17, 18', 'FATAL:  terminating connection due to idle-in-transaction timeout', undefined],
	['15, 17, 18', 'FATAL:  connection to client lost', undefined],
	['17.6', 'LOG:  checkpoint starting: force', undefined],
	['17.6', 'STATEMENT:  database system is shut down', undefined],
	['17.6', 'DETAIL:  database system is shut down', undefined],
	['17.6', 'ERROR:  syntax error at or near "database system is shut down"', undefined],
	['17.6', 'LOG:  statement: select 1 -- database system is shut down', undefined],
];

describe("a line of PostgreSQL's log", () => {
	it.each(postgresLines)('%s: %s', (_versions, line, expected) => {
		const head = '2026-11-27 11:41:26.597 UTC [102] ';
		const inJournal = ofJournal(head + line);
		expect(inJournal).toEqual(expected === undefined ? undefined : {service: 'postgresql', ...expected});
		const ofFile = (settings: string, text: string) =>
			readLine(
				new FileReader('pgdb1', 'postgresql', clock, {postgresql: {linePrefix: settings}}).read(text, 0),
			);
		expect(ofFile('%m [%p] %q%u@%d %a ', head + line)).toEqual(expected);
		expect(ofFile('%m [%p] %q%u@%d %a ', `${head}app@app database system is shut down ${line}`)).toEqual(
			expected,
		);
		const [, word, message = ''] = /^([A-Z]+): {2}(.*)$/.exec(line) ?? [];
		if (word !== 'STATEMENT' && word !== 'DETAIL') {
			const csv = `2026-11-27 11:41:26.597 UTC,"app","app",102,"[local]",x.1,1,"idle",2026-11-27 11:41:26 UTC,1/1,0,${word},00000,"${message.replaceAll('"', '""')}","a detail",,,,,"select 1",,,"psql","client backend",,0`;
			expect(ofFile('%m [%p] ', csv)).toEqual(expected);
			expect(
				ofFile(
					'%m [%p] ',
					JSON.stringify({
						timestamp: '2026-11-27 11:41:26.597 UTC',
						pid: 102,
						user: 'app',
						error_severity: word,
						message,
					}),
				),
			).toEqual(expected);
		}
	});

	it('of a continued message says nothing', () => {
		expect(ofJournal('\tdatabase system is shut down')).toBeUndefined();
	});
});

describe('any line', () => {
	const services = ['patroni', 'postgresql', 'etcd', 'haproxy', 'my-own'];
	const words = ['LOG', 'FATAL', 'PANIC', 'ERROR', 'INFO', ''];
	const parts = [
		...loopTexts.map(({text}) => text),
		...patroniLines.map(([, text]) => text),
		...postgresLines.map(([, line]) => line.replace(/^[A-Z]+: {2}/, '')),
	];

	it('is read without an error', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...services),
				fc.constantFrom(...words),
				fc.array(fc.oneof(fc.string({unit: 'binary'}), fc.constantFrom(...parts))),
				fc.option(fc.nat(300), {nil: undefined}),
				(service, word, texts, messageAt) => {
					const line = {service, word, text: texts.join(''), ...(messageAt === undefined ? {} : {messageAt})};
					const result = readLine(line);
					expect(typeof result?.kind).toMatch(/^(?:string|undefined)$/);
					for (const value of Object.values(result ?? {})) {
						expect(String(value).length).toBeLessThanOrEqual(200);
					}
				},
			),
		);
	});

	it.each(services)('is read in time that grows with its length: %s', service => {
		const took = (text: string) =>
			cpuMsOf(() => {
				for (const word of words) {
					readLine({service, word, text});
				}
			});
		for (const part of parts) {
			for (const unit of [part, part.slice(0, 30), part.slice(0, -1)]) {
				const text = `${part.slice(0, -1)}${unit.repeat(Math.ceil(100_000 / unit.length))}`;
				// A quadratic pattern needs seconds for 100,000 characters.
				expect(took(text), part).toBeLessThan(500);
			}
		}
	});
});
