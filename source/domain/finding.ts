/** One thing that is wrong with the cluster, or that can't be told. */

/** `unknown`: the console is blind on something it would need to call the cluster healthy. */
export type Severity = 'critical' | 'degraded' | 'unknown';

export type Finding = {
	severity: Severity;
	text: string /** The member or node it concerns. */;
	about?: string;
};

/** The worst finding, or that there is none. */
export type Verdict = 'healthy' | Severity;
