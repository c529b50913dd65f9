/** The log of chaos: a header, then one line for each action on the cluster, by the host's clock. */

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
 * `do` and `undo` begin, `done` and `undone` end; `skipped`: requirements not met; `failed`: not injected or not
 * reverted;
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
	/** The affected nodes; empty for the console. */
	nodes: string[];
	detail?: string;
};
