/** A value that the screen shows as fresh: what it asserts, how old it may be, and how soon it must follow a change. */
import {pollIntervalMs, traitsOf} from '../../source/domain/cluster/source-kinds.ts';
import type {SourceId} from '../../source/domain/facts.ts';

export type Claim = {
	subject: string;
	/** The shown value. */
	shown: string;
	/** True values that agree with it. */
	accepts: ReadonlySet<string>;
	/** For a value from several subjects: whether it may be true, given all their values within the bound. */
	isPossible?: (valuesOf: (subject: string) => ReadonlySet<string | undefined>) => boolean;
	/** The value is a set of names that change one by one: from one of the oracle's samples to the next, some of them have. */
	isSet?: true;
	source: SourceId;
	/** Permitted age of the value, ms. */
	boundMs: number;
	/** ms within which a change must be shown. */
	changeMs: number;
};

/** ms; an answer has the state at the time of serving, at most about one deadline ago. */
const answerMs = 1500;
/** ms from a source's first sight of a change to the screen. */
const screenMs = 2000;
/** ms: the screen's throttle, the oracle's interval and a busy machine. */
const slackMs = 500;

export const boundOf = (source: SourceId) => traitsOf(source).freshForMs + pollIntervalMs + answerMs;
export const pushed = screenMs + slackMs;
export const polled = pollIntervalMs + screenMs + slackMs;
