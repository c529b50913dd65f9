/** The client's path: when nothing was acknowledged any more, for how long, and what else happened then. */
import {least} from 'd3-array';
import type {Cluster} from '../cluster/cluster.ts';
import {stallWords} from '../cluster/freshness.ts';
import {type Outage, ongoingOutage, type Probe} from '../cluster/probe.ts';
import type {Target} from '../target.ts';
import type {Entry, EntryKind} from './entry.ts';

/** What may have caused an interruption, the likeliest first. */
const causes: readonly EntryKind[] = ['operation', 'leader', 'vip', 'member', 'etcd', 'sight'];

/** A cause may be seen a little before the last acknowledgement; ms. */
const earlier = 2000;

export function pathEntries(
	timeline: readonly Entry[],
	before: Cluster,
	after: Cluster,
	at: number,
): Entry[] {
	if (before.probes === after.probes) {
		return [];
	}

	return [...after.probes.values()].flatMap(probe =>
		oneProbe(timeline, before.probes.get(probe.port), probe, at),
	);
}

function oneProbe(timeline: readonly Entry[], was: Probe | undefined, is: Probe, at: number): Entry[] {
	const began = ongoingOutage(is);
	if (began !== undefined && (was === undefined || ongoingOutage(was) === undefined)) {
		return [
			{
				at,
				kind: 'path',
				turn: 'worse',
				text: `${nameOf(began)}: none acknowledged any more: ${began.reason}`,
			},
		];
	}

	const [latest] = is.outages;
	if (latest?.to === undefined || latest === was?.outages[0]) {
		return [];
	}

	const cause = causeOf(timeline, latest);
	const milliseconds = latest.to - latest.from;
	const stalled =
		latest.stalled === undefined
			? ''
			: `, of which this console was stalled for ${stallWords(latest.stalled)}`;
	return [
		{
			at,
			kind: 'path',
			turn: 'better',
			text: `${nameOf(latest)}: none acknowledged for ${milliseconds} ms${stalled}${cause === undefined ? '' : ` (${cause.text})`}`,
			outage: milliseconds,
		},
	];
}

/**
 * What else the console saw happen while nothing was acknowledged, or right before: of the likeliest
 * kind the nearest to its begin; of an operation what was first.
 */
export function causeOf(timeline: readonly Entry[], {from, to}: Outage): Entry | undefined {
	const then = timeline.filter(
		({at, kind}) => kind !== 'path' && at >= from - earlier && (to === undefined || at <= to),
	);
	for (const kind of causes) {
		const alike = then.filter(entry => entry.kind === kind);
		const found = kind === 'operation' ? alike[0] : least(alike, ({at}) => Math.abs(at - from));
		if (found) {
			return found;
		}
	}

	return undefined;
}

/** `writes through :5000`. */
function nameOf({port, write}: Outage): string {
	return `${write ? 'writes' : 'answers'} through :${port}`;
}

export function vipEntries(before: Cluster, after: Cluster, {vip}: Target, at: number): Entry[] {
	if (vip === undefined || before.addresses === after.addresses) {
		return [];
	}

	const holders = holdersInSight(after, vip);
	return [...after.addresses.keys()].flatMap(node => {
		// The first look at a node tells what is, not what happened.
		const known = before.addresses.get(node);
		const had = known?.value.some(({ip}) => ip === vip);
		const has = after.addresses.get(node)?.value.some(({ip}) => ip === vip) ?? false;
		if (had === undefined || had === has) {
			return [];
		}

		const unseen =
			before.sourceStatuses.get(`vip:${node}`)?.state === 'seen' ? '' : ' while it was out of sight';
		const others = holders.filter(other => other !== node);
		return has ? arrived(`${node}${unseen}`, others, at) : left(`${node}${unseen}`, others, at);
	});
}

/** Two who hold it are no better than one; and two nodes are not always heard in the order in which things happened. */
function arrived(where: string, others: readonly string[], at: number): Entry {
	const text = `VIP arrived on ${where}`;
	return others.length === 0
		? {at, kind: 'vip', turn: 'better', text}
		: {at, kind: 'vip', turn: 'news', text: `${text}; not seen to leave ${others.join(', ')}`};
}

function left(where: string, others: readonly string[], at: number): Entry {
	const text = `VIP left ${where}`;
	return others.length === 0
		? {at, kind: 'vip', turn: 'worse', text}
		: {at, kind: 'vip', turn: 'news', text: `${text}; ${others.join(', ')} has it`};
}

function holdersInSight({addresses, sourceStatuses}: Cluster, vip: string): string[] {
	return [...addresses.keys()].filter(
		node =>
			sourceStatuses.get(`vip:${node}`)?.state === 'seen' &&
			addresses.get(node)?.value.some(({ip}) => ip === vip),
	);
}
