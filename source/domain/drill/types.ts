/** What the rooms share of a drill: its measures, goals, stages, events. */
export type MeasureId = 'writes' | 'leaderless' | 'leader' | 'vip' | 'redundancy' | 'lost';

export type Measure = {
	id: MeasureId;
	text: string;
	unit: 'ms' | 'writes';
	/** Undefined: it did not happen, or is not known; `note` shows which. */
	value: number | undefined;
	/** False: it was at most this. */
	exact: boolean;
	note: string | undefined;
	/** There was nothing to measure: the leader stayed, the VIP stayed. */
	idle?: boolean;
};

/** `from`: when it was confirmed, or the last moment before it; `to`: when it was over, or nothing more is known. */
export type Window = {from: number; to: number; exact: boolean};

/** Verified afterwards. */
export type Verified = {acknowledged: number; lost: readonly number[]; problem: string | undefined};

/** Measures that a goal can be set for; no lost write is ever accepted. */
export const goalIds = ['writes', 'leaderless', 'leader', 'vip', 'redundancy'] as const;

export type GoalId = (typeof goalIds)[number];

/** The longest time that is accepted, ms. */
export type Goals = Readonly<Partial<Record<GoalId, number>>>;

/** Null: not measured. */
export type Figures = Readonly<Record<MeasureId, number | null>>;

export type EarlierDrills = {
	/** How many are compared with. */
	count: number;
	last: Figures | undefined;
	/** Of all of them. */
	median: Figures;
	/** The last one's. */
	goals: Goals;
};

export type StageId = 'baseline' | 'done' | 'plug' | 'taken' | 'on' | 'whole' | 'verified';

export type Stage = {
	id: StageId;
	text: string;
	/** The operator does it, not the console. */
	byOperator?: true;
};

export const drillKinds = ['switchover', 'shutdown', 'power-cut'] as const;

export type DrillKind = (typeof drillKinds)[number];

export type Drill = {
	kind: DrillKind;
	/** The member that takes over; for the others, the machine that goes away. */
	target: string;
	/** The longest write outage that is accepted, ms. */
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
	/** A table for the writes is configured, so that they are verified afterwards. */
	rows: boolean;
	/** What drills of the same kind measured before. */
	earlier: EarlierDrills;
};

export type DrillEvent =
	/** `pgha-top drill` opens the question that the menu would open. */
	| {type: 'drill.ask'; drill: Drill; reason: string}
	/** Yes to the question of this number; `name` was typed to confirm it. */
	| {type: 'drill.answer'; question: number; name: string}
	/** For the question of this number. */
	| {type: 'drill.prepared'; question: number; prepared: Prepared}
	| {type: 'drill.begun'; drill: Drill}
	/** What is waited for from now on. */
	| {type: 'drill.stage'; stage: StageId}
	/** What the operator has to do now. */
	| {type: 'drill.asked'; text: string}
	/** So far. */
	| {type: 'drill.measured'; measures: readonly Measure[]}
	/** The acknowledged writes that were verified afterwards; `problem`: why that was not possible. */
	| {type: 'drill.verified'; acknowledged: number; lost: readonly number[]; problem: string | undefined}
	| {type: 'drill.ended'; result: DrillResult; text: string};

export const drillResults = ['met', 'not met', 'failed', 'unknown'] as const;

export type DrillResult = (typeof drillResults)[number];

export function stagesOf({kind, target}: Pick<Drill, 'kind' | 'target'>): readonly Stage[] {
	const begin: Stage = {id: 'baseline', text: 'recording, nothing missing'};
	const end: readonly Stage[] = [
		{id: 'whole', text: 'full redundancy again'},
		{id: 'verified', text: 'acknowledged writes verified'},
	];
	if (kind === 'switchover') {
		return [begin, {id: 'done', text: `sent, ${target} leads`}, ...end];
	}

	return [
		begin,
		kind === 'shutdown'
			? {id: 'done', text: `sent, ${target} is down`}
			: {id: 'plug', text: `the plug of ${target} is pulled`, byOperator: true},
		{id: 'taken', text: 'another member and node took over'},
		{id: 'on', text: `${target} is switched on again`, byOperator: true},
		...end,
	];
}

/** In one line, as operations are described. */
export function describeDrill({kind, target}: Pick<Drill, 'kind' | 'target'>): string {
	return `drill: ${kind} ${kind === 'switchover' ? 'to' : 'of'} ${target}`;
}
