/** Which faults come, to whom, for how long and how hard: all of it follows from the seed alone. */

import type {Fault, Place} from './fault.ts';
import {Random} from './random.ts';

export type Step = {
	fault: Fault;
	place: Place;
	/** From 0 to 1: what a fault makes of it is its own. */
	strength: number;
	/** From done to undone. */
	holdMs: number;
	/** From whole again to the next one. */
	quietMs: number;
};

const quietSeconds = [3, 10] as const;

/** The same seed and the same faults give the same sequence, without end. */
export function* plan(seed: number, among: readonly Fault[]): Generator<Step, never> {
	const random = new Random(seed);
	// A fault is in the bag as often as its weight says.
	const bag = among.flatMap(fault => Array.from({length: fault.weight ?? 2}, () => fault));
	for (;;) yield stepOf(random.pick(bag), random);
}

/** Each of them once, in their order. */
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
