/** Findings on the whole cluster: scope, configuration, synchronous mode, schedules. */
import {utc} from '../../../lib/parse-time.ts';
import {type Cluster, keyOf} from '../../cluster/cluster.ts';
import {dcsIsRead, syncStandbys, timingProblem} from '../../cluster/keys.ts';
import {type Member, versionOf} from '../../cluster/member.ts';
import {members} from '../../cluster/members.ts';
import {storeName, type Target} from '../../target.ts';
import {type FindingContext, quote, quoteDcs} from '../context.ts';
import type {Finding} from '../finding.ts';

/** Scopes that one sentence names. */
const scopesMax = 10;

export function clusterFindings(context: FindingContext): Finding[] {
	if (!context.dcs) {
		return [];
	}

	return (
		absence(context) ?? [
			...keyFindings(context),
			...pauseFindings(context),
			...syncFindings(context),
			...timingFindings(context),
			...switchoverFindings(context),
		]
	);
}

/** The findings that no cluster exists below this prefix; undefined if one exists. */
function absence(context: FindingContext): Finding[] | undefined {
	const {cluster} = context;
	const groups = citusGroups(cluster);
	if (context.members.length === 0 && groups.length > 0) {
		return [
			{
				id: 'dcs.citus',
				severity: 'unknown',
				text: `this is a Citus cluster with groups ${groups.join(', ')}: choose one with --group`,
				evidence: [quoteDcs(context, `groups ${groups.join(', ')}`)],
			},
		];
	}

	// Members that answer are members of a cluster, whatever else they say.
	if (cluster.keys.get('initialize') !== undefined || context.target.rest !== undefined) {
		return undefined;
	}

	return [
		context.absent || context.members.length === 0
			? {
					id: 'dcs.none',
					severity: 'critical',
					text: `no such cluster in ${storeName(context.target)}: ${whatIsThere(context)}`,
					evidence: [
						quoteDcs(context, `no keys below ${context.target.namespace}, ${context.target.scope}`),
						...context.members.flatMap(({name, rest}) =>
							rest?.value.scope === undefined
								? []
								: [quote(context, `patroni:${name}`, `${name} has scope ${rest.value.scope}`, rest.at)],
						),
					],
				}
			: {
					id: 'leader.none',
					severity: 'critical',
					text: 'no leader: the cluster is not initialized yet',
					evidence: [quoteDcs(context, 'no key `initialize`')],
				},
	];
}

function whatIsThere({cluster, target, members}: FindingContext): string {
	return missingScope(otherScopes(cluster, target, members), target);
}

/** The other scopes: those in etcd, and those that members at configured addresses report. */
function otherScopes(cluster: Cluster, target: Target, members: readonly Member[]): string[] {
	const reported = members.flatMap(({rest}) => rest?.value.scope ?? []);
	return [...new Set([...cluster.scopes, ...reported])].filter(scope => scope !== target.scope).sort();
}

function missingScope(others: readonly string[], {scope, namespace}: Target): string {
	const missing = `the scope ${scope} does not exist`;
	return others.length === 0
		? `${missing} below ${namespace}`
		: `${missing}; existing scopes: ${others.slice(0, scopesMax).join(', ')}${others.length > scopesMax ? ', …' : ''}`;
}

/**
 * What is wrong with a configured scope that etcd does not have, while it has others; undefined if it has it, if that is
 * not known, or if a member reports it: then its keys are lost, and the configuration is right.
 */
export function scopeProblem(cluster: Cluster, target: Target, now: number): string | undefined {
	const all = members(cluster, now);
	const others = otherScopes(cluster, target, all);
	return dcsIsRead(cluster, now) &&
		cluster.keys.size === 0 &&
		others.length > 0 &&
		!all.some(({rest}) => rest?.value.scope === target.scope)
		? `${missingScope(others, target)}; set scope or pass --scope`
		: undefined;
}

function citusGroups(cluster: Cluster): string[] {
	const groups = [...cluster.keys.keys()].flatMap(path => /^(\d+)\//.exec(path)?.[1] ?? []);
	return [...new Set(groups)].sort((a, b) => Number(a) - Number(b));
}

function keyFindings(context: FindingContext): Finding[] {
	const unread = [...context.cluster.keys].flatMap(([path, {value}]): Finding[] =>
		value.kind === 'other' && value.problem !== undefined
			? [
					{
						id: 'dcs.key',
						severity: 'unknown',
						text: `${storeName(context.target)}'s key ${value.problem}`,
						about: path,
						evidence: [quoteDcs(context, value.problem)],
					},
				]
			: [],
	);
	return context.config === undefined
		? [
				...unread,
				{
					id: 'dcs.config',
					severity: 'unknown',
					text: 'dynamic configuration not known',
					evidence: [quoteDcs(context, 'no readable key `config`')],
				},
			]
		: unread;
}

function pauseFindings(context: FindingContext): Finding[] {
	return context.config?.pause
		? [
				{
					id: 'cluster.paused',
					severity: 'degraded',
					text: 'paused: Patroni does not fail over',
					evidence: [quoteDcs(context, 'config: pause; the key does not say who set it')],
				},
			]
		: [];
}

function syncFindings(context: FindingContext): Finding[] {
	const {cluster, config, members} = context;
	if (config === undefined || config.synchronousMode === 'off') {
		return [];
	}

	const standbys = syncStandbys(cluster);
	const gone = standbys.filter(
		standby =>
			!members.some(({name, key}) => key !== undefined && name.toLowerCase() === standby.toLowerCase()),
	);
	return [
		...(members.some(({role}) => role === 'sync_standby' || role === 'quorum_standby')
			? []
			: [
					config.synchronousModeStrict
						? {
								id: 'sync.blocked' as const,
								severity: 'critical' as const,
								text: 'no synchronous standby with synchronous_mode_strict: writes wait',
								evidence: [
									quoteDcs(
										context,
										`sync: ${standbys.join(', ') || 'none'}; config: synchronous_mode_strict`,
									),
								],
							}
						: {
								id: 'sync.none' as const,
								severity: 'degraded' as const,
								text: 'no synchronous standby in synchronous mode',
								evidence: [quoteDcs(context, `sync: ${standbys.join(', ') || 'none'}`)],
							},
				]),
		...gone.map(standby => ({
			id: 'sync.gone' as const,
			severity: 'degraded' as const,
			text: `the sync key names ${standby}, whose key in ${storeName(context.target)} is gone`,
			about: standby,
			evidence: [quoteDcs(context, `sync: ${standbys.join(', ')}; no key \`members/${standby}\``)],
		})),
	];
}

function timingFindings(context: FindingContext): Finding[] {
	const {config, members} = context;
	const timing = config === undefined ? undefined : timingProblem(config, members.map(versionOf));
	if (timing === undefined) {
		return [];
	}

	const {ttl, loopWait, retryTimeout, adjusts, text} = timing;
	return [
		{
			id: 'config.timing',
			severity: adjusts ? 'notice' : 'degraded',
			text,
			evidence: [
				quoteDcs(context, `config: ttl ${ttl}, loop_wait ${loopWait}, retry_timeout ${retryTimeout}`),
			],
		},
	];
}

function switchoverFindings(context: FindingContext): Finding[] {
	const asked = keyOf(context.cluster, 'failover', 'failover')?.value;
	const {dropped} = context.cluster;
	const hasBegun = context.running.some(({trace}) => trace === 'failover');
	return [
		...(asked?.scheduledAt === undefined || hasBegun
			? []
			: [
					{
						id: 'switchover.scheduled' as const,
						severity: 'notice' as const,
						text: `switchover scheduled at ${utc(asked.scheduledAt)}: ${asked.leader ?? 'the leader'} → ${asked.candidate ?? 'any'}`,
						evidence: [quoteDcs(context, `failover: scheduled_at ${asked.scheduledAt}`)],
					},
				]),
		...(dropped === undefined
			? []
			: [
					{
						id: 'switchover.dropped' as const,
						severity: 'degraded' as const,
						text: `the switchover scheduled at ${utc(dropped.scheduledAt)} did not happen`,
						evidence: [
							{
								...quoteDcs(context, `failover: key gone, and ${dropped.leader} still leads`),
								at: dropped.at,
							},
						],
					},
				]),
	];
}
