/** Restart of a service on a machine, by systemd over SSH. */
import type {Cluster} from '../../cluster/cluster.ts';
import {etcdNodes} from '../../cluster/etcd.ts';
import {dynamicConfig} from '../../cluster/keys.ts';
import type {Machine} from '../../cluster/members.ts';
import {members} from '../../cluster/members.ts';
import {isRunning, services, servicesOn} from '../../cluster/services.ts';
import {checkDcs, checkOtherOperations} from '../preconditions/common.ts';
import {
	checkEtcdStops,
	checkPatroniStops,
	checkSsh,
	checkVipMoves,
	keepsQuorum,
	machineNamed,
	unknownMachine,
} from '../preconditions/machine-stops.ts';
import {aheadOf, isConfigApplied, isRestartedSince} from '../progress/machine.ts';
import {configRequest, inOrder, sshRequest} from '../request.ts';
import type {ClusterContext, OperationContext, Precondition, StepDefinition} from '../types.ts';
import {ok, warning} from '../types.ts';
import {type OperationDefinition, type OperationOf, yesOrNo} from './definition.ts';

type ServiceRestart = OperationOf<'service'>;

export const service: OperationDefinition<'service'> = {
	describe: operation =>
		`restart ${operation.service} on ${operation.node}${operation.pauseFirst ? ', paused' : ''}`,
	requests(operation, context) {
		const {node, pauseFirst} = operation;
		const restart = sshRequest(context, node, `systemctl restart ${unitOf(operation, context)}`);
		return pauseFirst ? inOrder(configRequest(context, {pause: true}), restart) : inOrder(restart);
	},
	preconditions(operation, context) {
		const machine = machineNamed(context, operation.node);
		return machine === undefined
			? [unknownMachine(operation.node)]
			: [
					...checkDcs(context),
					...checkStop(operation, machine, context),
					...checkSsh(machine, context),
					...checkOtherOperations(context),
				];
	},
	steps,
	offers({machine}) {
		if (machine === undefined) {
			return [];
		}

		const {name: node, member, etcd} = machine;
		const roles = [...(etcd === undefined ? [] : ['etcd']), ...(member === undefined ? [] : ['database'])];
		return servicesOn(roles)
			.filter(one => services[one].isRestartable)
			.map(one => ({
				id: `service ${one}`,
				label: `restart the service ${one} on ${node}`,
				operation: {kind: 'service', node, service: one, pauseFirst: false},
			}));
	},
	appliesTo: 'machine',
	fields: [
		{
			id: 'pauseFirst',
			input: 'choice',
			label: 'pause first',
			isOffered: (operation, context) =>
				services[operation.service].carries === 'member' && !isPaused(context),
			value: ({pauseFirst}) => yesOrNo(pauseFirst),
			change: operation => ({...operation, pauseFirst: !operation.pauseFirst}),
		},
	],
	confirmationName: (operation, context) => (takesAway(operation, context) ? operation.node : undefined),
	comparesRevisions: false,
	effect: ({node, service: name}) => ({kind: 'service', members: [], node, service: name}),
};

/**
 * The unit as systemd on the node reports it. Any name with other characters is replaced: it becomes part of a command.
 */
function unitOf({node, service: name}: ServiceRestart, {cluster}: ClusterContext): string {
	const unit = cluster.units.get(node)?.value.find(one => one.service === name)?.unit;
	return unit !== undefined && /^[A-Za-z0-9@_][A-Za-z0-9@._-]*\.service$/.test(unit)
		? unit
		: `${name}.service`;
}

function isPaused({cluster}: ClusterContext): boolean {
	return dynamicConfig(cluster)?.pause ?? false;
}

/** Whether the restart costs the cluster a member or its quorum until the service runs again. */
function takesAway({node, service: name, pauseFirst}: ServiceRestart, context: OperationContext): boolean {
	const {cluster, target, now} = context;
	const {carries} = services[name];
	const etcd = machineNamed(context, node)?.etcd;
	return (
		(carries === 'member' && !pauseFirst && !isPaused(context)) ||
		(carries === 'etcd' && etcd !== undefined && !keepsQuorum(etcdNodes(cluster, target, now), etcd))
	);
}

function checkStop(
	{service: name, pauseFirst}: ServiceRestart,
	machine: Machine,
	context: OperationContext,
): Precondition[] {
	const {carries, movesVip} = services[name];
	const vip = movesVip ? checkVipMoves(machine, context, name) : [];
	switch (carries) {
		case 'etcd': {
			return [...checkEtcdStops(machine, context), ...vip];
		}

		case 'member': {
			const paused = isPaused(context);
			return paused || pauseFirst
				? [
						ok(`paused${paused ? '' : ' first'}, so that PostgreSQL keeps running while Patroni restarts`),
						...(paused ? [] : [warning('it stays paused afterwards: P resumes')]),
					]
				: [
						warning('PostgreSQL stops with Patroni, unless the cluster is paused first'),
						...checkPatroniStops(machine, context),
					];
		}

		case 'connections': {
			return [warning('connections through it are closed'), ...vip];
		}

		case 'nothing': {
			return vip;
		}
	}
}

function steps({node, service: name, pauseFirst}: ServiceRestart, context: ClusterContext): StepDefinition[] {
	const paused: StepDefinition[] = pauseFirst
		? [
				{
					id: 'paused',
					text: "etcd's configuration says paused",
					essential: true,
					seen: (_, {cluster}) => dynamicConfig(cluster)?.pause === true,
				},
				...members(context.cluster, context.now).map(member => isConfigApplied(member.name, true)),
			]
		: [];
	return [
		...paused,
		{
			id: 'restarted',
			text: `systemd restarted ${name}`,
			essential: true,
			seen: (run, {cluster, target, now}) => {
				const unit = (of: Cluster) => of.units.get(node)?.value.find(one => one.service === name);
				const is = unit(cluster);
				return (
					is !== undefined &&
					isRunning(is) &&
					(cluster.units.get(node)?.at ?? 0) > run.confirmedAt &&
					isRestartedSince(unit(run.before), is, run.confirmedAt, aheadOf({cluster, target, now}, node))
				);
			},
		},
	];
}
