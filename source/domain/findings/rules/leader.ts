/** Findings on the leader: exactly one, the holder of the key, writable, and renewing its lease. */

import {clock} from '../../../lib/format.ts';
import {isRunningState} from '../../cluster/health.ts';
import {memberOfAnswer} from '../../cluster/identities.ts';
import {leaderKey, leaseLeft} from '../../cluster/keys.ts';
import type {Member} from '../../cluster/member.ts';
import {isProbeFresh} from '../../cluster/probe.ts';
import {isPrimaryRole} from '../../facts.ts';
import {storeName} from '../../target.ts';
import {type FindingContext, quote, quoteDcs, quoteDecision} from '../context.ts';
import type {Finding} from '../finding.ts';

export function leaderFindings(context: FindingContext): Finding[] {
	return [
		...keyFindings(context),
		...leaseFindings(context),
		...writableFindings(context),
		...primaryFindings(context),
		...failsafeFindings(context),
	];
}

function keyFindings(context: FindingContext): Finding[] {
	const {cluster, target, config, leader, dcs, now} = context;
	// Without the key `initialize` no cluster exists yet; that is another finding.
	const isInitialized = target.rest !== undefined || cluster.keys.get('initialize') !== undefined;
	if (!dcs || leader !== undefined || !isInitialized) {
		return [];
	}

	const gone = cluster.gone.get('leader');
	const held = gone === undefined ? '' : ` since ${gone.live ? '' : 'before '}${clock(gone.since, now)}`;
	const ttl = config?.ttl === undefined ? '' : ` (TTL ${config.ttl} s)`;
	return [
		{
			id: 'leader.none',
			severity: 'critical',
			text:
				target.rest === undefined
					? `no leader: no leader key${held}${ttl}`
					: `no leader${held}: no member names one${ttl}`,
			since: gone?.since,
			evidence: [
				quoteDcs(context, target.rest === undefined ? 'no key `leader`' : 'no member has the role leader'),
				...context.members.flatMap(({name, rest}) =>
					rest === undefined
						? []
						: [quote(context, `patroni:${name}`, `${name}: ${rest.value.role}, ${rest.value.state}`)],
				),
				// Why each of them does not take over.
				...context.members.flatMap(({name}) => quoteDecision(context, name) ?? []),
			],
		},
	];
}

function leaseFindings(context: FindingContext): Finding[] {
	const {cluster, target, leader, dcs, now} = context;
	const key = leaderKey(cluster);
	// Patroni's REST API does not show the lease.
	if (target.rest !== undefined || !dcs || leader === undefined || key === undefined) {
		return [];
	}

	if (key.lease === undefined) {
		return [
			{
				id: 'leader.no-lease',
				severity: 'degraded',
				text: `the leader key has no lease: it stays if ${leader} fails`,
				about: leader,
				evidence: [quoteDcs(context, 'the key `leader` has no lease')],
			},
		];
	}

	const known = cluster.lease;
	const present = leaseLeft(cluster, key.lease, now);
	if (known === undefined || present === undefined) {
		return [];
	}

	const {ttl, grantedTtl} = known.value;
	const left = present.ttl;
	// As it was read: it may have been renewed since.
	return ttl < grantedTtl / 3
		? [
				{
					id: 'leader.lease-short',
					severity: 'degraded',
					text: `${leader} does not renew its lease: ${left < 0 ? 'expired' : `${left} s left of ${grantedTtl} s`}`,
					about: leader,
					evidence: [quote(context, known.source, `${ttl} s left of ${grantedTtl} s`, known.at)],
				},
			]
		: [];
}

function writableFindings(context: FindingContext): Finding[] {
	const {leading: one, dcs, cluster} = context;
	if (!dcs || one === undefined || one.role === 'standby_leader') {
		return [];
	}

	const rest = one.restSees ? one.rest?.value : undefined;
	const denies = rest !== undefined && !(isPrimaryRole(rest.role) && rest.state === 'running');
	// The member's key may be loop_wait old; its own answer is newer.
	if (!denies && (rest !== undefined || isRunningState(one.state) || one.key === undefined)) {
		return [];
	}

	if (
		hasWrittenSince(
			context,
			one.name,
			(rest === undefined ? (one.key?.changed?.at ?? one.key?.since) : one.rest?.at) ?? 0,
		)
	) {
		return [];
	}

	const what = rest === undefined ? one.state : rest.state === 'running' ? `role ${rest.role}` : rest.state;
	return [
		{
			id: 'leader.not-writable',
			severity: 'critical',
			text: `${one.name} holds the leader key but takes no writes: ${what}`,
			about: one.name,
			evidence: [
				quoteDcs(
					context,
					`key \`leader\`: ${one.name}, and it publishes: ${one.key?.data.state ?? 'nothing'}`,
				),
				...(rest === undefined
					? []
					: [
							quote(
								context,
								`patroni:${one.name}`,
								`${rest.role}, ${rest.state}`,
								cluster.patroni.get(one.name)?.at,
							),
						]),
				...[quoteDecision(context, one.name) ?? []].flat(),
			],
		},
	];
}

/** The probe writes many times a second; an acknowledged write is newer than most answers of REST. */
function hasWrittenSince({cluster, target, now}: FindingContext, member: string, at: number): boolean {
	return [...cluster.probes.values()].some(
		probe =>
			probe.failing === undefined &&
			isProbeFresh(probe, now) &&
			probe.answer?.write === true &&
			probe.answer.at > at &&
			memberOfAnswer(cluster, target, probe.answer) === member,
	);
}

function primaryFindings(context: FindingContext): Finding[] {
	const {leader, dcs} = context;
	const key = leaderKey(context.cluster);
	// What was asked before the present leader's key was seen is of the time of its predecessor.
	const primaries = context.members.filter(
		one =>
			isPrimaryNow(one) &&
			(!dcs ||
				key === undefined ||
				key.member === one.name ||
				(one.rest?.askedAt ?? Number.POSITIVE_INFINITY) >= key.since),
	);
	const quotes = primaries.map(({name, rest}) =>
		quote(context, `patroni:${name}`, `${name}: ${rest?.value.role}, ${rest?.value.state}`, rest?.at),
	);
	return [
		...(primaries.length > 1
			? [
					{
						id: 'leader.two' as const,
						severity: 'critical' as const,
						text: `two primaries: ${primaries.map(({name}) => name).join(' and ')}`,
						evidence: quotes,
					},
				]
			: []),
		...primaries
			.filter(({name}) => dcs && leader !== undefined && leader !== name)
			.map(({name}) => ({
				id: 'leader.denied' as const,
				severity: 'critical' as const,
				text: `${name} reports that it is primary, but the leader in ${storeName(context.target)} is ${leader}`,
				about: name,
				evidence: [quoteDcs(context, `key \`leader\`: ${leader}`), ...quotes],
			})),
	];
}

function isPrimaryNow({rest, restSees}: Member): boolean {
	return restSees && rest !== undefined && isPrimaryRole(rest.value.role) && rest.value.state === 'running';
}

function failsafeFindings(context: FindingContext): Finding[] {
	const active = context.members.filter(({rest, restSees}) => restSees && rest?.value.failsafeModeIsActive);
	return active.length === 0
		? []
		: [
				{
					id: 'failsafe.active',
					severity: 'degraded',
					text: `failsafe mode: ${active.map(({name}) => name).join(' and ')} ${active.length === 1 ? 'continues' : 'continue'} without the DCS`,
					evidence: active.map(({name, rest}) =>
						quote(context, `patroni:${name}`, `${name}: failsafe_mode_is_active`, rest?.at),
					),
				},
			];
}
