/** How far the clocks of members are from this machine's, by their answers; and jumps of this machine's own. */
import type {Event} from '../events.ts';
import type {ClockBounds, Cluster, KnownStatus} from './cluster.ts';

/** Resolution of the HTTP header Date, ms. */
const dateStepMs = 1000;

/** Assumed upper bound of an answer's duration where a recording does not have it, ms. */
export const answerMaxMs = 3000;

/** Upper bound of the drift between two clocks, ms a second. */
const driftMs = 1;

/**
 * Bounds of a member's clock: it showed `serverTime` between the request and now. Delays of the network widen the
 * bounds only.
 */
export function measureClock(
	before: KnownStatus | undefined,
	{status: {serverTime}, tookMs = answerMaxMs}: Event & {type: 'patroni.status'},
	at: number,
): ClockBounds | undefined {
	if (serverTime === undefined) {
		return undefined;
	}

	const minMs = serverTime - at;
	const maxMs = serverTime + dateStepMs - (at - tookMs);
	const last = before?.clock;
	if (before === undefined || last === undefined) {
		return {minMs, maxMs};
	}

	// Each answer narrows the bounds, until one of the clocks is set.
	const driftedMs = (Math.max(0, at - before.at) / 1000) * driftMs;
	const both = {
		minMs: Math.max(minMs, last.minMs - driftedMs),
		maxMs: Math.min(maxMs, last.maxMs + driftedMs),
	};
	return both.minMs <= both.maxMs ? both : {minMs, maxMs};
}

/** How far a member's clock is ahead of this machine's, ms; undefined without an answer. */
export function clockDifference(known: KnownStatus | undefined): ClockBounds | undefined {
	const bounds = clockBounds(known);
	// The session's time is ahead of this machine's clock after that was set back.
	const aheadMs = known === undefined ? 0 : known.at - (known.clockAt ?? known.at);
	return bounds && {minMs: bounds.minMs + aheadMs, maxMs: bounds.maxMs + aheadMs};
}

/** The likely offset of a member's clock to the session's time, ms; undefined without an answer. */
export function clockOffset(known: KnownStatus | undefined): number | undefined {
	const bounds = clockBounds(known);
	// Most answers are prompt; the upper bound is wide only if the answer was handled late.
	return bounds && bounds.minMs + Math.min(dateStepMs, bounds.maxMs - bounds.minMs) / 2;
}

export function clockBounds(known: KnownStatus | undefined): ClockBounds | undefined {
	const serverTime = known?.value.serverTime;
	return (
		known?.clock ??
		// Statuses from older programs have no `clock`.
		(known === undefined || serverTime === undefined
			? undefined
			: {minMs: serverTime - known.at, maxMs: serverTime + dateStepMs + answerMaxMs - known.at})
	);
}

/** What lasts does not last longer because the session's time jumps with a clock that is set forward. */
export function afterJump(cluster: Cluster, jumpMs: number): Cluster {
	if (jumpMs === 0) {
		return cluster;
	}

	const {read, lease, patroni, views, units, probes} = cluster;
	const later = (at: number | undefined) => (at === undefined ? undefined : at + jumpMs);
	return {
		...cluster,
		read: read && {...read, at: read.at + jumpMs},
		lease: lease && {...lease, at: lease.at + jumpMs},
		keys: mapValues(cluster.keys, key =>
			key.changed === undefined
				? key
				: {...key, changed: {at: key.changed.at + jumpMs, after: key.changed.after + jumpMs}},
		),
		gone: mapValues(cluster.gone, gone => ({...gone, since: gone.since + jumpMs})),
		patroni: mapValues(patroni, status => {
			const {stateSince, clockAt, clock} = status;
			return {
				...status,
				at: status.at + jumpMs,
				...(stateSince === undefined ? {} : {stateSince: stateSince + jumpMs}),
				...(clockAt === undefined ? {} : {clockAt: clockAt + jumpMs}),
				// The member's clock was not set.
				...(clock === undefined ? {} : {clock: {minMs: clock.minMs - jumpMs, maxMs: clock.maxMs - jumpMs}}),
			};
		}),
		views: mapValues(views, view => ({...view, at: view.at + jumpMs})),
		units: mapValues(units, known => ({
			...known,
			at: known.at + jumpMs,
			stopsSince: later(known.stopsSince),
		})),
		probes: mapValues(probes, probe => ({
			...probe,
			at: probe.at + jumpMs,
			answer: probe.answer && {...probe.answer, at: probe.answer.at + jumpMs},
			since: later(probe.since),
			failing: probe.failing && {...probe.failing, since: probe.failing.since + jumpMs},
			outages: probe.outages.map(outage =>
				outage.to === undefined ? {...outage, from: outage.from + jumpMs} : outage,
			),
		})),
	};
}

function mapValues<K, V>(map: ReadonlyMap<K, V>, change: (value: V) => V): ReadonlyMap<K, V> {
	return new Map([...map].map(([name, value]) => [name, change(value)]));
}
