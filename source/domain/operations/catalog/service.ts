/** Restart of a service on a machine, or its start, by systemd over SSH. */
import type {Cluster} from '../../cluster/cluster.ts';
import {etcdNodes} from '../../cluster/etcd.ts';
import {isFresh} from '../../cluster/freshness.ts';
import {dynamicConfig} from '../../cluster/keys.ts';
import type {Machine} from '../../cluster/members.ts';
import {members} from '../../cluster/members.ts';
import {presentServices, unitOn} from '../../cluster/roles.ts';
import {isRunning, type Service, type ServiceUnit, services} from '../../cluster/services.ts';
import {vipViews} from '../../cluster/vip.ts';
import {checkDcs, checkOtherOperations, vipName} from '../preconditions/common.ts';
import {
	checkEtcdStops,
	checkPatroniStops,
	checkSsh,
	checkVipMoves,
	keepsQuorum,
	machineNamed,
	movesVip,
	unknownMachine,
} from '../preconditions/machine-stops.ts';
import {aheadOf, isConfigApplied, isRestartedSince} from '../progress/machine.ts';
import {configRequest, inOrder, sshRequest} from '../request.ts';
import type {
	ClusterContext,
	Gate,
	OperationContext,
	Precondition,
	Run,
	Step,
	StepDefinition,
} from '../types.ts';
import {blocking, ok, warning} from '../types.ts';
import {type OperationDefinition, type OperationOf, yesOrNo} from './definition.ts';

type ServiceRestart = OperationOf<'service'>;

export const service: OperationDefinition<'service'> = {
	describe: operation =>
		`${verbOf(operation)} ${operation.service} on ${operation.node}${operation.pauseFirst ? ', paused' : ''}`,
	requests(operation, context) {
		const {node, pauseFirst} = operation;
		const restart = sshRequest(context, node, `systemctl ${verbOf(operation)} ${unitOf(operation, context)}`);
		return pauseFirst ? inOrder(configRequest(context, {pause: true}), restart) : inOrder(restart);
	},
	preconditions(operation, context) {
		const machine = machineNamed(context, operation.node);
		return machine === undefined
			? [unknownMachine(operation.node)]
			: [
					...checkDcs(context),
					...(operation.start
						? checkStart(operation, machine, context)
						: checkStop(operation, machine, context)),
					...checkSsh(machine, context),
					...checkOtherOperations(context),
				];
	},
	steps,
	gate,
	offers({machine}, context) {
		if (machine === undefined) {
			return [];
		}

		const {name: node} = machine;
		return presentServices(context.cluster, context.target, machine)
			.filter(one => services[one].isRestartable)
			.map(one => {
				const start = isStopped(node, one, context) ? ({start: true} as const) : {};
				return {
					id: `service ${one}`,
					label: `${verbOf(start)} the service ${one} on ${node}`,
					operation: {kind: 'service', node, service: one, pauseFirst: false, ...start},
				};
			});
	},
	appliesTo: 'machine',
	fields: [
		{
			id: 'pauseFirst',
			input: 'choice',
			label: 'pause first',
			isOffered: (operation, context) =>
				services[operation.service].carries === 'member' && !operation.start && !isPaused(context),
			value: ({pauseFirst}) => yesOrNo(pauseFirst),
			change: operation => ({...operation, pauseFirst: !operation.pauseFirst}),
		},
	],
	confirmationName: (operation, context) => (takesAway(operation, context) ? operation.node : undefined),
	comparesRevisions: false,
	effect: ({node, service: name, start}) =>
		start ? undefined : {kind: 'service', members: [], node, service: name},
};

function verbOf({start}: {start?: true}): 'start' | 'restart' {
	return start ? 'start' : 'restart';
}

function unitIn(cluster: Cluster, node: string, name: Service): ServiceUnit | undefined {
	return cluster.units.get(node)?.value.find(one => one.service === name);
}

/** Whether systemd reports now that the service does not run. */
function isStopped(node: string, name: Service, {cluster, now}: OperationContext): boolean {
	const unit = unitIn(cluster, node, name);
	const source = `units:${node}` as const;
	return (
		unit !== undefined &&
		(unit.active === 'inactive' || unit.active === 'failed') &&
		isFresh(cluster.sourceStatuses.get(source), source, now)
	);
}

/**
 * The unit as systemd on the node reports it. Any name with other characters is replaced: it becomes part of a command.
 */
function unitOf({node, service: name}: ServiceRestart, {cluster, target}: ClusterContext): string {
	const unit = unitIn(cluster, node, name)?.unit;
	return unit !== undefined && /^[A-Za-z0-9@_][A-Za-z0-9@._-]*\.service$/.test(unit)
		? unit
		: `${unitOn(target, node, name).replace(/\.service$/, '')}.service`;
}

function isPaused({cluster}: ClusterContext): boolean {
	return dynamicConfig(cluster)?.pause ?? false;
}

/** Whether the restart costs the cluster a member or its quorum until the service runs again. */
function takesAway(
	{node, service: name, pauseFirst, start}: ServiceRestart,
	context: OperationContext,
): boolean {
	if (start) {
		return false;
	}

	const {cluster, target, now} = context;
	const {carries} = services[name];
	const etcd = machineNamed(context, node)?.etcd;
	return (
		(carries === 'member' && !pauseFirst && !isPaused(context)) ||
		(carries === 'etcd' && etcd !== undefined && !keepsQuorum(etcdNodes(cluster, target, now), etcd))
	);
}

/** A start stops nothing, but a service that failed may fail again, and the VIP may move. */
function checkStart(
	{service: name}: ServiceRestart,
	{name: node}: Machine,
	context: OperationContext,
): Precondition[] {
	const {cluster, target, now} = context;
	if (!isStopped(node, name, context)) {
		const unit = unitIn(cluster, node, name);
		return unit !== undefined && isRunning(unit)
			? [blocking(`${name} runs on ${node} already`)]
			: [warning(`it is not known now whether ${name} is stopped on ${node}`)];
	}

	const taken = vipViews(cluster, target, now).filter(
		({vip, nodes, holders}) =>
			movesVip(name, vip) && nodes.includes(node) && !holders.some(holder => holder.node === node),
	);
	return [
		unitIn(cluster, node, name)?.active === 'failed'
			? warning(`${name} failed on ${node}: it may fail again`)
			: ok(`${name} is stopped on ${node}: its start closes no connection`),
		...taken.map(({vip}) => warning(`${vipName(target, vip)} may move to ${node} when ${name} runs there`)),
	];
}

function checkStop(
	{service: name, pauseFirst}: ServiceRestart,
	machine: Machine,
	context: OperationContext,
): Precondition[] {
	const {carries} = services[name];
	const vip = checkVipMoves(machine, context, name);
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

function steps(
	{node, service: name, pauseFirst, start}: ServiceRestart,
	context: ClusterContext,
): StepDefinition[] {
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
			text: `systemd ${verbOf(start ? {start} : {})}ed ${name}`,
			essential: true,
			seen: (run, {cluster, target, now}) => {
				const unit = (of: Cluster) => unitIn(of, node, name);
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

/** After the pause: all members have applied it. A step stays ticked once seen, so the present state is checked again. */
function gate(run: Run, context: ClusterContext): Gate {
	const paused = run.steps.filter(({id}) => id === 'paused' || id.startsWith('applied '));
	return run.sent === 0
		? {is: 'open', begins: false}
		: paused.some(({at}) => at === undefined)
			? {is: 'waiting'}
			: stepsAreSeen(run, paused, context)
				? {is: 'open', begins: false}
				: {is: 'closed', why: 'the cluster was resumed meanwhile'};
}

function stepsAreSeen(run: Run, some: readonly Step[], context: ClusterContext): boolean {
	const definitions = steps(run.operation as ServiceRestart, {
		cluster: run.before,
		target: context.target,
		now: run.confirmedAt,
	});
	return some.every(({id}) => definitions.find(one => one.id === id)?.seen(run, context));
}
