/** What can be done to a member and its machine now, and why not what can't. */
import {keyOf} from '../cluster/cluster.ts';
import {unavailableReason} from '../cluster/freshness.ts';
import {dynamicConfig, leaderKey} from '../cluster/keys.ts';
import {type Machine, machines} from '../cluster/machines.ts';
import type {Member} from '../cluster/member.ts';
import {isWell, members} from '../cluster/members.ts';
import {services, servicesOn} from '../cluster/services.ts';
import {failoverPriority} from '../cluster/tags.ts';
import {drillOffers} from '../drill/preconditions.ts';
import {preconditionsOf} from './preconditions.ts';
import {requestsOf} from './request.ts';
import type {Offer, Operation, Request, Subject} from './types.ts';
import {isBlocked, memberOf, type OperationContext} from './types.ts';

/** The machine and the member behind a name of either. */
export function subjectOf({cluster, target, now}: OperationContext, name: string): Subject {
	const all = machines(cluster, target, now);
	const machine =
		all.find(one => one.member === name) ??
		all.find(one => one.name === name) ??
		all.find(one => one.etcd === name);
	const member = machine?.member ?? (members(cluster, now).some(one => one.name === name) ? name : undefined);
	return {member, node: machine?.name};
}

export function offersFor({member, node}: Subject, context: OperationContext): Offer[] {
	const one = member === undefined ? undefined : memberOf(context, member);
	const machine = machines(context.cluster, context.target, context.now).find(({name}) => name === node);
	const all = [
		...(one === undefined ? [] : memberOffers(one, context)),
		...clusterOffers(context),
		...(machine === undefined ? [] : machineOffers(machine, context)),
	];
	return [...all, ...drillOffers(all, context)];
}

function memberOffers(one: Member, context: OperationContext): Offer[] {
	const {name} = one;
	const leads = leaderKey(context.cluster)?.member === name;
	const restart = {
		kind: 'restart',
		member: name,
		role: leads ? (one.role === 'standby_leader' ? 'standby_leader' : 'primary') : 'replica',
		pendingOnly: false,
		at: undefined,
	} as const;
	return [
		switchoverOffer(one, context),
		...(leads
			? []
			: [offer('failover', `failover to ${name}`, {kind: 'failover', candidate: name}, context)]),
		offer('restart', `restart PostgreSQL on ${name}`, restart, context),
		...(one.key?.data.scheduledRestart === undefined
			? []
			: [
					{
						...offer(
							'restart.cancel',
							'cancel the scheduled restart',
							{kind: 'restart.cancel', member: name},
							context,
						),
						scheduledAt: one.key.data.scheduledRestart,
					},
				]),
		offer('reload', `reload the configuration of ${name}`, {kind: 'reload', member: name}, context),
		offer(
			'reinitialize',
			`reinitialize ${name}: remove its data, copy it anew`,
			{kind: 'reinitialize', member: name, force: true, fromLeader: false},
			context,
		),
	];
}

/** To the member, or, from the leader, to whoever fits best. */
function switchoverOffer({name}: Member, context: OperationContext): Offer {
	const leader = leaderKey(context.cluster)?.member;
	const candidate = leader === name ? candidates(context)[0] : name;
	const operation: Operation | undefined =
		leader === undefined || candidate === undefined
			? undefined
			: {kind: 'switchover', leader, candidate, at: undefined};
	return operation === undefined
		? {
				id: 'switchover',
				label: 'switchover',
				operation,
				disabledReason:
					leader === undefined ? 'nobody leads: a failover is what helps' : 'there is no other member',
				warning: undefined,
			}
		: offer('switchover', `switchover ${leader} → ${candidate}`, operation, context);
}

/** Those that could be asked to take over, the ones that nothing speaks against first. */
export function candidates(context: OperationContext): string[] {
	const leader = leaderKey(context.cluster)?.member;
	// As Patroni prefers them: who streams, then who has the higher failover_priority.
	const others = members(context.cluster, context.now)
		.filter(({name}) => name !== leader)
		.toSorted((a, b) => Number(isWell(b)) - Number(isWell(a)) || failoverPriority(b) - failoverPriority(a))
		.map(({name}) => name);
	const blocked = (candidate: string) =>
		leader !== undefined &&
		isBlocked(preconditionsOf({kind: 'switchover', leader, candidate, at: undefined}, context));
	return [...others.filter(name => !blocked(name)), ...others.filter(blocked)];
}

function clusterOffers(context: OperationContext): Offer[] {
	const paused = dynamicConfig(context.cluster)?.pause ?? false;
	const scheduled = keyOf(context.cluster, 'failover', 'failover')?.value.scheduledAt;
	return [
		...(scheduled === undefined
			? []
			: [
					{
						...offer(
							'switchover.cancel',
							'cancel the scheduled switchover',
							{kind: 'switchover.cancel'},
							context,
						),
						scheduledAt: scheduled,
					},
				]),
		paused
			? offer('pause', 'resume the cluster: Patroni fails over again', {kind: 'resume'}, context)
			: offer('pause', 'pause the cluster: Patroni stops failing over', {kind: 'pause'}, context),
		offer('configure', 'edit the dynamic configuration', {kind: 'configure', patch: {}}, context),
	];
}

function machineOffers({name, member, etcd}: Machine, context: OperationContext): Offer[] {
	const roles = [...(etcd === undefined ? [] : ['etcd']), ...(member === undefined ? [] : ['database'])];
	const here = servicesOn(roles).filter(service => services[service].isRestartable);
	return [
		...here.map(service =>
			offer(
				`service ${service}`,
				`restart the service ${service} on ${name}`,
				{kind: 'service', node: name, service, pauseFirst: false},
				context,
			),
		),
		offer('reboot', `reboot ${name}`, {kind: 'reboot', node: name}, context),
		offer('poweroff', `power off ${name}`, {kind: 'poweroff', node: name}, context),
	];
}

function offer(id: string, label: string, operation: Operation, context: OperationContext): Offer {
	const blocked = preconditionsOf(operation, context).find(({level}) => level === 'blocking');
	return {id, label, operation, disabledReason: blocked?.text, warning: arrivalWarning(operation, context)};
}

/** Who would be asked is out of sight. */
function arrivalWarning(operation: Operation, context: OperationContext): string | undefined {
	const built = requestsOf(operation, context);
	const reasons = 'problem' in built ? [] : built.requests.map(request => outOfSight(request, context));
	return reasons.find(reason => reason !== undefined);
}

function outOfSight({via, to}: Request, {cluster, now}: OperationContext): string | undefined {
	const source = via === 'rest' ? (`patroni:${to}` as const) : (`units:${to}` as const);
	const sight = cluster.sourceStatuses.get(source);
	if (sight === undefined && via === 'ssh') {
		return undefined;
	}

	const reason = unavailableReason(sight, source, now);
	return reason === undefined
		? undefined
		: via === 'rest'
			? `${to}'s REST API is out of sight: ${reason}`
			: `SSH to ${to}: ${reason}`;
}
