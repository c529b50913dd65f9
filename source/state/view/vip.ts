/** The VIP pane: the holder, and the client path through each node. */
import {clientPort, routeTo} from '../../domain/cluster/haproxy.ts';
import {hasHaproxy, readsNodes, servicesOn, vipsOf} from '../../domain/cluster/roles.ts';
import {vipSources, vipViews, watchedNodes} from '../../domain/cluster/vip.ts';
import type {HaproxyRole} from '../../domain/facts.ts';
import type {Target} from '../../domain/target.ts';
import type {ClusterSnapshot} from '../state.ts';
import {type Cell, type Column, cell, field, type Line, type PaneRows, sourceCell} from './cells.ts';
import {checksCell, clientPathLines, routeCell, servicesCell} from './client-path.ts';
import {holderLines, interfaceLine, vipCell} from './vip-holder.ts';

/** Column titles while the client port is unknown. */
const titles: Readonly<Record<HaproxyRole, string>> = {
	primary: 'Writers',
	replicas: 'Readers',
	synchronous: 'Sync',
	asynchronous: 'Async',
};

function columnsOf(shown: ClusterSnapshot, nodes: readonly string[]): readonly Column[] {
	const {cluster, target} = shown;
	const services: Column = {title: 'Services by SSH', align: 'left', rank: 2};
	const before: readonly Column[] = [
		{title: 'Node', align: 'left', rank: 0, names: true},
		...(vipsOf(target).length === 0
			? []
			: [{title: 'VIP', align: 'left' as const, rank: 0, minWidth: 'holds?'.length}]),
	];
	if (target.haproxy === undefined) {
		return [...before, services];
	}

	const hasReaders = nodes.some(node => routeTo(cluster, target, node, 'replicas') !== undefined);
	const title = (role: HaproxyRole) => titleOfPort(shown, role);
	const writers = title('primary');
	return [
		...before,
		{title: writers, align: 'left', rank: 0, minWidth: 'pgdb1 ≠ leader'.length, names: true},
		// A long reason is cut, and is in the findings in full: the route of readers stays.
		services,
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
	const nodes = watchedNodes(cluster, target).map(({name}) => name);
	const [first, ...more] = vipsOf(target);
	if (first === undefined && !readsNodes(target)) {
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

	const isInTitle = first !== undefined && more.length === 0 && first.address.length <= titleMaxWidth;
	const rows = nodes.map(node => ({id: node, cells: nodeCells(node, shown)}));
	return {
		title: titleOf(target, isInTitle),
		status: sourceCell(cluster, vipSources(cluster, target), target.isByLogs ? 'logs' : 'SSH', now),
		lines: [
			...(isInTitle || first === undefined || more.length > 0 ? [] : [field('Address', cell(first.address))]),
			...holderLines(shown, {short: !withRows, brief}),
			...clientPathLines(shown, {brief}),
		],
		table: withRows ? {columns: columnsOf(shown, nodes), rows} : undefined,
	};
}

function titleOf(target: Target, isInTitle: boolean): string {
	const all = vipsOf(target).map(({address}) => address);
	const words = all.length > 1 ? `VIPs ${all.join(', ')}` : isInTitle ? `VIP ${all[0]}` : 'VIP';
	return all.length === 0 ? 'Nodes' : words;
}

/** All that is known of the VIP, HAProxy and the client's path, each value in full. */
export function vipDetails(shown: ClusterSnapshot): PaneRows {
	const {cluster, target, now} = shown;
	const nodes = watchedNodes(cluster, target).map(({name}) => name);
	const hasVip = vipsOf(target).length > 0;
	const ports = (['replicas', 'synchronous', 'asynchronous'] as const).map(
		role => [titleOfPort(shown, role), role] as const,
	);
	return {
		title: hasVip ? titleOf(target, true) : 'HAProxy',
		status: cell('Esc closes', 'dim'),
		lines: [
			...holderLines(shown),
			...vipViews(cluster, target, now).flatMap(interfaceLine),
			...clientPathLines(shown),
			...nodes.flatMap(node => [
				[cell('')],
				[cell(node, 'strong')],
				...(hasVip ? [field('VIP', vipCell(shown, node, {short: false}))] : []),
				...(hasHaproxy(target, node)
					? [
							field(titleOfPort(shown, 'primary'), routeCell(shown, node, 'primary')),
							...ports.map(([title, role]) => field(title, routeCell(shown, node, role))),
							field('Checks', checksCell(shown, node)),
						]
					: []),
				field('Services', servicesCell(shown, node)),
			]),
			...foundLines(target),
		],
		wraps: true,
		indent: 10,
		table: undefined,
	};
}

/** What the files of the nodes gave, since it is not configured. */
function foundLines({found}: Target): Line[] {
	return found === undefined
		? []
		: [
				[cell('')],
				[cell('Found on the nodes, not configured', 'strong')],
				...found.values.flatMap(({setting, value, from, why}) => [
					[cell(setting), cell(': ', 'dim'), cell(value)],
					[cell(`  ${why}: ${from}`, 'dim')],
				]),
				...found.remarks.map(remark => [cell(remark, 'warn')]),
			];
}

function titleOfPort({cluster, target}: ClusterSnapshot, role: HaproxyRole): string {
	const port = clientPort(cluster, target, role);
	return port === undefined ? titles[role] : `:${port}`;
}

function nodeCells(node: string, shown: ClusterSnapshot): Cell[] {
	const route = (role: HaproxyRole) => nodeRouteCell(shown, node, role);
	return [
		cell(node, 'strong'),
		...(vipsOf(shown.target).length === 0 ? [] : [vipCell(shown, node)]),
		...(shown.target.haproxy === undefined
			? [servicesCell(shown, node)]
			: [
					route('primary'),
					servicesCell(shown, node),
					route('replicas'),
					hasHaproxy(shown.target, node) ? checksCell(shown, node) : cell(''),
					route('synchronous'),
					route('asynchronous'),
				]),
	];
}

/** A dash where no HAProxy is expected, or where it need not be and was never seen. */
export function nodeRouteCell(shown: ClusterSnapshot, node: string, role: HaproxyRole): Cell {
	const {cluster, target} = shown;
	const isThere =
		servicesOn(target, node).required.includes('haproxy') ||
		cluster.haproxy.has(node) ||
		cluster.units.get(node)?.value.some(({service}) => service === 'haproxy');
	return hasHaproxy(target, node) && isThere ? routeCell(shown, node, role) : cell('-', 'dim');
}
