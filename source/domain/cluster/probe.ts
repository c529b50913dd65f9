/** The client's path as a probe sees it through VIP:port: answers, failures, and how long nothing was acknowledged; pure. */
import {withEntry} from '../../lib/map-entries.ts';
import type {ClusterEvent} from '../events.ts';
import type {ErrorCode, ProbeAnswer, ProbePurpose} from '../facts.ts';
import type {Target} from '../target.ts';
/** A time without acknowledgement: from the last before it to the first after it. */
export type Outage = {
	port: number;
	/** What was not acknowledged: writes, or, where the probe does not write, answers. */
	write: boolean;
	/** The moment of the last acknowledgement, Unix ms. */
	from: number;
	/** The moment of the next one; undefined while there is none. */
	to: number | undefined;
	/** Why the first try failed. */
	reason: string;
	/** Of that time the probe itself did not run for so many ms: it may have ended as much earlier. */
	stalled?: number;
};

/** One second of a probe: the longest wait for an answer, ms; undefined when none came. */
export type Second = {at: number; latency: number | undefined; failed: boolean};

export type Probe = {
	port: number;
	purpose: ProbePurpose;
	/** The last answer, and when it came. */
	answer: (ProbeAnswer & {at: number}) | undefined;
	/** Since when the same server answers in the same role. */
	since: number | undefined;
	/** It fails now: since when, and why the last try failed. */
	failing: {since: number; reason: string; code?: ErrorCode} | undefined;
	/** When the probe last reported anything. */
	at: number;
	/** The one that lasts first, then the latest; bounded. */
	outages: readonly Outage[];
	/** The longest of all that have ended, ms. */
	longest: number | undefined;
	/** Newest last; bounded. */
	seconds: readonly Second[];
};

export type Probes = ReadonlyMap<number, Probe>;

const outagesMax = 50;
const secondsMax = 60;
/** An answer may take this long before the time without one is an interruption though no try failed; ms. */
const longWaitMs = 1000;
/** A probe reports at least this often; what was silent for longer did not look (the console was stopped); ms. */
export const probeSilenceMs = 5000;
/** A write that hangs is reported when it begins to hang, and then only when it is given up: ten seconds, and what it takes. ms. */
export const hangingSilenceMs = 15_000;

function silenceOf({failing}: Probe): number {
	return failing === undefined ? probeSilenceMs : hangingSilenceMs;
}

type ProbeEvent = Extract<ClusterEvent, {type: `probe.${string}` | 'console.stalled'}>;

export function foldProbes(probes: Probes, event: ProbeEvent, at: number): Probes {
	switch (event.type) {
		case 'probe.answered': {
			const {port, purpose, server, inRecovery, latency, write} = event;
			const before = watched(probes.get(port), at);
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
				...ended(before, endOutage(before, answer, port)),
				seconds: addSecond(before?.seconds ?? [], {at, latency, failed: false}),
			});
		}

		case 'probe.failed': {
			const {port, purpose, reason, code} = event;
			const before = watched(probes.get(port), at);
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
				...ended(before, beginOutage(before, port, reason)),
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

/** Nobody looked meanwhile: that is no interruption, and one that lasts may have ended in that time. */
function stalledProbe(probe: Probe, milliseconds: number, at: number): Probe {
	const [latest, ...older] = probe.outages;
	if (latest !== undefined && latest.to === undefined) {
		return {...probe, outages: [{...latest, stalled: (latest.stalled ?? 0) + milliseconds}, ...older]};
	}

	// Acknowledgements are measured from the end of it.
	return probe.answer === undefined
		? probe
		: {...probe, answer: {...probe.answer, at: Math.max(probe.answer.at, at)}};
}

/** What is known of a probe, without what a pause of the console itself would make look like an interruption. */
function watched(probe: Probe | undefined, at: number): Probe | undefined {
	return probe === undefined || at - probe.at <= silenceOf(probe)
		? probe
		: {
				...probe,
				answer: undefined,
				failing: undefined,
				outages: probe.outages.filter(({to}) => to !== undefined),
			};
}

/** The interruption that lasts, if one does. */
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

function ended(before: Probe | undefined, outages: readonly Outage[]): Pick<Probe, 'outages' | 'longest'> {
	const [latest] = outages;
	const length = latest?.to === undefined ? 0 : latest.to - latest.from;
	const longest = before && longestOutageMs(before);
	return {outages, longest: length > (longest ?? 0) ? length : longest};
}

/** The longest interruption that has ended, ms; a snapshot by an older program knows only of the latest ones. */
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
): readonly Outage[] {
	const outages = before?.outages ?? [];
	const [latest, ...older] = outages;
	if (latest !== undefined && latest.to === undefined) {
		// A read does not show that writes are acknowledged again.
		return latest.write && !answer.write ? outages : [{...latest, to: answer.at}, ...older];
	}

	const last = before?.answer;
	return last !== undefined && answer.at - last.at > longWaitMs
		? [
				{port, write: answer.write, from: last.at, to: answer.at, reason: 'the answer took long'},
				...outages,
			].slice(0, outagesMax)
		: outages;
}

function addSecond(seconds: readonly Second[], {at, latency, failed}: Second): readonly Second[] {
	const second = Math.floor(at / 1000) * 1000;
	const last = seconds.at(-1);
	if (last?.at !== second) {
		return [...seconds, {at: second, latency, failed}].slice(-secondsMax);
	}

	const longest = latency === undefined ? last.latency : Math.max(latency, last.latency ?? 0);
	return seconds.with(-1, {at: second, latency: longest, failed: last.failed || failed});
}

/** The probe has reported lately, an answer or a failure. */
export function isProbeFresh(probe: Probe | undefined, now: number): boolean {
	return probe !== undefined && now - probe.at <= silenceOf(probe);
}

/** Its port is the default, not configured, and has never answered: clients may use another one. */
export function isGuess({purpose, since}: Probe, {probe}: Target): boolean {
	return since === undefined && (probe?.assumed?.includes(purpose) ?? false);
}
