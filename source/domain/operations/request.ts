import type {Json} from '../../lib/json.ts';
import {withoutSecrets} from '../../lib/secrets.ts';
import type {Cluster} from '../cluster/cluster.ts';
import {keyOf} from '../cluster/cluster.ts';
import {leaderKey} from '../cluster/keys.ts';
import {machines} from '../cluster/machines.ts';
import {members} from '../cluster/members.ts';
import type {Service} from '../cluster/services.ts';
import {whyNoRest} from '../cluster/trust.ts';
import type {Target} from '../target.ts';
import type {Operation, Request, Requests, RestRequest} from './types.ts';

type OperationContext = {cluster: Cluster; target: Target; now: number};

export function requestsOf(operation: Operation, context: OperationContext): Requests {
	switch (operation.kind) {
		case 'switchover': {
			const {leader, candidate, at} = operation;
			return one(
				rest(context, leader, 'POST', '/switchover', {
					leader,
					candidate,
					...(at === undefined ? {} : {scheduled_at: new Date(at).toISOString()}),
				}),
			);
		}

		case 'switchover.cancel': {
			return one(rest(context, anyone(context), 'DELETE', '/switchover'));
		}

		case 'failover': {
			const {candidate} = operation;
			return one(rest(context, anyone(context, candidate), 'POST', '/failover', {candidate}));
		}

		case 'restart': {
			return one(
				rest(context, operation.member, 'POST', '/restart', restartBody(operation, context.cluster)),
			);
		}

		case 'restart.cancel': {
			return one(rest(context, operation.member, 'DELETE', '/restart'));
		}

		case 'reload': {
			return one(rest(context, operation.member, 'POST', '/reload', {}));
		}

		case 'reinitialize': {
			const {member, force, fromLeader} = operation;
			return one(
				rest(context, member, 'POST', '/reinitialize', {
					...(force ? {force: true} : {}),
					...(fromLeader ? {from_leader: true} : {}),
				}),
			);
		}

		case 'pause':
		case 'resume': {
			return one(configure(context, {pause: operation.kind === 'pause' ? true : null}));
		}

		case 'configure': {
			return one(configure(context, operation.patch));
		}

		case 'service': {
			const {node, service, pauseFirst} = operation;
			const restart = ssh(context, node, `systemctl restart ${unitOf(context, node, service)}`);
			return pauseFirst ? both(configure(context, {pause: true}), restart) : one(restart);
		}

		case 'reboot': {
			return one(ssh(context, operation.node, 'systemctl reboot'));
		}

		case 'poweroff': {
			return one(ssh(context, operation.node, 'systemctl poweroff'));
		}
	}
}

type Built = Request | {problem: string};

function one(built: Built): Requests {
	return 'problem' in built ? built : {requests: [built]};
}

function both(first: Built, second: Built): Requests {
	if ('problem' in first) {
		return first;
	}

	return 'problem' in second ? second : {requests: [first, second]};
}

function rest(
	{cluster, target}: OperationContext,
	member: string | undefined,
	method: RestRequest['method'],
	path: string,
	body?: object,
): Built {
	const apiUrl =
		member === undefined ? undefined : keyOf(cluster, `members/${member}`, 'member')?.value.data.apiUrl;
	if (member === undefined || apiUrl === undefined || !URL.canParse(apiUrl)) {
		return {
			problem: member === undefined ? 'no member to ask' : `where ${member}'s REST API is, is not known`,
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

/** It is shown as it is sent: what would steer a terminal, or turn the text around on it, is written as an escape of JSON. */
export function plainJson(body: object | Json): string {
	return JSON.stringify(body).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, one =>
		one
			.split('')
			.map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
			.join(''),
	);
}

function configure(context: OperationContext, patch: object): Built {
	return rest(context, anyone(context), 'PATCH', '/config', patch);
}

/** Who serves what any member may: the leader where its REST answers, else the one preferred, else whoever answers. */
function anyone({cluster, target, now}: OperationContext, preferred?: string): string | undefined {
	const leader = leaderKey(cluster)?.member;
	const all = members(cluster, now).filter(({key}) => key?.data.apiUrl !== undefined);
	const seen = all.filter(({restSees}) => restSees).map(({name}) => name);
	const trusted = (name: string | undefined) =>
		name !== undefined && whyNoRest(cluster, target, name) === undefined;
	const order = [leader, preferred, ...seen].filter(name => name !== undefined).filter(trusted);
	return order.find(name => seen.includes(name)) ?? order[0] ?? leader ?? all[0]?.name;
}

/** The role goes with it, so that a member whose role has changed meanwhile refuses. Patroni 4.0 renamed `master`. */
function restartBody(
	{role, pendingOnly, at, member}: Operation & {kind: 'restart'},
	cluster: Cluster,
): object {
	const version = keyOf(cluster, `members/${member}`, 'member')?.value.data.version;
	const isOld = version !== undefined && Number.parseInt(version, 10) < 4;
	return {
		role: isOld && role === 'primary' ? 'master' : role,
		// Patroni takes the mere presence of the key for a yes.
		...(pendingOnly ? {restart_pending: true} : {}),
		...(at === undefined ? {} : {schedule: new Date(at).toISOString()}),
	};
}

/** As systemd on the node calls it; a name that is not plainly one of a unit never gets into a command. */
function unitOf({cluster}: OperationContext, node: string, service: Service): string {
	const unit = cluster.units.get(node)?.value.find(one => one.service === service)?.unit;
	return unit !== undefined && /^[A-Za-z0-9@_][A-Za-z0-9@._-]*\.service$/.test(unit)
		? unit
		: `${service}.service`;
}

/** Fixed words alone: nothing of what is run comes from outside. `-n`: a sudo that asks for a password fails at once. */
function ssh({cluster, target, now}: OperationContext, node: string, words: string): Built {
	const machine = machines(cluster, target, now).find(({name}) => name === node);
	return machine === undefined
		? {problem: `where ${node} is, is not known`}
		: {via: 'ssh', to: node, host: machine.host, command: `sudo -n ${words}`};
}

/** As it is shown before it is sent, and written down: to the letter, but for secrets. */
export function requestLines(request: Request): string[] {
	return request.via === 'ssh'
		? [`ssh ${request.host} ${request.command}`]
		: [`${request.method} ${request.url}`, ...(request.body === undefined ? [] : [shownBody(request.body)])];
}

function shownBody(body: string): string {
	const content = JSON.parse(body) as Json;
	const shown = withoutSecrets(content);
	return JSON.stringify(shown) === JSON.stringify(content) ? body : plainJson(shown);
}
