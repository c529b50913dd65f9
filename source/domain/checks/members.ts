/** The members: there, in the state that their role asks for, following the leader closely enough, and configured anew. */
import {keyOf} from '../cluster.ts';
import type {Finding} from '../finding.ts';
import {isHealthyState, type Member} from '../members.ts';
import type {Replication} from '../patroni.ts';
import {utc} from '../utc.ts';
import {type Look, quote, quoteDcs} from './look.ts';

export function memberFindings(look: Look): Finding[] {
	if (!look.dcs || look.absent) {
		return [];
	}

	const streams = streamsFrom(look.leading);
	return look.members.flatMap(one => oneMember(look, one, streams));
}

/** Who streams from the leader, by its own list; made once for all who are looked up in it. */
type Streams = {
	list: readonly Replication[];
	names: ReadonlySet<string>;
	addresses: ReadonlySet<string | undefined>;
};

function streamsFrom(upstream: Member | undefined): Streams | undefined {
	const list = upstream?.restSees ? upstream.rest?.value.replication : undefined;
	return (
		list && {
			list,
			names: new Set(list.map(({application}) => application.toLowerCase())),
			addresses: new Set(list.map(({address}) => address)),
		}
	);
}

function oneMember(look: Look, one: Member, streams: Streams | undefined): Finding[] {
	const {name, key} = one;
	if (key === undefined) {
		return [
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
		...stateFindings(look, one, streams),
		...timelineFindings(look, one),
		...lagFindings(look, one),
		...divergenceFindings(look, one),
		...restartFindings(look, one),
		...droppedRestart(look, one),
	];
}

/** The leader's own state is the matter of another check. */
function stateFindings(look: Look, one: Member, streams: Streams | undefined): Finding[] {
	const {name, state} = one;
	const {leader} = look;
	if (name === leader && one.role !== 'standby_leader') {
		return [];
	}

	if (isHealthyState(one)) {
		return unconnected(look, one, streams);
	}

	const follows = state === 'running' && name !== leader;
	return [
		{
			id: follows ? 'member.not-streaming' : 'member.state',
			severity: 'degraded',
			text: `${name}: ${follows ? 'running, but it follows nobody' : state}`,
			about: name,
			evidence: [
				quoteDcs(look, `it publishes: ${state}`),
				...(one.rest ? [ofRest(look, one, one.rest.value.state)] : []),
			],
		},
	];
}

/** The leader's own list of who streams from it: older Patronis do not say on the standby. */
function unconnected(look: Look, {name, key, rest, state}: Member, streams: Streams | undefined): Finding[] {
	const upstream = look.leading;
	const cascades = key?.data.tags.replicatefrom !== undefined;
	// The leader's word must be younger than the standby's start.
	const settled = rest !== undefined && upstream?.rest !== undefined && rest.value.state === 'running';
	if (
		name === look.leader ||
		streams === undefined ||
		cascades ||
		!settled ||
		state === 'in archive recovery'
	) {
		return [];
	}

	const {list, names, addresses} = streams;
	const host = key?.data.host;
	return names.has(name.toLowerCase()) || (host !== undefined && addresses.has(host))
		? []
		: [
				{
					id: 'member.not-streaming',
					severity: 'degraded',
					text: `${name}: ${state}, but ${upstream?.name} has nobody of that name streaming from it`,
					about: name,
					evidence: [
						quote(
							look,
							`patroni:${upstream?.name}`,
							`replication: ${list.map(({application, state: how}) => `${application} ${how}`).join(', ') || 'nobody'}`,
							upstream?.rest?.at,
						),
						quoteDcs(look, `it publishes: ${state}`),
					],
				},
			];
}

function timelineFindings(look: Look, {name, timeline}: Member): Finding[] {
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

function lagFindings(look: Look, {name, lag}: Member): Finding[] {
	const most = look.config?.maximumLagOnFailover;
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

/** It had more than the leader had written a moment later: on the same timeline that is not the leader's WAL. */
function divergenceFindings(look: Look, {name, rest, restSees}: Member): Finding[] {
	const upstream = look.leading;
	const [theirs, its] = [upstream?.rest, rest];
	if (!restSees || !upstream?.restSees || !theirs || !its || name === upstream.name || theirs.at < its.at) {
		return [];
	}

	const {received, timeline} = its.value;
	const {location, timeline: leaders} = theirs.value;
	return received === undefined || location === undefined || timeline !== leaders || received <= location
		? []
		: [
				{
					id: 'member.diverged',
					severity: 'critical',
					text: `${name} has ${received - location} bytes on timeline ${timeline} that the leader has not`,
					about: name,
					evidence: [
						quote(look, `patroni:${name}`, `received ${received}`, its.at),
						quote(look, `patroni:${upstream.name}`, `written ${location}`, theirs.at),
					],
				},
			];
}

function restartFindings(look: Look, {name, key}: Member): Finding[] {
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

function droppedRestart(look: Look, one: Member): Finding[] {
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

function ofRest(look: Look, {name, rest}: Member, text: string) {
	return quote(look, `patroni:${name}`, text, rest?.at);
}

/** A slot that keeps more WAL than this fills disks. */
const muchWal = 1024 ** 3;

/** WAL that the leader keeps for a slot whose consumer does not come. */
export function slotFindings(look: Look): Finding[] {
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
