/** Possible causes of each finding in the oracle's data: a finding without one is a false alarm. */
import {serviceIds} from '../../source/domain/cluster/services.ts';
import type {FindingId} from '../../source/domain/findings/advice.ts';
import {hung, noLeader, off, unreadable} from './truth.ts';

export type CauseLook = {
	/** The member or node in the finding. */
	about: string | undefined;
	text: string;
	/** True values within the time that the finding may be late; `undefined` among them if unknown. */
	between: (subject: string, ms?: number) => ReadonlySet<string | undefined>;
	subjects: (prefix: string) => readonly string[];
	/** Whether a fault of the node's network or power was active. */
	isImpaired: (node: string, ms?: number) => boolean;
	/** On the node, or on any node without one. */
	wasDone: (kinds: readonly string[], ms: number, node?: string) => boolean;
	/** Whether any fault was active; with a node: on it, or on none in particular. */
	isDisturbed: (ms?: number, node?: string) => boolean;
};

/** Undefined: not in the oracle's data. */
type Cause = (look: CauseLook) => boolean | undefined;

/** ms; a rebuilt store is reported for minutes. */
const longMs = 15 * 60_000;

/** Whether one of the values was true, or the truth was unknown. */
function was(look: CauseLook, subject: string, ...values: readonly string[]): boolean {
	const seen = look.between(subject);
	return seen.has(undefined) || values.some(value => seen.has(value));
}

/** Whether another value was true at some moment, or the truth was unknown. */
function wasOther(look: CauseLook, subject: string, ...values: readonly string[]): boolean {
	return [...look.between(subject)].some(value => value === undefined || !values.includes(value));
}

const nodesOf = (look: CauseLook, prefix: string) =>
	look.subjects(`${prefix}:`).map(subject => subject.split(':')[1] ?? '');

/** Tests the finding's node; any node if it names none. */
function some(prefix: string, test: (look: CauseLook, node: string) => boolean): Cause {
	return look =>
		look.about === undefined ? nodesOf(look, prefix).some(node => test(look, node)) : test(look, look.about);
}

/** Off, frozen, isolated, or its network loses packets. */
const isAway = (look: CauseLook, node: string) => wasOther(look, `on:${node}`, 'on') || look.isImpaired(node);

const isStopped = (look: CauseLook, node: string, unit: string) =>
	wasOther(look, `unit:${node}:${unit}`, 'active') || isAway(look, node);

const isUnsteady = (look: CauseLook, node: string) =>
	wasOther(look, `state:${node}`, 'primary', 'streaming') ||
	look.between(`state:${node}`).size > 1 ||
	look.between(`role:${node}`).size > 1 ||
	isStopped(look, node, 'patroni');

/** A Patroni that is stopped does not renew the lease of its key. */
const anyMember = some('role', isUnsteady);
/** ms; longer than a session. */
const everMs = 7 * 24 * 60 * 60_000;
const hasChanged = (look: CauseLook) => look.between('leader', everMs).size > 1;
const anyChange = (look: CauseLook) => look.between('leader').size > 1 || anyMember(look) === true;
/** An etcd that stops refuses new connections at once, and serves those that it has for some seconds. */
const etcdIsDown = (look: CauseLook, node: string) =>
	wasOther(look, `etcd:${node}`, 'healthy') || isStopped(look, node, 'etcd');
/** Patroni renews its key through one etcd member, and takes another one only after its timeouts. */
const keyExpires = (look: CauseLook, node: string) =>
	isUnsteady(look, node) ||
	look.wasDone(['patroni-frozen', 'patroni-main-frozen'], 10_000, node) ||
	nodesOf(look, 'etcd').some(one => etcdIsDown(look, one));
const programsStood = (look: CauseLook, node: string) =>
	isAway(look, node) ||
	look.wasDone(
		['patroni-frozen', 'patroni-main-frozen', 'postgres-frozen', 'haproxy-frozen', 'etcd-frozen'],
		10_000,
		node,
	);
const streamingEnded = (look: CauseLook) =>
	some('state', (_, node) => wasOther(look, `state:${node}`, 'streaming'))(look) === true;
const routeIsOdd = (look: CauseLook, node: string) =>
	look.between('leader').size > 1 ||
	look.between(`route:${node}:primary`).size > 1 ||
	was(look, `route:${node}:primary`, '', off, hung) ||
	anyChange(look) ||
	isStopped(look, node, 'haproxy');

/** The lab has no cause for it. */
const never: Cause = () => false;
/** Findings about the console itself, or about data that the oracle does not sample. */
const unshown = undefined;
/** Names and members are unknown while etcd is empty. */
const afterRebuild: Cause = look => look.wasDone(['etcd-rebuilt', 'etcd-restored'], 60_000);

export const causes: Readonly<Record<FindingId, Cause | undefined>> = {
	'node.off': some('on', isAway),
	'node.rebooting': some('on', isAway),
	// Each of its programs may have stopped for its own reason.
	'node.silent': some(
		'on',
		(look, node) =>
			isStopped(look, node, 'ssh') || programsStood(look, node) || look.isDisturbed(undefined, node),
	),
	'switchover.running': look =>
		look.wasDone(['switchover', 'receiver-never-confirms'], 60_000) || anyChange(look),
	'restart.running': some(
		'role',
		(look, node) => look.wasDone(['restart'], 60_000) || isUnsteady(look, node),
	),
	// Only operations of the console itself, which the oracle does not see.
	'reinitialize.running': unshown,
	'service.restarting': unshown,
	'leader.none': look => was(look, 'leader', noLeader),
	'leader.no-lease': look => was(look, 'lease', '0', 'none'),
	'leader.lease-short': look => look.isDisturbed(25_000) || look.between('leader').size > 1,
	'leader.not-writable': some('writes', (look, node) => wasOther(look, `writes:${node}`, 'true')),
	// Of a cluster that is followed by REST alone; the lab's console reads etcd.
	'leader.unconfirmed': never,
	'beliefs.differ': never,
	'rest.connecting': unshown,
	'rest.unreachable': never,
	'rest.cut-off': never,
	'rest.apart': never,
	'leader.two': look =>
		nodesOf(look, 'writes').filter(node => was(look, `writes:${node}`, 'true')).length > 1,
	'leader.denied': some(
		'writes',
		(look, node) => was(look, `writes:${node}`, 'true') && wasOther(look, `role:${node}`, 'leader'),
	),
	// They stay until an operator has acknowledged them.
	'wal.lost': look => hasChanged(look),
	'wal.at-most': look => hasChanged(look),
	'wal.unknown': look => hasChanged(look),
	'standby.none': look => anyMember(look),
	'member.gone': some('role', keyExpires),
	'member.unregistered': some(
		'role',
		(look, node) => isUnsteady(look, node) || anyChange(look) || look.isDisturbed(20_000),
	),
	'member.state': some('role', isUnsteady),
	// Before Patroni 4.0 only the leader's REST reports who streams, and it has no answer while PostgreSQL has none.
	'member.not-streaming': look =>
		streamingEnded(look) ||
		(look.text.startsWith('it is not known') &&
			nodesOf(look, 'role').some(node => isStopped(look, node, 'patroni') || programsStood(look, node))),
	'member.stopping': some('role', isUnsteady),
	'member.cannot-follow': look => anyChange(look) || look.isDisturbed(60_000),
	'member.diverged': look => anyChange(look) || look.isDisturbed(60_000),
	'member.lag': some('state', (look, node) => isUnsteady(look, node) || look.isDisturbed()),
	// Before a restart a member publishes no position.
	'member.lag-unknown': some(
		'role',
		(look, node) => isUnsteady(look, node) || anyChange(look) || look.wasDone(['restart'], 15_000),
	),
	'member.timeline': some('timeline', (look, node) => isUnsteady(look, node) || anyChange(look)),
	'member.pending-restart': look => look.wasDone(['config-changed'], 120_000),
	'sync.none': look => was(look, 'sync', '', unreadable) || anyMember(look),
	'sync.gone': some('role', keyExpires),
	'sync.blocked': look => anyMember(look),
	'cluster.paused': look => was(look, 'paused', 'true', unreadable),
	'etcd.unreachable': look => was(look, 'quorum', 'lost') || look.isDisturbed(),
	'etcd.no-quorum': look =>
		was(look, 'quorum', 'lost') || nodesOf(look, 'etcd').filter(node => etcdIsDown(look, node)).length > 1,
	'etcd.member-down': look => nodesOf(look, 'etcd').some(node => etcdIsDown(look, node)),
	'etcd.alone': look =>
		nodesOf(look, 'etcd').some(node => etcdIsDown(look, node)) ||
		look.wasDone(['etcd-member-replaced'], 60_000),
	'etcd.unseen': look => look.wasDone(['etcd-member-replaced'], 60_000),
	'etcd.rebuilt': look => look.wasDone(['etcd-rebuilt', 'etcd-restored'], longMs),
	'etcd.split': look => look.wasDone(['etcd-rebuilt', 'etcd-restored'], 60_000),
	'dcs.none': look => look.wasDone(['etcd-rebuilt', 'etcd-restored'], 60_000),
	'dcs.config': look => look.wasDone(['etcd-rebuilt', 'etcd-restored'], 60_000),
	// A watch is retried with growing intervals.
	'watch.lost': look =>
		nodesOf(look, 'etcd').some(node => etcdIsDown(look, node)) || look.isDisturbed(20_000),
	// The nodes share the host's clock, as the console does unless its clock is set.
	'clock.apart': look => look.wasDone(['console-clock-set'], 30_000),
	// The oracle does not sample REST: ten more requests a second would overload it.
	'rest.blind': some(
		'role',
		(look, node) =>
			isStopped(look, node, 'patroni') ||
			wasOther(look, `state:${node}`, 'primary', 'streaming') ||
			programsStood(look, node) ||
			look.isDisturbed(undefined, node),
	),
	'ssh.blind': some('on', (look, node) => isStopped(look, node, 'ssh') || programsStood(look, node)),
	'ssh.services': some('on', (look, node) => isStopped(look, node, 'ssh') || programsStood(look, node)),
	'vip.none': look => nodesOf(look, 'vip').every(node => was(look, `vip:${node}`, 'false')),
	// The lab that is judged has a VIP that follows no leader.
	'vip.not-leader': undefined,
	'vip.two': look => nodesOf(look, 'vip').every(node => was(look, `vip:${node}`, 'true')),
	'vip.unknown': look =>
		nodesOf(look, 'vip').some(node => isStopped(look, node, 'ssh') || programsStood(look, node)),
	'vip.no-haproxy': some(
		'vip',
		(look, node) => was(look, `vip:${node}`, 'true') && isStopped(look, node, 'haproxy'),
	),
	'vip.no-primary': some('vip', (look, node) => was(look, `vip:${node}`, 'true') && routeIsOdd(look, node)),
	'haproxy.wrong': some('vip', routeIsOdd),
	'haproxy.nowhere': some('vip', routeIsOdd),
	'haproxy.differ': look => nodesOf(look, 'vip').some(node => routeIsOdd(look, node)),
	'haproxy.blind': some(
		'vip',
		(look, node) =>
			isStopped(look, node, 'haproxy') ||
			programsStood(look, node) ||
			was(look, `route:${node}:primary`, off, hung),
	),
	'haproxy.down': some('vip', (look, node) => isStopped(look, node, 'haproxy')),
	'keepalived.down': some('vip', (look, node) => isStopped(look, node, 'keepalived')),
	'service.down': some('on', (look, node) =>
		serviceIds.some(unit => look.subjects(`unit:${node}:${unit}`).length > 0 && isStopped(look, node, unit)),
	),
	'path.failing': look =>
		anyChange(look) ||
		look.isDisturbed(20_000) ||
		nodesOf(look, 'vip').some(node => look.between(`vip:${node}`).size > 1 || routeIsOdd(look, node)),
	'path.reads': look =>
		anyChange(look) ||
		look.isDisturbed(20_000) ||
		nodesOf(look, 'vip').some(node => look.between(`vip:${node}`).size > 1 || routeIsOdd(look, node)),
	'failsafe.active': never,
	'node.no-member': look => anyMember(look) || afterRebuild(look),
	'member.watchdog': never,
	'member.replay-paused': never,
	'member.log-lost': unshown,
	'member.restart-scheduled': never,
	'restart.dropped': never,
	'slot.holds-wal': unshown,
	'postgres.outside': some('role', isUnsteady),
	'postgres.system': never,
	'postgres.denied': never,
	'postgres.rights': never,
	'slot.lost': unshown,
	'sessions.full': unshown,
	'sessions.refused': unshown,
	'postgres.no-space': never,
	'transaction.old': unshown,
	'prepared.old': unshown,
	'archiver.failing': unshown,
	'settings.lower': look => look.wasDone(['config-changed'], 120_000),
	'extension.missing': never,
	'glibc.differs': never,
	'collation.changed': never,
	'version.differs': never,
	'address.local': never,
	'address.same': never,
	'address.other': never,
	'address.withheld': never,
	'dcs.citus': never,
	'dcs.key': never,
	'switchover.scheduled': never,
	'switchover.dropped': never,
	'config.timing': unshown,
	'etcd.connecting': unshown,
	'etcd.refused': never,
	'etcd.alarm': never,
	'console.stalled': unshown,
	'console.clock': look => look.wasDone(['console-clock-set'], longMs),
	'console.fault': never,
	'console.blind': look => look.isDisturbed(20_000),
	'vip.elsewhere': look => look.isDisturbed(20_000),
	'haproxy.full': unshown,
	'haproxy.unnamed': afterRebuild,
	'haproxy.unknown': afterRebuild,
	'haproxy.servers': afterRebuild,
	'service.unknown': never,
	'disk.full': look => look.wasDone(['disk-full'], 60_000),
	'disk.read-only': never,
	'path.refused': unshown,
	'path.port': unshown,
	'path.silent': unshown,
};
