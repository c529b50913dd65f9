/** How far a member's clock is ahead of ours: bounds out of when it was asked, what it said, and when that was taken in. */
import type {Event} from '../events.ts';
import type {ClockBounds, KnownStatus} from './cluster.ts';

/** The Date header has whole seconds. */
const dateStepMs = 1000;
/** An answer of which a recording does not say how long it took came within this time, but for stalls; ms. */
const answerMaxMs = 3000;
/** Two clocks drift apart by less, ms a second. */
const driftMs = 1;

/** Its clock showed the answer's second at some moment between the question and now: no delay, of ours or of the network, is in it. */
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

	// Each answer narrows it, until a clock is set.
	const driftedMs = (Math.max(0, at - before.at) / 1000) * driftMs;
	const both = {
		minMs: Math.max(minMs, last.minMs - driftedMs),
		maxMs: Math.min(maxMs, last.maxMs + driftedMs),
	};
	return both.minMs <= both.maxMs ? both : {minMs, maxMs};
}

/** How far a member's clock is ahead of this machine's; undefined when it has not reported. */
export function clockDifference(known: KnownStatus | undefined): ClockBounds | undefined {
	const bounds = clockBounds(known);
	// The session's time is ahead of a clock that was set back.
	const aheadMs = known === undefined ? 0 : known.at - (known.clockAt ?? known.at);
	return bounds && {minMs: bounds.minMs + aheadMs, maxMs: bounds.maxMs + aheadMs};
}

/** How far a member's clock is likely to be ahead of the session's time, ms; undefined when it has not reported. */
export function clockOffset(known: KnownStatus | undefined): number | undefined {
	const bounds = clockBounds(known);
	// Most answers are prompt: wide bounds are those of one that was taken in late.
	return bounds && bounds.minMs + Math.min(dateStepMs, bounds.maxMs - bounds.minMs) / 2;
}

export function clockBounds(known: KnownStatus | undefined): ClockBounds | undefined {
	const serverTime = known?.value.serverTime;
	return (
		known?.clock ??
		// As kept by an older program.
		(known === undefined || serverTime === undefined
			? undefined
			: {minMs: serverTime - known.at, maxMs: serverTime + dateStepMs + answerMaxMs - known.at})
	);
}
