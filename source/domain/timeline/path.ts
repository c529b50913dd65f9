/** The client's path: when nothing was acknowledged any more, for how long, and what else happened then. */
import {least} from 'd3-array';
import type {Cluster} from '../cluster/cluster.ts';
import {stallWords} from '../cluster/freshness.ts';
import {type Outage, ongoingOutage, type Probe} from '../cluster/probe.ts';
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
