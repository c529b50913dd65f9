/** The cluster in one line, for where something else has the screen: who leads, who has the VIP, who is in step. */
import {dcsIsRead, leaderKey, syncStandbys} from '../../domain/cluster/keys.ts';
import {members} from '../../domain/cluster/members.ts';
import {vipView} from '../../domain/cluster/vip.ts';
import {type State, shownSnapshot} from '../state.ts';
import {type Cell, cell, type Line} from './cells.ts';

export function clusterSummary(state: State): Line {
	const {cluster, target, now} = shownSnapshot(state);
	const read = dcsIsRead(cluster, now);
	const leader = leaderKey(cluster)?.member;
	const {holders, state: held} = vipView(cluster, target, now);
	const seen = holders.filter(holder => holder.sees);
	// What a node had before it went out of sight counts where nobody is seen to have it.
	const likely = seen.length > 0 ? seen : holders;
	const standbys = syncStandbys(cluster);
	return [
		...said('Leader', leader ?? 'NOBODY', leader !== undefined, read),
		...(target.vip === undefined
			? []
			: said(
					'VIP',
					likely.length > 0
						? likely.map(({node}) => node).join(' and ')
						: held === 'elsewhere'
							? 'unknown'
							: 'NOBODY',
					likely.length === 1,
					likely.length > 0 ? seen.length > 0 : held !== 'blind',
				)),
		...said('Sync', standbys.join(', ') || 'none', standbys.length > 0, read),
		...members(cluster, now).flatMap(({name, state: word}) => [cell(`${name} `, 'dim'), cell(`${word}  `)]),
	];
}

/** A question mark where nobody vouches for it now. */
function said(label: string, text: string, good: boolean, sees: boolean): Cell[] {
	return [
		cell(`${label} `, 'dim'),
		cell(`${text}${sees ? '' : '?'}   `, good ? (sees ? 'strong' : 'warn') : 'bad'),
	];
}
