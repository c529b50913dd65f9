/** The timeline: entries from the difference of the cluster before and after an event; those on the client path. */

import {least} from 'd3-array';
import {duration, tenths} from '../../lib/format.ts';
import type {Cluster} from '../cluster/cluster.ts';
import {type Outage, ongoingOutage, outageName, type Probe} from '../cluster/probe.ts';
import type {Entry, EntryKind} from '../facts.ts';
import type {Target} from '../target.ts';
import {etcdEntries, storeEntries} from './config.ts';
import {keyEntries} from './keys.ts';
import {routeEntries, serviceEntries, sourceEntries} from './sources.ts';

/** Limit of entries; older ones are dropped. */
export const entriesMax = 1000;

/** The timeline after an event. */
export function foldTimeline(
	timeline: readonly Entry[],
	before: Cluster,
	after: Cluster,
	target: Target,
	at: number,
): readonly Entry[] {
	if (before === after) {
		return timeline;
	}

	const added = [
		...(before.store === after.store ? [] : storeEntries(before, after, target, at)),
		// The first read shows the present state, not a change.
		...(before.read === undefined ? [] : keyEntries(before, after, at)),
		...vipEntries(before, after, target, at),
		...etcdEntries(before, after, target, at),
		...sourceEntries(before, after, target, at),
		...routeEntries(before, after, target, at),
		...serviceEntries(before, after, at),
		...pathEntries(timeline, before, after, at),
	];
	return withEntries(timeline, added);
}

/** Adds entries within the limit; all entries pass through here. */
export function withEntries(timeline: readonly Entry[], added: readonly Entry[]): readonly Entry[] {
	return added.length === 0 ? timeline : [...timeline, ...added].slice(-entriesMax);
}

/** Possible causes of an outage, the likeliest first. */
const causes: readonly EntryKind[] = ['operation', 'leader', 'vip', 'member', 'etcd', 'sight'];

/** How long before the last acknowledgement a cause may be seen, ms. */
const causeBeforeMs = 2000;

function pathEntries(timeline: readonly Entry[], before: Cluster, after: Cluster, at: number): Entry[] {
	if (before.probes === after.probes) {
		return [];
	}

	return [...after.probes.values()].flatMap(probe =>
		probeChanges(timeline, before.probes.get(probe.port), probe, at),
	);
}

function probeChanges(timeline: readonly Entry[], was: Probe | undefined, is: Probe, at: number): Entry[] {
	const began = ongoingOutage(is);
	if (began !== undefined && (was === undefined || ongoingOutage(was) === undefined)) {
		return [
			{
				at,
				kind: 'path',
				turn: 'worse',
				text: `${nameOf(began)} began: ${began.reason}`,
			},
		];
	}

	const [latest] = is.outages;
	if (latest?.to === undefined || latest === was?.outages[0]) {
		return [];
	}

	const cause = outageCause(timeline, latest);
	const milliseconds = latest.to - latest.from;
	const stalled =
		latest.stalled === undefined ? '' : `, of which this console was stalled for ${tenths(latest.stalled)}`;
	return [
		{
			at,
			kind: 'path',
			turn: 'better',
			text: `${nameOf(latest)} ended after ${duration(milliseconds)}${stalled}${cause === undefined ? '' : ` (${cause.text})`}`,
			outage: milliseconds,
		},
	];
}

/**
 * The likely cause of an outage among entries during or right before it: of the likeliest kind, the entry closest to
 * its start; of an operation, the first one.
 */
export function outageCause(timeline: readonly Entry[], {from, to}: Outage): Entry | undefined {
	const then = timeline.filter(
		({at, kind}) => kind !== 'path' && at >= from - causeBeforeMs && (to === undefined || at <= to),
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

/** `write outage through :5000`. */
function nameOf(outage: Outage): string {
	return `${outageName(outage)} through :${outage.port}`;
}

function vipEntries(before: Cluster, after: Cluster, {vip}: Target, at: number): Entry[] {
	if (vip === undefined || before.addresses === after.addresses) {
		return [];
	}

	const holders = presentHolders(after, vip);
	return [...after.addresses.keys()].flatMap(node => {
		// A node's first answer shows the present state, not a change.
		const known = before.addresses.get(node);
		const had = known?.value.some(({ip}) => ip === vip);
		const has = after.addresses.get(node)?.value.some(({ip}) => ip === vip) ?? false;
		if (had === undefined || had === has) {
			return [];
		}

		const unseen =
			before.sourceStatuses.get(`vip:${node}`)?.state === 'seen' ? '' : ' while it could not be seen';
		const others = holders.filter(other => other !== node);
		return has
			? arrivalEntry(`${node}${unseen}`, others, at)
			: departureEntry(`${node}${unseen}`, others, at);
	});
}

/** A second holder is not an improvement; and two nodes may report in the wrong order. */
function arrivalEntry(where: string, others: readonly string[], at: number): Entry {
	const text = `VIP arrived on ${where}`;
	return others.length === 0
		? {at, kind: 'vip', turn: 'better', text}
		: {
				at,
				kind: 'vip',
				turn: 'news',
				text: `${text}; ${others.join(', ')} still ${others.length === 1 ? 'reports' : 'report'} it`,
			};
}

function departureEntry(where: string, others: readonly string[], at: number): Entry {
	const text = `VIP left ${where}`;
	return others.length === 0
		? {at, kind: 'vip', turn: 'worse', text}
		: {
				at,
				kind: 'vip',
				turn: 'news',
				text: `${text}; ${others.join(', ')} ${others.length === 1 ? 'has' : 'have'} it`,
			};
}

function presentHolders({addresses, sourceStatuses}: Cluster, vip: string): string[] {
	return [...addresses.keys()].filter(
		node =>
			sourceStatuses.get(`vip:${node}`)?.state === 'seen' &&
			addresses.get(node)?.value.some(({ip}) => ip === vip),
	);
}
