/**
 * Puts what the logs say together: each incident with its first cause, the chain from there, what changed, and how long
 * writes were interrupted. Says so where the logs do not say. Pure.
 */
import {describeEvent, type Place, placeOf} from './kinds.ts';
import {type OutageBounds, OutageFinder} from './outage.ts';
import type {LogEvent, SaidKind} from './said.ts';

/** A node's change of what it holds: the leader key or the VIP. */
export type Move = {at: number; uncertainMs: number; from: string | undefined; to: string};

export type Incident = {
	/** Unix ms; of its first and its last event. */
	from: number;
	to: number;
	/** `failover pgdb1 → pgdb2` */
	title: string;
	/** The first cause that the logs show; undefined: they do not say. */
	cause: LogEvent | undefined;
	/** The first sign, where no cause is known. */
	firstSign: LogEvent;
	/** From the cause on, without repetitions. */
	chain: readonly LogEvent[];
	/** Events that the chain leaves out. */
	more: number;
	leaders: readonly Move[];
	vips: readonly Move[];
	timelines: readonly {at: number; node: string; timeline: number}[];
	outages: readonly OutageBounds[];
};

/** Nothing happens for so long between two incidents, ms. */
const apartMs = 45_000;
const chainMax = 14;
/** Causes are searched this long before the first effect, ms: a power cut shows after the leader key's ttl. */
const causeBeforeMs = 90_000;

/** An incident needs one of these: a program that starts is none. */
const weighty: ReadonlySet<SaidKind> = new Set<SaidKind>([
	'patroni.promoted',
	'patroni.demoted',
	'patroni.lock-lost',
	'patroni.dcs-lost',
	'patroni.failsafe',
	'patroni.restarts',
	'patroni.reinitializes',
	'patroni.reinitialize-failed',
	'patroni.rewinds',
	'patroni.rewind-failed',
	'postgres.crashed',
	'postgres.crash-recovery',
	'postgres.panic',
	'postgres.disk-full',
	'postgres.wal-removed',
	'postgres.diverged',
	'postgres.stop-requested',
	'postgres.streaming-lost',
	'etcd.leader-lost',
	'etcd.elected',
	'etcd.no-space',
	'vrrp.master',
	'vrrp.fault',
	'vip.added',
	'haproxy.no-server',
	'kernel.oom-kill',
	'kernel.panic',
	'kernel.read-only',
	'kernel.link-down',
	'unit.failed',
	'unit.oom-kill',
	'node.shutdown',
	'node.silent',
]);

/**
 * @param events in the order of time
 * @param before what was said last before them
 * @param backend HAProxy's backend for writes, where it is configured
 */
export function findIncidents(
	events: readonly LogEvent[],
	before: readonly LogEvent[] = [],
	backend?: string,
): Incident[] {
	const finder = new OutageFinder(backend);
	for (const event of before) {
		finder.take(event);
	}

	finder.begin();
	for (const event of events) {
		finder.take(event);
	}

	const outages = finder.close();
	const moves = movesIn([...before, ...events]);
	return groupsOf(events)
		.filter(group => group.some(({said}) => weighty.has(said.kind)))
		.map(group => incidentOf(group, outages, moves));
}

/** Events without routine lines, split where nothing happened for a while. */
function groupsOf(events: readonly LogEvent[]): LogEvent[][] {
	const groups: LogEvent[][] = [];
	for (const event of events) {
		if (placeOf(event) === 'routine') {
			continue;
		}

		const last = groups.at(-1);
		if (last === undefined || event.at - (last.at(-1)?.at ?? 0) > apartMs) {
			groups.push([event]);
		} else {
			last.push(event);
		}
	}

	return groups;
}

type Moves = {leaders: readonly Move[]; vips: readonly Move[]};

/** Who held the leader key and the VIP, from first to last. */
export function movesIn(events: readonly LogEvent[]): Moves {
	const leaders: Move[] = [];
	const vips: Move[] = [];
	let leader: string | undefined;
	const holders = new Set<string>();
	let lastHolder: string | undefined;
	for (const {said, node, at, uncertainMs} of events) {
		if (said.kind === 'patroni.promoted' || said.kind === 'patroni.leads') {
			if (leader !== node && leader !== undefined) {
				leaders.push({at, uncertainMs, from: leader, to: node});
			}

			leader = node;
		} else if (said.kind === 'vrrp.master' || (said.kind === 'vip.added' && !holders.has(node))) {
			if (lastHolder !== undefined && lastHolder !== node) {
				vips.push({at, uncertainMs, from: lastHolder, to: node});
			}

			holders.add(node);
			lastHolder = node;
		} else if (said.kind === 'vrrp.backup' || said.kind === 'vrrp.fault' || said.kind === 'vip.removed') {
			holders.delete(node);
		}
	}

	return {leaders, vips};
}

function incidentOf(group: readonly LogEvent[], outages: readonly OutageBounds[], moves: Moves): Incident {
	const [first] = group as readonly [LogEvent];
	const from = first.at;
	const to = group.at(-1)?.at ?? from;
	const isWithin = (at: number) => at >= from && at <= to;
	const within = <T extends {at: number}>(all: readonly T[]) => all.filter(one => isWithin(one.at));
	const [leaders, vips] = [within(moves.leaders), within(moves.vips)];
	const cause = causeOf(group, leaders, vips);
	const chain = chainOf(group, cause);
	return {
		from,
		to,
		title: titleOf(group, cause, leaders, vips),
		cause,
		firstSign: group.find(event => placeOf(event) !== 'recovery') ?? first,
		chain: chain.slice(0, chainMax),
		more: Math.max(0, chain.length - chainMax),
		leaders,
		vips,
		timelines: group.flatMap(({said, node, at}) =>
			said.kind === 'postgres.new-timeline' && said.timeline !== undefined
				? [{at, node, timeline: said.timeline}]
				: [],
		),
		outages: outages.filter(one => one.from[1] >= from - apartMs && one.from[1] <= to + apartMs),
	};
}

/** How deep a cause of each place is; the deepest that is early enough counts. */
const depths: Readonly<Record<Place, number>> = {
	order: 0,
	machine: 0,
	program: 1,
	effect: 3,
	recovery: 9,
	routine: 9,
};

/** What may have caused an incident, though its place is an effect: systemd asked for nothing that the logs show. */
const halfCauses: ReadonlySet<SaidKind> = new Set<SaidKind>([
	'etcd.stopped',
	'haproxy.stopped',
	'patroni.stopped',
	'vrrp.stopped',
	'vrrp.script-failed',
	'etcd.peer-lost',
	'etcd.leader-lost',
]);

/** The deepest cause on a node that the first effect is about; of several the earliest. */
function causeOf(
	group: readonly LogEvent[],
	leaders: readonly Move[],
	vips: readonly Move[],
): LogEvent | undefined {
	const effects = group.filter(event => weighty.has(event.said.kind) && placeOf(event) === 'effect');
	const [firstEffect = group[0]] = effects;
	if (firstEffect === undefined) {
		return undefined;
	}

	const nodes = new Set(
		[leaders[0]?.from, vips[0]?.from, firstEffect.node].filter(node => node !== undefined),
	);
	const until = Math.max(firstEffect.at, leaders[0]?.at ?? 0, vips[0]?.at ?? 0);
	const candidates = group.filter(
		event =>
			event.at - event.uncertainMs <= until &&
			event.at >= firstEffect.at - causeBeforeMs &&
			(nodes.has(event.node) || event.service === 'etcd' || event.said.kind === 'patroni.switchover'),
	);
	const rank = (event: LogEvent) => (halfCauses.has(event.said.kind) ? 2 : depths[placeOf(event)]);
	return candidates.filter(event => rank(event) < 3).toSorted((a, b) => rank(a) - rank(b) || a.at - b.at)[0];
}

/** From the cause on; the same thing said again, or by a program and by systemd, once. */
function chainOf(group: readonly LogEvent[], cause: LogEvent | undefined): LogEvent[] {
	const said = new Set<string>();
	return group.filter(event => {
		if (cause !== undefined && event.at < cause.at - event.uncertainMs) {
			return false;
		}

		const words = describeEvent(event);
		if (said.has(words)) {
			return false;
		}

		said.add(words);
		return true;
	});
}

function titleOf(
	group: readonly LogEvent[],
	cause: LogEvent | undefined,
	leaders: readonly Move[],
	vips: readonly Move[],
): string {
	const [leader, last] = [leaders[0], leaders.at(-1)];
	if (leader !== undefined && last !== undefined) {
		const isAsked = group.some(({said}) => said.kind === 'patroni.switchover');
		const more = leaders.length > 1 ? ` in ${leaders.length} steps` : '';
		return `${isAsked ? 'switchover' : 'failover'} ${leader.from ?? '?'} → ${last.to}${more}`;
	}

	const vip = vips[0];
	if (vip !== undefined) {
		return `the VIP moved ${vip.from ?? '?'} → ${vips.at(-1)?.to ?? vip.to}`;
	}

	const event = cause ?? group.find(({said}) => weighty.has(said.kind)) ?? group[0];
	return event === undefined ? '' : describeEvent(event);
}
