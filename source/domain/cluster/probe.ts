/** What the probe reports: latency, write and read outages. */
import {withEntry} from '../../lib/json.ts';
import type {ClusterEvent} from '../events.ts';
import type {ErrorCode, ProbeAnswer, ProbePurpose} from '../facts.ts';
import {latencyClass} from '../latency-counts.ts';
import type {Target} from '../target.ts';

/** A write outage: the time from the last acknowledged write to the next one. Of a probe that only queries, a read outage: of answers. */
export type Outage = {
	port: number;
	/** False: a read outage. */
	write: boolean;
	/** The last acknowledgement, Unix ms. */
	from: number;
	/** The next one; undefined while there is none. */
	to: number | undefined;
	/** Why the first attempt failed. */
	reason: string;
	/** Of that time the probe itself did not run for so many ms: it may have ended as much earlier. */
	stalled?: number;
};

/** One second of a probe: the longest wait for an answer, ms; undefined when none came. */
export type Second = {
	at: number;
	latency: number | undefined;
	failed: boolean;
	/** Of the last seconds: the `latencyClass` of each answer. Recordings of older programs do not have it. */
	answers?: readonly number[];
};

export type Probe = {
	port: number;
	purpose: ProbePurpose;
	/** The last answer, and when it came. */
	answer: (ProbeAnswer & {at: number}) | undefined;
	/** Since when the same server answers in the same role. */
	since: number | undefined;
	/** It fails now: since when, and the reason of the last failure. */
	failing: {since: number; reason: string; code?: ErrorCode} | undefined;
	/** When the probe last reported anything. */
	at: number;
	/** The ongoing one first, then the latest; bounded. */
	outages: readonly Outage[];
	/** The length of the longest one that has ended, ms. */
	longest: number | undefined;
	/** Newest last; bounded. */
	seconds: readonly Second[];
};

export type Probes = ReadonlyMap<number, Probe>;

const outagesMax = 50;
const secondsMax = 60;
/** The answers of so many seconds are kept one by one: they are counted with the next tick or two. */
const answersSeconds = 10;
/** Of one second; a probe asks twenty times. */
const answersMax = 100;
/** Between two acknowledgements: after this time it is an outage, though no attempt failed. */
export type LongWaitMs = {write: number; query: number};

const longWaitMs: LongWaitMs = {write: 1000, query: 1000};
/** A probe reports at least this often; one that was silent for longer did not run (the console was stopped). */
export const probeSilenceMs = 5000;
/** A write that hangs is reported when it begins to hang, and when it is given up: after ten seconds and more. */
const hangingSilenceMs = 15_000;

function silenceOf({failing}: Probe): number {
	return failing === undefined ? probeSilenceMs : hangingSilenceMs;
}

type ProbeEvent = Extract<ClusterEvent, {type: `probe.${string}` | 'console.stalled'}>;

/** @param waits what a drill measures is finer than what the screen shows */
export function foldProbes(probes: Probes, event: ProbeEvent, at: number, waits = longWaitMs): Probes {
	switch (event.type) {
		case 'probe.answered': {
			const {port, purpose, server, inRecovery, latency, write} = event;
			const before = withoutStall(probes.get(port), at);
			// The runtime may have been busy when the answer came.
			const answer = {server, inRecovery, latency, write, at: Math.min(at, event.answeredAt ?? at)};
			const same =
				before?.answer?.server === server &&
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
			});
		}

		case 'probe.failed': {
			const {port, purpose, reason, code} = event;
			const before = withoutStall(probes.get(port), at);
			return withEntry(probes, port, {
				port,
				purpose,
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
			return probe === undefined
				? probes
				: withEntry(probes, probe.port, stalledProbe(probe, event.milliseconds, at));
		}
	}
}

/** The probe did not run meanwhile: that is no outage, and an ongoing one may have ended in that time. */
function stalledProbe(probe: Probe, milliseconds: number, at: number): Probe {
	const [latest, ...older] = probe.outages;
	if (latest !== undefined && latest.to === undefined) {
		return {...probe, outages: [{...latest, stalled: (latest.stalled ?? 0) + milliseconds}, ...older]};
	}

	// An outage is measured from the end of the stall.
	return probe.answer === undefined
		? probe
		: {...probe, answer: {...probe.answer, at: Math.max(probe.answer.at, at)}};
}

/** What is known of a probe, without what a stop of the console would make look like an outage. */
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
	// Without an acknowledgement before it there is nothing to measure from.
	if (before === undefined || last === undefined || ongoingOutage(before) !== undefined) {
		return outages;
	}

	return [{port, write: last.write, from: last.at, to: undefined, reason}, ...outages].slice(0, outagesMax);
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

/** Of those that have ended; a snapshot by an older program knows only the latest ones. */
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
	const isLong = last !== undefined && answer.at - last.at > waits[answer.write ? 'write' : 'query'];
	// The first write of a probe that queried before has no write to be measured from.
	return isLong && last.write === answer.write
		? [{port, write: answer.write, from: last.at, to: answer.at, reason: 'slow answer'}, ...outages].slice(
				0,
				outagesMax,
			)
		: outages;
}

function addSecond(seconds: readonly Second[], {at, latency, failed}: Second): readonly Second[] {
	const second = Math.floor(at / 1000) * 1000;
	const last = seconds.at(-1);
	const answers = latency === undefined ? [] : [latencyClass(latency)];
	if (last?.at !== second) {
		return [...seconds.map(withoutOldAnswers), {at: second, latency, failed, answers}].slice(-secondsMax);
	}

	const longest = latency === undefined ? last.latency : Math.max(latency, last.latency ?? 0);
	return seconds.with(-1, {
		at: second,
		latency: longest,
		failed: last.failed || failed,
		answers: [...(last.answers ?? []), ...answers].slice(-answersMax),
	});
}

function withoutOldAnswers(second: Second, index: number, {length}: readonly Second[]): Second {
	const {answers, ...rest} = second;
	return answers === undefined || index > length - answersSeconds ? second : rest;
}

/** It reports, whether it is answered or not. */
export function isProbeFresh(probe: Probe | undefined, now: number): boolean {
	return probe !== undefined && now - probe.at <= silenceOf(probe);
}

/** Its port is the default, not configured, and has never answered: clients may use another one. */
export function isGuess({purpose, since}: Probe, {probe}: Target): boolean {
	return since === undefined && (probe?.assumed?.includes(purpose) ?? false);
}

export function outageName({write}: Pick<Outage, 'write'>): string {
	return write ? 'write outage' : 'read outage';
}
