/** Whether each member does what its role requires; for panes, findings, preconditions and progress. */

import {bytes} from '../../lib/format.ts';
import {isPrimaryRole} from '../facts.ts';
import type {HistoryLine} from './dcs.ts';
import type {Health, Member, Upstream} from './member.ts';
import {fleetOf, upstreamOf} from './upstream.ts';

/** A member as its key and its REST API describe it, before it is judged. */
export type Unjudged = Omit<Member, 'upstream' | 'ahead' | 'health'>;

/** Whether the DCS is read now, the holder of the leader key, and where each earlier timeline ended. */
type Leadership = {dcsSees: boolean; leader: string | undefined; history: readonly HistoryLine[]};

export function judgeHealth(all: readonly Unjudged[], leadership: Leadership): Member[] {
	const leader = presentLeader(all, leadership);
	const fleet = fleetOf(all, leader);
	const leading = all.find(({name}) => name === leader);
	return all.map(one => {
		const upstream =
			leads(one) || isPrimary(one) || !isRunningState(one.state) ? undefined : upstreamOf(one, fleet);
		const ahead =
			one === leading
				? undefined
				: (aheadOf(one, leading) ?? beyondForkOf(one, upstream, leading, leadership.history));
		return {...one, upstream, ahead, health: healthOf(one, upstream, ahead)};
	});
}

/** A member never becomes healthy because evidence against it was lost. */
export function notBetter(one: Member, remembered: Member | undefined): Member {
	const words = remembered && remembered.health !== 'well' ? healthProblem(remembered) : undefined;
	return one.health !== 'well' || leads(one) || words === undefined
		? one
		: {
				...one,
				upstream: {state: 'unknown', from: undefined, text: `when last known, ${words}`},
				health: 'unknown',
			};
}

/**
 * Bytes that a member had received beyond what the leader had written later, on the same timeline: WAL of another
 * history. The member's answer must have arrived before the leader was asked: by arrival alone, a slow answer of the
 * leader describes an earlier moment than the member's.
 */
function aheadOf({rest, restSees}: Unjudged, leading: Unjudged | undefined): number | undefined {
	const theirs = leading?.restSees ? leading.rest : undefined;
	const written = theirs?.value.location;
	const askedAt = theirs?.askedAt;
	if (
		!restSees ||
		rest === undefined ||
		written === undefined ||
		askedAt === undefined ||
		theirs?.value.timeline !== rest.value.timeline
	) {
		return undefined;
	}

	const received = rest.value.received ?? 0;
	// A WAL receiver that was started again reports less than before.
	const own = [{location: received, at: rest.at}, ...(rest.receivedEarlier ?? [])].find(
		({at}) => at <= askedAt,
	);
	const ahead = Math.min(own?.location ?? 0, received) - written;
	return ahead > 0 ? ahead : undefined;
}

/**
 * Bytes that a member has replayed of an older timeline beyond its end, as the key `history` has it. One that streams
 * may report an older timeline for one loop of Patroni, which caches it, while it is on the leader's.
 */
function beyondForkOf(
	{rest, restSees}: Unjudged,
	upstream: Upstream | undefined,
	leading: Unjudged | undefined,
	history: readonly HistoryLine[],
): number | undefined {
	const theirs = leading?.restSees ? leading.rest?.value.timeline : undefined;
	const timeline = restSees ? rest?.value.timeline : undefined;
	if (
		upstream?.state !== 'none' ||
		timeline === undefined ||
		theirs === undefined ||
		timeline >= theirs ||
		rest?.receivedEarlier === undefined
	) {
		return undefined;
	}

	const fork = history.find(line => line.timeline === timeline)?.location;
	const beyond = fork === undefined ? 0 : (rest.value.replayed ?? 0) - fork;
	return beyond > 0 ? beyond : undefined;
}

/** The holder of the leader key; while the DCS is lost, the only member that reports to be primary. */
function presentLeader(all: readonly Unjudged[], {dcsSees, leader}: Leadership): string | undefined {
	const primaries = dcsSees ? [] : all.filter(one => one.roleFrom === 'rest' && leads(one));
	return primaries.length === 1 ? primaries[0]?.name : leader;
}

/** The member itself reports to be primary, whether or not it holds the leader key. */
export function isPrimary({rest, restSees}: Pick<Member, 'rest' | 'restSees'>): boolean {
	return restSees && rest !== undefined && isPrimaryRole(rest.value.role);
}

function leads({role}: Pick<Member, 'role'>): boolean {
	return role === 'leader';
}

/** Whether PostgreSQL runs: Patroni names a standby's state by its replication, too. */
export function isRunningState(state: string): boolean {
	return state === 'running' || state === 'streaming' || state === 'in archive recovery';
}

function healthOf(one: Unjudged, upstream: Upstream | undefined, ahead: number | undefined): Health {
	// No word of Patroni's, whose states have an `unknown`, too.
	if (one.state === 'unread') {
		return 'unknown';
	}

	if (one.state === 'gone' || !isRunningState(one.state) || ahead !== undefined) {
		return 'unwell';
	}

	if (!one.dcsSees && !one.restSees) {
		return 'unknown';
	}

	if (!leads(one) && isPrimary(one)) {
		return 'unwell';
	}

	if (!leads(one)) {
		return upstream?.state === 'unknown' || upstream === undefined
			? 'unknown'
			: upstream.state === 'none' || (upstream.state === 'archive' && !upstream.isIntended)
				? 'unwell'
				: 'well';
	}

	// Holding the key does not prove that the leader accepts writes; only its own answer does.
	return !one.restSees || one.rest === undefined
		? 'unknown'
		: isPrimaryRole(one.rest.value.role)
			? 'well'
			: 'unwell';
}

/** Well, and its own answer is fresh. */
export function isWell(member: Member | undefined): member is Member {
	return member?.restSees === true && member.health === 'well';
}

/** What is wrong or unknown, in a few words; undefined if the member is well. */
export function healthProblem({
	name,
	state,
	health,
	upstream,
	ahead,
	restSees,
	role,
}: Member): string | undefined {
	if (health === 'well') {
		return restSees ? undefined : `${name} does not answer`;
	}

	if (!isRunningState(state)) {
		return state === 'unread' ? `no data from ${name}` : `${name} is ${state}`;
	}

	if (ahead !== undefined && upstream?.state !== 'none') {
		return `${name} has ${bytes(ahead)} of WAL that the leader does not have`;
	}

	switch (upstream?.state) {
		case 'none': {
			return upstream.from === undefined
				? `${name} is running, but streams from no member (${upstream.text})`
				: `${name} streams, but not from the leader (${upstream.text})`;
		}

		case 'archive': {
			return `${name} reads WAL from the archive and does not stream`;
		}

		case 'unknown': {
			return `it is not known whether ${name} streams: ${upstream.text}`;
		}

		default: {
			return health === 'unwell'
				? `${name} is ${state}, and ${role === 'leader' ? 'is not a primary' : 'reports that it is primary without the leader key'}`
				: role === 'leader'
					? `it is not known whether ${name} takes writes: it does not answer`
					: `no data from ${name}`;
		}
	}
}
