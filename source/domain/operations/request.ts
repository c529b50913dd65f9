/** Builds the REST requests and SSH commands of operations. */

import {bracketHost} from '../../lib/format.ts';
import type {Json} from '../../lib/json.ts';
import {withoutSecrets} from '../../lib/secrets.ts';
import {keyOf} from '../cluster/cluster.ts';
import {leaderKey} from '../cluster/keys.ts';
import {machines, members} from '../cluster/members.ts';
import {sqlAddresses, whyNoRest} from '../cluster/trust.ts';
import type {ClusterContext, Request, Requests, RestRequest} from './types.ts';

/** A request, or why it cannot be made. */
export type Built = Request | {problem: string};

/** Requests to send one by one, each after the one before has taken effect. */
export function inOrder(...built: readonly Built[]): Requests {
	const requests: Request[] = [];
	for (const one of built) {
		if ('problem' in one) {
			return one;
		}

		requests.push(one);
	}

	return {requests};
}

/** @param member the receiver; undefined if there is none */
export function restRequest(
	{cluster, target}: ClusterContext,
	member: string | undefined,
	method: RestRequest['method'],
	path: string,
	body?: object,
): Built {
	const apiUrl =
		member === undefined ? undefined : keyOf(cluster, `members/${member}`, 'member')?.value.data.apiUrl;
	if (member === undefined || apiUrl === undefined || !URL.canParse(apiUrl)) {
		return {
			problem:
				member === undefined ? 'no member to send it to' : `the address of ${member}'s REST API is not known`,
		};
	}

	const why = whyNoRest(cluster, target, member);
	if (why !== undefined) {
		return {problem: `nothing is sent to ${member}'s REST API ${apiUrl}: ${why}`};
	}

	return {
		via: 'rest',
		to: member,
		method,
		url: new URL(path, apiUrl).href,
		body: body === undefined ? undefined : plainJson(body),
	};
}

/** JSON that is safe to display exactly as it is sent: control and formatting characters are escaped. */
export function plainJson(body: object | Json): string {
	return JSON.stringify(body).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, one =>
		one
			.split('')
			.map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
			.join(''),
	);
}

/** A request with a merge patch of the dynamic configuration. */
export function configRequest(context: ClusterContext, patch: object): Built {
	return restRequest(context, anyMember(context), 'PATCH', '/config', patch);
}

/**
 * A member for requests that any member serves: the leader if its REST API is fresh, else the preferred one, else a
 * fresh one.
 */
export function anyMember({cluster, target, now}: ClusterContext, preferred?: string): string | undefined {
	const leader = leaderKey(cluster)?.member;
	const all = members(cluster, now).filter(({key}) => key?.data.apiUrl !== undefined);
	const seen = all.filter(({restSees}) => restSees).map(({name}) => name);
	const trusted = (name: string | undefined) =>
		name !== undefined && whyNoRest(cluster, target, name) === undefined;
	const order = [leader, preferred, ...seen].filter(name => name !== undefined).filter(trusted);
	return order.find(name => seen.includes(name)) ?? order[0] ?? leader ?? all[0]?.name;
}

/**
 * `words` must be fixed: nothing in the command comes from outside. `-n`: sudo fails at once if it needs a password.
 */
export function sshRequest({cluster, target, now}: ClusterContext, node: string, words: string): Built {
	const machine = machines(cluster, target, now).find(({name}) => name === node);
	return machine === undefined
		? {problem: `the address of ${node} is not known`}
		: {via: 'ssh', to: node, host: machine.host, command: `sudo -n ${words}`};
}

/**
 * A statement on a member's PostgreSQL, sent where the monitor's login may go.
 * @param statement has nothing from outside but what was checked as a number or a time
 */
export function sqlRequest({cluster, target}: ClusterContext, member: string, statement: string): Built {
	const {monitor} = target;
	const address = sqlAddresses(cluster, target).find(one => one.member === member);
	if (monitor === undefined || address === undefined) {
		return {problem: `the address of PostgreSQL of ${member} is not known`};
	}

	const {host, port, why} = address;
	return why === undefined
		? {via: 'sql', to: member, host, port, ...monitor, statement}
		: {problem: `nothing is sent to PostgreSQL of ${member} at ${host}:${port}: ${why}`};
}

/** The request as displayed before sending and written to the audit log: literal, except for secrets. */
export function requestLines(request: Request): string[] {
	if (request.via === 'sql') {
		const {host, port, user, database, statement} = request;
		return [`${statement} by SQL on ${bracketHost(host)}:${port} (user ${user}, database ${database})`];
	}

	return request.via === 'ssh'
		? [`ssh ${request.host} ${request.command}`]
		: [`${request.method} ${request.url}`, ...(request.body === undefined ? [] : [shownBody(request.body)])];
}

function shownBody(body: string): string {
	const content = JSON.parse(body) as Json;
	const shown = withoutSecrets(content);
	return JSON.stringify(shown) === JSON.stringify(content) ? body : plainJson(shown);
}
