/** What a key is bound to, what it is for, and the modes that share keys. */
import type {Command} from '../domain/events.ts';
import type {Mode} from '../state/state.ts';

/** What keys are for; in the order of the help and of docs/keys.md. */
export const groups = ['Move', 'Look', 'Operate', 'Answer', 'Type', 'Logs', 'Replay', 'Console'] as const;

export type Group = (typeof groups)[number];

export type Binding = {
	/** Names as `keyName` gives them; the first is the one that is shown. */
	keys: readonly [string, ...string[]];
	command: Command;
	group: Group;
	/** Where it works; undefined: in all. */
	modes?: readonly Mode[];
	/** Leads to an operation: not there with `--read-only`. */
	isOperation?: true;
	/** It only moves the selection or the view: of several at once, all count. */
	moves?: boolean;
	/** One or two words for the footer; without them the key is not in the footer. */
	footer?: string;
	/** A sentence for the help and the documentation. */
	help: string;
};

/** Lists of lines. */
export const lists: readonly Mode[] = ['logs', 'logs.pick', 'entries'];
/** Overlays that are read, and closed again. */
export const reading: readonly Mode[] = ['help', 'details', 'findings', 'run', 'drill'];
