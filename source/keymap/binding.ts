/** What a key is bound to, and the layers that share keys. */
import type {Command} from '../domain/events.ts';
import type {Mode} from '../state/state.ts';

export type Binding = {
	/** Names as `keyName` gives them; the first is the one that is shown. */
	keys: readonly [string, ...string[]];
	command: Command;
	/** What the keys must be about; everything where it is not given. */
	modes?: readonly Mode[];
	/** Leads to an operation: not there with `--read-only`. */
	isOperation?: true;
	/** It only moves what is looked at: several at once are all taken. */
	moves?: boolean;
	/** One or two words for the footer; without them the key is not in the footer. */
	footer?: string;
	/** A sentence for the help and the documentation. */
	help: string;
};

/** Lists that lines go by in. */
export const lists: readonly Mode[] = ['logs', 'logs.pick', 'entries'];
/** What is read, and closed again. */
export const reading: readonly Mode[] = ['help', 'details', 'findings', 'run', 'drill'];
