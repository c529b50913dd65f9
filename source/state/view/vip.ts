/** The VIP pane: the holder, and the client path through each node. */
import type {Cluster} from '../../domain/cluster/cluster.ts';
import {clientPort} from '../../domain/cluster/haproxy.ts';
import {leaderKey} from '../../domain/cluster/keys.ts';
import {type VipView, vipView} from '../../domain/cluster/vip.ts';
import type {HaproxyRole} from '../../domain/facts.ts';
import type {ClusterSnapshot} from '../state.ts';
import {type Cell, type Column, cell, field, type Line, type PaneRows, since, sourceCell} from './cells.ts';
import {clientPathLines} from './client-path.ts';
import {checksCell, routeCell, servicesCell} from './haproxy-route.ts';
import {vipSources} from './overlay.ts';

/** Column titles while the client port is unknown. */
const titles: Readonly<Record<HaproxyRole, string>> = {
	primary: 'Writers',
	replicas: 'Readers',
	synchronous: 'Sync',
	asynchronous: 'Async',
};

function columnsOf({cluster, target}: ClusterSnapshot): readonly Column[] {
	const title = (role: HaproxyRole) => {
		const port = clientPort(cluster, target, role);
		return port === undefined ? titles[role] : `:${port}`;
	};
	const writers = title('primary');
	return [
		{title: 'Node', align: 'left', rank: 0},
		{title: 'VIP', align: 'left', rank: 0, minWidth: 'holds?'.length},
		{title: writers, align: 'left', rank: 0, minWidth: 'pgdb1 ≠ leader'.length},
		{title: 'Services by SSH', align: 'left', rank: 1},
		{title: writers.startsWith(':') ? `Checks of ${writers}` : 'Checks', align: 'left', rank: 3},
		{title: title('replicas'), align: 'left', rank: 4, minWidth: 'nowhere'.length},
		{title: title('synchronous'), align: 'left', rank: 5, minWidth: 'nowhere'.length},
		{title: title('asynchronous'), align: 'left', rank: 6, minWidth: 'nowhere'.length},
	];
}

/** A longer address (IPv6) does not fit in a title. */
const titleMaxWidth = 15;

export function vipPane(shown: ClusterSnapshot): PaneRows {
	const {cluster, target, now} = shown;
	if (target.vip === undefined) {
		return {
			title: 'VIP holder',
			status: cell('not configured', 'dim'),
			lines: [
				[
					cell(
						'no VIP configured: set "vip: ADDRESS" in ~/.config/pgha-top/config.yaml, or pass --vip',
						'dim',
					),
				],
				...clientPathLines(shown),
			],
			table: undefined,
		};
	}

	const view = vipView(cluster, target, now);
	const short = target.vip.length <= titleMaxWidth;
	return {
		title: short ? `VIP ${target.vip}` : 'VIP',
		status: sourceCell(cluster, vipSources(cluster, target), 'SSH', now),
		lines: [
			...(short ? [] : [field('Address', cell(target.vip))]),
			...holderLines(cluster, view, now),
			...clientPathLines(shown),
		],
		table: {
			columns: columnsOf(shown),
			rows: view.nodes.map(node => ({id: node, cells: nodeCells(node, view, shown)})),
		},
	};
}

function holderLines(
	cluster: Cluster,
	{holders, blind, nodes, state, reason, answers}: VipView,
	now: number,
): Line[] {
	const seen = holders.filter(({sees}) => sees);
	const [one] = seen;
	if (nodes.length === 0) {
		return [field('Holder', cell('no nodes known yet', 'dim'))];
	}

	if (seen.length > 1) {
		return [field('Holder', cell(`TWO HOLDERS: ${seen.map(({node}) => node).join(', ')}`, 'bad'))];
	}

	if (one === undefined) {
		if (state === 'elsewhere') {
			return [
				field(
					'Holder',
					...(answers
						? [cell('another machine', 'strong'), cell(' (the VIP answers; no node here has it)', 'dim')]
						: [cell(`unknown: ${reason}`, 'warn')]),
				),
			];
		}

		const last = holders[0];
		return [
			field(
				'Holder',
				blind.length === 0
					? cell('NONE', 'bad')
					: cell(
							last === undefined ? `unknown: no data from ${blind.join(', ')}` : `${last.node}? (no data)`,
							'warn',
						),
			),
		];
	}

	const leader = leaderKey(cluster)?.member;
	return [
		field('Holder', cell(one.node, 'strong'), cell(` on ${one.address.interface}`, 'dim')),
		field('Since', since(one.address, now)),
		...(leader !== undefined && leader !== one.node
			? [field('', cell(`normal: leader is ${leader}`, 'dim'))]
			: []),
	];
}

function nodeCells(node: string, view: VipView, shown: ClusterSnapshot): Cell[] {
	const holder = view.holders.find(one => one.node === node);
	const blind = view.blind.includes(node);
	return [
		cell(node, 'strong'),
		blind ? cell(holder ? 'holds?' : '?', 'dim') : holder ? cell('holds', 'good') : cell('no', 'plain'),
		routeCell(shown, node, 'primary'),
		servicesCell(shown, node),
		checksCell(shown, node),
		routeCell(shown, node, 'replicas'),
		routeCell(shown, node, 'synchronous'),
		routeCell(shown, node, 'asynchronous'),
	];
}
