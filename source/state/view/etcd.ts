import {type Cluster, clockOffset, keyOf} from '../../domain/cluster/cluster.ts';
import {type EtcdNode, etcdNodes, isUncertain, isUnread, quorum} from '../../domain/cluster/etcd.ts';
import {isOurs, unavailableReason} from '../../domain/cluster/freshness.ts';
import {dcsIsRead, leaderKey} from '../../domain/cluster/keys.ts';
import {age, bytes, clock, scheduledTime} from '../../lib/format.ts';
import type {ClusterSnapshot} from '../state.ts';
import {type Cell, type Column, cell, field, type Line, type PaneRows, since, sourceCell} from './cells.ts';
import {dcsSources} from './overlay.ts';

const columns: readonly Column[] = [
	{title: 'etcd', align: 'left', rank: 0},
	{title: 'Health', align: 'left', rank: 0},
	{title: 'Raft', align: 'left', rank: 1},
	{title: 'Version', align: 'left', rank: 2},
	{title: 'DB', align: 'right', rank: 3},
];

const leaseStepSeconds = 5;

export function etcdPane({cluster, target, now}: ClusterSnapshot): PaneRows {
	const nodes = etcdNodes(cluster, target, now);
	return {
		title: 'etcd leader key',
		status: sourceCell(cluster, dcsSources(cluster, target), 'etcd read', now),
		lines: [
			...keyLines(cluster, now),
			...syncLines(cluster, now),
			quorumLine(nodes, cluster, now),
			...watchLine(cluster),
		],
		table: {columns, rows: nodes.map(node => ({id: node.name, cells: etcdCells(node, cluster, now)}))},
	};
}

function keyLines(cluster: Cluster, now: number): Line[] {
	const read = dcsIsRead(cluster, now);
	const key = leaderKey(cluster);
	const gone = cluster.gone.get('leader');
	if (key === undefined) {
		return [
			field(
				'Holder',
				cluster.read === undefined
					? cell('not read yet', 'dim')
					: read
						? cell(
								`NONE${gone === undefined ? '' : ` for ${gone.live ? '' : '≥ '}${age(now - gone.since)}`}`,
								'bad',
							)
						: cell(`none? as read ${age(now - cluster.read.at)} ago`, 'dim'),
			),
		];
	}

	const asOf = read || cluster.read === undefined ? '' : `  as read ${age(now - cluster.read.at)} ago`;
	return [
		field('Holder', cell(read ? key.member : `${key.member}?`, read ? 'strong' : 'dim'), cell(asOf, 'warn')),
		...(read ? [field('Since', heldSince(cluster, key, now))] : []),
		field(
			'Revision',
			cell(String(key.createRevision), read ? 'plain' : 'dim'),
			cell(`, store at ${cluster.read?.value ?? '?'}`, 'dim'),
		),
		field('Lease', leaseCell(cluster, key.lease, read, now)),
	];
}

/** The keys `sync` and `failover`: who may take over, and who is requested to. */
function syncLines(cluster: Cluster, now: number): Line[] {
	const mark = dcsIsRead(cluster, now) ? '' : '?';
	const tone = mark === '' ? 'plain' : 'dim';
	const sync = keyOf(cluster, 'sync', 'sync')?.value;
	const failover = keyOf(cluster, 'failover', 'failover')?.value;
	const asked = failover?.leader !== undefined || failover?.candidate !== undefined;
	return [
		...(sync === undefined
			? []
			: [field('Sync key', cell(`${sync.standbys.join(', ') || 'none'}${mark}`, tone))]),
		...(asked
			? [
					field(
						'Failover',
						cell(
							`${failover?.leader ?? 'any'} → ${failover?.candidate ?? 'any'}${mark}`,
							mark === '' ? 'warn' : 'dim',
						),
						cell(
							failover?.scheduledAt === undefined ? '' : ` at ${scheduledTime(failover.scheduledAt, now)}`,
							tone,
						),
					),
				]
			: []),
	];
}

/** If this console did not see the start, the time from Patroni's history; without that, "at least". */
function heldSince(cluster: Cluster, key: {member: string; since: number; live: boolean}, now: number): Cell {
	const last = keyOf(cluster, 'history', 'history')?.value.lines.at(-1);
	const at = last?.leader === key.member && last.at !== undefined ? Date.parse(last.at) : Number.NaN;
	const corrected = at - (clockOffset(cluster.patroni.get(key.member)) ?? 0);
	// A time in the future: the node's clock is wrong by an unknown amount.
	return key.live || Number.isNaN(at) || corrected > now + 2000
		? since(key, now)
		: cell(`${clock(corrected, now)}, ${age(now - corrected)}, history`);
}

function leaseCell(cluster: Cluster, lease: string | undefined, read: boolean, now: number): Cell {
	const known = cluster.lease;
	if (lease === undefined) {
		return cell('none: the key never expires', 'warn');
	}

	if (known?.value.lease !== lease) {
		return cell('not read yet', 'dim');
	}

	const {ttl, grantedTtl} = known.value;
	// The read may be newer than the last tick.
	const since = Math.max(0, now - known.at);
	if (!read || since > 5000) {
		// The holder may have renewed the lease since, so the present rest is unknown.
		return cell(`${ttl} s? of ${grantedTtl} s, as read ${age(since)} ago`, 'dim');
	}

	const left = ttl - Math.floor(since / 1000);
	if (left < 0) {
		// etcd reports 0 s granted for an unknown lease.
		return cell(grantedTtl > 0 ? `EXPIRED (granted ${grantedTtl} s)` : 'EXPIRED: gone from etcd', 'bad');
	}

	// A lease that is renewed in time stays above half: until then coarse steps avoid a redraw each second.
	return left > grantedTtl / 2
		? cell(`≥ ${left - (left % leaseStepSeconds)} s left of ${grantedTtl} s`)
		: cell(`${left} s left of ${grantedTtl} s`, left < grantedTtl / 3 ? 'warn' : 'plain');
}

function quorumLine(nodes: readonly EtcdNode[], {read}: Cluster, now: number): Line {
	const {voters, healthy, needed, unseen, state} = quorum(nodes);
	const answering = nodes.filter(({answers}) => answers);
	if (answering.length === 0) {
		return field('Quorum', cell('unknown: no endpoint answers', 'warn'));
	}

	switch (state) {
		case 'held': {
			const uncertain = nodes.filter(node => !node.member?.learner && isUncertain(node)).length - unseen;
			const others = [
				...(unseen > 0 ? [`${unseen} not watched`] : []),
				...(uncertain > 0 ? [`${uncertain} not read`] : []),
			];
			if (others.length > 0) {
				return field('Quorum', cell(`${healthy}/${voters} healthy, ${others.join(', ')}`, 'warn'));
			}

			const spare = healthy - needed;
			const margin = spare > 0 ? `${spare} more may fail` : 'no more may fail';
			return field(
				'Quorum',
				healthy < voters
					? cell(`${healthy}/${voters}, ${margin}`, 'warn')
					: cell(`${healthy}/${voters}`, 'good'),
			);
		}

		case 'lost': {
			return field('Quorum', cell(`LOST: ${healthy}/${voters} healthy, ${needed} needed`, 'bad'));
		}

		case 'unknown': {
			const alone = answering.filter(({contact}) => contact === 'no').length;
			const since = read === undefined ? '' : ` for ${age(now - read.at)}`;
			return answering.some(({refusal}) => refusal !== undefined)
				? field('Quorum', cell('unknown: etcd does not permit reads', 'warn'))
				: alone > 0
					? field('Quorum', cell(`none seen: no raft leader on ${alone} of ${voters}`, 'bad'))
					: unseen > 0
						? field('Quorum', cell(`unknown: ${unseen} of ${voters} not watched`, 'warn'))
						: field('Quorum', cell(`unknown: not read${since}`, 'warn'));
		}
	}
}

/** Shown only without a watch: then changes show up with the next poll. */
function watchLine(cluster: Cluster): Line[] {
	const watches = [...cluster.sourceStatuses].filter(([source]) => source.startsWith('watch:'));
	const standing = watches.some(([, sight]) => sight?.state === 'seen');
	return standing || watches.length === 0 ? [] : [field('Watch', cell('lost: polling every 2 s', 'warn'))];
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
		return cell(node.withheld === undefined ? 'no address' : 'not watched', 'warn');
	}

	if (node.contact === 'yes') {
		return cell('healthy', 'good');
	}

	if (node.answers && node.foreign) {
		return cell('another store', 'bad');
	}

	if (node.answers) {
		return node.refusal === undefined ? unreadCell(node, cluster, now) : cell(node.refusal, 'warn');
	}

	const sight = cluster.sourceStatuses.get(`etcd:${node.endpoint}`);
	const reason = unavailableReason(sight, `etcd:${node.endpoint}`, now) ?? 'not polled';
	if (sight?.state !== 'lost') {
		return cell(reason, 'dim');
	}

	return cell(`LOST${sight.seenAt === undefined ? '' : ` ${age(now - sight.seenAt)}`}: ${reason}`, 'bad');
}

/** An endpoint that answers, but serves no linearizable read. */
function unreadCell(node: EtcdNode, cluster: Cluster, now: number): Cell {
	if (node.contact === 'no') {
		return cell('no raft leader', 'bad');
	}

	const source = `dcs:${node.endpoint}` as const;
	const sight = cluster.sourceStatuses.get(source);
	if (isOurs(sight, source, now)) {
		return cell(unavailableReason(sight, source, now) ?? '', 'dim');
	}

	return isUnread(node, now)
		? cell(`not read for ${age(now - (node.unreadSince ?? now))}`, 'warn')
		: cell('not read yet', 'dim');
}
