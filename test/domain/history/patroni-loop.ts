/** Every text that one loop of Patroni ends with (`Ha.run_cycle` of ha.py, v3.0.0 to v4.1.4), and what it says. */
import type {Said} from '../../../source/domain/history/said.ts';

export type LoopText = {
	/** As Patroni logs it, with values in place of its variables. */
	text: string;
	/** Versions that have it. */
	versions: string;
	said: Omit<Said, 'isDecision'>;
};

const every = '3.0 to 4.1';

export const loopTexts: readonly LoopText[] = [
	// process_healthy_cluster
	row('no action. I am (pgdb1), the leader with the lock', {kind: 'patroni.leads'}),
	row('no action. I am (pgdb1), the standby leader with the lock', {
		kind: 'patroni.leads',
		why: 'standby leader',
	}),
	row('no action. I am (pgdb2), a secondary, and following a leader (pgdb1)', {
		kind: 'patroni.follows',
		leader: 'pgdb1',
	}),
	row('no action. I am (pgdb2), a secondary, and following a leader (None)', {kind: 'patroni.follows'}),
	row('no action. I am (dc2-1), a secondary, and following a standby leader (dc2-2)', {
		kind: 'patroni.follows',
		leader: 'dc2-2',
	}),
	row('promoted self to a standby leader because i had the session lock', {
		kind: 'patroni.promoted',
		why: 'because i had the session lock',
	}),
	row('promoted self to leader because I had the session lock', {
		kind: 'patroni.promoted',
		why: 'because I had the session lock',
	}),
	row('waiting to become primary after promote...', {
		kind: 'patroni.leads',
		why: 'waiting to become primary after promote',
	}),
	row('removed leader lock because postgres is not running as primary', {
		kind: 'patroni.lock-lost',
		why: 'postgres is not running as primary',
	}),
	row('continue to run as primary after failing to update leader lock in DCS', {
		kind: 'patroni.lock-lost',
		why: 'failing to update leader lock in DCS',
	}),
	row('demoted self because failed to update leader lock in DCS', {
		kind: 'patroni.demoted',
		why: 'failed to update leader lock in DCS',
	}),
	row('not promoting because failed to update leader lock in DCS', {
		kind: 'patroni.lock-lost',
		why: 'failed to update leader lock in DCS',
	}),
	row('cannot be a real primary in a standby cluster', {
		kind: 'patroni.demoted',
		why: 'cannot be a real primary in a standby cluster',
	}),
	row('cannot be a real primary in standby cluster', {
		kind: 'patroni.demoted',
		why: 'cannot be a real primary in standby cluster',
	}),
	row('demoting self because I do not have the lock and I was a leader', {
		kind: 'patroni.demoted',
		why: 'I do not have the lock and I was a leader',
	}),
	// process_unhealthy_cluster
	row('acquired session lock as a leader', {kind: 'patroni.leads'}),
	row('promoted self to leader by acquiring session lock', {
		kind: 'patroni.promoted',
		why: 'by acquiring session lock',
	}),
	row('promoted self to a standby leader by acquiring session lock', {
		kind: 'patroni.promoted',
		why: 'by acquiring session lock',
	}),
	row('demoted self after trying and failing to obtain lock', {
		kind: 'patroni.demoted',
		why: 'after trying and failing to obtain lock',
	}),
	row('following new leader after trying and failing to obtain lock', {
		kind: 'patroni.waits',
		why: 'trying and failing to obtain lock',
	}),
	row('demoting self because I am not allowed to become primary', {
		kind: 'patroni.demoted',
		why: 'I am not allowed to become primary',
	}),
	row('following a different leader because I am not allowed to promote', {
		kind: 'patroni.waits',
		why: 'I am not allowed to promote',
	}),
	row('demoting self because i am not the healthiest node', {
		kind: 'patroni.demoted',
		why: 'i am not the healthiest node',
	}),
	row('following a different leader because i am not the healthiest node', {
		kind: 'patroni.waits',
		why: 'i am not the healthiest node',
	}),
	// enforce_primary_role
	row('Demoting self because watchdog could not be activated', {
		kind: 'patroni.demoted',
		why: 'watchdog could not be activated',
	}),
	row('Not promoting self because watchdog could not be activated', {
		kind: 'patroni.watchdog',
		why: 'watchdog could not be activated',
	}),
	row('Promotion cancelled because the pre-promote script failed', {
		kind: 'patroni.waits',
		why: 'the pre-promote script failed',
	}),
	row('Postponing promotion because synchronous replication state was updated by somebody else', {
		kind: 'patroni.waits',
		why: 'synchronous replication state was updated by somebody else',
	}),
	// process_manual_failover_from_leader
	row('manual failover: demoting myself', {kind: 'patroni.demoted', why: 'manual failover'}),
	row('switchover: demoting myself', {kind: 'patroni.demoted', why: 'switchover'}, '3.2 to 4.1'),
	row('failover: demoting myself', {kind: 'patroni.demoted', why: 'failover'}, '3.2 to 4.1'),
	row('Failed to run switchover: demote, restart is already in progress', {
		kind: 'patroni.waits',
		why: 'switchover: demote, restart is already in progress',
	}),
	// follow
	row('continue to run as primary without lock', {
		kind: 'patroni.waits',
		why: 'continue to run as primary without lock',
	}),
	row('no action. I am (pgdb2)', {kind: 'patroni.waits', why: 'no leader to follow'}),
	row('continue following the old known standby leader', {
		kind: 'patroni.follows',
		why: 'continue following the old known standby leader',
	}),
	// _handle_rewind_or_reinitialize, _handle_crash_recovery, recover
	row('running pg_rewind from pgdb1', {kind: 'patroni.rewinds', leader: 'pgdb1'}),
	row('reinitializing due to diverged timelines', {
		kind: 'patroni.reinitializes',
		why: 'diverged timelines',
	}),
	...[
		'doing crash recovery in a single user mode',
		'starting as readonly because i had the session lock',
		'starting as a standby leader because i had the session lock',
		'trying to follow a remote member because standby cluster is unhealthy',
		'starting as a secondary',
		'started as a secondary',
	].map(text => row(text, {kind: 'patroni.starts-postgres', why: text})),
	row(
		'starting primary after failure',
		{kind: 'patroni.starts-postgres', why: 'starting primary after failure'},
		'3.0.3 to 4.1',
	),
	row('stopped PostgreSQL to fail over after a crash', {
		kind: 'patroni.demoted',
		why: 'to fail over after a crash',
	}),
	// bootstrap, post_bootstrap
	row("trying to bootstrap from leader 'pgdb1'", {
		kind: 'patroni.reinitializes',
		why: "from leader 'pgdb1'",
		leader: 'pgdb1',
	}),
	row("trying to bootstrap from replica 'pgdb3'", {
		kind: 'patroni.reinitializes',
		why: "from replica 'pgdb3'",
		object: 'pgdb3',
	}),
	row('trying to bootstrap (without leader)', {kind: 'patroni.reinitializes', why: 'without leader'}),
	...[
		'waiting for leader to bootstrap',
		'waiting for standby_leader to bootstrap',
		'failed to acquire initialize lock',
		'trying to bootstrap a new standby leader',
		'trying to bootstrap a new cluster',
		'waiting for end of recovery after bootstrap',
		'running post_bootstrap',
		'postgres is not running',
		'failed to start postgres',
		'running with empty data directory',
	].map(text => row(text, {kind: 'patroni.waits', why: text})),
	row('initialized a new cluster', {kind: 'patroni.leads', why: 'initialized a new cluster'}),
	// handle_long_action_in_progress: the actions of AsyncExecutor
	row('updated leader lock during promote', {
		kind: 'patroni.leads',
		why: 'updated leader lock during promote',
	}),
	row('terminated crash recovery because of startup timeout', {
		kind: 'patroni.demoted',
		why: 'terminated crash recovery because of startup timeout',
	}),
	row('lost leader before promote', {kind: 'patroni.lock-lost', why: 'lost leader before promote'}),
	row('lost leader lock during restart', {
		kind: 'patroni.demoted',
		why: 'lost leader lock during restart',
	}),
	row('reinitialize in progress', {kind: 'patroni.reinitializes'}),
	row('reinitializing due to diverged timelines in progress', {
		kind: 'patroni.reinitializes',
		why: 'diverged timelines',
	}),
	row("bootstrap from leader 'pgdb1' in progress", {
		kind: 'patroni.reinitializes',
		why: "from leader 'pgdb1'",
		leader: 'pgdb1',
	}),
	row("bootstrap from replica 'pgdb3' in progress", {
		kind: 'patroni.reinitializes',
		why: "from replica 'pgdb3'",
		object: 'pgdb3',
	}),
	row('bootstrap (without leader) in progress', {kind: 'patroni.reinitializes', why: 'without leader'}),
	row('running pg_rewind from pgdb1 in progress', {kind: 'patroni.rewinds', leader: 'pgdb1'}),
	row('restart in progress', {kind: 'patroni.restarts', why: 'restart in progress'}),
	row('changing primary_conninfo and restarting in progress', {
		kind: 'patroni.restarts',
		why: 'changing primary_conninfo and restarting',
	}),
	...['restarting after failure', 'starting after demotion', 'starting primary after failure'].map(text =>
		row(`${text} in progress`, {kind: 'patroni.starts-postgres', why: text}),
	),
	row('doing crash recovery in a single user mode in progress', {
		kind: 'patroni.starts-postgres',
		why: 'doing crash recovery in a single user mode',
	}),
	...[
		'promote in progress',
		'switchover: demote in progress',
		'manual failover: demote in progress',
		'failover: demote in progress',
		'bootstrap in progress',
		'bootstrap_standby_leader in progress',
		'post_bootstrap in progress',
		'copy_logical_slots in progress',
		'demoting to a standby cluster in progress',
	].map(text => row(text, {kind: 'patroni.waits', why: text})),
	// handle_starting_instance, post_recover
	row('stopped PostgreSQL while starting up because leader key was lost', {
		kind: 'patroni.demoted',
		why: 'while starting up because leader key was lost',
	}),
	row('stopped PostgreSQL because of startup timeout', {kind: 'patroni.demoted', why: 'startup timeout'}),
	row('primary start has timed out, but continuing to wait because failover is not possible', {
		kind: 'patroni.leads',
		why: 'primary start has timed out, but continuing to wait because failover is not possible',
	}),
	row('PostgreSQL is still starting up, 293 seconds until timeout', {
		kind: 'patroni.leads',
		why: 'PostgreSQL is still starting up, 293 seconds until timeout',
	}),
	row('removed leader key after trying and failing to start postgres', {
		kind: 'patroni.lock-lost',
		why: 'trying and failing to start postgres',
	}),
	// evaluate_scheduled_restart
	row('restart initiated', {kind: 'patroni.restarts', why: 'restart initiated'}),
	// _run_cycle
	row('released leader key voluntarily as data dir empty and currently leader', {
		kind: 'patroni.lock-lost',
		why: 'data dir empty and currently leader',
	}),
	row('released leader key voluntarily as data dir not accessible and currently leader', {
		kind: 'patroni.lock-lost',
		why: 'data dir not accessible and currently leader',
	}),
	row('released leader key voluntarily due to the system ID mismatch', {
		kind: 'patroni.lock-lost',
		why: 'the system ID mismatch',
	}),
	row("data directory is not accessible: [Errno 13] Permission denied: '/var/lib/postgresql/17/main'", {
		kind: 'patroni.waits',
		why: "data directory is not accessible: [Errno 13] Permission denied: '/var/lib/postgresql/17/main'",
	}),
	row('data dir for the cluster is not empty, but system ID is invalid; consider doing reinitialize', {
		kind: 'patroni.waits',
		why: 'system ID is invalid',
	}),
	row('removed leader lock because postgres is not running', {
		kind: 'patroni.lock-lost',
		why: 'postgres is not running',
	}),
	row("Copying logical slots ['a', 'b'] from the primary", {
		kind: 'patroni.waits',
		why: "Copying logical slots ['a', 'b'] from the primary",
	}),
	row('Error communicating with PostgreSQL. Will try again later', {
		kind: 'patroni.waits',
		why: 'Error communicating with PostgreSQL',
	}),
	row('Unexpected exception raised, please report it as a BUG', {
		kind: 'patroni.waits',
		why: 'Unexpected exception raised',
	}),
	// _handle_dcs_error
	row('DCS is not accessible', {kind: 'patroni.dcs-lost', why: 'DCS is not accessible'}),
	row('demoted self because DCS is not accessible and I was a leader', {
		kind: 'patroni.demoted',
		why: 'DCS is not accessible and I was a leader',
	}),
	row(
		'demoting self because DCS is not accessible and I was a leader',
		{
			kind: 'patroni.demoted',
			why: 'DCS is not accessible and I was a leader',
		},
		'3.0 to 3.2, a decision while the executor is busy',
	),
	row('continue to run as a leader because failsafe mode is enabled and all members are accessible', {
		kind: 'patroni.failsafe',
		why: 'failsafe mode is enabled and all members are accessible',
	}),
];

function row(text: string, said: LoopText['said'], versions = every): LoopText {
	return {text, versions, said};
}
