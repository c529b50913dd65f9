/** Findings on members: their keys, states, stops and restarts. */
import {clock} from '../../../lib/format.ts';
import {utc} from '../../../lib/parse-time.ts';
import {patroniDefaults} from '../../cluster/dcs.ts';
import {isPrimary, isRunningState} from '../../cluster/health.ts';
import type {Member} from '../../cluster/member.ts';
import {machines} from '../../cluster/members.ts';
import {restartOf} from '../../cluster/published.ts';
import {describeReceiver, foreignReceivers} from '../../cluster/upstream.ts';
import {type FindingContext, isSourceFresh, quote, quoteDcs, quoteMember, quoteRest} from '../context.ts';
import type {Evidence, Finding} from '../finding.ts';
import {notStreaming, replicationFindings} from './replication.ts';

export function memberFindings(context: FindingContext): Finding[] {
	if (!context.dcs || context.absent) {
		return [];
	}

	return context.members.flatMap(one => oneMember(context, one));
}

function oneMember(context: FindingContext, one: Member): Finding[] {
	const {name, key} = one;
	if (key === undefined) {
		return [
			// A stop may outlast the lease of the member's key.
			...stoppingFindings(context, one),
			one.restSees
				? {
						id: 'member.unregistered',
						severity: 'degraded',
						text: `${name} answers, but ${absence(context)}`,
						about: name,
						evidence: [
							quoteDcs(context, `no key \`members/${name}\``),
							quoteRest(context, one, one.rest?.value.state ?? ''),
						],
					}
				: {
						id: 'member.gone',
						severity: 'degraded',
						text: `${name}: ${absence(context)}`,
						about: name,
						evidence: [quoteDcs(context, `no key \`members/${name}\``)],
					},
		];
	}

	return [
		...stateFindings(context, one),
		...abilityFindings(context, one),
		...replicationFindings(context, one),
		...restartFindings(context, one),
		...droppedRestart(context, one),
	];
}

function absence({target}: FindingContext): string {
	return target.rest === undefined ? 'its key in etcd is gone' : 'the members do not list it any more';
}

/** For members other than the leader; leader.ts has rules for its state. */
function stateFindings(context: FindingContext, one: Member): Finding[] {
	const {name, state, key} = one;
	const stopping = stoppingFindings(context, one);
	if (stopping.length > 0 || (name === context.leader && one.role !== 'standby_leader')) {
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
					quoteDcs(context, `it publishes: ${key?.data.replicationState ?? key?.data.state ?? 'nothing'}`),
					...(one.rest ? [quoteRest(context, one, one.rest.value.state)] : []),
				],
			},
		];
	}

	if (isPrimary(one)) {
		// leader.ts reports a member that leads without the key, or a missing leader.
		return [];
	}

	// WAL that only this member has is reported as member.diverged.
	const isUnjudged = one.health === 'unknown' && one.restSees;
	return isUnjudged || one.upstream?.state === 'none' || (one.health === 'unwell' && one.ahead === undefined)
		? notStreaming(context, one)
		: [];
}

/**
 * Reports a stop that takes longer than loop_wait: PostgreSQL waits until all WAL receivers have confirmed the last
 * WAL.
 */
function stoppingFindings(context: FindingContext, one: Member): Finding[] {
	const {name, rest} = one;
	const stop = stopOf(context, one);
	const loopWait = (context.config?.loopWait ?? patroniDefaults.loopWait) * 1000;
	if (stop === undefined || context.now - stop.since <= loopWait) {
		return [];
	}

	// While the last answer says running, it is from before the stop.
	const last =
		rest?.value.state === 'running' ? {list: rest.value.replication, at: rest.at} : rest?.lastReplication;
	const foreign = foreignReceivers(
		last?.list ?? [],
		name,
		context.members.map(other => other.name),
	);
	const waits =
		last === undefined
			? 'it is not known what it waits for'
			: foreign.length > 0
				? `last WAL receivers: ${foreign.map(describeReceiver).join(', ')}`
				: last.list.length > 0
					? `last WAL receivers: ${last.list.map(({application}) => application).join(', ')}, all of them members`
					: 'it had no WAL receiver';
	return [
		{
			id: 'member.stopping',
			severity: 'degraded',
			text: `${name}: ${stop.words} since ${clock(stop.since, context.now)}; ${waits}`,
			since: stop.since,
			about: name,
			evidence: [
				stop.evidence,
				...(last === undefined
					? []
					: [
							quote(
								context,
								`patroni:${name}`,
								`replication, before: ${last.list.map(describeReceiver).join(', ') || 'none'}`,
								last.at,
							),
						]),
			],
		},
	];
}

/** Since when the member is stopping: by its own answer, else by systemd, because Patroni's REST API stops first. */
function stopOf(
	context: FindingContext,
	one: Member,
): {words: string; since: number; evidence: Evidence} | undefined {
	const {name, rest, restSees, state} = one;
	if (restSees) {
		// Patroni reports a restart as restarting even while PostgreSQL still stops.
		return rest?.stateSince !== undefined && /^(stopping|restarting)$/.test(state)
			? {words: state, since: rest.stateSince, evidence: quoteRest(context, one, state)}
			: undefined;
	}

	const node =
		machines(context.cluster, context.target, context.now).find(({member}) => member === name)?.name ?? name;
	const source = `units:${node}` as const;
	const units = isSourceFresh(context, source) ? context.cluster.units.get(node) : undefined;
	const unit = units?.value.find(({service}) => service === 'patroni');
	return units?.stopsSince === undefined || unit === undefined
		? undefined
		: {
				words: 'Patroni is stopping',
				since: units.stopsSince,
				evidence: quote(context, source, `${unit.unit}: ${unit.active} (${unit.sub})`, units.at),
			};
}

/** What a running member cannot do. */
function abilityFindings(context: FindingContext, one: Member): Finding[] {
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
						text: `${name}: the required watchdog cannot be used: it cannot lead`,
						about: name,
						evidence: [quoteRest(context, one, 'watchdog_failed')],
					},
				]
			: []),
		...(replayPaused
			? [
					{
						id: 'member.replay-paused' as const,
						severity: 'degraded' as const,
						text: `${name}: WAL replay is paused`,
						about: name,
						evidence: [quoteRest(context, one, 'xlog: paused')],
					},
				]
			: []),
		...(logLost
			? [
					{
						id: 'member.log-lost' as const,
						severity: 'notice' as const,
						text: `${name}: Patroni has lost ${logLost} lines of its log`,
						about: name,
						evidence: [quoteRest(context, one, `logger_records_lost ${logLost}`)],
					},
				]
			: []),
	];
}

function restartFindings(context: FindingContext, one: Member): Finding[] {
	const {name} = one;
	const {isPending, reasons, scheduledAt} = restartOf(one);
	const words = Object.entries(reasons).map(([parameter, [from, to]]) => `${parameter} ${from} → ${to}`);
	const why = words.length === 0 ? '' : `: ${words.join(', ')}`;
	return [
		...(isPending
			? [
					{
						id: 'member.pending-restart' as const,
						severity: 'degraded' as const,
						text: `${name}: restart pending${why}`,
						about: name,
						evidence: [quoteMember(context, one, `pending_restart${why}`)],
					},
				]
			: []),
		...(scheduledAt === undefined
			? []
			: [
					{
						id: 'member.restart-scheduled' as const,
						severity: 'notice' as const,
						text: `${name}: restart scheduled at ${utc(scheduledAt)}`,
						about: name,
						evidence: [quoteMember(context, one, `scheduled_restart ${scheduledAt}`)],
					},
				]),
	];
}

/** After a scheduled restart, the REST API shows the new start time within this time, ms. */
const restartShowsMs = 5000;

function droppedRestart(context: FindingContext, one: Member): Finding[] {
	const {name, rest, restSees} = one;
	const dropped = context.cluster.droppedRestarts.get(name);
	return dropped === undefined ||
		rest === undefined ||
		!restSees ||
		rest.at < dropped.at + restartShowsMs ||
		rest.value.state !== 'running' ||
		rest.value.postmasterStartTime !== dropped.startedBefore
		? []
		: [
				{
					id: 'restart.dropped',
					severity: 'degraded',
					text: `${name}: the restart scheduled at ${utc(dropped.scheduledAt)} did not happen`,
					about: name,
					evidence: [quoteRest(context, one, `PostgreSQL started at ${dropped.startedBefore}`)],
				},
			];
}
