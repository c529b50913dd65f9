/** A drill: something that is done to the cluster on purpose, to see how long clients feel it; as plain data. */
import type {Earlier} from './earlier.ts';
import type {Goals} from './goals.ts';
import type {Measure} from './measures.ts';
import type {StageId} from './plan.ts';

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

/** What an answer to the question would begin. */
export type Prepared = {
	/** Of its numbered writes. */
	id: string;
	/** Where it is recorded, if nothing is recorded yet. */
	file: string;
	/** There is a table that the writes go into, to be looked for afterwards. */
	rows: boolean;
	/** What drills of the same kind measured before. */
	earlier: Earlier;
};

export type DrillEvent =
	/** For the question of this number. */
	| {type: 'drill.prepared'; question: number; prepared: Prepared}
	| {type: 'drill.begun'; drill: Drill}
	/** What is waited for from now on. */
	| {type: 'drill.stage'; stage: StageId}
	/** What the operator's own hand has to do now. */
	| {type: 'drill.asked'; text: string}
	/** As far as can be told by now. */
	| {type: 'drill.measured'; measures: readonly Measure[]}
	/** The acknowledged writes that were looked for afterwards; `problem`: why that could not be done. */
	| {type: 'drill.verified'; acknowledged: number; lost: readonly number[]; problem: string | undefined}
	| {type: 'drill.ended'; result: DrillResult; text: string};

export type DrillResult = 'met' | 'not met' | 'failed' | 'unknown';

/** In one line, as operations are described. */
export function describeDrill({kind, target}: Pick<Drill, 'kind' | 'target'>): string {
	return `drill: ${kind} ${kind === 'switchover' ? 'to' : 'of'} ${target}`;
}
