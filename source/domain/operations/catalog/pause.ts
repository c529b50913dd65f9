/** Operations on the dynamic configuration: pause, resume, edit. */

import type {Json} from '../../../lib/json.ts';
import {withoutSecrets} from '../../../lib/secrets.ts';
import {healthProblem, isWell} from '../../cluster/health.ts';
import {dynamicConfig, timingProblem} from '../../cluster/keys.ts';
import {versionOf} from '../../cluster/member.ts';
import {members} from '../../cluster/members.ts';
import {checkCredentials, checkDcs, checkOtherOperations, checkPause} from '../preconditions/common.ts';
import {isConfigApplied, isConfigRead} from '../progress/machine.ts';
import {configRequest, inOrder} from '../request.ts';
import type {ClusterContext, OperationContext, Precondition, StepDefinition} from '../types.ts';
import {blocking, ok, warning} from '../types.ts';
import type {OperationDefinition, OperationOf} from './definition.ts';

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

function configurationOf({rest}: ClusterContext['target']): string {
	return rest === undefined ? "etcd's configuration" : 'the configuration (GET /config)';
}

function steps(paused: boolean, {cluster, target, now}: ClusterContext): StepDefinition[] {
	return [
		{
			id: 'written',
			text: `${configurationOf(target)} says ${paused ? 'paused' : 'not paused'}`,
			essential: true,
			seen: (_, context) => dynamicConfig(context.cluster)?.pause === paused,
		},
		...members(cluster, now).map(({name}) => isConfigApplied(name, paused, target.rest !== undefined)),
	];
}

export const configure: OperationDefinition<'configure'> = {
	describe: () => 'change the dynamic configuration',
	requests: ({patch}, context) => inOrder(configRequest(context, patch)),
	preconditions: ({patch}, context) => [
		...checkDcs(context),
		...checkTiming(patch, context),
		...checkParameters(patch),
		...checkPause(context, 'a change is applied anyway'),
		...checkCredentials(context),
		...checkOtherOperations(context),
	],
	steps: (_, {cluster, target, now}) => [
		{
			id: 'written',
			text: `${configurationOf(target)} has changed`,
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

type Patch = OperationOf<'configure'>['patch'];

/** The rule of the finding `config.timing`, for the configuration with the patch. */
function checkTiming(patch: Patch, {cluster, now}: OperationContext): Precondition[] {
	const config = dynamicConfig(cluster);
	if (config === undefined) {
		return [];
	}

	const {ttl, loopWait, retryTimeout} = config;
	const problem = timingProblem(
		{
			ttl: patched(patch, 'ttl', ttl),
			loopWait: patched(patch, 'loop_wait', loopWait),
			retryTimeout: patched(patch, 'retry_timeout', retryTimeout),
		},
		members(cluster, now).map(versionOf),
	);
	return problem === undefined ? [] : [warning(problem.text)];
}

/** Patroni reads numbers in text, too; null removes the setting. */
function patched(patch: Patch, name: string, value: number | undefined): number | undefined {
	const to = patch[name];
	const number = typeof to === 'number' || (typeof to === 'string' && to !== '') ? Number(to) : Number.NaN;
	return to === undefined ? value : Number.isFinite(number) ? number : undefined;
}

/** PostgreSQL's parameters that change only with a restart (context `postmaster`). */
const restartParameters: ReadonlySet<string> = new Set(
	`archive_mode autovacuum_freeze_max_age
	autovacuum_multixact_freeze_max_age autovacuum_worker_slots bonjour bonjour_name cluster_name
	commit_timestamp_buffers config_file data_directory data_sync_retry dynamic_shared_memory_type event_source
	external_pid_file hba_file hot_standby huge_pages huge_page_size ident_file io_max_combine_limit
	io_max_concurrency io_method jit_provider listen_addresses logging_collector max_active_replication_origins
	max_connections max_files_per_process max_locks_per_transaction max_logical_replication_workers
	max_notify_queue_pages max_pred_locks_per_transaction max_prepared_transactions max_replication_slots
	max_wal_senders max_worker_processes min_dynamic_shared_memory multixact_member_buffers multixact_offset_buffers
	notify_buffers old_snapshot_threshold port recovery_target recovery_target_action recovery_target_inclusive
	recovery_target_lsn recovery_target_name recovery_target_time recovery_target_timeline recovery_target_xid
	reserved_connections serializable_buffers shared_buffers shared_memory_type shared_preload_libraries
	subtransaction_buffers superuser_reserved_connections track_activity_query_size
	track_commit_timestamp transaction_buffers unix_socket_directories unix_socket_group unix_socket_permissions
	wal_buffers wal_decode_buffer_size wal_level wal_log_hints`.split(/\s+/),
);

function checkParameters({postgresql}: Patch): Precondition[] {
	const parameters = isMapping(postgresql) ? postgresql.parameters : postgresql;
	if (parameters === null) {
		return [warning('all PostgreSQL parameters are removed: members may have a pending restart afterwards')];
	}

	const names = isMapping(parameters) ? Object.keys(parameters) : [];
	const changed = names.filter(name => restartParameters.has(name.toLowerCase()));
	return changed.length === 0
		? []
		: [
				warning(
					`${changed.join(', ')} ${changed.length === 1 ? 'needs' : 'need'} a restart of PostgreSQL: members will have a pending restart (R restarts one)`,
				),
			];
}

function isMapping(value: Json | undefined): value is {readonly [key: string]: Json} {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
