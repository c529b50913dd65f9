/** The etcd pane: the leader key, the quorum, the etcd members; and its details. */
import {type Cluster, keyOf} from '../../domain/cluster/cluster.ts';
import {
	dcsSources,
	type EtcdNode,
	etcdNodes,
	isUncertain,
	isUnread,
	quorum,
} from '../../domain/cluster/etcd.ts';
import {isOurs, unavailableReason} from '../../domain/cluster/freshness.ts';
import {machines} from '../../domain/cluster/members.ts';
import {age, agePart, bytes, forAge} from '../../lib/format.ts';
import type {ClusterSnapshot} from '../state.ts';
import {beliefsDetails, beliefsPane} from './beliefs.ts';
import {
	type Cell,
	type Column,
	cell,
	field,
	isOff,
	type Line,
	offCell,
	type PaneRows,
	sourceCell,
	type Tone,
} from './cells.ts';
import {failoverLine, holderLine, leaseLine, revisionLine, syncLine} from './leader-key.ts';
import {deathLines} from './readiness.ts';

const columns: readonly Column[] = [
	{title: 'etcd', align: 'left', rank: 0, names: true},
	{title: 'Health', align: 'left', rank: 0},
	{title: 'Raft', align: 'left', rank: 1},
	{title: 'Version', align: 'left', rank: 2},
	{title: 'DB', align: 'right', rank: 3},
];

/**
 * Without the rows of the etcd members, which another table has: `withRows` false. `brief`: also without what is normal,
 * or stands in another pane.
 */
export function etcdPane(
	shown: ClusterSnapshot,
	{withRows = true, brief = false}: {withRows?: boolean; brief?: boolean} = {},
): PaneRows {
	const {cluster, target, now} = shown;
	if (target.rest !== undefined) {
		return beliefsPane(shown, {withRows, brief});
	}

	const nodes = etcdNodes(cluster, target, now);
	const rows = nodes.map(node => ({id: node.name, cells: etcdCells(node, shown)}));
	return {
		title: 'etcd leader key',
		status: sourceCell(cluster, dcsSources(cluster, target), 'etcd', now),
		lines: [
			...holderLine(cluster, now, {short: !withRows}),
			...leaseLine(cluster, now, {short: !withRows}).filter(line => !brief || line.some(isMarked)),
			// The pane of the members has a scheduled one.
			...(brief && keyOf(cluster, 'failover', 'failover')?.value.scheduledAt !== undefined
				? []
				: failoverLine(cluster, now)),
			...quorumLines(nodes, shown, !withRows),
			...watchLine(cluster),
		],
		table: withRows ? {columns, rows} : undefined,
	};
}

function isMarked({tone}: Cell): boolean {
	return tone === 'warn' || tone === 'bad';
}

/** All that is known of the leader key, the sync key and the etcd members, each value in full. */
export function etcdDetails(shown: ClusterSnapshot): PaneRows {
	const {cluster, target, now} = shown;
	if (target.rest !== undefined) {
		return beliefsDetails(shown);
	}

	const nodes = etcdNodes(cluster, target, now);
	return {
		title: 'etcd leader key',
		status: cell('Esc closes', 'dim'),
		lines: [
			...holderLine(cluster, now),
			...revisionLine(cluster, now),
			...leaseLine(cluster, now),
			...syncLine(cluster, now),
			...failoverLine(cluster, now),
			...quorumLines(nodes, shown, false),
			...watchLine(cluster),
			...nodes.flatMap(node => [
				[cell('')],
				[
					cell(node.name, 'strong'),
					...(node.raftLeader ? [cell(node.answers ? '  raft leader' : '  raft leader?')] : []),
				],
				field('Health', shownHealth(node, shown)),
				field('Endpoint', cell(node.endpoint ?? 'none')),
				field(
					'Version',
					cell(marked(node.status?.value.version ?? '', node.answers), node.answers ? 'plain' : 'dim'),
				),
				field(
					'DB',
					cell(
						node.status === undefined ? '' : marked(bytes(node.status.value.dbSize), node.answers),
						node.answers ? 'plain' : 'dim',
					),
				),
				// Those with PostgreSQL have it in the details of their member.
				...(machines(cluster, target, now).some(one => one.etcd === node.name && one.member === undefined)
					? deathLines(node.name, shown)
					: []),
			]),
		],
		wraps: true,
		indent: 10,
		table: undefined,
	};
}

function marked(text: string, isFresh: boolean): string {
	return isFresh || text === '' ? text : `${text}?`;
}

/** The count first, and in a line of its own what it means: nothing of it is cut in a narrow pane. */
function quorumLines(nodes: readonly EtcdNode[], shown: ClusterSnapshot, short: boolean): Line[] {
	const {cluster, now} = shown;
	const {read} = cluster;
	const {voters, healthy, needed, unseen, state} = quorum(nodes);
	const answering = nodes.filter(({answers}) => answers);
	const one = (text: string, tone: Tone): Line[] => [field('Quorum', cell(text, tone))];
	if (answering.length === 0) {
		return one(`unknown: ${unansweredWords(nodes, cluster, now, short)}`, 'warn');
	}

	switch (state) {
		case 'held': {
			const off = nodes.filter(
				node => !node.member?.learner && isUncertain(node) && isOff(shown, node.name, 'etcd'),
			).length;
			const uncertain =
				nodes.filter(node => !node.member?.learner && isUncertain(node)).length - unseen - off;
			const spare = healthy - needed;
			if (unseen + uncertain > 0) {
				const margin = spare > 0 ? `${spare} may fail` : spare === 0 ? 'none may fail' : 'it is lost';
				return [
					...one(`${healthy}/${voters} healthy, ${unreadWords(unseen, uncertain, short)}`, 'warn'),
					field('', cell(`${margin} without ${unseen + uncertain > 1 ? 'them' : 'it'}`, 'warn')),
				];
			}

			return healthy < voters
				? one(
						`${healthy}/${voters}, ${off > 0 ? `${off} off, ${spare > 0 ? spare : 'none'}` : spare > 0 ? `${spare} more` : 'no more'} may fail`,
						'warn',
					)
				: one(`${healthy}/${voters}`, 'good');
		}

		case 'lost': {
			return one(`LOST: ${healthy}/${voters}${short ? '' : ' healthy'}, ${needed} needed`, 'bad');
		}

		case 'unknown': {
			const alone = answering.filter(({contact}) => contact === 'no').length;
			const since = read === undefined ? '' : ` ${short ? age(now - read.at) : forAge(read.at, now)}`;
			return answering.some(({refusal}) => refusal !== undefined)
				? one(short ? 'unknown: reads not allowed' : 'unknown: etcd does not permit reads', 'warn')
				: alone > 0
					? one(`none seen: no raft leader${short ? '' : ` on ${alone} of ${voters}`}`, 'bad')
					: one(
							unseen > 0
								? `unknown: ${unseen}${short ? '/' : ' of '}${voters} not watched`
								: `unknown: not read${since}`,
							'warn',
						);
		}
	}
}

/** Why no endpoint has a fresh answer: only a loss or a silence shows that none answers. */
function unansweredWords(
	nodes: readonly EtcdNode[],
	{sourceStatuses}: Cluster,
	now: number,
	short: boolean,
): string {
	const sources = nodes.flatMap(({endpoint}) =>
		endpoint === undefined ? [] : [`etcd:${endpoint}` as const],
	);
	const own = sources.find(source => isOurs(sourceStatuses.get(source), source, now));
	if (own !== undefined) {
		return short ? 'console stalled' : (unavailableReason(sourceStatuses.get(own), own, now) ?? '');
	}

	return sources.every(source => ['connecting', undefined].includes(sourceStatuses.get(source)?.state))
		? 'not read yet'
		: short
			? 'none answers'
			: 'no endpoint answers';
}

/** In a narrow pane, members that are not watched count as not read. */
function unreadWords(unseen: number, uncertain: number, short: boolean): string {
	return unseen > 0 && (uncertain === 0 || !short)
		? `${unseen} not watched${uncertain > 0 ? `, ${uncertain} not read` : ''}`
		: `${unseen + uncertain} not read`;
}

/** Shown only without a watch: then changes show up with the next poll. */
function watchLine(cluster: Cluster): Line[] {
	const watches = [...cluster.sourceStatuses].filter(([source]) => source.startsWith('watch:'));
	const standing = watches.some(([, sight]) => sight?.state === 'seen');
	return standing || watches.length === 0 ? [] : [field('Watch', cell('lost: polling every 2 s', 'warn'))];
}

/** `off` where its machine is known to be off. */
function shownHealth(node: EtcdNode, shown: ClusterSnapshot): Cell {
	return isOff(shown, node.name, 'etcd') ? offCell : healthCell(node, shown.cluster, shown.now);
}

function etcdCells(node: EtcdNode, shown: ClusterSnapshot): Cell[] {
	const tone = node.answers ? 'plain' : 'dim';
	return [
		cell(node.name, 'strong'),
		shownHealth(node, shown),
		cell(
			node.raftLeader ? (node.answers ? 'leader' : 'leader?') : node.member?.learner ? 'learner' : '',
			tone,
		),
		cell(marked(node.status?.value.version ?? '', node.answers), tone),
		cell(node.status === undefined ? '' : marked(bytes(node.status.value.dbSize), node.answers), tone),
	];
}

/** Whether the etcd member answers and reads; the reason first, since it may be cut. */
export function healthCell(node: EtcdNode, cluster: Cluster, now: number): Cell {
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

	return cell(`LOST${sight.seenAt === undefined ? '' : agePart(sight.seenAt, now)}: ${reason}`, 'bad');
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
		? cell(`not read ${forAge(node.unreadSince ?? now, now)}`, 'warn')
		: cell('not read yet', 'dim');
}
