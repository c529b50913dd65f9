/** The meaning of Patroni's answers to a request. */
import {ownValue} from '../../lib/json.ts';

export type Answer =
	| {kind: 'answered'; at: number; status: number; text: string}
	/** No connection, so nothing was sent. */
	| {kind: 'unsent'; at: number; reason: string}
	/** Perhaps sent, but without an answer: the result is unknown. */
	| {kind: 'lost'; at: number; reason: string}
	/** The server has executed a statement, or refused it with this error. `value`: the first one that it returned. */
	| {kind: 'sql'; at: number; error: string | undefined; tookMs: number; value?: string | undefined}
	/** A command over SSH has ended; `code` is undefined if the connection ended with it. */
	| {kind: 'ended'; at: number; code: number | undefined; text: string};

/** `unclear`: Patroni does not know the result; sources decide. */
export type InterpretedAnswer = {verdict: 'accepted' | 'refused' | 'unclear'; meaning: string};

/** Refusals by the answer's text, independent of the status: nothing was done, and why. */
const refusals: readonly [RegExp, string][] = [
	[/^leader name does not match/, 'another member leads now'],
	[
		/^candidate name does not match with sync_standby/,
		'only a synchronous standby may take over, and the candidate is not one now',
	],
	[/^candidate does not exists?/, 'no such member is registered in etcd'],
	[
		/^can not find sync_standby/,
		'there is no synchronous standby at the moment: wait until one streams again',
	],
	[/^cluster does not have members except leader/, 'there is no other member'],
	[
		/^no good candidates have been found/,
		'the candidate does not answer the member that got the request, is tagged nofailover, or its watchdog failed',
	],
	[
		/^Switchover is possible only to a specific candidate in a paused state/i,
		'paused: a candidate must be named',
	],
	[/schedule.* (in|while) .*pause/i, 'nothing can be scheduled while the cluster is paused'],
	[/^I am the leader, can not reinitialize/, 'the leader has no member to copy from'],
	[/^Cluster has no leader, can not reinitialize/, 'without a leader there is no member to copy from'],
	[
		/^reinitialize already in progress|already in progress/i,
		'another restart or reinitialization is already running',
	],
	[/^restart conditions are not satisfied/i, 'its role or state no longer matches the request'],
	[
		/^Another restart is already scheduled|already scheduled/i,
		'a restart is scheduled already: cancel that first',
	],
	[
		/^no (restarts?|switchovers?|scheduled|pending).*|^Failed to delete scheduled|is not scheduled/i,
		'nothing is scheduled',
	],
	[
		/no auth header received|not authenticated/,
		'Patroni requires a user: set ctl.authentication, or PATRONI_RESTAPI_USERNAME and PATRONI_RESTAPI_PASSWORD',
	],
	[/^Access is denied/, "this host is not in Patroni's allowlist"],
	[/^client certificate required/, 'Patroni requires a client certificate: set ctl.certfile'],
];

const byStatus: Readonly<Record<number, string>> = {
	400: 'Patroni did not understand the request',
	401: 'Patroni requires a user name and a password',
	403: 'Patroni denied the request',
	404: 'nothing to cancel',
	409: 'another change came first',
	411: 'Patroni could not read the request',
	412: 'a condition is not met',
	422: 'the time is in the past, or not a time',
	501: 'this version of Patroni does not support the request',
};

/** The restart began and failed: Patroni answers such an exception with 400. */
const begun = /^restart failed/i;

export function interpretAnswer(status: number, text: string): InterpretedAnswer {
	if (status >= 200 && status < 300) {
		return {verdict: 'accepted', meaning: status === 202 ? 'accepted, not done yet' : 'accepted'};
	}

	const words = text.trim().replace(/^(?:switchover|failover) is not possible: /i, '');
	const refusal = begun.test(words)
		? undefined
		: (refusals.find(([pattern]) => pattern.test(words))?.[1] ?? byStatus[status]);
	return refusal === undefined
		? {verdict: 'unclear', meaning: 'Patroni does not know the result; still watching'}
		: {verdict: 'refused', meaning: refusal};
}

/** The text of an answer. Python's error pages are HTML; only their message is used. */
export function plainAnswer(status: number, body: string): string {
	if (!/^\s*<!doctype html/i.test(body)) {
		return body.trim();
	}

	const message = /<p>Message: (.*?)\.?<\/p>/s.exec(body)?.[1] ?? '';
	return (
		message.replaceAll(/&#?\w+;/g, entity => ownValue(entities, entity) ?? entity).trim() || `HTTP ${status}`
	);
}

const entities: Readonly<Record<string, string>> = {
	'&lt;': '<',
	'&gt;': '>',
	'&amp;': '&',
	'&quot;': '"',
	'&#x27;': "'",
};
