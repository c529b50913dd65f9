/** The VIP pane: the holder, and the client path through each node. */
import type {Cluster} from '../../domain/cluster/cluster.ts';
import {clientPort, routeTo} from '../../domain/cluster/haproxy.ts';
import {dcsIsRead, leaderKey} from '../../domain/cluster/keys.ts';
import {type VipView, vipSources, vipView} from '../../domain/cluster/vip.ts';
import type {HaproxyRole} from '../../domain/facts.ts';
import {clock} from '../../lib/format.ts';
import type {ClusterSnapshot} from '../state.ts';
import {
	type Cell,
	type Column,
	cell,
	field,
	heldFor,
	isOff,
	type Line,
	nameCell,
	offCell,
	type PaneRows,
	since,
	sourceCell,
} from './cells.ts';
import {checksCell, clientPathLines, routeCell, servicesCell} from './client-path.ts';

/** Column titles while the client port is unknown. */
const titles: Readonly<Record<HaproxyRole, string>> = {
	primary: 'Writers',
	replicas: 'Readers',
	synchronous: 'Sync',
	asynchronous: 'Async',
};

function columnsOf(shown: ClusterSnapshot, nodes: readonly string[]): readonly Column[] {
	const {cluster, target} = shown;
	const hasReaders = nodes.some(node => routeTo(cluster, target, node, 'replicas') !== undefined);
	const title = (role: HaproxyRole) => titleOfPort(shown, role);
	const writers = title('primary');
	return [
		{title: 'Node', align: 'left', rank: 0, names: true},
		{title: 'VIP', align: 'left', rank: 0, minWidth: 'holds?'.length},
		{title: writers, align: 'left', rank: 0, minWidth: 'pgdb1 ≠ leader'.length, names: true},
		// A long reason is cut, and is in the findings in full: the route of readers stays.
		{title: 'Services by SSH', align: 'left', rank: 2},
		{
			title: title('replicas'),
			align: 'left',
			rank: hasReaders ? 1 : 3,
			minWidth: 'nowhere'.length,
			names: true,
		},
		{title: writers.startsWith(':') ? `Checks of ${writers}` : 'Checks', align: 'left', rank: 4, whole: true},
		{title: title('synchronous'), align: 'left', rank: 5, minWidth: 'nowhere'.length, names: true},
		{title: title('asynchronous'), align: 'left', rank: 6, minWidth: 'nowhere'.length, names: true},
	];
}

/** A longer address (IPv6) does not fit in a title. */
const titleMaxWidth = 15;

/**
 * Without the rows of the nodes, which another table has: `withRows` false. `brief`: also without the last outage and
 * the note that the holder is not the leader.
 */
export function vipPane(
	shown: ClusterSnapshot,
	{withRows = true, brief = false}: {withRows?: boolean; brief?: boolean} = {},
): PaneRows {
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
	const rows = view.nodes.map(node => ({id: node, cells: nodeCells(node, view, shown)}));
	return {
		title: short ? `VIP ${target.vip}` : 'VIP',
		status: sourceCell(cluster, vipSources(cluster, target), 'SSH', now),
		lines: [
			...(short ? [] : [field('Address', cell(target.vip))]),
			...holderLines(cluster, view, now, {short: !withRows, brief}),
			...clientPathLines(shown, {brief}),
		],
		table: withRows ? {columns: columnsOf(shown, view.nodes), rows} : undefined,
	};
}

/** All that is known of the VIP, HAProxy and the client's path, each value in full. */
export function vipDetails(shown: ClusterSnapshot): PaneRows {
	const {cluster, target, now} = shown;
	const view = vipView(cluster, target, now);
	const ports = (['replicas', 'synchronous', 'asynchronous'] as const).map(
		role => [titleOfPort(shown, role), role] as const,
	);
	return {
		title: target.vip === undefined ? 'HAProxy' : `VIP ${target.vip}`,
		status: cell('Esc closes', 'dim'),
		lines: [
			...(target.vip === undefined ? [] : [...holderLines(cluster, view, now), ...interfaceLine(view)]),
			...clientPathLines(shown),
			...view.nodes.flatMap(node => [
				[cell('')],
				[cell(node, 'strong')],
				...(target.vip === undefined ? [] : [field('VIP', vipCell(shown, view, node, {short: false}))]),
				field(titleOfPort(shown, 'primary'), routeCell(shown, node, 'primary')),
				...ports.map(([title, role]) => field(title, routeCell(shown, node, role))),
				field('Checks', checksCell(shown, node)),
				field('Services', servicesCell(shown, node)),
			]),
		],
		wraps: true,
		indent: 10,
		table: undefined,
	};
}

function titleOfPort({cluster, target}: ClusterSnapshot, role: HaproxyRole): string {
	const port = clientPort(cluster, target, role);
	return port === undefined ? titles[role] : `:${port}`;
}

function interfaceLine({holders}: VipView): Line[] {
	return holders
		.filter(({sees}) => sees)
		.map(({node, address}) => field('', cell(`${address.interface} on ${node}`, 'dim')));
}

function holderLines(
	cluster: Cluster,
	{holders, blind, nodes, state, reason, answers}: VipView,
	now: number,
	{short = false, brief = false} = {},
): Line[] {
	const seen = holders.filter(({sees}) => sees);
	const [one] = seen;
	if (nodes.length === 0) {
		return [field('Holder', cell('no nodes known yet', 'dim'))];
	}

	if (seen.length > 1) {
		return [field('Holder', cell(`TWO HOLDERS: ${seen.map(({node}) => node).join(', ')}`, 'bad'))];
	}

	if (one !== undefined) {
		const leader = dcsIsRead(cluster, now) ? leaderKey(cluster)?.member : undefined;
		return [
			field(
				'Holder',
				nameCell(one.node),
				cell(', '),
				short ? heldFor(one.address, now) : since(one.address, now),
			),
			...(!brief && leader !== undefined && leader !== one.node
				? [field('', nameCell(`normal: leader is ${leader}`, 'dim'))]
				: []),
		];
	}

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

function nodeCells(node: string, view: VipView, shown: ClusterSnapshot): Cell[] {
	return [
		cell(node, 'strong'),
		vipCell(shown, view, node),
		routeCell(shown, node, 'primary'),
		servicesCell(shown, node),
		routeCell(shown, node, 'replicas'),
		checksCell(shown, node),
		routeCell(shown, node, 'synchronous'),
		routeCell(shown, node, 'asynchronous'),
	];
}

/**
 * Whether the node holds the VIP, as it reports itself; a question mark where it does not answer now. While another node
 * is seen with it, a node that had it and does not answer is a former holder.
 */
export function vipCell(
	shown: ClusterSnapshot,
	{holders, blind}: VipView,
	node: string,
	{short} = {short: true},
): Cell {
	const {cluster, now} = shown;
	const held = holders.some(one => one.node === node);
	if (!blind.includes(node)) {
		return held ? cell('holds', 'good') : cell('no', 'plain');
	}

	if (isOff(shown, node)) {
		return offCell;
	}

	const status = cluster.sourceStatuses.get(`vip:${node}`);
	const seenAt = status?.state === 'seen' ? status.at : status?.state === 'lost' ? status.seenAt : undefined;
	return held && seenAt !== undefined && holders.some(one => one.node !== node && one.sees)
		? cell(`${short ? '' : 'held it '}until ${clock(seenAt, now)}?`, 'dim')
		: cell(held ? 'holds?' : '?', 'dim');
}
