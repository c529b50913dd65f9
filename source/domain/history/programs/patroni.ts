/** What the lines of Patroni's log say. Texts of its source: ha.py, rewind.py, bootstrap.py, api.py, etcd3.py, watchdog. */
import type {Said, SaidKind, SaidPattern} from '../said.ts';

const every = 'Patroni 3.0 to 4.1';

/** A member's name. Bounded, so that a pattern takes linear time. */
const name = '[^()\'" ]{1,255}';
const anyText = '.{1,8192}';

/** The outcome of one loop: the text that `Ha.run_cycle` returns, and Patroni logs. */
function loop(kind: SaidKind, pattern: string, seen = every, fields: Omit<Said, 'kind'> = {}): SaidPattern {
	return {
		kind,
		pattern: new RegExp(`^(?<isPaused>PAUSE: )?${pattern}$`, 's'),
		fields: {isDecision: true, ...fields},
		seen,
	};
}

/** Any other line. */
function line(kind: SaidKind, pattern: string, seen = every): SaidPattern {
	return {kind, pattern: new RegExp(`^${pattern}`, 's'), seen};
}

const leads: readonly SaidPattern[] = [
	loop('patroni.leads', `no action\\. I am \\(${name}\\), the leader with the lock`),
	// It takes no writes.
	loop('patroni.leads', `no action\\. I am \\(${name}\\), the (?<why>standby leader) with the lock`),
	loop('patroni.leads', 'acquired session lock as a leader'),
	loop('patroni.leads', '(?<why>updated leader lock during .{1,300})'),
	loop('patroni.leads', '(?<why>PostgreSQL is still starting up, -?\\d{1,9} seconds until timeout)'),
	loop(
		'patroni.leads',
		'(?<why>primary start has timed out, but continuing to wait because failover is not possible)',
	),
	loop('patroni.leads', '(?<why>waiting to become primary after promote)\\.\\.\\.'),
	loop('patroni.leads', '(?<why>initialized a new cluster)'),
	loop(
		'patroni.failsafe',
		'continue to run as a leader because (?<why>failsafe mode is enabled and all members are accessible)',
	),
	loop(
		'patroni.promoted',
		'promoted self to (?:a standby )?leader (?<why>by acquiring session lock|because [iI] had the session lock)',
	),
];

const follows: readonly SaidPattern[] = [
	loop(
		'patroni.follows',
		`no action\\. I am \\(${name}\\), a secondary, and following a (?:standby )?leader \\((?:None|(?<leader>${name}))\\)`,
	),
	loop('patroni.follows', '(?<why>continue following the old known standby leader)'),
];

const demoted: readonly SaidPattern[] = [
	loop(
		'patroni.demoted',
		'demot(?:ed|ing) self (?:because )?(?<why>failed to update leader lock in DCS|DCS is not accessible and I was a leader|i am not the healthiest node|I am not allowed to become primary|I do not have the lock and I was a leader|after trying and failing to obtain lock)(?: in progress)?',
	),
	loop('patroni.demoted', 'Demoting self because (?<why>watchdog could not be activated)'),
	loop('patroni.demoted', '(?<why>cannot be a real primary in a? ?standby cluster)'),
	loop('patroni.demoted', '(?<why>manual failover|switchover|failover): demoting myself'),
	loop('patroni.demoted', '(?<why>lost leader lock during .{1,300})'),
	loop('patroni.demoted', 'stopped PostgreSQL (?<why>to fail over after a crash)'),
	loop('patroni.demoted', 'stopped PostgreSQL (?<why>while starting up because leader key was lost)'),
	loop('patroni.demoted', 'stopped PostgreSQL because of (?<why>startup timeout)'),
	loop('patroni.demoted', '(?<why>terminated crash recovery because of startup timeout)'),
	line('patroni.demoted', 'Demoting self \\((?<why>[a-z-]{1,40})\\)$'),
	line(
		'patroni.demoted',
		'(?:Lost lock while starting up\\. Demoting self\\.|Demoting self because (?<why>crash recovery is taking too long|primary startup is taking too long)|Demoting primary during (?<object>.{1,300}))$',
	),
	line('patroni.demoted', '(?<why>Primary crashed)\\. Failing over\\.$'),
];

const lockLost: readonly SaidPattern[] = [
	loop('patroni.lock-lost', 'not promoting because (?<why>failed to update leader lock in DCS)'),
	loop('patroni.lock-lost', '(?<why>lost leader before promote)'),
	loop('patroni.lock-lost', 'continue to run as primary after (?<why>failing to update leader lock in DCS)'),
	loop('patroni.lock-lost', 'removed leader lock because (?<why>postgres is not running(?: as primary)?)'),
	loop('patroni.lock-lost', 'removed leader key after (?<why>trying and failing to start postgres)'),
	loop('patroni.lock-lost', 'released leader key voluntarily (?:due to|as) (?<why>.{1,300})'),
	line(
		'patroni.lock-lost',
		'(?<why>failed to update leader lock|I am the leader but not owner of the lease)$',
	),
	line('patroni.lock-lost', '(?<why>Leader key released)$'),
	line(
		'patroni.lock-lost',
		'Releasing the leader key voluntarily because (?<why>the pre-promote script failed)$',
	),
];

/** Rows before the rest of the loop's: an action in progress is named by its own words. */
const works: readonly SaidPattern[] = [
	loop('patroni.rewinds', `running pg_rewind from (?<leader>${name})(?: in progress)?`),
	loop(
		'patroni.reinitializes',
		`(?:trying to )?bootstrap (?<why>from (?:leader '(?<leader>${name})'|replica '(?<object>${name})'))(?: in progress)?`,
	),
	loop('patroni.reinitializes', '(?:trying to )?bootstrap \\((?<why>without leader)\\)(?: in progress)?'),
	loop('patroni.reinitializes', 'reinitializing due to (?<why>diverged timelines)(?: in progress)?'),
	loop('patroni.reinitializes', 'reinitialize in progress'),
	loop('patroni.restarts', '(?<why>restart initiated|restart in progress)'),
	loop('patroni.restarts', '(?<why>changing primary_conninfo and restarting) in progress'),
	loop(
		'patroni.starts-postgres',
		'(?<why>starting as a secondary|starting as (?:readonly|a standby leader) because i had the session lock|starting primary after failure|doing crash recovery in a single user mode|restarting after failure|starting after demotion|trying to follow a remote member because standby cluster is unhealthy)(?: in progress)?',
	),
	loop('patroni.starts-postgres', '(?<why>started as a secondary)'),
];

const waits: readonly SaidPattern[] = [
	loop('patroni.dcs-lost', '(?<why>DCS is not accessible)'),
	loop('patroni.watchdog', 'Not promoting self because (?<why>watchdog could not be activated)'),
	loop(
		'patroni.waits',
		'following (?:a different leader because|new leader after) (?<why>i am not the healthiest node|I am not allowed to promote|trying and failing to obtain lock)',
	),
	loop('patroni.waits', '(?<why>Error communicating with PostgreSQL)\\. Will try again later'),
	loop(
		'patroni.waits',
		'(?<why>postgres is not running|failed to start postgres|running with empty data directory|failed to acquire initialize lock|waiting for (?:standby_)?leader to bootstrap|waiting for end of recovery after bootstrap|running post_bootstrap|trying to bootstrap a new (?:cluster|standby leader)|continue to run as primary without lock)',
	),
	loop('patroni.waits', '(?<why>data directory is not accessible: .{1,300})'),
	loop(
		'patroni.waits',
		'data dir for the cluster is not empty, but (?<why>system ID is invalid); consider doing reinitialize',
	),
	loop('patroni.waits', 'Promotion cancelled because (?<why>the pre-promote script failed)'),
	loop(
		'patroni.waits',
		'Postponing promotion because (?<why>synchronous replication state was updated by somebody else)',
	),
	loop('patroni.waits', '(?<why>Copying logical slots .{1,8000} from the primary)'),
	loop('patroni.waits', '(?<why>Unexpected exception raised), please report it as a BUG'),
	loop('patroni.waits', 'Failed to run (?<why>[^,]{1,300}, [^,]{1,300} is already in progress)'),
	loop('patroni.waits', `no action\\. I am \\(${name}\\)`, every, {why: 'no leader to follow'}),
	loop('patroni.waits', '(?<why>[a-z][^.:,;]{0,80}(?:: demote)? in progress)'),
];

/** Lines between the loops: why this member, or another, does not take over. */
const reasons: readonly SaidPattern[] = [
	line('patroni.waits', '(?<why>not healthy enough for leader race)$'),
	line('patroni.waits', '(?<why>My wal position exceeds maximum replication lag)$'),
	line('patroni.waits', `(?<why>Wal position of (?<object>${name}) is ahead of my wal position)$`),
	line('patroni.waits', '(?<why>My timeline \\d{1,10} is behind last known cluster timeline \\d{1,10})$'),
	line('patroni.waits', '(?<why>Can not figure out my timeline)$', 'Patroni 3.0.3 to 4.1'),
	line('patroni.waits', `(?<why>Primary \\((?<object>${name})\\) is still alive)$`),
	line(
		'patroni.waits',
		`(?<why>(?<object>${name}) has equally tolerable WAL position and priority -?\\d{1,10}, while this node has priority -?\\d{1,10})$`,
		'Patroni 3.2 to 4.1',
	),
	line('patroni.waits', '(?<why>Quorum requirement \\d{1,10} can not be reached)$', 'Patroni 4.0 to 4.1'),
	line(
		'patroni.waits',
		'(?:backoff: )?(?<why>skip leader race after pre_promote script failure and releasing the lock voluntarily)$',
	),
	line(
		'patroni.waits',
		`(?<why>Member (?<object>${name}) (?:is (?:not reachable|not allowed to promote|not watchdog capable|not synchronized)|exceeds maximum replication lag|does not report wal_position))$`,
	),
	line(
		'patroni.waits',
		`(?<why>Timeline (?:None|\\d{1,10}) of member (?<object>${name}) is behind the cluster timeline \\d{1,10})$`,
	),
	line('patroni.waits', '(?<why>Could not take out TTL lock)$'),
	line(
		'patroni.waits',
		`(?<why>(?:manual failover|failover|switchover|Failover|Switchover|Manual Failover)(?:: (?:no healthy members found|member ${name} is |members list is empty|candidates list is empty|leader name does not match|I am already the leader|to ${name}, i am ${name}$|removing failover key because failover candidate is not running)| is possible only to a specific candidate in a paused state| candidate=${name} does not match with sync_standbys=).{0,1000})$`,
	),
	line('patroni.waits', '(?<why>Waiting for primary to release us from synchronous standby)$'),
	line('patroni.waits', '(?<why>Still starting up as a standby)\\.$'),
];

const others: readonly SaidPattern[] = [
	{
		kind: 'patroni.lock-owner',
		pattern: new RegExp(`^Lock owner: (?:None|(?<leader>${name})); I am ${name}$`),
		seen: every,
	},
	line(
		'patroni.switchover',
		`received (?:switchover|failover) request with leader=(?:None|(?<from>${name})) candidate=(?:None|(?<object>${name})) scheduled_at=(?:None$|(?<why>.{1,100}))`,
	),
	line(
		'patroni.dcs-lost',
		'(?<why>Error communicating with DCS|No more machines in the cluster|waiting on etcd)$',
	),
	line('patroni.dcs-lost', `(?<why>Our lease disappeared from Etcd)${anyText}$`),
	line('patroni.dcs-lost', '(?<why>Can not get cluster from dcs)$'),
	line('patroni.watchdog', '(?<why>Watchdog device is not usable)$'),
	line(
		'patroni.watchdog',
		"(?<why>Configuration requires (?:a )?watchdog, but .{1,300}|Could not activate .{1,300}|Watchdog not supported because .{1,300}|Watchdog timeout .{1,300} does not ensure safe termination .{1,100}|Watchdog implementation can't be disabled\\. .{1,300}|loop_wait of .{1,50} seconds is too long for watchdog .{1,100}|Disabling watchdog due to unsafe timeout\\.|Error while (?:disabling watchdog|sending keepalive): .{1,300}|Cancelling bootstrap because watchdog activation failed)$",
	),
	// The connection string, which is not repeated.
	line('patroni.rewinds', `running pg_rewind from ${anyText}$`),
	line('patroni.rewinds', 'pg_rewind (?<why>exit code=0)$'),
	line('patroni.rewind-failed', 'pg_rewind (?<why>exit code=.{1,40})$'),
	line(
		'patroni.rewind-failed',
		`Failed to rewind (?:from healt?h?y primary: (?<leader>${name})|because (?<why>primary ${name} become unreachable))$`,
	),
	line('patroni.rewind-failed', 'Can not run pg_rewind because (?<why>postgres is still running)$'),
	line('patroni.rewind-failed', `Can not use (?<leader>${name}) for rewind: (?<why>.{1,300})`),
	line(
		'patroni.rewind-failed',
		"(?<why>Leader is still in_recovery) and therefore can't be used for rewind$",
	),
	line('patroni.rewind-failed', '(?<why>Failed to fetch WAL segment .{1,100}) required for pg_rewind$'),
	line(
		'patroni.reinitializes',
		`(?<why>bootstrapped) (?:from leader '(?<leader>${name})'|from replica '(?<object>${name})'|\\(without leader\\)|clone from remote member .{1,300})$`,
	),
	line('patroni.reinitializes', '(?<why>replica has been created using .{1,200})$'),
	line('patroni.reinitializes', '(?<why>Removing data directory: .{1,300})$'),
	line(
		'patroni.reinitialize-failed',
		`failed to (?<why>bootstrap (?:from leader '(?<leader>${name})'|from replica '(?<object>${name})'|\\(without leader\\)|clone from remote member .{1,300}))$`,
	),
	line(
		'patroni.reinitialize-failed',
		'(?<why>Error when fetching backup.{1,300}|Error creating replica using method .{1,300})$',
	),
	line('patroni.starts-postgres', 'postmaster pid=(?<pid>\\d{1,10})$'),
	line('patroni.waits', '(?<why>Postgresql is not running)\\.$'),
	line('patroni.waits', '(?<why>postmaster is not running|Timed out waiting for PostgreSQL to start)$'),
	line(
		'patroni.stopped',
		'(?<why>No initialize key in DCS and PostgreSQL is running as replica), aborting start$',
	),
	line('patroni.stopped', "(?<why>Can't start; there is already a node named '.{1,255}' running)$"),
	line(
		'patroni.stopped',
		'(?<why>system ID mismatch, node .{1,255} belongs to a different cluster): .{1,100}$',
	),
	line('patroni.waits', '(?<why>PostgreSQL shutdown failed, leader key not removed)\\.'),
	line('patroni.waits', '(?<why>Loop time exceeded), rescheduling immediately\\.$'),
	line('patroni.waits', '(?<why>Timeout during postmaster stop), aborting Postgres\\.$'),
	line('patroni.waits', '(?<why>pg_ctl stop failed)$'),
];

export const patroniSaid: readonly SaidPattern[] = [
	...leads,
	...follows,
	...demoted,
	...lockLost,
	...works,
	...reasons,
	...waits,
	...others,
];
