import {isAtLeast} from '../../../lib/format.ts';
import {utc} from '../../../lib/parse-time.ts';
import {type Cluster, keyOf} from '../../cluster/cluster.ts';
import {patroniDefaults} from '../../cluster/dcs.ts';
import {syncStandbys} from '../../cluster/keys.ts';
import {versionOf} from '../../cluster/tags.ts';
import {type FindingContext, quote, quoteDcs} from '../context.ts';
import type {Finding} from '../finding.ts';

/** More names in a sentence would not be read. */
const scopesMax = 10;

export function clusterFindings(look: FindingContext): Finding[] {
	if (!look.dcs) {
		return [];
	}

	return (
		absence(look) ?? [
			...keyFindings(look),
			...pauseFindings(look),
			...syncFindings(look),
			...timingFindings(look),
			...switchoverFindings(look),
		]
	);
}

/** There is no cluster below this prefix; undefined when there is one. */
function absence(look: FindingContext): Finding[] | undefined {
	const {cluster} = look;
	const groups = citusGroups(cluster);
	if (look.members.length === 0 && groups.length > 0) {
		return [
			{
				id: 'dcs.citus',
				severity: 'unknown',
				text: `a Citus cluster with the groups ${groups.join(', ')}: choose one with --group`,
				evidence: [quoteDcs(look, `groups ${groups.join(', ')}`)],
			},
		];
	}

	if (cluster.keys.get('initialize') !== undefined) {
		return undefined;
	}

	return [
		look.absent || look.members.length === 0
			? {
					id: 'dcs.none',
					severity: 'critical',
					text: `no such cluster in etcd: ${whatIsThere(look)}`,
					evidence: [
						quoteDcs(look, `no keys below ${look.target.namespace}, ${look.target.scope}`),
						...look.members.flatMap(({name, rest}) =>
							rest?.value.scope === undefined
								? []
								: [quote(look, `patroni:${name}`, `${name} is of the scope ${rest.value.scope}`, rest.at)],
						),
					],
				}
			: {
					id: 'leader.none',
					severity: 'critical',
					text: 'no leader: the cluster is not initialised yet',
					evidence: [quoteDcs(look, 'no key `initialize`')],
				},
	];
}

/** The scopes that etcd holds beside it, and those that members at the configured addresses say they are of. */
function whatIsThere({cluster, target, members}: FindingContext): string {
	const told = members.flatMap(({rest}) => rest?.value.scope ?? []);
	const others = [...new Set([...cluster.scopes, ...told])].filter(scope => scope !== target.scope).sort();
	const missing = `the scope ${target.scope} does not exist`;
	return others.length === 0
		? `${missing} below ${target.namespace}`
		: `${missing}; there is: ${others.slice(0, scopesMax).join(', ')}${others.length > scopesMax ? ', …' : ''}`;
}

function citusGroups(cluster: Cluster): string[] {
	const groups = [...cluster.keys.keys()].flatMap(path => /^(\d+)\//.exec(path)?.[1] ?? []);
	return [...new Set(groups)].sort((a, b) => Number(a) - Number(b));
}

function keyFindings(look: FindingContext): Finding[] {
	const unread = [...look.cluster.keys].flatMap(([path, {value}]): Finding[] =>
		value.kind === 'other' && value.problem !== undefined
			? [
					{
						id: 'dcs.key',
						severity: 'unknown',
						text: `etcd's key ${value.problem}`,
						about: path,
						evidence: [quoteDcs(look, value.problem)],
					},
				]
			: [],
	);
	return look.config === undefined
		? [
				...unread,
				{
					id: 'dcs.config',
					severity: 'unknown',
					text: 'the dynamic configuration is not known',
					evidence: [quoteDcs(look, 'no key `config` that can be read')],
				},
			]
		: unread;
}

function pauseFindings(look: FindingContext): Finding[] {
	return look.config?.pause
		? [
				{
					id: 'cluster.paused',
					severity: 'degraded',
					text: 'paused: Patroni will not fail over',
					evidence: [quoteDcs(look, 'config: pause; by whom, the key does not say')],
				},
			]
		: [];
}

function syncFindings(look: FindingContext): Finding[] {
	const {cluster, config, members} = look;
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
								text: 'no synchronous standby, and synchronous_mode_strict: writes wait',
								evidence: [
									quoteDcs(look, `sync: ${standbys.join(', ') || 'none'}; config: synchronous_mode_strict`),
								],
							}
						: {
								id: 'sync.none' as const,
								severity: 'degraded' as const,
								text: 'no synchronous standby in synchronous mode',
								evidence: [quoteDcs(look, `sync: ${standbys.join(', ') || 'nobody'}`)],
							},
				]),
		...gone.map(standby => ({
			id: 'sync.gone' as const,
			severity: 'degraded' as const,
			text: `the sync key names ${standby}, whose key in etcd is gone`,
			about: standby,
			evidence: [quoteDcs(look, `sync: ${standbys.join(', ')}; no key \`members/${standby}\``)],
		})),
	];
}

/**
 * `loop_wait + 2 * retry_timeout <= ttl`: else a leader that etcd does not answer holds on for longer than its lease. From 3.2
 * on Patroni goes by other values then (`_validate_and_adjust_timeouts`), which no answer of it shows.
 */
function timingFindings(look: FindingContext): Finding[] {
	const {config, members} = look;
	if (config === undefined) {
		return [];
	}

	const ttl = config.ttl ?? patroniDefaults.ttl;
	const loopWait = config.loopWait ?? patroniDefaults.loopWait;
	const retryTimeout = config.retryTimeout ?? patroniDefaults.retryTimeout;
	if (loopWait + 2 * retryTimeout <= ttl) {
		return [];
	}

	const adjusts = members.every(member => isAtLeast(versionOf(member), '3.2.0') === true);
	const used =
		1 + 2 * retryTimeout > ttl
			? `loop_wait 1 and retry_timeout ${Math.floor((ttl - 1) / 2)}`
			: `loop_wait ${ttl - 2 * retryTimeout}`;
	return [
		{
			id: 'config.timing',
			severity: adjusts ? 'notice' : 'degraded',
			text: `loop_wait ${loopWait} + 2 x retry_timeout ${retryTimeout} is more than ttl ${ttl}${adjusts ? `: Patroni goes by ${used} instead` : ''}`,
			evidence: [quoteDcs(look, `config: ttl ${ttl}, loop_wait ${loopWait}, retry_timeout ${retryTimeout}`)],
		},
	];
}

function switchoverFindings(look: FindingContext): Finding[] {
	const asked = keyOf(look.cluster, 'failover', 'failover')?.value;
	const {dropped} = look.cluster;
	return [
		...(asked?.scheduledAt === undefined
			? []
			: [
					{
						id: 'switchover.scheduled' as const,
						severity: 'notice' as const,
						text: `a switchover is scheduled at ${utc(asked.scheduledAt)}: ${asked.leader ?? 'the leader'} → ${asked.candidate ?? 'any'}`,
						evidence: [quoteDcs(look, `failover: scheduled_at ${asked.scheduledAt}`)],
					},
				]),
		...(dropped === undefined
			? []
			: [
					{
						id: 'switchover.dropped' as const,
						severity: 'degraded' as const,
						text: `the switchover that was scheduled at ${utc(dropped.scheduledAt)} did not happen`,
						evidence: [
							{
								...quoteDcs(look, `failover: gone, and ${dropped.leader} still leads`),
								at: dropped.at,
							},
						],
					},
				]),
	];
}
