/** The type of a key binding: its keys, purpose and modes, and groups of modes. */
import type {Command} from '../domain/commands.ts';
import type {Mode} from '../state/state.ts';

/** Purposes of keys, in the order of the help and of docs/keys.md. */
export const groups = ['Move', 'Look', 'Operate', 'Answer', 'Type', 'Logs', 'Replay', 'Console'] as const;

export type Group = (typeof groups)[number];

export type Binding = {
	/** Key names from `KeyParser`; the first one is shown. Empty where the operator has taken them away. */
	keys: readonly string[];
	command: Command;
	group: Group;
	/** Modes in which it works; undefined: all. */
	modes?: readonly Mode[];
	/** Leads to an operation: not available with `--read-only`. */
	isOperation?: true;
	/** One or two words for the footer; undefined: not shown there. */
	footer?: string;
	/** Of too many in the footer those with the highest number are left out first; default 0. */
	footerRank?: number;
	/** A sentence for the help and docs/keys.md. */
	help: string;
};

/** Names of the modes for the operator, in the order of docs/keys.md. */
export const modeNames: Readonly<Record<Mode, string>> = {
	panes: 'panes',
	menu: 'menu',
	dialog: 'question',
	run: 'operation',
	drill: 'drill',
	findings: 'findings',
	details: 'details',
	pane: 'details of a pane',
	logs: 'logs',
	'logs.pick': 'log picker',
	entries: 'timeline',
	sessions: 'sessions',
	trends: 'trends',
	prompt: 'prompt',
	palette: 'commands',
	help: 'help',
};

/** Modes that show a list of lines. */
export const lists: readonly Mode[] = ['logs', 'logs.pick', 'entries', 'sessions'];
/** Overlays that are only read. */
export const reading: readonly Mode[] = ['help', 'details', 'pane', 'findings', 'run', 'drill', 'trends'];
