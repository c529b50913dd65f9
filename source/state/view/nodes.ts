/** One table of all nodes, where the screen has no room for one of etcd and one of the VIP: etcd, VIP, HAProxy, services. */
import {etcdNodes} from '../../domain/cluster/etcd.ts';
import {clientPort} from '../../domain/cluster/haproxy.ts';
import {machines} from '../../domain/cluster/members.ts';
import {readsNodes, vipsOf} from '../../domain/cluster/roles.ts';
import {watchedNodes} from '../../domain/cluster/vip.ts';
import type {ClusterSnapshot} from '../state.ts';
import {beliefRows} from './beliefs.ts';
import {type Cell, type Column, cell, isOff, offCell, type PaneRows} from './cells.ts';
import {servicesCell} from './client-path.ts';
import {healthCell} from './etcd.ts';
import {nodeRouteCell} from './vip.ts';
import {vipCell} from './vip-holder.ts';

export type NodeRow = {
	/** The machine's name, else etcd's. */
	id: string;
	/** The name of its row in the pane of etcd; undefined where it has no etcd. */
	etcd: string | undefined;
	cells: readonly Cell[];
};

/** Every machine, and etcd members that run on none of them. */
export function nodeRows(shown: ClusterSnapshot): NodeRow[] {
	const {cluster, target, now} = shown;
	const all = machines(cluster, target, now);
	const etcds = etcdNodes(cluster, target, now);
	const watched = new Set(watchedNodes(cluster, target).map(({name}) => name));
	const hasVip = vipsOf(target).length > 0;
	const byEtcd = new Map(all.map(machine => [machine.etcd, machine.name]));
	const believed = target.rest === undefined ? undefined : beliefRows(shown);
	const row = (id: string, etcdName: string | undefined): NodeRow => {
		const etcd = etcds.find(({name}) => name === etcdName);
		const reached = readsNodes(target) && watched.has(id);
		const member = all.find(({name}) => name === id)?.member;
		const belief = believed?.find(one => one.id === member);
		return {
			id,
			etcd: etcdName,
			cells: [
				cell(id, 'strong'),
				...(believed === undefined
					? [
							etcd === undefined
								? cell('-', 'dim')
								: isOff(shown, id)
									? offCell
									: healthCell(etcd, cluster, now),
							cell(
								etcd?.raftLeader
									? etcd.answers
										? 'leader'
										: 'leader?'
									: etcd?.member?.learner
										? 'learner'
										: '',
							),
						]
					: [belief?.leader ?? cell('-', 'dim'), belief?.reached ?? cell('-', 'dim')]),
				hasVip ? (reached ? vipCell(shown, id) : cell('-', 'dim')) : cell(''),
				...(target.haproxy === undefined
					? []
					: [reached ? nodeRouteCell(shown, id, 'primary') : cell('-', 'dim')]),
				reached ? servicesCell(shown, id) : cell('-', 'dim'),
			],
		};
	};
	return [
		...all.map(({name, etcd}) => row(name, etcd)),
		...etcds.filter(({name}) => !byEtcd.has(name)).map(({name}) => row(name, name)),
	];
}

export function nodesPane(shown: ClusterSnapshot): PaneRows {
	const {cluster, target} = shown;
	const port = clientPort(cluster, target, 'primary');
	const columns: readonly Column[] = [
		{title: 'Node', align: 'left', rank: 0, names: true},
		...(target.rest === undefined
			? ([
					{title: 'etcd', align: 'left', rank: 0, minWidth: 'healthy'.length},
					{title: 'Raft', align: 'left', rank: 3},
				] as const)
			: ([
					{title: 'Believes', align: 'left', rank: 0},
					{title: 'Store reached', align: 'left', rank: 0},
				] as const)),
		{title: 'VIP', align: 'left', rank: 1, minWidth: 'holds?'.length},
		...(target.haproxy === undefined
			? []
			: [
					{
						title: port === undefined ? 'Writers to' : `:${port} to`,
						align: 'left' as const,
						rank: 1,
						names: true as const,
					},
				]),
		// Its reason is in the findings in full.
		{title: 'Services', align: 'left', rank: 2},
	];
	return {
		title: 'Nodes',
		status: cell(''),
		lines: [],
		table: {columns, rows: nodeRows(shown).map(({id, cells}) => ({id, cells}))},
	};
}
