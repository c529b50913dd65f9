/** Timeline entries of what was read from logs. Pure. */
import {tenths} from '../../lib/format.ts';
import type {Entry, LogMark} from '../facts.ts';
import type {Place} from './kinds/traits.ts';
import {depthOf, describeEvent, noCause, placeOf, saidKinds} from './kinds.ts';
import {mostMs, type OutageBounds} from './outage-bounds.ts';
import type {LogEvent} from './said.ts';

const turns: Readonly<Record<Place, Entry['turn']>> = {
	order: 'news',
	machine: 'worse',
	program: 'worse',
	effect: 'worse',
	recovery: 'better',
	routine: 'news',
};

/** Below this the time of an entry is as good as one that was seen, ms. */
const noticeableMs = 100;

/** `journal of pgdb1, ±2 s` */
export function describeOrigin({from, uncertainMs}: LogMark): string {
	return uncertainMs < noticeableMs
		? from
		: `${from}, ±${(uncertainMs / 1000).toFixed(uncertainMs < 1000 ? 1 : 0)} s`;
}

/** The entry with the log that it was read from. */
export function markedEntry(entry: Entry, log: LogMark): Entry {
	return {...entry, text: `${entry.text} (${describeOrigin(log)})`, log};
}

/** The mark of what was read from a log. */
export function logMark({from, uncertainMs}: Pick<LogEvent, 'from' | 'uncertainMs'>): LogMark {
	return {from, uncertainMs};
}

/** The line in the timeline; undefined: a routine line, or what the cluster's own facts say already. */
export function entryOf(event: LogEvent): Entry | undefined {
	const {entry, isInFacts} = saidKinds[event.said.kind];
	const place = placeOf(event);
	return place === 'routine' || isInFacts
		? undefined
		: markedEntry(
				{
					at: event.at,
					kind: entry,
					turn: turns[place],
					text: describeEvent(event),
					...(event.said.kind === 'patroni.switchover'
						? {about: {of: 'request' as const, leader: event.said.from, candidate: event.said.object}}
						: {}),
				},
				{...logMark(event), ...(depthOf(event) < noCause ? {depth: depthOf(event)} : {})},
			);
}

/** `≤ 12.3 s, at least 1.2 s` */
export function describeBounds(outage: OutageBounds): string {
	const most = mostMs(outage);
	const least = tenths(outage.leastMs);
	const without = outage.isWithoutRoute ? ', by primary and VIP alone: no line of HAProxy was read' : '';
	return most === undefined
		? `${outage.leastMs === 0 ? 'perhaps none at all' : `at least ${least}`}, and no line says that it has ended${without}`
		: outage.leastMs === 0
			? `≤ ${tenths(most)}, perhaps none at all${without}`
			: `≤ ${tenths(most)}, at least ${least}${without}`;
}

/** @param at of the line that shows its end, Unix ms */
export function outageEntry(outage: OutageBounds, at: number): Entry {
	const most = mostMs(outage);
	return {
		at,
		kind: 'path',
		turn: most === undefined ? 'worse' : 'better',
		text: `write outage by the logs: ${describeBounds(outage)}; first sign: ${outage.reason}`,
		...(most === undefined ? {} : {outage: most, outageAtLeast: outage.leastMs}),
		about: {
			of: 'outage',
			port: 0,
			write: true,
			from: outage.from[0],
			to: outage.to?.[1],
			// What is not certain may be no outage, as time in which a probe did not run.
			stalled: most === undefined ? undefined : most - outage.leastMs,
		},
		log: {from: 'logs of all nodes', uncertainMs: 0},
	};
}
