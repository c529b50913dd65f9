/** The leader: one, known to etcd, writable, and with a lease that it renews. */

import {isRunningState} from '../../cluster/health.ts';
import {leaderKey} from '../../cluster/keys.ts';
import type {Member} from '../../cluster/member.ts';
import {isPrimaryRole} from '../../cluster/patroni.ts';
import {type FindingContext, quote, quoteDcs, seconds} from '../context.ts';
import type {Finding} from '../finding.ts';

export function leaderFindings(look: FindingContext): Finding[] {
	return [
		...keyFindings(look),
		...leaseFindings(look),
		...writableFindings(look),
		...primaryFindings(look),
		...failsafeFindings(look),
	];
}

function keyFindings(look: FindingContext): Finding[] {
	const {cluster, config, leader, dcs, now} = look;
	// Without `initialize` there is no cluster yet, which is a finding of its own.
	if (!dcs || leader !== undefined || cluster.keys.get('initialize') === undefined) {
		return [];
	}

	const gone = cluster.gone.get('leader');
	const held = gone === undefined ? '' : ` for ${gone.live ? '' : 'at least '}${seconds(now - gone.since)}`;
	const ttl = config?.ttl === undefined ? '' : ` (TTL ${config.ttl} s)`;
	return [
		{
			id: 'leader.none',
			severity: 'critical',
			text: `no leader: the leader key is not there${held}${ttl}`,
			evidence: [
				quoteDcs(look, 'no key `leader`'),
				...look.members.flatMap(({name, rest}) =>
					rest === undefined
						? []
						: [quote(look, `patroni:${name}`, `${name}: ${rest.value.role}, ${rest.value.state}`)],
				),
			],
		},
	];
}

function leaseFindings(look: FindingContext): Finding[] {
	const {cluster, leader, dcs, now} = look;
	const key = leaderKey(cluster);
	if (!dcs || leader === undefined || key === undefined) {
		return [];
	}

	if (key.lease === undefined) {
		return [
			{
				id: 'leader.no-lease',
				severity: 'degraded',
				text: `the leader key has no lease: it would stay when ${leader} dies`,
				about: leader,
				evidence: [quoteDcs(look, 'the key `leader` has no lease')],
			},
		];
	}

	const known = cluster.lease;
	if (known?.value.lease !== key.lease || now - known.at > 5000) {
		return [];
	}

	const {ttl, grantedTtl} = known.value;
	const left = ttl - Math.floor(Math.max(0, now - known.at) / 1000);
	return left < grantedTtl / 3
		? [
				{
					id: 'leader.lease-short',
					severity: 'degraded',
					text: `${leader} does not renew its lease: ${left < 0 ? 'it has run out' : `${left} s left of ${grantedTtl} s`}`,
					about: leader,
					evidence: [quote(look, known.source, `${ttl} s left of ${grantedTtl} s`, known.at)],
				},
			]
		: [];
}

function writableFindings(look: FindingContext): Finding[] {
	const {leading: one, dcs, cluster} = look;
	if (!dcs || one === undefined || one.role === 'standby_leader') {
		return [];
	}

	const rest = one.restSees ? one.rest?.value : undefined;
	const denies = rest !== undefined && !(isPrimaryRole(rest.role) && rest.state === 'running');
	// Its key may be a loop old; its own word is newer.
	if (!denies && (rest !== undefined || isRunningState(one.state) || one.key === undefined)) {
		return [];
	}

	const what = rest === undefined ? one.state : rest.state === 'running' ? `role ${rest.role}` : rest.state;
	return [
		{
			id: 'leader.not-writable',
			severity: 'critical',
			text: `${one.name} holds the leader key and takes no writes: ${what}`,
			about: one.name,
			evidence: [
				quoteDcs(look, `key \`leader\`: ${one.name}, and it publishes: ${one.key?.data.state ?? 'nothing'}`),
				...(rest === undefined
					? []
					: [
							quote(
								look,
								`patroni:${one.name}`,
								`${rest.role}, ${rest.state}`,
								cluster.patroni.get(one.name)?.at,
							),
						]),
			],
		},
	];
}

function primaryFindings(look: FindingContext): Finding[] {
	const {leader, dcs} = look;
	const primaries = look.members.filter(isPrimaryNow);
	const quotes = primaries.map(({name, rest}) =>
		quote(look, `patroni:${name}`, `${name}: ${rest?.value.role}, ${rest?.value.state}`, rest?.at),
	);
	return [
		...(primaries.length > 1
			? [
					{
						id: 'leader.two' as const,
						severity: 'critical' as const,
						text: `${primaries.map(({name}) => name).join(' and ')} each say that they are primary`,
						evidence: quotes,
					},
				]
			: []),
		...primaries
			.filter(({name}) => dcs && leader !== undefined && leader !== name)
			.map(({name}) => ({
				id: 'leader.denied' as const,
				severity: 'critical' as const,
				text: `${name} says that it is primary, etcd's leader is ${leader}`,
				about: name,
				evidence: [quoteDcs(look, `key \`leader\`: ${leader}`), ...quotes],
			})),
	];
}

function isPrimaryNow({rest, restSees}: Member): boolean {
	return restSees && rest !== undefined && isPrimaryRole(rest.value.role) && rest.value.state === 'running';
}

function failsafeFindings(look: FindingContext): Finding[] {
	const active = look.members.filter(({rest, restSees}) => restSees && rest?.value.failsafeModeIsActive);
	return active.length === 0
		? []
		: [
				{
					id: 'failsafe.active',
					severity: 'degraded',
					text: `failsafe mode: ${active.map(({name}) => name).join(' and ')} go on without the DCS`,
					evidence: active.map(({name, rest}) =>
						quote(look, `patroni:${name}`, `${name}: failsafe_mode_is_active`, rest?.at),
					),
				},
			];
}
