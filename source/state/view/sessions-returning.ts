/** The lines above the client sessions after a change of leader: who is back, who is missing, who is still on the old node. */
import {
	type AfterChange,
	afterChangeOfLeader,
	clientName,
	type Returning,
} from '../../domain/cluster/clients.ts';
import {sqlRowsMax} from '../../domain/cluster/postgres.ts';
import type {MemberSessions} from '../../domain/cluster/session-list.ts';
import {clock} from '../../lib/format.ts';
import type {ClusterSnapshot} from '../state.ts';
import {cell, type Line} from './cells.ts';

/** Groups of one line. */
const missingMax = 3;

export function changeLines(
	shown: ClusterSnapshot,
	all: readonly MemberSessions[],
	grouped: boolean,
): Line[] {
	const {cluster, now} = shown;
	const change = afterChangeOfLeader(cluster, now);
	if (change === undefined) {
		return [];
	}

	const {from, to, changedAt, countedAt, isCut, returning, whyUnknown} = change;
	const before = sum(returning, one => one.sessions);
	const missing = sum(returning, one => one.missing);
	const unclear = sum(returning, one => (one.now === undefined ? one.sessions : 0));
	const moved = `${from} → ${to} ${clock(changedAt, now)}: `;
	const counted = `${before}${isCut ? ' or more' : ''} ${before === 1 ? 'session' : 'sessions'} on ${from} at ${clock(countedAt, now)}`;
	return [
		[
			cell(moved, 'strong'),
			...(whyUnknown !== undefined
				? [cell(`${counted}; who is back on ${to} is not known: ${whyUnknown}`, 'warn')]
				: missing + unclear === 0 && !isCut
					? [cell(`all of ${counted} are back`, 'good')]
					: [
							cell(`${before - missing - unclear} of ${counted} are back`),
							...(missing === 0 ? [] : [cell(`, ${missing} not: ${missingWords(returning)}`, 'warn')]),
							...(unclear === 0
								? []
								: [cell(`, ${unclear} not known: only the ${sqlRowsMax} largest groups are read`, 'warn')]),
						]),
		],
		...formerLines(change, all, now),
		...(grouped
			? [[cell("'read-only' errors of clients: PostgreSQL counts none, its logs have them", 'dim')]]
			: []),
	];
}

function missingWords(returning: readonly Returning[]): string {
	const gone = returning.filter(one => one.missing > 0).toSorted((a, b) => b.missing - a.missing);
	const more = gone.length - missingMax;
	return [
		...gone.slice(0, missingMax).map(one => `${one.missing} of ${clientName(one)}`),
		...(more > 0 ? [`${more} more`] : []),
	].join(', ');
}

/** Who is on the leader before: sessions that began before the change should have ended with it. */
function formerLines(
	{from, changedAt, returning, whyFormerUnknown}: AfterChange,
	all: readonly MemberSessions[],
	now: number,
): Line[] {
	const former = all.find(({member}) => member === from);
	const old =
		former?.isFresh === true && former.at !== undefined
			? (former.known?.sessions ?? []).filter(({sessionMs}) => sessionMs > (former.at ?? now) - changedAt)
			: [];
	const again = returning.filter(({onFormer = 0}) => onFormer > 0);
	return [
		...(old.length > 0
			? [
					[
						cell(`${from} still has ${old.length} from before the change: `, 'bad'),
						cell([...new Set(old.map(clientName))].slice(0, missingMax).join(', '), 'bad'),
					],
				]
			: []),
		...(whyFormerUnknown !== undefined
			? [[cell(`who is on ${from} is not known: ${whyFormerUnknown}`, 'warn')]]
			: again.length > 0
				? [
						[
							cell(
								`on ${from} now: ${again
									.slice(0, missingMax)
									.map(one => `${one.onFormer} of ${clientName(one)}`)
									.join(', ')}${again.length > missingMax ? ` and ${again.length - missingMax} more` : ''}`,
							),
						],
					]
				: []),
	];
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
	return all.reduce((total, one) => total + of(one), 0);
}
