/** The last minute of a probe, by the second. */
import {latencyClass} from '../trend-values.ts';

/** One second of a probe. `latency`: the longest, ms; undefined without an answer. */
export type Second = {
	at: number;
	latency: number | undefined;
	failed: boolean;
	/** The `latencyClass` of each answer, for the last seconds only; undefined in recordings of older programs. */
	answers?: readonly number[];
};

const secondsMax = 60;
/** Seconds whose answers are kept one by one, until the tick counts them. */
const answersSeconds = 10;
/** Answers kept for one second; a probe sends twenty requests a second. */
const answersMax = 100;

export function addSecond(seconds: readonly Second[], {at, latency, failed}: Second): readonly Second[] {
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
