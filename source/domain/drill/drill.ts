/** A drill: something that is done to the cluster on purpose, to see how long clients feel it; as plain data. */

import type {Goals} from './goals.ts';

export const drillKinds = ['switchover', 'shutdown', 'power-cut'] as const;

export type DrillKind = (typeof drillKinds)[number];

export type Drill = {
	kind: DrillKind;
	/** The member that takes over; for the others, the machine that goes away. */
	target: string;
	/** The longest time without writes that is accepted, ms. */
	goal: number | undefined;
	/** Of the other measures. */
	goals?: Omit<Goals, 'writes'>;
};

export type DrillEvent =
	| {type: 'drill.begun'; drill: Drill}
	/** What the operator's own hand has to do now. */
	| {type: 'drill.asked'; text: string}
	/** The acknowledged writes that were looked for afterwards; `problem`: why that could not be done. */
	| {type: 'drill.verified'; acknowledged: number; lost: readonly number[]; problem: string | undefined}
	| {type: 'drill.ended'; result: DrillResult; text: string};

export type DrillResult = 'met' | 'not met' | 'failed' | 'unknown';

/** In one line, as operations are described. */
export function describeDrill({kind, target}: Drill): string {
	return `drill: ${kind} ${kind === 'switchover' ? 'to' : 'of'} ${target}`;
}
