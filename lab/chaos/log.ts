/** What chaos writes down: one header, then a line each time that something is done to the cluster, by the host's clock. */

export type ChaosHeader = {
	chaos: 1;
	/** Unix ms. */
	startedAt: number;
	seed: number;
	minutes: number;
	suite: string;
	profile: string;
};

/**
 * `do` and `undo` begin, `done` and `undone` end; `skipped`: its needs were not met; `failed`: it could not be done or undone;
 * `whole`: the cluster is healthy again; `broken`: it could not be healed.
 */
export type ChaosPhase = 'do' | 'done' | 'undo' | 'undone' | 'skipped' | 'failed' | 'whole' | 'broken';

export type ChaosLine = {
	/** Unix ms. */
	at: number;
	/** Counts from 1. */
	number: number;
	kind: string;
	phase: ChaosPhase;
	/** The nodes that it is done to; none for the console. */
	nodes: string[];
	detail?: string;
};
