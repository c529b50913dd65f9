/** Which node holds each VIP: the lines of the pane, and the cell of a node. */
import {dcsIsRead, leaderKey} from '../../domain/cluster/keys.ts';
import {machines} from '../../domain/cluster/members.ts';
import {shortVipNames} from '../../domain/cluster/roles.ts';
import {type VipView, vipViews} from '../../domain/cluster/vip.ts';
import {misplacedVip} from '../../domain/cluster/vip-leader.ts';
import {clock} from '../../lib/format.ts';
import type {ClusterSnapshot} from '../state.ts';
import {type Cell, cell, field, heldFor, isOff, type Line, nameCell, offCell, since} from './cells.ts';

export function interfaceLine({holders}: VipView): Line[] {
	return holders
		.filter(({sees}) => sees)
		.map(({node, address}) => field('', cell(`${address.interface} on ${node}`, 'dim')));
}

/** The holder of each VIP, named by its short name if there are several. */
export function holderLines(
	shown: ClusterSnapshot,
	options: {short?: boolean; brief?: boolean} = {},
): Line[] {
	const names = shortVipNames(shown.target);
	return vipViews(shown.cluster, shown.target, shown.now).flatMap((view, index) =>
		holderLine(shown, view, names[index] === '' ? 'Holder' : `VIP ${names[index]}`, options),
	);
}

function holderLine(
	{cluster, target, now}: ClusterSnapshot,
	view: VipView,
	name: string,
	{short = false, brief = false}: {short?: boolean; brief?: boolean},
): Line[] {
	const {vip, holders, blind, nodes, state, reason, answers} = view;
	const seen = holders.filter(({sees}) => sees);
	const [one] = seen;
	if (nodes.length === 0) {
		return [field(name, cell('no nodes known yet', 'dim'))];
	}

	if (seen.length > 1) {
		return [field(name, cell(`TWO HOLDERS: ${seen.map(({node}) => node).join(', ')}`, 'bad'))];
	}

	if (one !== undefined) {
		const leader = dcsIsRead(cluster, now) ? leaderKey(cluster)?.member : undefined;
		const misplaced = misplacedVip(view, cluster, target, now);
		return [
			field(
				name,
				nameCell(one.node, misplaced === undefined ? 'strong' : 'bad'),
				...(misplaced === undefined ? [] : [nameCell(` ≠ leader ${misplaced.leader}`, 'bad')]),
				cell(', '),
				short ? heldFor(one.address, now) : since(one.address, now),
			),
			...(!brief &&
			vip?.follows !== 'leader' &&
			leader !== undefined &&
			leader !== one.node &&
			machines(cluster, target, now).some(
				machine => machine.name === one.node && machine.member !== undefined,
			)
				? [field('', nameCell(`normal: leader is ${leader}`, 'dim'))]
				: []),
		];
	}

	if (state === 'elsewhere') {
		return [
			field(
				name,
				...(answers
					? [cell('another machine', 'strong'), cell(' (the VIP answers; no node here has it)', 'dim')]
					: [cell(`unknown: ${reason}`, 'warn')]),
			),
		];
	}

	const last = holders[0];
	return [
		field(
			name,
			blind.length === 0
				? cell('NONE', 'bad')
				: cell(
						last === undefined ? `unknown: no data from ${blind.join(', ')}` : `${last.node}? (no data)`,
						'warn',
					),
		),
	];
}

/**
 * Whether the node holds the VIP, as it reports itself; a question mark where it does not answer now. While another node
 * is seen with it, a node that had it and does not answer is a former holder.
 */
export function vipCell(shown: ClusterSnapshot, node: string, options = {short: true}): Cell {
	const {cluster, target, now} = shown;
	const names = shortVipNames(target);
	const views = vipViews(cluster, target, now);
	const may = views.filter(({nodes}) => nodes.includes(node));
	const [first] = may;
	if (first === undefined) {
		return cell('-', 'dim');
	}

	if (views.length === 1) {
		return oneVipCell(shown, first, node, options);
	}

	const cells = views.flatMap((view, index) =>
		may.includes(view) && view.holders.some(holder => holder.node === node)
			? [{name: names[index] ?? '', is: oneVipCell(shown, view, node, options)}]
			: [],
	);
	const [worst] = cells
		.map(({is}) => is)
		.toSorted((a, b) => Number(a.tone === 'good') - Number(b.tone === 'good'));
	return worst === undefined
		? oneVipCell(shown, first, node, options)
		: {...worst, text: cells.map(({name, is}) => `${name}${is.text === 'holds' ? '' : '?'}`).join(' ')};
}

function oneVipCell(shown: ClusterSnapshot, view: VipView, node: string, {short} = {short: true}): Cell {
	const {cluster, target, now} = shown;
	const {holders, blind} = view;
	const held = holders.some(one => one.node === node);
	if (!blind.includes(node)) {
		const isMisplaced = misplacedVip(view, cluster, target, now)?.holder === node;
		return held ? cell('holds', isMisplaced ? 'bad' : 'good') : cell('no', 'plain');
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
