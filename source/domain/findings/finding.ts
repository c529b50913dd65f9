import type {SourceId} from '../facts.ts';
import type {FindingId} from './advice.ts';

/**
 * `unknown`: the console is blind on something it would need to call the cluster healthy. `notice`: worth knowing, and no
 * reason to call the cluster anything but healthy.
 */
export type Severity = 'critical' | 'degraded' | 'unknown' | 'notice';

/** What a witness said. */
export type Evidence = {
	text: string;
	/** undefined where nobody has said anything yet. */
	source: SourceId | undefined;
	/** When the witness last said so, Unix ms; undefined when it never did. */
	at: number | undefined;
	/** The witness sees now; else this is how it was. */
	fresh: boolean;
};

export type Finding = {
	/** Of the kind; the same in all versions. */
	id: FindingId;
	severity: Severity;
	/** One sentence. */
	text: string;
	/** The member or node it concerns. */
	about?: string;
	evidence: readonly Evidence[];
};

/** The worst finding, or that there is none. */
export type Verdict = 'healthy' | Exclude<Severity, 'notice'>;

/** The same finding at another moment has the same key. */
export function keyOfFinding({id, about}: Finding): string {
	return about === undefined ? id : `${id} ${about}`;
}
