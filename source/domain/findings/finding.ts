import type {SourceId} from '../facts.ts';
import type {FindingId} from './advice.ts';

/**
 * `unknown`: the console cannot see something that it needs to call the cluster healthy. `notice`: worth knowing; the cluster
 * is still healthy.
 */
export type Severity = 'critical' | 'degraded' | 'unknown' | 'notice';

/** What a source reported. */
export type Evidence = {
	text: string;
	/** Undefined where no source has reported yet. */
	source: SourceId | undefined;
	/** When the source last reported it, Unix ms; undefined when it never did. */
	at: number | undefined;
	/** The source sees now; else this is how it was. */
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
