/** Findings on replication: timelines, lag, divergence, slots. */
import {bytes, comparedBytes, hostOf, plainHost} from '../../../lib/format.ts';
import {type KnownKey, keyOf} from '../../cluster/cluster.ts';
import {maximumLag} from '../../cluster/dcs.ts';
import {healthProblem} from '../../cluster/health.ts';
import type {Member} from '../../cluster/member.ts';
import {complaintNow, lastWords} from '../../history/last-words.ts';
import {
	type FindingContext,
	quote,
	quoteBlind,
	quoteComplaint,
	quoteDcs,
	quoteMember,
	quotePublished,
	quoteRest,
} from '../context.ts';
import type {Finding} from '../finding.ts';

/** The replication findings of one member. */
export function replicationFindings(context: FindingContext, one: Member): Finding[] {
	return [
		...timelineFindings(context, one),
		...lagFindings(context, one),
		...divergenceFindings(context, one),
	];
}

/** Uses the same health as preconditions and progress. */
export function notStreaming(context: FindingContext, one: Member): Finding[] {
	const {name, key, upstream, rest} = one;
	const words = healthProblem(one);
	const lister = context.members.find(
		other => other.name === (key?.data.tags.replicatefrom ?? context.leader),
	);
	const list = lister?.restSees && lister.name !== name ? lister.rest?.value.replication : undefined;
	return words === undefined
		? []
		: [
				...cannotFollow(context, one),
				{
					id: 'member.not-streaming',
					severity: upstream?.state === 'unknown' ? 'unknown' : 'degraded',
					text: words,
					about: name,
					evidence: [
						...(lister && list
							? [
									quote(
										context,
										`patroni:${lister.name}`,
										`replication: ${list.map(({application, state: how}) => `${application} ${how}`).join(', ') || 'none'}`,
										lister.rest?.at,
									),
								]
							: // The lost source is evidence: this console itself may have been stalled.
								lister && upstream?.state === 'unknown' && !lister.restSees
								? [quoteBlind(context, `patroni:${lister.name}`)]
								: []),
						quoteDcs(context, `it publishes: ${key?.data.replicationState ?? key?.data.state ?? 'nothing'}`),
						...(rest
							? [
									quoteRest(
										context,
										one,
										[rest.value.state, rest.value.replicationState].filter(Boolean).join(', '),
									),
								]
							: []),
						...quoteComplaint(context, name, 'postgres.streaming-lost'),
					],
				},
			];
}

/** By its PostgreSQL's log: what no waiting mends. */
function cannotFollow(context: FindingContext, {name}: Member): Finding[] {
	const words = lastWords(context.cluster, context.target, context.now, name);
	const word = complaintNow(words, context.now, 'postgres.wal-removed', 'postgres.diverged');
	return word === undefined
		? []
		: [
				{
					id: 'member.cannot-follow',
					severity: 'degraded',
					text:
						word.said.kind === 'postgres.wal-removed'
							? `the leader no longer has the WAL that ${name} needs`
							: `${name} cannot follow the leader: ${word.said.why ?? 'its history forked'}`,
					about: name,
					evidence: quoteComplaint(context, name, word.said.kind),
				},
			];
}

function timelineFindings(context: FindingContext, one: Member): Finding[] {
	const {name, timeline} = one;
	const {leading} = context;
	const leaders = leading?.timeline;
	return leading === undefined || leaders === undefined || timeline === undefined || timeline === leaders
		? []
		: [
				{
					id: 'member.timeline',
					severity: 'degraded',
					text: `${name} is on timeline ${timeline}, the leader on ${leaders}`,
					about: name,
					evidence: [leading, one].map(member =>
						quoteMember(context, member, `timeline ${member.timeline} (${member.name})`),
					),
				},
			];
}

function lagFindings(context: FindingContext, one: Member): Finding[] {
	const {name, lag, lagFrom, lagIsNow, key, rest} = one;
	const lagMax = context.config && maximumLag(context.config);
	const status = keyOf(context.cluster, 'status', 'status');
	const published = (of: KnownKey | undefined, text: string) =>
		lagIsNow ? quoteDcs(context, text) : quotePublished(context, of, text);
	if (typeof lag === 'number' && lagMax !== undefined && lag > lagMax) {
		const [is, allowed] = comparedBytes(lag, lagMax);
		return [
			{
				id: 'member.lag',
				// Where it does not answer now it may have caught up, or be further behind.
				severity: lagIsNow ? 'degraded' : 'unknown',
				text: `${name}: lag ${is}${lagIsNow ? '' : ', as published before,'} exceeds maximum_lag_on_failover (${allowed})`,
				about: name,
				evidence:
					lagFrom === 'rest'
						? [
								...(context.leading
									? [quoteRest(context, context.leading, `written ${context.leading.rest?.value.location}`)]
									: []),
								quoteRest(context, one, `received ${rest?.value.received ?? rest?.value.replayed}`),
							]
						: [
								published(status, `status: the leader is at ${status?.value.optime}`),
								published(key, `it publishes: ${key?.data.location}`),
							],
			},
		];
	}

	return lag === 'unknown' && context.leader !== undefined
		? [
				{
					id: 'member.lag-unknown',
					severity: 'degraded',
					text: `${name}: lag unknown`,
					about: name,
					evidence: [quoteDcs(context, 'it publishes no WAL location, or the leader does not')],
				},
			]
		: [];
}

function divergenceFindings(context: FindingContext, {name, ahead, rest}: Member): Finding[] {
	const leader = context.leading;
	const timeline = rest?.value.timeline;
	if (ahead === undefined) {
		return [];
	}

	const isForked = timeline !== leader?.rest?.value.timeline;
	const fork = keyOf(context.cluster, 'history', 'history')?.value.lines.find(
		line => line.timeline === timeline,
	);
	return [
		{
			id: 'member.diverged',
			severity: 'critical',
			text: `${name} has ${bytes(ahead)} of WAL on timeline ${timeline} that the leader does not have`,
			about: name,
			evidence: isForked
				? [
						quote(context, `patroni:${name}`, `replayed ${rest?.value.replayed}`, rest?.at),
						quoteDcs(context, `history: timeline ${timeline} ended at ${fork?.location}`),
					]
				: [
						quote(context, `patroni:${name}`, `received ${rest?.value.received}`, rest?.at),
						quote(
							context,
							`patroni:${leader?.name}`,
							`written ${leader?.rest?.value.location}`,
							leader?.rest?.at,
						),
					],
		},
	];
}

export function standbyFindings(context: FindingContext): Finding[] {
	return context.dcs && !context.absent ? [...noStandby(context), ...nodesWithoutMember(context)] : [];
}

/** In synchronous mode sync.none reports it instead. */
function noStandby(context: FindingContext): Finding[] {
	const {members, leader, config} = context;
	const registered = members.filter(({key}) => key !== undefined);
	return config?.synchronousMode !== 'off' || registered.length !== 1 || registered[0]?.name !== leader
		? []
		: [
				{
					id: 'standby.none',
					severity: 'degraded',
					text: `no standby: ${leader} is the only member`,
					evidence: [quoteDcs(context, `members: ${leader}`)],
				},
			];
}

/** Reported only if every member is known to be on a configured node; otherwise only the names may differ. */
function nodesWithoutMember(context: FindingContext): Finding[] {
	const {members, target} = context;
	const nodes = target.nodes.filter(({roles}) => roles.includes('database'));
	const registered = members.filter(({key}) => key !== undefined);
	const isAttributed = registered.every(one => nodes.some(node => isOn(one, node)));
	return isAttributed
		? nodes
				.filter(node => !members.some(one => isOn(one, node)))
				.map(({name}) => ({
					id: 'node.no-member',
					severity: 'degraded',
					text: `${name} is configured, but no member is known there`,
					about: name,
					evidence: [quoteDcs(context, `members: ${registered.map(one => one.name).join(', ') || 'none'}`)],
				}))
		: [];
}

function isOn({name, key}: Member, node: {name: string; host: string}): boolean {
	const hosts = [key?.data.host, hostOf(key?.data.apiUrl)];
	return name === node.name || hosts.includes(plainHost(node.host));
}

/** A slot that holds more WAL than this may fill the disk. */
const slotMaxBytes = 1024 ** 3;

/** WAL that the leader retains for a slot whose consumer does not confirm it. */
export function slotFindings(context: FindingContext): Finding[] {
	const status = context.dcs ? keyOf(context.cluster, 'status', 'status') : undefined;
	const {optime, slots} = status?.value ?? {};
	return Object.entries(slots ?? {}).flatMap(([slot, location]): Finding[] => {
		const held = optime === undefined ? 0 : optime - location;
		return held <= slotMaxBytes
			? []
			: [
					{
						id: 'slot.holds-wal',
						severity: 'degraded',
						text: `slot ${slot} holds ${bytes(held)} of WAL`,
						about: slot,
						evidence: [
							quotePublished(context, status, `status: the leader is at ${optime}, the slot at ${location}`),
						],
					},
				];
	});
}
