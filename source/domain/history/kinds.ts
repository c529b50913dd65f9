/** What each kind of line means for a cluster: its words, and its place in a chain of cause and effect. */
import type {EntryKind} from '../facts.ts';
import type {LogEvent, Said, SaidKind} from './said.ts';

/**
 * Where a kind stands between cause and effect: `order`: someone asked for it; `machine`: hardware, kernel, network or
 * operating system; `program`: a program ended or refuses by itself; `effect`: what follows from such things;
 * `recovery`: it is over; `routine`: says how things are, no change.
 */
export type Place = 'order' | 'machine' | 'program' | 'effect' | 'recovery' | 'routine';

type Traits = {
	place: Place;
	entry: EntryKind;
	words: (said: Said, node: string, service: string) => string;
	/** A fact of the cluster says the same in the timeline. */
	isInFacts?: true;
};

const because = ({why}: Said) => (why === undefined || why === '' ? '' : `: ${why}`);
const named = ({object}: Said, before = ' ') => (object === undefined ? '' : `${before}${object}`);
const inTerm = ({term}: Said) => (term === undefined ? '' : ` (term ${term})`);

export const saidKinds: Readonly<Record<SaidKind, Traits>> = {
	'patroni.leads': {place: 'routine', entry: 'leader', words: (_, node) => `${node} has the leader key`},
	'patroni.follows': {
		place: 'routine',
		entry: 'member',
		words: ({leader}, node) => `${node} follows ${leader ?? 'the leader'}`,
	},
	'patroni.waits': {
		place: 'routine',
		entry: 'member',
		words: (said, node) => `${node} does not take over${because(said)}`,
	},
	'patroni.promoted': {
		place: 'effect',
		entry: 'leader',
		words: (_, node) => `${node} took the leader key`,
		isInFacts: true,
	},
	'patroni.demoted': {
		place: 'effect',
		entry: 'leader',
		words: (said, node) => `${node} gave up leading${because(said)}`,
	},
	'patroni.lock-lost': {
		place: 'effect',
		entry: 'leader',
		words: (said, node) => `${node} lost the leader key${because(said)}`,
	},
	'patroni.lock-owner': {
		place: 'routine',
		entry: 'leader',
		words: ({leader}, node) => `${node} reads: ${leader ?? 'no member'} has the leader key`,
	},
	'patroni.switchover': {
		place: 'order',
		entry: 'leader',
		words: ({from, object}, node) =>
			`a switchover was asked for${from === undefined ? '' : ` from ${from}`}${object === undefined ? '' : ` to ${object}`} (by Patroni of ${node})`,
	},
	'patroni.dcs-lost': {
		place: 'effect',
		entry: 'etcd',
		words: (said, node) => `Patroni of ${node} does not reach the DCS${because(said)}`,
	},
	'patroni.failsafe': {
		place: 'effect',
		entry: 'etcd',
		words: (_, node) => `${node} leads on without the DCS (failsafe mode)`,
	},
	'patroni.stopped': {place: 'effect', entry: 'service', words: (_, node) => `Patroni of ${node} stopped`},
	'patroni.restarts': {
		place: 'effect',
		entry: 'member',
		words: (said, node) => `Patroni restarts PostgreSQL of ${node}${because(said)}`,
	},
	'patroni.starts-postgres': {
		place: 'recovery',
		entry: 'member',
		words: (_, node) => `Patroni starts PostgreSQL of ${node}`,
	},
	'patroni.rewinds': {
		place: 'effect',
		entry: 'member',
		words: ({leader}, node) => `pg_rewind on ${node}${leader === undefined ? '' : ` from ${leader}`}`,
	},
	'patroni.rewind-failed': {
		place: 'effect',
		entry: 'member',
		words: (said, node) => `pg_rewind on ${node} is not possible${because(said)}`,
	},
	'patroni.reinitializes': {
		place: 'effect',
		entry: 'member',
		words: ({leader}, node) => `${node} is made anew${leader === undefined ? '' : ` from ${leader}`}`,
	},
	'patroni.reinitialize-failed': {
		place: 'program',
		entry: 'member',
		words: (said, node) => `${node} could not be made anew${because(said)}`,
	},
	'patroni.watchdog': {
		place: 'program',
		entry: 'member',
		words: (said, node) => `the watchdog of ${node}${because(said)}`,
	},
	'postgres.starting': {
		place: 'recovery',
		entry: 'member',
		words: (_, node) => `PostgreSQL of ${node} starts`,
	},
	'postgres.ready': {
		place: 'recovery',
		entry: 'member',
		words: (_, node) => `PostgreSQL of ${node} accepts writes`,
	},
	'postgres.ready-standby': {
		place: 'recovery',
		entry: 'member',
		words: (_, node) => `PostgreSQL of ${node} accepts reads`,
	},
	'postgres.crash-recovery': {
		place: 'effect',
		entry: 'member',
		words: (_, node) => `PostgreSQL of ${node} recovers from a crash`,
	},
	'postgres.stop-requested': {
		place: 'effect',
		entry: 'member',
		words: ({why}, node) => `PostgreSQL of ${node} is stopped${why === undefined ? '' : ` (${why})`}`,
	},
	'postgres.stopped': {
		place: 'effect',
		entry: 'member',
		words: (_, node) => `PostgreSQL of ${node} has stopped`,
		isInFacts: true,
	},
	'postgres.crashed': {
		place: 'program',
		entry: 'member',
		words: (said, node) => `PostgreSQL of ${node} crashed${because(said)}`,
	},
	'postgres.promote-requested': {
		place: 'effect',
		entry: 'member',
		words: (_, node) => `PostgreSQL of ${node} is promoted`,
	},
	'postgres.new-timeline': {
		place: 'effect',
		entry: 'timeline',
		words: ({timeline}, node) => `${node} began timeline ${timeline ?? '?'}`,
		isInFacts: true,
	},
	'postgres.streaming-began': {
		place: 'recovery',
		entry: 'member',
		words: ({timeline}, node) => `${node} streams${timeline === undefined ? '' : ` on timeline ${timeline}`}`,
		isInFacts: true,
	},
	'postgres.streaming-lost': {
		place: 'effect',
		entry: 'member',
		words: (said, node) => `${node} does not stream any more${because(said)}`,
	},
	'postgres.wal-removed': {
		place: 'program',
		entry: 'member',
		words: ({object, why}, node) => {
			const segment = object === undefined ? '' : ` (${object})`;
			// The leader's own log does not name the standby.
			return why === 'a standby asked for it'
				? `${node} no longer has the WAL that a standby asks for${segment}`
				: `the leader no longer has the WAL that ${node} needs${segment}`;
		},
	},
	'postgres.diverged': {
		place: 'program',
		entry: 'member',
		words: (said, node) => `${node} has a history of its own${because(said)}`,
	},
	'postgres.disk-full': {
		place: 'machine',
		entry: 'member',
		words: (said, node) => `the disk of PostgreSQL on ${node} is full${because(said)}`,
	},
	'postgres.refused': {
		place: 'routine',
		entry: 'member',
		words: (said, node) => `PostgreSQL of ${node} refused a connection${because(said)}`,
	},
	'postgres.panic': {
		place: 'program',
		entry: 'member',
		words: (said, node) => `PANIC of PostgreSQL on ${node}${because(said)}`,
	},
	'postgres.fatal': {
		place: 'routine',
		entry: 'member',
		words: (said, node) => `FATAL of PostgreSQL on ${node}${because(said)}`,
	},
	'etcd.elected': {
		place: 'effect',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node}: leader is${named(said)}${inTerm(said)}`,
	},
	'etcd.election': {
		place: 'effect',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node} begins an election${inTerm(said)}`,
	},
	'etcd.leader-lost': {
		place: 'effect',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node} lost its leader${inTerm(said)}`,
	},
	'etcd.peer-lost': {
		place: 'effect',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node} lost its peer${named(said)}`,
	},
	'etcd.peer-back': {
		place: 'recovery',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node} has its peer${named(said)} again`,
	},
	'etcd.slow-disk': {
		place: 'machine',
		entry: 'etcd',
		words: (said, node) => `the disk of etcd on ${node} is slow${because(said)}`,
	},
	'etcd.overloaded': {
		place: 'machine',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node} is late${because(said)}`,
	},
	'etcd.no-space': {
		place: 'machine',
		entry: 'etcd',
		words: (_, node) => `etcd of ${node} has no space: it takes no writes`,
	},
	'etcd.member-added': {
		place: 'order',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node}: member${named(said)} was added`,
	},
	'etcd.member-removed': {
		place: 'order',
		entry: 'etcd',
		words: (said, node) => `etcd of ${node}: member${named(said)} was removed`,
	},
	'etcd.started': {place: 'recovery', entry: 'service', words: (_, node) => `etcd of ${node} started`},
	'etcd.stopped': {place: 'effect', entry: 'service', words: (_, node) => `etcd of ${node} stopped`},
	'vrrp.master': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node} is MASTER${named(said, ' of ')}`,
		isInFacts: true,
	},
	'vrrp.backup': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node} is BACKUP${named(said, ' of ')}`,
		isInFacts: true,
	},
	'vrrp.fault': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node} is in FAULT${named(said, ' of ')}${because(said)}`,
	},
	'vrrp.script-failed': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node}: its check${named(said)} fails`,
	},
	'vrrp.script-passed': {
		place: 'recovery',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node}: its check${named(said)} passes`,
	},
	'vrrp.started': {place: 'recovery', entry: 'service', words: (_, node) => `keepalived of ${node} started`},
	'vrrp.stopped': {place: 'effect', entry: 'service', words: (_, node) => `keepalived of ${node} stopped`},
	'vip.added': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `${node} took${named(said)}`,
		isInFacts: true,
	},
	'vip.removed': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `${node} gave up${named(said)}`,
		isInFacts: true,
	},
	'haproxy.server-up': {
		place: 'recovery',
		entry: 'path',
		words: (said, node) => `HAProxy of ${node}: ${serverOf(said)} is up`,
	},
	'haproxy.server-down': {
		place: 'effect',
		entry: 'path',
		words: (said, node) => `HAProxy of ${node}: ${serverOf(said)} is down${because(said)}`,
	},
	'haproxy.no-server': {
		place: 'effect',
		entry: 'path',
		words: ({backend}, node) => `HAProxy of ${node}: ${backend ?? 'a backend'} has no server`,
	},
	'haproxy.started': {place: 'recovery', entry: 'service', words: (_, node) => `HAProxy of ${node} started`},
	'haproxy.stopped': {place: 'effect', entry: 'service', words: (_, node) => `HAProxy of ${node} stopped`},
	'kernel.boot': {place: 'recovery', entry: 'sight', words: (_, node) => `${node} booted`},
	'kernel.link-down': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node}: the link of${named(said)} is down`,
	},
	'kernel.link-up': {
		place: 'recovery',
		entry: 'sight',
		words: (said, node) => `${node}: the link of${named(said)} is up`,
	},
	'kernel.oom-kill': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node}: out of memory, the kernel killed${named(said)}${pidOf(said)}`,
	},
	'kernel.disk-error': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node}: errors of the disk${named(said)}${because(said)}`,
	},
	'kernel.read-only': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node}: the file system${named(said)} became read-only`,
	},
	'kernel.hung': {place: 'machine', entry: 'sight', words: (said, node) => `${node} hangs${because(said)}`},
	'kernel.panic': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node}: the kernel crashed${because(said)}`,
	},
	'unit.started': {
		place: 'recovery',
		entry: 'service',
		words: (said, node, service) => `${node}: ${unitOf(said, service)} was started`,
		isInFacts: true,
	},
	'unit.stopping': {
		place: 'order',
		entry: 'service',
		words: (said, node, service) => `${node}: ${unitOf(said, service)} is being stopped`,
		isInFacts: true,
	},
	'unit.stopped': {
		place: 'effect',
		entry: 'service',
		words: (said, node, service) => `${node}: ${unitOf(said, service)} has stopped`,
		isInFacts: true,
	},
	'unit.failed': {
		place: 'program',
		entry: 'service',
		words: (said, node, service) => `${node}: ${unitOf(said, service)} failed${because(said)}`,
	},
	'unit.oom-kill': {
		place: 'machine',
		entry: 'service',
		words: (said, node, service) =>
			`${node}: out of memory, a process of ${unitOf(said, service)} was killed`,
	},
	'unit.restarting': {
		place: 'recovery',
		entry: 'service',
		words: (said, node, service) => `${node}: systemd restarts ${unitOf(said, service)}`,
		isInFacts: true,
	},
	'node.shutdown': {place: 'order', entry: 'sight', words: (_, node) => `${node} is being shut down`},
	'etcd.corrupt': {
		place: 'machine',
		entry: 'etcd',
		words: (said, node) => `the data of etcd on ${node} is corrupt${because(said)}`,
	},
	'unit.left-over': {
		place: 'routine',
		entry: 'service',
		words: (said, node, service) =>
			`${node}: ${said.why ?? 'a process'} of an earlier run of ${unitOf(said, service)} still runs`,
	},
	'etcd.no-leader': {
		place: 'routine',
		entry: 'etcd',
		words: (_, node) => `etcd of ${node} has no leader: it answers no request`,
	},
	'etcd.space-freed': {
		place: 'recovery',
		entry: 'etcd',
		words: (_, node) => `etcd of ${node} takes writes again: its alarm was cleared`,
	},
	'vrrp.rival': {
		place: 'effect',
		entry: 'vip',
		words: ({from}, node) =>
			`keepalived of ${node} is MASTER and hears another one${from === undefined ? '' : `, ${from}`}`,
	},
	'vrrp.master-gone': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node}: the MASTER is gone${because(said)}`,
	},
	'vrrp.priority': {
		place: 'routine',
		entry: 'vip',
		words: (said, node) => `keepalived of ${node}: its priority changed${because(said)}`,
	},
	'vip.failed': {
		place: 'program',
		entry: 'vip',
		words: (said, node) => `${node} could not set the VIP${because(said)}`,
	},
	'vip.source-lost': {
		place: 'effect',
		entry: 'vip',
		words: (said, node) => `vip-manager of ${node} does not know the leader${because(said)}`,
	},
	'haproxy.refused-to-start': {
		place: 'program',
		entry: 'service',
		words: (said, node) => `HAProxy of ${node} does not start${because(said)}`,
	},
	'kernel.bug': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node}: a fault of the kernel${because(said)}`,
	},
	'kernel.segfault': {
		place: 'program',
		entry: 'sight',
		words: (said, node) => `${node}: ${said.object ?? 'a process'} crashed${pidOf(said)}`,
	},
	'unit.exited': {
		place: 'program',
		entry: 'service',
		words: (said, node, service) => `${node}: a process of ${unitOf(said, service)} ended${because(said)}`,
	},
	'unit.signalled': {
		place: 'order',
		entry: 'service',
		words: (said, node, service) => `${node}: ${unitOf(said, service)} was sent a signal${because(said)}`,
	},
	'unit.timed-out': {
		place: 'program',
		entry: 'service',
		words: (said, node, service) =>
			`${node}: ${unitOf(said, service)} did not answer in time${because(said)}`,
	},
	'node.booted': {
		place: 'routine',
		entry: 'sight',
		words: (_, node) => `${node} has started everything`,
	},
	'node.silent': {
		place: 'machine',
		entry: 'sight',
		words: (said, node) => `${node} stopped without a shutdown${because(said)}`,
	},
	'clock.stepped': {
		place: 'machine',
		entry: 'sight',
		words: ({byMs}, node) =>
			`the clock of ${node} was set${byMs === undefined ? '' : ` by ${byMs / 1000} s`}`,
	},
};

function serverOf({backend, object}: Said): string {
	return [backend, object].filter(part => part !== undefined).join('/') || 'a server';
}

function unitOf({object}: Said, service: string): string {
	return object?.replace(/\.service$/, '') ?? service;
}

function pidOf({pid}: Said): string {
	return pid === undefined ? '' : ` (process ${pid})`;
}

/** Names of HAProxy's backend for writes, where it is not configured. */
export const writeBackend = /primary|master|leader|write|rw\b/i;

/** Routine, too: systemd's lines about units that are none of the cluster's, and HAProxy's about backends for reads. */
export function placeOf({said, service}: LogEvent): Place {
	const isOther = service === 'system' && said.kind.startsWith('unit.') && said.kind !== 'unit.oom-kill';
	const isForReads = said.backend !== undefined && !writeBackend.test(said.backend);
	return isOther || isForReads ? 'routine' : saidKinds[said.kind].place;
}

/** `pgdb1 took the leader key` */
export function describeEvent({said, node, service}: LogEvent): string {
	return saidKinds[said.kind].words(said, node, service);
}

/** How deep a cause of each place is; the deepest that is early enough counts. */
const depths: Readonly<Record<Place, number>> = {
	order: 2,
	machine: 1,
	program: 3,
	effect: 9,
	recovery: 9,
	routine: 9,
};

/** Where a kind is deeper than its place, or less deep. */
const ownDepths: Readonly<Partial<Record<SaidKind, number>>> = {
	'patroni.switchover': 0,
	'node.shutdown': 0,
	'node.silent': 0,
	// Slow for a moment is not yet a cause, if anything else is known.
	'etcd.slow-disk': 5,
	'etcd.overloaded': 5,
	// Effects, where no line says of what: someone stopped it, or it ended.
	'etcd.stopped': 4,
	'haproxy.stopped': 4,
	'patroni.stopped': 4,
	'vrrp.stopped': 4,
	'vrrp.script-failed': 4,
	'etcd.peer-lost': 6,
	'etcd.leader-lost': 7,
};

/** The deeper of two causes has the smaller number. */
export function depthOf(event: LogEvent): number {
	return ownDepths[event.said.kind] ?? depths[placeOf(event)];
}

/** From this depth on it is no cause. */
export const noCause = 9;
