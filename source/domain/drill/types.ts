/** Types of drills that several rooms use: measures, goals, stages, events. */
export type MeasureId = 'writes' | 'leaderless' | 'leader' | 'vip' | 'redundancy' | 'lost' | 'wal';

export type Measure = {
	id: MeasureId;
	text: string;
	unit: 'ms' | 'writes' | 'bytes';
	/** Undefined if it did not happen or is unknown; `note` shows which. */
	value: number | undefined;
	/** If false, the value is an upper bound. */
	exact: boolean;
	note: string | undefined;
	/** Acknowledged writes are gone: not met, whatever the goals. */
	isLost?: true;
	/** There was nothing to measure: the leader or the VIP stayed. */
	idle?: boolean;
};

/** `from`: when it was confirmed, or the last moment before it; `to`: when it was over, or when data ends. Unix ms. */
export type Window = {from: number; to: number; exact: boolean};

/** The acknowledged writes that were looked up after a drill. */
export type Verified = {acknowledged: number; lost: readonly number[]; problem: string | undefined};

/** Measures that can have a goal. Lost writes have a fixed one: none. */
export const goalIds = ['writes', 'leaderless', 'leader', 'vip', 'redundancy'] as const;

export type GoalId = (typeof goalIds)[number];

/** The longest accepted time for each measure, ms. */
export type Goals = Readonly<Partial<Record<GoalId, number>>>;

/** Null if it was not measured. */
export type Figures = Readonly<Record<MeasureId, number | null>>;

export type EarlierDrills = {
	/** Number of earlier drills. */
	count: number;
	last: Figures | undefined;
	/** Medians of all of them. */
	median: Figures;
	/** Goals of the last drill. */
	goals: Goals;
};

export type StageId = 'baseline' | 'done' | 'plug' | 'taken' | 'on' | 'whole' | 'verified';

export type Stage = {
	id: StageId;
	/** What is so once it is over. */
	text: string;
	/** What is waited for until then. */
	waiting: string;
	/** The operator does it, not the console. */
	byOperator?: true;
};

export const drillKinds = ['switchover', 'shutdown', 'power-cut'] as const;

export type DrillKind = (typeof drillKinds)[number];

export type Drill = {
	kind: DrillKind;
	/** The member that takes over; in a shutdown or power cut, the machine that goes down. */
	target: string;
	/** The longest accepted write outage, ms. */
	goal: number | undefined;
	/** Goals of the other measures. */
	goals?: Omit<Goals, 'writes'>;
};

/** What the answer yes to a drill's question begins. */
export type Prepared = {
	/** The drill's id, which its numbered writes carry. */
	id: string;
	/** The file of the recording, if the session is not recorded yet. */
	file: string;
	/** A table for writes is configured, so they can be verified afterwards. */
	rows: boolean;
	/** Results of earlier drills of the same kind. */
	earlier: EarlierDrills;
};

export type DrillEvent =
	/** `pgha-top drill` opens the same question as the menu. */
	| {type: 'drill.ask'; drill: Drill; reason: string}
	/** Yes to the question of this number; `name`: the confirmation name as typed. */
	| {type: 'drill.answer'; question: number; name: string}
	/** Preparation for the question of this number. */
	| {type: 'drill.prepared'; question: number; prepared: Prepared}
	| {type: 'drill.begun'; drill: Drill}
	/** The stage that the drill waits for from now on. */
	| {type: 'drill.stage'; stage: StageId}
	/** What the operator must do now. */
	| {type: 'drill.asked'; text: string}
	/** The measures so far. */
	| {type: 'drill.measured'; measures: readonly Measure[]}
	/** Verification of the acknowledged writes. `problem`: why it was not possible. */
	| {type: 'drill.verified'; acknowledged: number; lost: readonly number[]; problem: string | undefined}
	| {type: 'drill.ended'; result: DrillResult; text: string};

export const drillResults = ['met', 'not met', 'failed', 'unknown'] as const;

export type DrillResult = (typeof drillResults)[number];

export function stagesOf({kind, target}: Pick<Drill, 'kind' | 'target'>): readonly Stage[] {
	const begin: Stage = {
		id: 'baseline',
		text: 'recording; nothing was missing',
		waiting: 'waiting until it records and nothing is missing',
	};
	const end: readonly Stage[] = [
		{id: 'whole', text: 'nothing is missing', waiting: 'waiting until nothing is missing'},
		{id: 'verified', text: 'acknowledged writes verified', waiting: 'verifying acknowledged writes'},
	];
	if (kind === 'switchover') {
		return [
			begin,
			{id: 'done', text: `sent, ${target} leads`, waiting: `sent, waiting until ${target} leads`},
			...end,
		];
	}

	return [
		begin,
		kind === 'shutdown'
			? {id: 'done', text: `sent, ${target} is down`, waiting: `sent, waiting until ${target} is down`}
			: {
					id: 'plug',
					text: `plug of ${target} pulled`,
					waiting: `waiting until the plug of ${target} is pulled`,
					byOperator: true,
				},
		{
			id: 'taken',
			text: 'another member and node took over',
			waiting: 'waiting until another member and node take over',
		},
		{
			id: 'on',
			text: `${target} switched on again`,
			waiting: `waiting until ${target} is switched on again`,
			byOperator: true,
		},
		...end,
	];
}

/** The drill in one line, like an operation. */
export function describeDrill({kind, target}: Pick<Drill, 'kind' | 'target'>): string {
	return `drill: ${kind} ${kind === 'switchover' ? 'to' : 'of'} ${target}`;
}
