/** The sequence of faults, their nodes, durations and strengths, determined by the seed alone. */

import type {Fault, Place} from './fault.ts';
import {Random} from './random.ts';

export type Step = {
	fault: Fault;
	place: Place;
	/** From 0 to 1; each fault interprets it. */
	strength: number;
	/** Duration of the fault. */
	holdMs: number;
	/** Pause between the healed cluster and the next fault. */
	quietMs: number;
};

const quietSeconds = [3, 10] as const;

/** An endless sequence; the same for the same seed and the same faults. */
export function* plan(seed: number, among: readonly Fault[]): Generator<Step, never> {
	const random = new Random(seed);
	// Each fault is in the bag `weight` times.
	const bag = among.flatMap(fault => Array.from({length: fault.weight ?? 2}, () => fault));
	for (;;) yield stepOf(random.pick(bag), random);
}

/** Each fault once, in table order. */
export function* each(seed: number, among: readonly Fault[]): Generator<Step> {
	const random = new Random(seed);
	for (const fault of among) yield stepOf(fault, random);
}

function stepOf(fault: Fault, random: Random): Step {
	return {
		fault,
		place: random.pick(fault.places),
		strength: random.below(1001) / 1000,
		holdMs: millisecondsIn(fault.holdSeconds, random),
		quietMs: millisecondsIn(quietSeconds, random),
	};
}

function millisecondsIn([from, to]: readonly [number, number], random: Random): number {
	return Math.round((from + ((to - from) * random.below(1001)) / 1000) * 1000);
}
