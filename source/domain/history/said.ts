/** What a program reports in one line of its log, as far as this console understands it. Pure types. */

/** The program that wrote the line, and what happened. */
export type SaidKind =
	/** One loop of Patroni: this member has the leader key. */
	| 'patroni.leads'
	/** One loop: this member follows `leader`, where the line names it. */
	| 'patroni.follows'
	/** One loop, or a part of it: why this member neither leads nor follows, nor takes over (`why`). */
	| 'patroni.waits'
	/** It took the leader key and promotes its PostgreSQL. */
	| 'patroni.promoted'
	/** It stops or restarts its PostgreSQL as a standby (`why`: immediate, graceful, lock lost, …). */
	| 'patroni.demoted'
	/** It could not renew the leader key, gave it up (`why`), or another member has it. */
	| 'patroni.lock-lost'
	/** Who holds the leader key, as this member reads it: `leader`; without it, no member. */
	| 'patroni.lock-owner'
	/** A manual or scheduled switchover or failover was received: `from`, `object` (the candidate). */
	| 'patroni.switchover'
	/** It does not reach the DCS (`why`). */
	| 'patroni.dcs-lost'
	/** The DCS is unreachable, and the leader stays by the answers of all members (failsafe_mode). */
	| 'patroni.failsafe'
	/** It ends by itself (`why`); a stop by systemd is `unit.stopped`. */
	| 'patroni.stopped'
	/** It restarts its PostgreSQL (`why`). */
	| 'patroni.restarts'
	/** Its PostgreSQL is not running and is started. */
	| 'patroni.starts-postgres'
	/** pg_rewind runs, was not possible, or failed (`why`). */
	| 'patroni.rewinds'
	| 'patroni.rewind-failed'
	/** A new copy of the leader's data is made: `leader` is the member that is copied. */
	| 'patroni.reinitializes'
	| 'patroni.reinitialize-failed'
	/** The watchdog is not usable, or will reset the machine (`why`). */
	| 'patroni.watchdog'
	| 'postgres.starting'
	/** `database system is ready to accept connections` */
	| 'postgres.ready'
	/** `database system is ready to accept read-only connections` */
	| 'postgres.ready-standby'
	/** Crash recovery: `database system was interrupted`, `was not properly shut down`. */
	| 'postgres.crash-recovery'
	/** `why`: smart, fast, immediate. */
	| 'postgres.stop-requested'
	| 'postgres.stopped'
	/** A process was ended by a signal, or all are (`why`): the server restarts. */
	| 'postgres.crashed'
	| 'postgres.promote-requested'
	/** `selected new timeline ID: N`: `timeline`. */
	| 'postgres.new-timeline'
	/** `timeline`, `lsn`: from where it streams. */
	| 'postgres.streaming-began'
	| 'postgres.streaming-lost'
	/** `object`: the WAL segment that the leader does not have any more. */
	| 'postgres.wal-removed'
	/** Its history forked before the leader's (`why`). */
	| 'postgres.diverged'
	| 'postgres.disk-full'
	/** `object`: the standbys that commits wait for; without it, none. */
	| 'postgres.sync-names'
	/** `object`: a standby that commits wait for from now on. */
	| 'postgres.sync-joined'
	/** A connection was refused (`why`): too many clients, starting up, shutting down, authentication. */
	| 'postgres.refused'
	| 'postgres.panic'
	| 'postgres.fatal'
	/** `object`: id of the raft leader, `term`. */
	| 'etcd.elected'
	/** `object`: id of the member that became candidate, `term`. */
	| 'etcd.election'
	/** `object`: the leader that is lost, `term`. */
	| 'etcd.leader-lost'
	/** A check of its health was answered so; again with each check. */
	| 'etcd.no-leader'
	/** `object`: the peer. */
	| 'etcd.peer-lost'
	| 'etcd.peer-back'
	| 'etcd.slow-disk'
	/** Requests take too long, heartbeats are late (`why`). */
	| 'etcd.overloaded'
	/** Its quota is used up, or the disk is (`why`); `object`: the member that raised the alarm. */
	| 'etcd.no-space'
	/** The alarm was cleared. */
	| 'etcd.space-freed'
	/** Members have different data. */
	| 'etcd.corrupt'
	| 'etcd.member-added'
	| 'etcd.member-removed'
	| 'etcd.started'
	| 'etcd.stopped'
	/** keepalived; `object`: the VRRP instance or group, `why`. */
	| 'vrrp.master'
	| 'vrrp.backup'
	| 'vrrp.fault'
	/** As master it hears another master: `from` (its address), `why` (both priorities). */
	| 'vrrp.rival'
	/** As backup: the master left (priority 0), or is silent (`why`). */
	| 'vrrp.master-gone'
	/** Its priority changed (`why`: from 101 to 103), by a script. */
	| 'vrrp.priority'
	/** `object`: the script of keepalived's check. */
	| 'vrrp.script-failed'
	| 'vrrp.script-passed'
	| 'vrrp.started'
	| 'vrrp.stopped'
	/** vip-manager, or keepalived's own lines about an address; `object`: the address. */
	| 'vip.added'
	| 'vip.removed'
	/** An address could not be added or removed (`why`). */
	| 'vip.failed'
	/** vip-manager does not know the leader: it does not reach etcd, Consul or Patroni (`why`). */
	| 'vip.source-lost'
	/** `backend`, `object`: the server, `why`: the check that failed, and the code. */
	| 'haproxy.server-up'
	| 'haproxy.server-down'
	/** `backend` has no server any more. */
	| 'haproxy.no-server'
	| 'haproxy.started'
	| 'haproxy.stopped'
	/** Its configuration or a port is not usable (`why`). */
	| 'haproxy.refused-to-start'
	| 'kernel.boot'
	/** `object`: the interface. */
	| 'kernel.link-down'
	| 'kernel.link-up'
	/** `object`: the process that was killed, `pid`; `why`: of which memory (cgroup or machine). */
	| 'kernel.oom-kill'
	/** `object`: the device or file system. */
	| 'kernel.disk-error'
	| 'kernel.read-only'
	/** A task or CPU that does not run (`why`). */
	| 'kernel.hung'
	| 'kernel.panic'
	/** A fault of the kernel itself that it survived (`why`). */
	| 'kernel.bug'
	/** A process crashed: `object`, `pid`. */
	| 'kernel.segfault'
	/** `object`: the unit. */
	| 'unit.started'
	| 'unit.stopping'
	| 'unit.stopped'
	/** `why`: systemd's result: `exit-code`, `signal`, `timeout`, … */
	| 'unit.failed'
	/** A process of it ended: `why`: `code=killed, status=9/KILL`. */
	| 'unit.exited'
	/** Someone sent a signal to it by systemd (`why`). */
	| 'unit.signalled'
	/** It did not start, stop or answer in time (`why`). */
	| 'unit.timed-out'
	/** A process of the unit was killed by the OOM killer. */
	| 'unit.oom-kill'
	| 'unit.restarting'
	/** At its start a process of an earlier run was there: `pid`, `why` (its name). */
	| 'unit.left-over'
	| 'node.shutdown'
	/** Not a line: the node's logs end without a shutdown, and begin again with a boot (`why`). */
	| 'node.silent'
	/** systemd started everything (`why`: how long it took). */
	| 'node.booted'
	/** `byMs` where the line has it. */
	| 'clock.stepped';

/** Fields by kind: see `SaidKind`. Texts are as in the line, sanitized, at most `saidTextMax` characters. */
export type Said = {
	kind: SaidKind;
	object?: string;
	leader?: string;
	from?: string;
	backend?: string;
	why?: string;
	/** WAL location `0/3000088`. */
	lsn?: string;
	timeline?: number;
	term?: number;
	pid?: number;
	/** How far the clock was set, ms. */
	byMs?: number;
	/** The outcome of one loop of Patroni, one line each `loop_wait`: what the member decided. */
	isDecision?: true;
	/** Patroni writes `PAUSE: ` before its decision while the cluster is paused; it logs neither pause nor resume. */
	isPaused?: true;
};

export const saidTextMax = 200;

/** A line of a node's log with its meaning. */
export type LogEvent = {
	/** Unix ms by the session's time: the node's time, corrected by its clock's offset. */
	at: number;
	/** The true time is within `at` ± this, ms. */
	uncertainMs: number;
	node: string;
	/** The log's name: `patroni`, `postgresql`, `etcd`, `haproxy`, `keepalived`, `vip-manager`, `kernel`, `system`, … */
	service: string;
	/** Where the line was read: `journal of pgdb1`, `postgresql-17-main.log of pgdb1`. */
	from: string;
	said: Said;
	/** The line's text, as evidence. */
	text: string;
};

/** A row of a program's table: a line that matches `pattern` says `kind`; its named groups are the fields of `Said`. */
export type SaidPattern = {
	kind: SaidKind;
	/**
	 * Linear in the length of the line; groups: `object`, `leader`, `from`, `backend`, `why`, `lsn`, `timeline`, `term`,
	 * `pid`, `isPaused`, `bySeconds` (for `byMs`).
	 */
	pattern: RegExp;
	/** Where the pattern has no group: fields that the kind has by this line alone. */
	fields?: Omit<Said, 'kind'>;
	/** The versions whose source has this line: `Patroni 3.0 to 4.1`. */
	seen: string;
};

/** The first row that matches; undefined: the line says nothing that this console understands. */
export function matchSaid(rows: readonly SaidPattern[], text: string): Said | undefined {
	for (const {kind, pattern, fields} of rows) {
		const match = pattern.exec(text);
		if (match !== null) {
			return {kind, ...fields, ...fieldsOf(match.groups)};
		}
	}

	return undefined;
}

const flags: ReadonlySet<string> = new Set(['isPaused']);
const numbers: ReadonlySet<string> = new Set(['timeline', 'term', 'pid', 'byMs']);

function fieldsOf(groups: RegExpMatchArray['groups']): Partial<Said> {
	const fields: Record<string, string | number | true> = {};
	for (const [name, value] of Object.entries(groups ?? {})) {
		// A group that did not take part in the match is undefined, whatever its type says.
		if ((value as string | undefined) === undefined) {
			continue;
		}

		if (name === 'bySeconds') {
			fields.byMs = Math.round(Number(value) * 1000);
			continue;
		}

		const number = Number(value);
		if (flags.has(name)) {
			fields[name] = true;
		} else if (!numbers.has(name)) {
			fields[name] = value.slice(0, saidTextMax);
		} else if (Number.isSafeInteger(number)) {
			fields[name] = number;
		}
	}

	return fields;
}
