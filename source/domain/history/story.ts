/**
 * Puts what the logs say together: each incident with its first cause, the chain from there, what changed, and how long
 * writes were interrupted. Says so where the logs do not say. Pure.
 */
import {depthOf, describeEvent, noCause, placeOf} from './kinds.ts';
import {type Move, type Moves, movesIn} from './moves.ts';
import {OutageFinder} from './outage.ts';
import type {OutageBounds} from './outage-bounds.ts';
import type {LogEvent, Said, SaidKind} from './said.ts';

export type PastIncident = {
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
	'unit.stopping',
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
): PastIncident[] {
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
	const groups = groupsOf(events).filter(group => group.some(({said}) => weighty.has(said.kind)));
	const placed = Map.groupBy(outages, outage => placeOfOutage(groups, outage));
	return groups.map(group => incidentOf(group, placed.get(group) ?? [], moves));
}

/** The incident in which it begins at the latest; else the first in which it can have begun. */
function placeOfOutage(
	groups: readonly (readonly LogEvent[])[],
	{from: [earliest, latest]}: OutageBounds,
): readonly LogEvent[] | undefined {
	const isNear = (group: readonly LogEvent[], from: number, to: number) =>
		from <= (group.at(-1)?.at ?? 0) + apartMs && to >= (group[0]?.at ?? 0) - apartMs;
	return (
		groups.find(group => isNear(group, latest, latest)) ??
		groups.find(group => isNear(group, earliest, latest))
	);
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

function incidentOf(
	group: readonly LogEvent[],
	outages: readonly OutageBounds[],
	moves: Moves,
): PastIncident {
	const [first] = group as readonly [LogEvent];
	const from = first.at;
	const to = group.at(-1)?.at ?? from;
	const isWithin = (at: number) => at >= from && at <= to;
	const within = <T extends {at: number}>(all: readonly T[]) => all.filter(one => isWithin(one.at));
	const [leaders, vips] = [within(moves.leaders), within(moves.vips)];
	const cause = causeOf(group, leaders, vips);
	const chain = chainOf(group);
	return {
		from,
		to,
		title: titleOf(group, cause, leaders, vips),
		cause,
		firstSign: group.find(event => placeOf(event) !== 'recovery') ?? first,
		chain: shortened(chain, cause),
		more: Math.max(0, chain.length - chainMax),
		leaders,
		vips,
		timelines: group.flatMap(({said, node, at}) =>
			said.kind === 'postgres.new-timeline' && said.timeline !== undefined
				? [{at, node, timeline: said.timeline}]
				: [],
		),
		outages,
	};
}

/** Effects on one node whose cause may be on another: it gained, or lost, what the other one gave. */
const echoes: ReadonlySet<SaidKind> = new Set<SaidKind>([
	'vrrp.master',
	'vip.added',
	'postgres.streaming-lost',
	'etcd.elected',
	'etcd.election',
	'etcd.leader-lost',
	'etcd.peer-lost',
	'patroni.dcs-lost',
	'haproxy.no-server',
	'haproxy.server-down',
	'patroni.promoted',
]);

/** They explain what is around them, even where something harmless was first. */
const selfEvident: ReadonlySet<SaidKind> = new Set<SaidKind>([
	'etcd.corrupt',
	'etcd.no-space',
	'kernel.oom-kill',
	'kernel.panic',
	'kernel.read-only',
	'postgres.disk-full',
	'postgres.diverged',
	'postgres.panic',
	'postgres.wal-removed',
	'unit.oom-kill',
]);

/** Other histories show by what Patroni does about them. */
function isEvident({kind, why}: Said): boolean {
	return (
		selfEvident.has(kind) ||
		kind === 'patroni.rewinds' ||
		(kind === 'patroni.reinitializes' && why === 'diverged timelines')
	);
}

/** The deepest cause, on a node that the first effect is about; of several the earliest. */
function causeOf(
	group: readonly LogEvent[],
	leaders: readonly Move[],
	vips: readonly Move[],
): LogEvent | undefined {
	const moved = Math.min(leaders[0]?.at ?? Infinity, vips[0]?.at ?? Infinity);
	const evident = group.find(event => isEvident(event.said) && event.at - event.uncertainMs < moved);
	if (evident !== undefined) {
		return evident;
	}

	const effects = group.filter(event => weighty.has(event.said.kind) && placeOf(event) === 'effect');
	const [firstEffect = group[0]] = effects;
	if (firstEffect === undefined) {
		return undefined;
	}

	const isEcho = echoes.has(firstEffect.said.kind);
	const known = [leaders[0]?.from, vips[0]?.from].filter(node => node !== undefined);
	const nodes = new Set([...known, firstEffect.node]);
	const until = Math.max(firstEffect.at, leaders[0]?.at ?? 0, vips[0]?.at ?? 0);
	return group
		.filter(
			event =>
				depthOf(event) < noCause &&
				event.at - event.uncertainMs <= until + firstEffect.uncertainMs &&
				event.at >= firstEffect.at - causeBeforeMs &&
				(isEcho || nodes.has(event.node) || event.service === 'etcd' || depthOf(event) === 0),
		)
		.toSorted((a, b) => depthOf(a) - depthOf(b) || a.at - b.at)[0];
}

/** From the first cause, or what belongs to it, on; the same thing said again, or by two programs, once. */
function chainOf(group: readonly LogEvent[]): LogEvent[] {
	const said = new Set<string>();
	return group.filter(event => {
		const {kind, object, backend} = event.said;
		const where = kind === 'etcd.elected' ? '' : event.node;
		const key = `${kind} ${where} ${object ?? ''} ${backend ?? ''}`;
		if (said.has(key)) {
			return false;
		}

		said.add(key);
		return true;
	});
}

/** The weightiest, in their order. */
function shortened(chain: readonly LogEvent[], cause: LogEvent | undefined): LogEvent[] {
	const weight = (event: LogEvent) =>
		event === cause ? 0 : weighty.has(event.said.kind) ? 1 : placeOf(event) === 'recovery' ? 3 : 2;
	const kept = new Set(chain.toSorted((a, b) => weight(a) - weight(b) || a.at - b.at).slice(0, chainMax));
	return chain.filter(event => kept.has(event));
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

	const masters = new Set(
		group.flatMap(({said, node}) =>
			said.kind === 'vrrp.rival' || said.kind === 'vrrp.master' ? [node] : [],
		),
	);
	if (masters.size > 1 && group.some(({said}) => said.kind === 'vrrp.rival')) {
		return `several nodes held the VIP: ${[...masters].toSorted().join(', ')}`;
	}

	const vip = vips[0];
	if (vip !== undefined) {
		return `the VIP moved ${vip.from ?? '?'} → ${vips.at(-1)?.to ?? vip.to}`;
	}

	const demoted = group.find(({said}) => said.kind === 'patroni.demoted');
	if (demoted !== undefined) {
		const again = group.some(
			({said, node, at}) => node === demoted.node && at > demoted.at && said.kind === 'patroni.promoted',
		);
		return `${demoted.node} gave up leading${again ? ', and leads again' : ''}`;
	}

	const event = cause ?? group.find(({said}) => weighty.has(said.kind)) ?? group[0];
	return event === undefined ? '' : describeEvent(event);
}
