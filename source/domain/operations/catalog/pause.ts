/** Operations on the dynamic configuration: pause, resume, edit. */

import {withoutSecrets} from '../../../lib/secrets.ts';
import {healthProblem, isWell} from '../../cluster/health.ts';
import {dynamicConfig} from '../../cluster/keys.ts';
import {members} from '../../cluster/members.ts';
import {checkCredentials, checkDcs, checkOtherOperations, checkPause} from '../preconditions/common.ts';
import {isConfigApplied, isConfigRead} from '../progress/machine.ts';
import {configRequest, inOrder} from '../request.ts';
import type {ClusterContext, OperationContext, Precondition, StepDefinition} from '../types.ts';
import {blocking, ok, warning} from '../types.ts';
import type {OperationDefinition} from './definition.ts';

/** One menu entry with one key for both; the cluster's state decides which. */
const shared = {id: 'pause', command: 'operation.pause'} as const;

export const pause: OperationDefinition<'pause'> = {
	describe: () => 'pause',
	requests: (_, context) => inOrder(configRequest(context, {pause: true})),
	preconditions: (_, context) => [
		...checkDcs(context),
		...(isPaused(context) ? [blocking('the cluster is paused already')] : []),
		warning('no failover until it is resumed'),
		...checkApplied(context),
		...checkCredentials(context),
	],
	steps: (_, context) => steps(true, context),
	offers: (_, context) =>
		isPaused(context)
			? []
			: [
					{
						id: shared.id,
						label: 'pause the cluster: Patroni stops failing over',
						operation: {kind: 'pause'},
					},
				],
	appliesTo: 'cluster',
	command: shared.command,
	comparesRevisions: false,
};

export const resume: OperationDefinition<'resume'> = {
	describe: () => 'resume',
	requests: (_, context) => inOrder(configRequest(context, {pause: null})),
	preconditions: (_, context) => [
		...checkDcs(context),
		...(isPaused(context) ? [] : [blocking('the cluster is not paused')]),
		checkWell(context),
		...checkApplied(context),
		...checkCredentials(context),
	],
	steps: (_, context) => steps(false, context),
	offers: (_, context) =>
		isPaused(context)
			? [
					{
						id: shared.id,
						label: 'resume the cluster: Patroni fails over again',
						operation: {kind: 'resume'},
					},
				]
			: [],
	appliesTo: 'cluster',
	command: shared.command,
	comparesRevisions: false,
};

function isPaused({cluster}: ClusterContext): boolean {
	return dynamicConfig(cluster)?.pause ?? false;
}

function checkWell({cluster, now}: OperationContext): Precondition {
	const unwell = members(cluster, now).filter(one => one.restSees && !isWell(one));
	return unwell.length === 0
		? ok('every member is healthy')
		: warning(`Patroni acts at once on what is wrong: ${unwell.map(healthProblem).join(', ')}`);
}

/** Whether every member is known to have applied the present configuration. */
function checkApplied({cluster, now}: OperationContext): Precondition[] {
	const unseen = members(cluster, now).filter(({restSees}) => !restSees);
	return unseen.length === 0
		? []
		: [warning(`it is not known now whether ${unseen.map(({name}) => name).join(' and ')} applied it`)];
}

function steps(paused: boolean, {cluster, now}: ClusterContext): StepDefinition[] {
	return [
		{
			id: 'written',
			text: `etcd's configuration says ${paused ? 'paused' : 'not paused'}`,
			essential: true,
			seen: (_, context) => dynamicConfig(context.cluster)?.pause === paused,
		},
		...members(cluster, now).map(({name}) => isConfigApplied(name, paused)),
	];
}

export const configure: OperationDefinition<'configure'> = {
	describe: () => 'change the dynamic configuration',
	requests: ({patch}, context) => inOrder(configRequest(context, patch)),
	preconditions: (_, context) => [
		...checkDcs(context),
		...checkPause(context, 'a change is applied anyway'),
		...checkCredentials(context),
		...checkOtherOperations(context),
	],
	steps: (_, {cluster, now}) => [
		{
			id: 'written',
			text: "etcd's configuration has changed",
			essential: true,
			seen: ({guard}, {cluster: present}) =>
				(present.keys.get('config')?.modRevision ?? 0) > (guard.configRevision ?? 0),
		},
		...members(cluster, now)
			.filter(({restSees, rest}) => restSees && rest?.value.dcsLastSeen !== undefined)
			.map(({name}) => isConfigRead(name)),
	],
	offers: () => [{label: 'edit the dynamic configuration', operation: {kind: 'configure', patch: {}}}],
	appliesTo: 'cluster',
	command: 'operation.configure',
	comparesRevisions: true,
	editsConfiguration: true,
	redact: operation => ({
		...operation,
		patch: Object.fromEntries(
			Object.entries(operation.patch).map(([name, value]) => [name, withoutSecrets(value, undefined, name)]),
		),
	}),
};
