/** What a notification says, as JSON and as variables; without secrets. */
import {hostname} from 'node:os';
import type {ShownFinding} from '../domain/findings/finding.ts';
import {sanitize} from '../lib/sanitize.ts';
import {redact} from '../lib/secrets.ts';
import type {State} from '../state/state.ts';
import {judgeCluster} from '../state/view/verdict.ts';
import type {Change, Phase} from './episodes.ts';

/** Characters of a variable; the system refuses a program with one of 128 KiB. */
const variableMax = 2000;

export type Message = {
	version: 1;
	/** By `--test-notify`: nothing has happened. */
	test: boolean;
	phase: Phase;
	/** The kind of finding, and what names this one as long as it holds. */
	id: string;
	key: string;
	severity: string;
	text: string;
	/** The member or node. */
	about: string | null;
	/** ISO 8601 in UTC: when it began; when it was seen to begin, get worse or end. */
	since: string;
	at: string;
	cluster: string;
	namespace: string;
	profile: string | null;
	/** Of the cluster at that moment: with `unknown`, a finding may have ended because it can no longer be seen. */
	verdict: string;
	evidence: readonly {text: string; fresh: boolean}[];
	/** The machine of the watch, and its version. */
	host: string;
	program: string;
};

export function messageOf(
	{phase, key, finding, since}: Change<ShownFinding>,
	state: State,
	program: string,
): Message {
	const {target} = state;
	const {id, severity, text, about, evidence} = finding;
	return {
		version: 1,
		test: false,
		phase,
		id,
		key: safe(key),
		severity,
		text: safe(text),
		about: about === undefined ? null : safe(about),
		since: new Date(finding.since < since ? finding.since : since).toISOString(),
		at: new Date(state.now).toISOString(),
		...clusterOf(state),
		verdict: judgeCluster(state).verdict,
		evidence: evidence.map(one => ({text: safe(one.text), fresh: one.fresh})),
		...{namespace: target.namespace, host: hostname(), program},
	};
}

export function testMessage(state: State, program: string, now: number): Message {
	const at = new Date(now).toISOString();
	return {
		version: 1,
		test: true,
		phase: 'began',
		id: 'test',
		key: 'test',
		severity: 'notice',
		text: 'a test by pgha-top watch --test-notify: nothing has happened',
		about: null,
		since: at,
		at,
		...clusterOf(state),
		namespace: state.target.namespace,
		verdict: 'unknown',
		evidence: [],
		host: hostname(),
		program,
	};
}

function clusterOf({target: {scope, profile}}: State): Pick<Message, 'cluster' | 'profile'> {
	return {cluster: scope, profile: profile ?? null};
}

/** For a command, besides the JSON on its standard input. */
export function variablesOf(message: Message): Record<string, string> {
	const {phase, id, key, severity, text, about, since, at, cluster, profile, verdict, test} = message;
	const shown = {phase, id, key, severity, text, about, since, at, cluster, profile, verdict};
	return Object.fromEntries(
		Object.entries({...shown, test: test ? '1' : ''}).map(([name, value]) => [
			`PGHA_TOP_${name.toUpperCase()}`,
			(value ?? '').slice(0, variableMax),
		]),
	);
}

function safe(text: string): string {
	return sanitize(redact(text));
}
