/** The VIP pane: which node holds the address, seen on the nodes themselves over SSH. */
import type {Cluster} from '../../domain/cluster.ts';
import {leaderKey} from '../../domain/keys.ts';
import {blindness} from '../../domain/sight.ts';
import {type VipView, vipView} from '../../domain/vip.ts';
import {type Cell, type Column, cell, type Line, type PaneRows} from '../rows.ts';
import type {Picture} from '../state.ts';
import {age, clock, witness} from '../words.ts';
import {vipSources} from './sources.ts';

const columns: readonly Column[] = [
	{title: 'Node', align: 'left', rank: 0},
	{title: 'VIP', align: 'left', rank: 0},
	{title: 'Addresses by SSH', align: 'left', rank: 1},
];

export function vipPane({cluster, target, now}: Picture): PaneRows {
	const title = 'VIP holder';
	if (target.vip === undefined) {
		return {
			title,
			witness: cell('not configured', 'dim'),
			lines: [
				[
					cell(
						'no VIP configured: put "vip: ADDRESS" into ~/.config/pgha-top/config.yaml, or give --vip',
						'dim',
					),
				],
			],
			table: undefined,
		};
	}

	const view = vipView(cluster, target, now);
	return {
		title,
		witness: witness(cluster, vipSources(cluster, target), 'ip over SSH', now),
		lines: [[cell('Address   '), cell(target.vip)], ...holderLines(cluster, view, now)],
		table: {columns, rows: view.nodes.map(node => ({id: node, cells: nodeCells(node, view, cluster, now)}))},
	};
}

function holderLines(cluster: Cluster, {holders, blind, nodes}: VipView, now: number): Line[] {
	const label = cell('Holder    ');
	const seen = holders.filter(({sees}) => sees);
	const [one] = seen;
	if (nodes.length === 0) {
		return [[label, cell('no node to look at yet', 'dim')]];
	}

	if (seen.length > 1) {
		return [[label, cell(`TWO HOLDERS: ${seen.map(({node}) => node).join(' and ')}`, 'bad')]];
	}

	if (one === undefined) {
		const last = holders[0];
		return [
			[
				label,
				blind.length === 0
					? cell('NOBODY', 'bad')
					: cell(
							last === undefined
								? `unknown: ${blind.join(', ')} out of sight`
								: `${last.node}? (out of sight)`,
							'warn',
						),
			],
		];
	}

	const leader = leaderKey(cluster)?.member;
	const {since, live, interface: device} = one.address;
	const held = age(now - since);
	return [
		[label, cell(one.node, 'strong'), cell(` on ${device}`, 'dim')],
		[
			cell('Since     '),
			live ? cell(`${clock(since, now)}, ${held}`) : cell(`≥ ${held}, start not seen`, 'dim'),
		],
		...(leader !== undefined && leader !== one.node
			? [[cell('          '), cell(`not on the leader (${leader}): normal`, 'dim')]]
			: []),
	];
}

function nodeCells(node: string, view: VipView, cluster: Cluster, now: number): Cell[] {
	const holder = view.holders.find(one => one.node === node);
	const sight = cluster.sights[`vip:${node}`];
	const reason = blindness(sight, `vip:${node}`, now);
	const remedy = sight?.state === 'lost' && sight.remedy !== undefined ? ` (${sight.remedy})` : '';
	const lost =
		sight?.state === 'lost' ? `LOST${sight.seenAt === undefined ? '' : ` ${age(now - sight.seenAt)}`}: ` : '';
	return [
		cell(node, 'strong'),
		reason === undefined
			? holder
				? cell('holds', 'good')
				: cell('no', 'plain')
			: cell(holder ? 'holds?' : '?', 'dim'),
		reason === undefined
			? cell('live', 'dim')
			: cell(`${lost}${reason}${remedy}`, lost === '' ? 'dim' : 'bad'),
	];
}
