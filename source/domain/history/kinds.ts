/** What each kind of line means for a cluster: its words, and its place in a chain of cause and effect. */
import {nodeKinds} from './kinds/node.ts';
import {patroniKinds} from './kinds/patroni.ts';
import {postgresKinds} from './kinds/postgresql.ts';
import {trafficKinds} from './kinds/traffic.ts';
import type {Place, Traits} from './kinds/traits.ts';
import type {LogEvent, SaidKind} from './said.ts';

export const saidKinds: Readonly<Record<SaidKind, Traits>> = {
	...patroniKinds,
	...postgresKinds,
	...trafficKinds,
	...nodeKinds,
};

/** A node took the VIP. */
export const vipTaken: ReadonlySet<SaidKind> = new Set<SaidKind>(['vrrp.master', 'vip.added']);
/** A node gave the VIP up. */
export const vipGiven: ReadonlySet<SaidKind> = new Set<SaidKind>([
	'vrrp.backup',
	'vrrp.fault',
	'vrrp.stopped',
	'vip.removed',
]);

/** Names of HAProxy's backend for writes, where it is not configured. */
export const writeBackend = /primary|master|leader|write|rw\b/i;

/** Names of a backend for reads. */
const readBackend = /repl|read|stand|sync|second|slave|(?:^|[_-])ro(?:$|[_-])/i;

/** Routine, too: systemd's lines about units that are none of the cluster's, and HAProxy's about backends for reads. */
export function placeOf({said, service}: LogEvent): Place {
	const isOther = service === 'system' && said.kind.startsWith('unit.') && said.kind !== 'unit.oom-kill';
	const isForReads =
		said.backend !== undefined && readBackend.test(said.backend) && !writeBackend.test(said.backend);
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
