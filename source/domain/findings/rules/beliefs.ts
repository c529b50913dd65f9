/**
 * Findings where the members are followed by REST alone: no answer, no contact to the DCS, beliefs that differ, a leader
 * that does not confirm it.
 */
import {
	type Belief,
	beliefs,
	confirms,
	dcsContact,
	freshStatus,
	primariesNow,
	type RestLeadership,
	restLeadership,
} from '../../cluster/beliefs.ts';
import {unavailableReason} from '../../cluster/freshness.ts';
import {kindOf} from '../../cluster/source-kinds.ts';
import {isPrimaryRole, type SourceId} from '../../facts.ts';
import {storeName} from '../../target.ts';
import {type FindingContext, quote, quoteBlind, seconds} from '../context.ts';
import type {Evidence, Finding} from '../finding.ts';

export function beliefFindings(context: FindingContext): Finding[] {
	const {cluster, now} = context;
	const sources = viewSources(context);
	const isConnecting = sources.every(source => {
		const status = cluster.sourceStatuses.get(source);
		return status === undefined || status.state === 'connecting';
	});
	if (isConnecting) {
		return [
			{id: 'rest.connecting', severity: 'unknown', text: "connecting to Patroni's REST API", evidence: []},
		];
	}

	const all = beliefs(cluster, now);
	const leadership = restLeadership(cluster, now);
	return [
		...unknownLeader(context, all, leadership, sources),
		...differing(context, all),
		...apart(context, all),
	];
}

/** The seeds, and every address that was asked. */
function viewSources({cluster, target}: FindingContext): SourceId[] {
	const asked = [...cluster.sourceStatuses.keys()].filter(source => kindOf(source) === 'view');
	return [...new Set([...(target.rest?.seeds ?? []).map(seed => `view:${seed}` as const), ...asked])];
}

function unknownLeader(
	context: FindingContext,
	all: readonly Belief[],
	leadership: RestLeadership,
	sources: readonly SourceId[],
): Finding[] {
	if (leadership.state === 'known') {
		return [];
	}

	const store = storeName(context.target);
	switch (leadership.why) {
		case 'silent': {
			const {cluster, now} = context;
			const reasons = new Set(
				sources.map(source => unavailableReason(cluster.sourceStatuses.get(source), source, now) ?? ''),
			);
			const why = reasons.size === 1 ? `: ${[...reasons][0]}` : '';
			return [
				{
					id: 'rest.unreachable',
					severity: 'unknown',
					text: `no member answers GET /cluster${why}; who leads is not known`,
					evidence: sources.map(source => quoteBlind(context, source)),
				},
			];
		}

		case 'cut-off': {
			const fresh = all.filter(one => one.isFresh);
			const lost = fresh.filter(({dcs}) => dcs.state === 'lost');
			const isProven = lost.length > 0 && lost.length === fresh.length;
			return [
				{
					id: 'rest.cut-off',
					severity: isProven ? 'critical' : 'unknown',
					text: isProven
						? `no member that answers reaches ${store}: who leads is not known`
						: `it is not known whether a member reaches ${store}, nor who leads`,
					evidence: fresh.map(one => contactEvidence(context, one)),
				},
			];
		}

		case 'unconfirmed':
		case 'contradicted': {
			return unconfirmed(context, all);
		}
	}
}

/** Why it is not known who leads, though members that reach the DCS say who does. */
function unconfirmed(context: FindingContext, all: readonly Belief[]): Finding[] {
	const {cluster, now} = context;
	const counted = all.filter(({counts}) => counts);
	const named = [...new Set(counted.flatMap(({leader}) => leader ?? []))];
	const found = [
		...named
			.filter(name => !confirms(cluster, all, name, now))
			.map(name => unconfirmedOne(context, counted, name)),
		...primariesNow(cluster, now)
			.filter(name => !named.includes(name))
			.map(
				(name): Finding => ({
					id: 'leader.unconfirmed',
					severity: 'unknown',
					text: `${name} reports that it is primary, but no member names it as leader`,
					about: name,
					evidence: [ownEvidence(context, name), ...counted.map(one => beliefEvidence(context, one))],
				}),
			),
	];
	return found.length > 0
		? found
		: [
				{
					id: 'leader.unconfirmed',
					severity: 'unknown',
					text: `it is not known who leads: ${named.join(' and ') || 'none'}`,
					evidence: counted.map(one => beliefEvidence(context, one)),
				},
			];
}

/** Named as leader, while the member itself does not say so, or may have lost its lease. */
function unconfirmedOne(context: FindingContext, counted: readonly Belief[], name: string): Finding {
	const {cluster, target, now} = context;
	const status = freshStatus(cluster, name, now)?.value;
	const contact = dcsContact(cluster, name, now);
	const leads = status !== undefined && (isPrimaryRole(status.role) || status.role === 'standby_leader');
	const store = storeName(target);
	const what =
		status === undefined
			? 'does not answer itself'
			: !leads
				? `answers: ${status.role}, ${status.state}`
				: contact.state === 'lost'
					? `has not reached ${store} for ${seconds(contact.silentMs ?? 0)}`
					: contact.state === 'unknown'
						? `it is not known whether it reaches ${store}`
						: 'names another leader itself';
	return {
		id: 'leader.unconfirmed',
		severity:
			status !== undefined && !leads && primariesNow(cluster, now).length === 0 ? 'critical' : 'unknown',
		text: `${name} is named as leader, but ${what}`,
		about: name,
		evidence: [
			...counted.filter(({leader}) => leader === name).map(one => beliefEvidence(context, one)),
			status === undefined ? quoteBlind(context, `patroni:${name}`) : ownEvidence(context, name),
		],
	};
}

function ownEvidence(context: FindingContext, name: string): Evidence {
	const known = context.cluster.patroni.get(name);
	return quote(context, `patroni:${name}`, `${known?.value.role}, ${known?.value.state}`, known?.at);
}

/** Members that reach the DCS and believe different things at one time. */
function differing(context: FindingContext, all: readonly Belief[]): Finding[] {
	const fresh = all.filter(one => one.isFresh);
	if (new Set(fresh.map(({leader}) => leader)).size < 2) {
		return [];
	}

	const words = fresh.map(one => `${nameOf(one)}: ${one.leader ?? 'none'}`).join(', ');
	return [
		{
			id: 'beliefs.differ',
			severity: primariesNow(context.cluster, context.now).length > 1 ? 'critical' : 'degraded',
			text: `members believe in different leaders: ${words}`,
			evidence: fresh.map(one => beliefEvidence(context, one)),
		},
	];
}

/** A member that has not reached the DCS, while others do; or of which that is not known. */
function apart(context: FindingContext, all: readonly Belief[]): Finding[] {
	if (!all.some(({counts}) => counts)) {
		return [];
	}

	const store = storeName(context.target);
	return context.members.flatMap(({name}): Finding[] => {
		const contact = dcsContact(context.cluster, name, context.now);
		return contact.state === 'lost' && contact.silentMs !== undefined
			? [
					{
						id: 'rest.apart',
						severity: 'degraded',
						text: `${name} has not reached ${store} for ${seconds(contact.silentMs)}`,
						about: name,
						evidence: [
							quote(
								context,
								`patroni:${name}`,
								`dcs_last_seen ${seconds(contact.silentMs)} ago`,
								context.cluster.patroni.get(name)?.at,
							),
						],
					},
				]
			: [];
	});
}

function nameOf({member, origin}: Belief): string {
	return member ?? (URL.parse(origin)?.host || origin);
}

function beliefEvidence(context: FindingContext, one: Belief): Evidence {
	return quote(context, `view:${one.origin}`, `${nameOf(one)} names ${one.leader ?? 'no leader'}`, one.at);
}

function contactEvidence(context: FindingContext, one: Belief): Evidence {
	const {dcs, member} = one;
	const text =
		dcs.silentMs === undefined
			? `${nameOf(one)}: dcs_last_seen is not known`
			: `${nameOf(one)}: dcs_last_seen ${seconds(dcs.silentMs)} ago`;
	return member === undefined || context.cluster.patroni.get(member) === undefined
		? quoteBlind(context, `view:${one.origin}`)
		: quote(context, `patroni:${member}`, text, context.cluster.patroni.get(member)?.at);
}
