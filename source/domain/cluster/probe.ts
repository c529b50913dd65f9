/** Folds the reports of the probes: latency, write and read outages. */
import {withEntry} from '../../lib/json.ts';
import type {ClusterEvent, Stalled} from '../events.ts';
import type {ErrorCode, ProbeAnswer, ProbePurpose} from '../facts.ts';
import type {Target} from '../target.ts';
import {addSecond, type Second} from './probe-seconds.ts';

/** A write outage: from the last acknowledged write to the next one. For a probe that only queries, a read outage. */
export type Outage = {
	port: number;
	/** False for a read outage. */
	write: boolean;
	/** Time of the last acknowledgement, Unix ms. */
	from: number;
	/** Time of the next acknowledgement; undefined while the outage lasts. */
	to: number | undefined;
	/** Why the first attempt failed. */
	reason: string;
	/**
	 * Time within the outage in which the probe itself did not run, ms; the outage may have ended that much earlier.
	 */
	stalled?: number;
	/** Known by bounds, from logs: `from` and `to` are the outer ones; it lasted at least this long, ms. */
	atLeast?: number;
};

export type Probe = {
	port: number;
	purpose: ProbePurpose;
	/** The last answer, and its time. */
	answer: (ProbeAnswer & {at: number}) | undefined;
	/** Since when the same server has answered in the same role, Unix ms. */
	since: number | undefined;
	/** Set while the probe fails: since when, and the reason of the last failure. */
	failing: {since: number; reason: string; code?: ErrorCode} | undefined;
	/** Time of the probe's last report, Unix ms. */
	at: number;
	/** The ongoing outage first, then the latest ones; bounded by `outagesMax`. */
	outages: readonly Outage[];
	/** Length of the longest outage that has ended, ms. */
	longest: number | undefined;
	/** The newest last; bounded by `secondsMax`. */
	seconds: readonly Second[];
	/** Number of the last acknowledged write; undefined for a probe that only queries. */
	number?: number;
	/** Time since the last acknowledgement in which the probe did not run, in pieces too short for a stall, ms. */
	lostMs?: number;
};

export type Probes = ReadonlyMap<number, Probe>;

const outagesMax = 50;
/** A longer time between two acknowledgements is an outage, even without a failed attempt. */
export type LongWaitMs = {write: number; query: number};

const longWaitMs: LongWaitMs = {write: 1000, query: 1000};
/** A probe reports at least this often; after a longer silence it did not run (the console was stopped). */
export const probeSilenceMs = 5000;
/** A hanging write is reported when it begins to hang, and when it times out after more than ten seconds. */
const hangingSilenceMs = 15_000;

function silenceOf({failing}: Probe): number {
	return failing === undefined ? probeSilenceMs : hangingSilenceMs;
}

type ProbeEvent = Extract<ClusterEvent, {type: `probe.${string}` | 'console.stalled'}>;

/** @param waits drills use shorter times than the screen */
export function foldProbes(probes: Probes, event: ProbeEvent, at: number, waits = longWaitMs): Probes {
	switch (event.type) {
		case 'probe.answered': {
			const {port, purpose, server, serverStartedAt, inRecovery, latency, write, number} = event;
			const answer = {
				server,
				...(serverStartedAt === undefined ? {} : {serverStartedAt}),
				inRecovery,
				latency,
				write,
				// The event may have waited in this program's queue.
				at: Math.min(at, event.answeredAt ?? at),
			};
			const before = withoutRestart(withoutStall(probes.get(port), at), event, answer.at);
			const same =
				before?.answer?.server === server &&
				before.answer.serverStartedAt === serverStartedAt &&
				before.answer.inRecovery === inRecovery &&
				before.failing === undefined;
			return withEntry(probes, port, {
				port,
				purpose,
				answer,
				since: same ? before.since : at,
				failing: undefined,
				at,
				...withLongest(before, endOutage(before, answer, port, waits)),
				seconds: addSecond(before?.seconds ?? [], {at, latency, failed: false}),
				...(number === undefined ? {} : {number}),
			});
		}

		case 'probe.failed': {
			const {port, purpose, reason, code} = event;
			const before = withoutRestart(withoutStall(probes.get(port), at), event, event.startedAt);
			const {number, lostMs} = before ?? {};
			return withEntry(probes, port, {
				port,
				purpose,
				...(number === undefined ? {} : {number}),
				...(lostMs === undefined ? {} : {lostMs}),
				answer: before?.answer,
				since: before?.since,
				failing: {
					since: before?.failing?.since ?? before?.answer?.at ?? at,
					reason,
					...(code === undefined ? {} : {code}),
				},
				at,
				...withLongest(before, beginOutage(before, port, reason)),
				seconds: addSecond(before?.seconds ?? [], {at, latency: undefined, failed: true}),
			});
		}

		case 'console.stalled': {
			const probe = event.port === undefined ? undefined : probes.get(event.port);
			return probe === undefined ? probes : withEntry(probes, probe.port, stalledProbe(probe, event, at));
		}
	}
}

/** The probe did not run for a while: that is not an outage, and an ongoing one may have ended meanwhile. */
function stalledProbe(probe: Probe, {milliseconds, brief}: Stalled, at: number): Probe {
	const [latest, ...older] = probe.outages;
	if (latest !== undefined && latest.to === undefined) {
		return {...probe, outages: [{...latest, stalled: (latest.stalled ?? 0) + milliseconds}, ...older]};
	}

	// The next outage is measured from the end of the stall.
	return brief ? {...probe, lostMs: (probe.lostMs ?? 0) + milliseconds} : measuredFrom(probe, at);
}

function measuredFrom(probe: Probe, at: number): Probe {
	return probe.answer === undefined
		? probe
		: {...probe, answer: {...probe.answer, at: Math.max(probe.answer.at, at)}};
}

/**
 * The probe was restarted, e.g. for the numbered writes of a drill: from the last report of the one before to the first
 * attempt of this one there was no probe.
 * @param from the next outage is measured from here
 */
function withoutRestart(
	before: Probe | undefined,
	event: Extract<ProbeEvent, {type: `probe.${string}`}>,
	from: number,
): Probe | undefined {
	// Recordings of older programs have no `first`, but their numbers begin again.
	const isRestart =
		event.first ??
		(event.type === 'probe.answered' && event.number !== undefined && event.number < (before?.number ?? 0));
	if (before === undefined || !isRestart) {
		return before;
	}

	return ongoingOutage(before) === undefined
		? measuredFrom(before, from)
		: stalledProbe(
				before,
				{type: 'console.stalled', milliseconds: Math.max(0, event.startedAt - before.at)},
				from,
			);
}

/** The probe as of before a silence: a stopped console must not look like an outage. */
function withoutStall(probe: Probe | undefined, at: number): Probe | undefined {
	return probe === undefined || at - probe.at <= silenceOf(probe)
		? probe
		: {
				...probe,
				answer: undefined,
				failing: undefined,
				outages: probe.outages.filter(({to}) => to !== undefined),
			};
}

export function ongoingOutage({outages}: Probe): Outage | undefined {
	const [latest] = outages;
	return latest?.to === undefined ? latest : undefined;
}

function beginOutage(before: Probe | undefined, port: number, reason: string): readonly Outage[] {
	const outages = before?.outages ?? [];
	const last = before?.answer;
	// An outage is measured from the last acknowledgement.
	if (before === undefined || last === undefined || ongoingOutage(before) !== undefined) {
		return outages;
	}

	const begun = {port, write: last.write, from: last.at, to: undefined, reason, ...stalledFor(before)};
	return [begun, ...outages].slice(0, outagesMax);
}

function stalledFor({lostMs}: Probe): Pick<Outage, 'stalled'> {
	return lostMs === undefined ? {} : {stalled: lostMs};
}

function withLongest(
	before: Probe | undefined,
	outages: readonly Outage[],
): Pick<Probe, 'outages' | 'longest'> {
	const [latest] = outages;
	const length = latest?.to === undefined ? 0 : latest.to - latest.from;
	const longest = before && longestOutageMs(before);
	return {outages, longest: length > (longest ?? 0) ? length : longest};
}

/** Length of the longest outage that has ended, ms. Snapshots of older programs have only the latest outages. */
export function longestOutageMs({longest, outages}: Probe): number | undefined {
	if (longest !== undefined) {
		return longest;
	}

	const lengths = outages.flatMap(({from, to}) => (to === undefined ? [] : [to - from]));
	return lengths.length === 0 ? undefined : Math.max(...lengths);
}

function endOutage(
	before: Probe | undefined,
	answer: Probe['answer'] & object,
	port: number,
	waits: LongWaitMs,
): readonly Outage[] {
	const outages = before?.outages ?? [];
	const [latest, ...older] = outages;
	if (latest !== undefined && latest.to === undefined) {
		// An answer to a query does not end a write outage.
		return latest.write && !answer.write ? outages : [{...latest, to: answer.at}, ...older];
	}

	const last = before?.answer;
	const waitMs = waits[answer.write ? 'write' : 'query'];
	// The probe only queried before, so there is no earlier write to measure from.
	if (before === undefined || last === undefined || last.write !== answer.write) {
		return outages;
	}

	const {write} = answer;
	const outage = {port, write, from: last.at, to: answer.at, reason: 'slow answer', ...stalledFor(before)};
	return ranMs(outage, answer.at) > waitMs ? [outage, ...outages].slice(0, outagesMax) : outages;
}

/** Length of the outage without the time in which the probe did not run, ms. */
export function ranMs({from, to, stalled = 0}: Outage, end: number): number {
	return (to ?? end) - from - stalled;
}

/** The probe reports, with or without answers. */
export function isProbeFresh(probe: Probe | undefined, now: number): boolean {
	return probe !== undefined && now - probe.at <= silenceOf(probe);
}

/** The port is the default, not configured, and never answered: clients may use another one. */
export function isGuess({purpose, since}: Probe, {probe}: Target): boolean {
	return since === undefined && (probe?.assumed?.includes(purpose) ?? false);
}

export function outageName({write}: Pick<Outage, 'write'>): string {
	return write ? 'write outage' : 'read outage';
}
