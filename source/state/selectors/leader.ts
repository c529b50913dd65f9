/** The etcd pane: the leader key with its lease, and the etcd members with their quorum. */
import {type Cluster, keyOf} from '../../domain/cluster.ts';
import {blindness} from '../../domain/sight.ts';
import {dcsIsRead, type EtcdNode, etcdNodes, leaderKey, quorum} from '../../domain/topology.ts';
import {type Cell, type Column, cell, type Line, type PaneRows} from '../rows.ts';
import type {State} from '../state.ts';
import {age, bytes, clock, witness} from '../words.ts';
import {dcsSources} from './sources.ts';

const columns: readonly Column[] = [
	{title: 'etcd', align: 'left', rank: 0},
	{title: 'Health', align: 'left', rank: 0},
	{title: 'Raft', align: 'left', rank: 1},
	{title: 'Version', align: 'left', rank: 2},
	{title: 'DB', align: 'right', rank: 3},
];

export function leaderPane({cluster, target, now}: State): PaneRows {
	const nodes = etcdNodes(cluster, target, now);
	return {
		title: 'etcd leader key',
		witness: witness(cluster, dcsSources(cluster, target), 'linearizable read', now),
		lines: [...keyLines(cluster, now), quorumLine(nodes), ...watchLine(cluster)],
		table: {columns, rows: nodes.map(node => ({id: node.name, cells: etcdCells(node, cluster, now)}))},
	};
}

function keyLines(cluster: Cluster, now: number): Line[] {
	const read = dcsIsRead(cluster, now);
	const key = leaderKey(cluster);
	const gone = cluster.gone.leader;
	if (key === undefined) {
		return [
			[
				cell('Holder    '),
				cluster.read === undefined
					? cell('not read yet', 'dim')
					: read
						? cell(
								`NOBODY${gone === undefined ? '' : ` for ${gone.live ? '' : 'at least '}${age(now - gone.since)}`}`,
								'bad',
							)
						: cell(`nobody, as read ${age(now - cluster.read.at)} ago?`, 'dim'),
			],
		];
	}

	const asOf = read || cluster.read === undefined ? '' : `  as read ${age(now - cluster.read.at)} ago`;
	return [
		[
			cell('Holder    '),
			cell(read ? key.member : `${key.member}?`, read ? 'strong' : 'dim'),
			cell(asOf, 'warn'),
		],
		[cell('Since     '), since(cluster, key, now)],
		[
			cell('Revision  '),
			cell(String(key.createRevision), read ? 'plain' : 'dim'),
			cell(`, store at ${cluster.read?.value ?? '?'}`, 'dim'),
		],
		[cell('Lease     '), leaseCell(cluster, key.lease, now)],
	];
}

/** Seen happen: exact. Else Patroni's own history names the moment; else only "at least" can be said. */
function since(cluster: Cluster, key: {member: string; since: number; live: boolean}, now: number): Cell {
	if (key.live) {
		return cell(`${clock(key.since, now)}, ${age(now - key.since)}`);
	}

	const last = keyOf(cluster, 'history', 'history')?.value.lines.at(-1);
	const at = last?.leader === key.member && last.at !== undefined ? Date.parse(last.at) : Number.NaN;
	return Number.isNaN(at)
		? cell(`at least ${age(now - key.since)}, since before this console`, 'dim')
		: cell(`${clock(at, now)}, ${age(now - at)} (Patroni's history)`);
}

function leaseCell(cluster: Cluster, lease: string | undefined, now: number): Cell {
	const known = cluster.lease;
	if (lease === undefined) {
		return cell('none: the key would stay for ever', 'warn');
	}

	if (known?.value.lease !== lease) {
		return cell('not read yet', 'dim');
	}

	const {ttl, grantedTtl} = known.value;
	const left = ttl - Math.floor((now - known.at) / 1000);
	const old = now - known.at > 5000 ? `, read ${age(now - known.at)} ago` : '';
	return left <= 0
		? cell(`EXPIRED${old} (granted ${grantedTtl} s)`, 'bad')
		: cell(
				`${left} s left of ${grantedTtl} s${old}`,
				old === '' ? (left < grantedTtl / 3 ? 'warn' : 'plain') : 'dim',
			);
}

function quorumLine(nodes: readonly EtcdNode[]): Line {
	const {voters, healthy, needed} = quorum(nodes);
	const asked = nodes.some(node => node.status !== undefined || node.answers);
	if (!asked) {
		return [cell('Quorum    '), cell('not known yet', 'dim')];
	}

	return [
		cell('Quorum    '),
		healthy < needed
			? cell(`LOST: ${healthy}/${voters} in touch, ${needed} needed`, 'bad')
			: cell(
					`${healthy}/${voters}${healthy < voters ? `, ${healthy === needed ? 'no more may fail' : `${healthy - needed} more may fail`}` : ''}`,
					healthy < voters ? 'warn' : 'good',
				),
	];
}

/** Only when no watch stands: then what changes is seen a second later, by the poll. */
function watchLine(cluster: Cluster): Line[] {
	const watches = Object.entries(cluster.sights).filter(([source]) => source.startsWith('watch:'));
	const standing = watches.some(([, sight]) => sight?.state === 'seen');
	return standing || watches.length === 0
		? []
		: [[cell('Watch     '), cell('lost: polled once a second', 'warn')]];
}

function etcdCells(node: EtcdNode, cluster: Cluster, now: number): Cell[] {
	const tone = node.answers ? 'plain' : 'dim';
	return [
		cell(node.name, 'strong'),
		healthCell(node, cluster, now),
		cell(
			node.raftLeader ? (node.answers ? 'leader' : 'leader?') : node.member?.learner ? 'learner' : '',
			tone,
		),
		cell(node.status?.value.version ?? '', tone),
		cell(node.status === undefined ? '' : bytes(node.status.value.dbSize), tone),
	];
}

function healthCell(node: EtcdNode, cluster: Cluster, now: number): Cell {
	if (node.endpoint === undefined) {
		return cell('no address to ask', 'warn');
	}

	if (node.answers && node.readsLinearizably) {
		return cell('healthy', 'good');
	}

	if (node.answers) {
		return cell('no quorum', 'bad');
	}

	const sight = cluster.sights[`etcd:${node.endpoint}`];
	const reason = blindness(sight, `etcd:${node.endpoint}`, now) ?? 'not asked';
	if (sight?.state !== 'lost') {
		return cell(reason, 'dim');
	}

	return cell(`LOST${sight.seenAt === undefined ? '' : ` ${age(now - sight.seenAt)}`}: ${reason}`, 'bad');
}
