/** The leader pane where the members are followed by REST alone: who leads, which store it is, what each believes. */
import {type Belief, beliefs, type RestLeadership, restLeadership} from '../../domain/cluster/beliefs.ts';
import {leaderKey} from '../../domain/cluster/keys.ts';
import {members} from '../../domain/cluster/members.ts';
import {kindOf} from '../../domain/cluster/source-kinds.ts';
import type {SourceId} from '../../domain/facts.ts';
import {storeName} from '../../domain/target.ts';
import {age} from '../../lib/format.ts';
import type {ClusterSnapshot} from '../state.ts';
import {type Cell, type Column, cell, field, type Line, type PaneRows, sourceCell} from './cells.ts';
import {failoverLine, heldSince, syncLine} from './leader-key.ts';

const columns: readonly Column[] = [
	{title: 'Member', align: 'left', rank: 0},
	{title: 'Believes', align: 'left', rank: 0},
	{title: 'Store reached', align: 'left', rank: 0},
	{title: 'TL', align: 'right', rank: 1},
	{title: 'Said', align: 'left', rank: 2},
];

function titleOf({target}: ClusterSnapshot): string {
	return target.isByLogs ? 'Leader, by logs' : 'Leader, by REST';
}

/** The words of a member's row in the table of beliefs. */
export type BeliefRow = {id: string; leader: Cell; reached: Cell; timeline: Cell; said: Cell};

/** The sources of the pane: what each member says of the cluster. */
export function viewSources({cluster, target}: Pick<ClusterSnapshot, 'cluster' | 'target'>): SourceId[] {
	const asked = [...cluster.sourceStatuses.keys()].filter(source => kindOf(source) === 'view');
	return asked.length > 0 ? asked : (target.rest?.seeds ?? []).map(seed => `view:${seed}` as const);
}

/**
 * `withRows` false: what they believe in one line, since another table has the rows. `brief`: without what stands in
 * another pane.
 */
export function beliefsPane(
	shown: ClusterSnapshot,
	{withRows, brief}: {withRows: boolean; brief: boolean},
): PaneRows {
	const {cluster, now} = shown;
	return {
		title: titleOf(shown),
		status: sourceCell(cluster, viewSources(shown), shown.target.isByLogs ? 'logs' : 'REST', now),
		lines: [
			leaderLine(shown, !withRows),
			storeLine(shown, !withRows),
			...(withRows ? [] : [agreementLine(shown)]),
			...(brief ? [] : failoverLine(cluster, now)),
		],
		table: withRows
			? {
					columns,
					rows: beliefRows(shown).map(({id, leader, reached, timeline, said}) => ({
						id,
						cells: [cell(id, 'strong'), leader, reached, timeline, said],
					})),
				}
			: undefined,
	};
}

export function beliefsDetails(shown: ClusterSnapshot): PaneRows {
	const {cluster, now} = shown;
	return {
		title: titleOf(shown),
		status: cell('Esc closes', 'dim'),
		lines: [
			leaderLine(shown, false),
			storeLine(shown, false),
			...syncLine(cluster, now),
			...failoverLine(cluster, now),
			...beliefRows(shown).flatMap(({id, leader, reached, timeline, said}) => [
				[cell('')],
				[cell(id, 'strong')],
				field('Believes', leader),
				field('Reached', reached),
				field('Timeline', timeline),
				field('Said', said),
			]),
			...beliefs(cluster, now).map(
				({origin, member}): Line => field(member ?? 'Address', cell(origin, 'dim')),
			),
		],
		wraps: true,
		indent: 10,
		table: undefined,
	};
}

function leaderLine(shown: ClusterSnapshot, short: boolean): Line {
	const {cluster, now} = shown;
	const key = leaderKey(cluster);
	const leadership = restLeadership(cluster, now);
	if (leadership.state === 'known') {
		return key === undefined || leadership.leader !== key.member
			? field('Leader', cell('NONE', 'bad'), cell(short ? '' : ', as the members say', 'bad'))
			: field('Leader', cell(key.member, 'strong'), cell(', '), heldSince(cluster, key, now, short));
	}

	const why = whyUnknown(shown, leadership.why, short);
	if (key === undefined || cluster.read === undefined) {
		return field('Leader', cell(short ? why : `not known: ${why}`, 'warn'));
	}

	const ago = age(now - cluster.read.at);
	return short
		? field('Leader', cell(`${key.member}? (${ago}) `, 'dim'), cell(why, 'warn'))
		: field('Leader', cell(`${key.member}? (${ago} ago)`, 'dim'), cell(`: ${why}`, 'warn'));
}

function whyUnknown(
	{cluster, target, now}: ClusterSnapshot,
	why: (RestLeadership & {state: 'unknown'})['why'],
	short: boolean,
): string {
	switch (why) {
		case 'silent': {
			return short ? 'no answer' : 'no member answers';
		}

		case 'cut-off': {
			return short ? 'store lost' : `no known contact to ${storeName(target)}`;
		}

		case 'unconfirmed': {
			const named = beliefs(cluster, now).flatMap(one => (one.counts ? (one.leader ?? []) : []));
			return short ? 'unconfirmed' : `${[...new Set(named)].join(', ')} does not confirm it`;
		}

		case 'contradicted': {
			return short ? 'contradicted' : 'the members contradict each other';
		}
	}
}

function storeLine({target}: ClusterSnapshot, short: boolean): Line {
	if (target.isByLogs) {
		return field('Store', cell('not read: only logs are', 'dim'));
	}

	const name = target.rest?.store === undefined ? 'not configured here' : storeName(target);
	return field('Store', cell(short ? `${name}, by REST` : `${name}, seen through Patroni's REST API`));
}

/** How many members agree, in one line. */
function agreementLine({cluster, now}: ClusterSnapshot): Line {
	const all = beliefs(cluster, now);
	const counted = all.filter(({counts}) => counts);
	const named = new Set(counted.map(({leader}) => leader ?? 'none'));
	const [only] = named;
	return field(
		'Believed',
		named.size === 0
			? cell('nothing that is of now', 'warn')
			: named.size === 1
				? cell(`${only} by ${counted.length}/${all.length}`, counted.length === all.length ? 'good' : 'warn')
				: cell([...named].sort().join(' and '), 'bad'),
	);
}

/** ms; a coarser age is redrawn less often. */
const reachedStepMs = 5000;

export function beliefRows(shown: ClusterSnapshot): BeliefRow[] {
	const {cluster, now} = shown;
	const byName = new Map(members(cluster, now).map(one => [one.name, one]));
	return beliefs(cluster, now).map(one => {
		const member = one.member === undefined ? undefined : byName.get(one.member);
		const own = member?.rest?.value.timeline;
		return {
			id: beliefId(one),
			leader: one.counts
				? cell(one.leader ?? 'none', one.leader === undefined ? 'bad' : 'plain')
				: cell(`${one.leader ?? 'none'}?`, 'dim'),
			reached: reachedCell(one, shown),
			timeline:
				own === undefined
					? cell('')
					: cell(member?.restSees ? `${own}` : `${own}?`, member?.restSees ? 'plain' : 'dim'),
			said: one.isFresh ? cell('now', 'dim') : cell(`${age(now - one.at)} ago`, 'warn'),
		};
	});
}

/** A member's name, else its address. */
export function beliefId({member, origin}: Belief): string {
	return member ?? (URL.parse(origin)?.host || origin);
}

function reachedCell({dcs, member}: Belief, {cluster, now}: ClusterSnapshot): Cell {
	switch (dcs.state) {
		case 'reached': {
			const atMostMs = Math.max(1, Math.ceil((dcs.silentMs ?? 0) / reachedStepMs)) * reachedStepMs;
			return cell(`≤ ${atMostMs / 1000} s ago`, 'good');
		}

		case 'lost': {
			return cell(`NOT for ${age(dcs.silentMs ?? 0)}`, 'bad');
		}

		case 'unknown': {
			const last = member === undefined ? undefined : cluster.patroni.get(member);
			return cell(
				member === undefined
					? 'not known: no member has this address'
					: last === undefined
						? 'not known: no answer'
						: last.value.dcsLastSeen === undefined
							? 'not known: not reported'
							: `not known: last answer ${age(now - last.at)} ago`,
				'warn',
			);
		}
	}
}
