import {utc} from '../../../lib/parse-time.ts';
import {keyOf} from '../../cluster/cluster.ts';
import {maximumLag, patroniDefaults} from '../../cluster/dcs.ts';
import {healthProblem, isPrimary, isRunningState} from '../../cluster/health.ts';
import {machines} from '../../cluster/machines.ts';
import type {Member} from '../../cluster/member.ts';
import {describeReceiver, foreignReceivers} from '../../cluster/upstream.ts';
import {type FindingContext, isInSight, quote, quoteDcs, seconds} from '../context.ts';
import type {Evidence, Finding} from '../finding.ts';

export function memberFindings(look: FindingContext): Finding[] {
	if (!look.dcs || look.absent) {
		return [];
	}

	return look.members.flatMap(one => oneMember(look, one));
}

function oneMember(look: FindingContext, one: Member): Finding[] {
	const {name, key} = one;
	if (key === undefined) {
		return [
			// A stop that outlasts the lease of its key.
			...stoppingFindings(look, one),
			one.restSees
				? {
						id: 'member.unregistered',
						severity: 'degraded',
						text: `${name} answers, and its key in etcd is gone`,
						about: name,
						evidence: [
							quoteDcs(look, `no key \`members/${name}\``),
							ofRest(look, one, one.rest?.value.state ?? ''),
						],
					}
				: {
						id: 'member.gone',
						severity: 'degraded',
						text: `${name}: its key in etcd is gone`,
						about: name,
						evidence: [quoteDcs(look, `no key \`members/${name}\``)],
					},
		];
	}

	return [
		...stateFindings(look, one),
		...abilityFindings(look, one),
		...timelineFindings(look, one),
		...lagFindings(look, one),
		...divergenceFindings(look, one),
		...restartFindings(look, one),
		...droppedRestart(look, one),
	];
}

/** The leader's own state is the matter of another check. */
function stateFindings(look: FindingContext, one: Member): Finding[] {
	const {name, state, key} = one;
	const stopping = stoppingFindings(look, one);
	if (stopping.length > 0 || (name === look.leader && one.role !== 'standby_leader')) {
		return stopping;
	}

	if (!isRunningState(state)) {
		return [
			{
				id: 'member.state',
				severity: 'degraded',
				text: `${name}: ${state}`,
				about: name,
				evidence: [
					quoteDcs(look, `it publishes: ${key?.data.replicationState ?? key?.data.state ?? 'nothing'}`),
					...(one.rest ? [ofRest(look, one, one.rest.value.state)] : []),
				],
			},
		];
	}

	if (isPrimary(one)) {
		// That it leads without the key, or that there is no leader, is the matter of another check.
		return [];
	}

	// What it has too much is the matter of the finding on its divergence.
	const isUnjudged = one.health === 'unknown' && one.restSees;
	return isUnjudged || one.upstream?.state === 'none' || (one.health === 'unwell' && one.ahead === undefined)
		? notStreaming(look, one)
		: [];
}

/** By the one judgement that preconditions and steps go by, too. */
function notStreaming(look: FindingContext, one: Member): Finding[] {
	const {name, key, upstream, rest} = one;
	const words = healthProblem(one);
	const lister = look.members.find(other => other.name === (key?.data.tags.replicatefrom ?? look.leader));
	const list = lister?.restSees && lister.name !== name ? lister.rest?.value.replication : undefined;
	return words === undefined
		? []
		: [
				{
					id: 'member.not-streaming',
					severity: upstream?.state === 'unknown' ? 'unknown' : 'degraded',
					text: words,
					about: name,
					evidence: [
						...(lister && list
							? [
									quote(
										look,
										`patroni:${lister.name}`,
										`replication: ${list.map(({application, state: how}) => `${application} ${how}`).join(', ') || 'none'}`,
										lister.rest?.at,
									),
								]
							: []),
						quoteDcs(look, `it publishes: ${key?.data.replicationState ?? key?.data.state ?? 'nothing'}`),
						...(rest
							? [
									ofRest(
										look,
										one,
										[rest.value.state, rest.value.replicationState].filter(Boolean).join(', '),
									),
								]
							: []),
					],
				},
			];
}

/** A stop that takes longer than Patroni's loop: PostgreSQL waits until all who receive WAL from it have confirmed the last of it. */
function stoppingFindings(look: FindingContext, one: Member): Finding[] {
	const {name, rest} = one;
	const stop = stopOf(look, one);
	const loopWait = (look.config?.loopWait ?? patroniDefaults.loopWait) * 1000;
	if (stop === undefined || look.now - stop.since <= loopWait) {
		return [];
	}

	// While Patroni stops, its last word is from before: PostgreSQL ran.
	const last =
		rest?.value.state === 'running' ? {list: rest.value.replication, at: rest.at} : rest?.lastReplication;
	const foreign = foreignReceivers(
		last?.list ?? [],
		name,
		look.members.map(other => other.name),
	);
	const waits =
		last === undefined
			? 'what it waits for is not known'
			: foreign.length > 0
				? `last seen receiving WAL from it: ${foreign.map(describeReceiver).join(', ')}`
				: last.list.length > 0
					? `last seen receiving WAL from it: ${last.list.map(({application}) => application).join(', ')}, all of them members`
					: 'nothing was receiving WAL from it before';
	return [
		{
			id: 'member.stopping',
			severity: 'degraded',
			text: `${name}: ${stop.words} for ${seconds(look.now - stop.since)}; ${waits}`,
			about: name,
			evidence: [
				stop.evidence,
				...(last === undefined
					? []
					: [
							quote(
								look,
								`patroni:${name}`,
								`replication, before: ${last.list.map(describeReceiver).join(', ') || 'none'}`,
								last.at,
							),
						]),
			],
		},
	];
}

/** Since when it stops: by its own word, or, as Patroni's REST API is the first to go when it stops, by systemd's. */
function stopOf(
	look: FindingContext,
	one: Member,
): {words: string; since: number; evidence: Evidence} | undefined {
	const {name, rest, restSees, state} = one;
	if (restSees) {
		// Patroni calls it restarting, too, while PostgreSQL still stops.
		return rest?.stateSince !== undefined && /^(stopping|restarting)$/.test(state)
			? {words: state, since: rest.stateSince, evidence: ofRest(look, one, state)}
			: undefined;
	}

	const node =
		machines(look.cluster, look.target, look.now).find(({member}) => member === name)?.name ?? name;
	const source = `units:${node}` as const;
	const units = isInSight(look, source) ? look.cluster.units.get(node) : undefined;
	const unit = units?.value.find(({service}) => service === 'patroni');
	return units?.stopsSince === undefined || unit === undefined
		? undefined
		: {
				words: 'Patroni is stopping',
				since: units.stopsSince,
				evidence: quote(look, source, `${unit.unit}: ${unit.active} (${unit.sub})`, units.at),
			};
}

/** What it could not do if it had to, though it runs. */
function abilityFindings(look: FindingContext, one: Member): Finding[] {
	const {name, rest, restSees} = one;
	if (!restSees || rest === undefined) {
		return [];
	}

	const {watchdogFailed, replayPaused, logLost} = rest.value;
	return [
		...(watchdogFailed
			? [
					{
						id: 'member.watchdog' as const,
						severity: 'degraded' as const,
						text: `${name}: its watchdog is required and cannot be used: it may not lead`,
						about: name,
						evidence: [ofRest(look, one, 'watchdog_failed')],
					},
				]
			: []),
		...(replayPaused
			? [
					{
						id: 'member.replay-paused' as const,
						severity: 'degraded' as const,
						text: `${name}: replay of WAL is paused`,
						about: name,
						evidence: [ofRest(look, one, 'xlog: paused')],
					},
				]
			: []),
		...(logLost
			? [
					{
						id: 'member.log-lost' as const,
						severity: 'notice' as const,
						text: `${name}: Patroni could not write ${logLost} lines of its log`,
						about: name,
						evidence: [ofRest(look, one, `logger_records_lost ${logLost}`)],
					},
				]
			: []),
	];
}

function timelineFindings(look: FindingContext, {name, timeline}: Member): Finding[] {
	const leaders = look.leading?.timeline;
	return leaders === undefined || timeline === undefined || timeline === leaders
		? []
		: [
				{
					id: 'member.timeline',
					severity: 'degraded',
					text: `${name}: on timeline ${timeline}, the leader is on ${leaders}`,
					about: name,
					evidence: [quoteDcs(look, `timelines ${leaders} (${look.leader}) and ${timeline} (${name})`)],
				},
			];
}

function lagFindings(look: FindingContext, {name, lag}: Member): Finding[] {
	const most = look.config && maximumLag(look.config);
	if (typeof lag === 'number' && most !== undefined && lag > most) {
		return [
			{
				id: 'member.lag',
				severity: 'degraded',
				text: `${name}: lag ${lag} bytes, over maximum_lag_on_failover (${most})`,
				about: name,
				evidence: [quoteDcs(look, `${lag} bytes behind the location that the leader published`)],
			},
		];
	}

	return lag === 'unknown' && look.leader !== undefined
		? [
				{
					id: 'member.lag-unknown',
					severity: 'degraded',
					text: `${name}: lag unknown`,
					about: name,
					evidence: [quoteDcs(look, 'it publishes no location, or the leader none')],
				},
			]
		: [];
}

function divergenceFindings(look: FindingContext, {name, ahead, rest}: Member): Finding[] {
	const upstream = look.leading;
	return ahead === undefined
		? []
		: [
				{
					id: 'member.diverged',
					severity: 'critical',
					text: `${name} has ${ahead} bytes on timeline ${rest?.value.timeline} that the leader has not`,
					about: name,
					evidence: [
						quote(look, `patroni:${name}`, `received ${rest?.value.received}`, rest?.at),
						quote(
							look,
							`patroni:${upstream?.name}`,
							`written ${upstream?.rest?.value.location}`,
							upstream?.rest?.at,
						),
					],
				},
			];
}

function restartFindings(look: FindingContext, {name, key}: Member): Finding[] {
	const {pendingRestart, pendingRestartReason, scheduledRestart} = key?.data ?? {};
	const reasons = Object.entries(pendingRestartReason ?? {}).map(
		([parameter, [from, to]]) => `${parameter} ${from} → ${to}`,
	);
	const why = reasons.length === 0 ? '' : `: ${reasons.join(', ')}`;
	return [
		...(pendingRestart
			? [
					{
						id: 'member.pending-restart' as const,
						severity: 'degraded' as const,
						text: `${name}: a restart is pending${why}`,
						about: name,
						evidence: [quoteDcs(look, `it publishes: pending_restart${why}`)],
					},
				]
			: []),
		...(scheduledRestart === undefined
			? []
			: [
					{
						id: 'member.restart-scheduled' as const,
						severity: 'notice' as const,
						text: `${name}: a restart is scheduled at ${utc(scheduledRestart)}`,
						about: name,
						evidence: [quoteDcs(look, `it publishes: scheduled_restart ${scheduledRestart}`)],
					},
				]),
	];
}

/** PostgreSQL's start is told again some seconds after the schedule went: a restart that took place would show. */
const restartShows = 5000;

function droppedRestart(look: FindingContext, one: Member): Finding[] {
	const {name, rest, restSees} = one;
	const dropped = look.cluster.droppedRestarts.get(name);
	return dropped === undefined ||
		rest === undefined ||
		!restSees ||
		rest.at < dropped.at + restartShows ||
		rest.value.state !== 'running' ||
		rest.value.postmasterStartTime !== dropped.startedBefore
		? []
		: [
				{
					id: 'restart.dropped',
					severity: 'degraded',
					text: `${name}: the restart that was scheduled at ${utc(dropped.scheduledAt)} did not happen`,
					about: name,
					evidence: [ofRest(look, one, `PostgreSQL runs since ${dropped.startedBefore}`)],
				},
			];
}

function ofRest(look: FindingContext, {name, rest}: Member, text: string) {
	return quote(look, `patroni:${name}`, text, rest?.at);
}

/** A slot that keeps more WAL than this fills disks. */
const muchWal = 1024 ** 3;

/** WAL that the leader keeps for a slot whose consumer does not come. */
export function slotFindings(look: FindingContext): Finding[] {
	const status = look.dcs ? keyOf(look.cluster, 'status', 'status')?.value : undefined;
	const {optime, slots} = status ?? {};
	return Object.entries(slots ?? {}).flatMap(([slot, location]): Finding[] => {
		const held = optime === undefined ? 0 : optime - location;
		return held <= muchWal
			? []
			: [
					{
						id: 'slot.holds-wal',
						severity: 'degraded',
						text: `slot ${slot} holds ${(held / 1024 ** 3).toFixed(1)} GiB of WAL`,
						about: slot,
						evidence: [quoteDcs(look, `status: the leader is at ${optime}, the slot at ${location}`)],
					},
				];
	});
}
