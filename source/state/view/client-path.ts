/** The client path: as the probe measures it, and through HAProxy on each node. */
import type {Cluster} from '../../domain/cluster/cluster.ts';
import {isFresh, unavailableReason} from '../../domain/cluster/freshness.ts';
import {type Destination, destinationNames, routeState, routeTo} from '../../domain/cluster/haproxy.ts';
import {membersByServer} from '../../domain/cluster/haproxy-members.ts';
import {dcsIsRead, leaderKey} from '../../domain/cluster/keys.ts';
import {
	isGuess,
	isProbeFresh,
	longestOutageMs,
	type Outage,
	ongoingOutage,
	outageName,
	type Probe,
} from '../../domain/cluster/probe.ts';
import {failingReason, isReachedSince} from '../../domain/cluster/probe-reason.ts';
import type {Second} from '../../domain/cluster/probe-seconds.ts';
import {isRunning} from '../../domain/cluster/services.ts';
import {nodeOfAnswer} from '../../domain/cluster/vip.ts';
import type {HaproxyRole} from '../../domain/facts.ts';
import type {Target} from '../../domain/target.ts';
import {age, agePart, clock, duration, forAge, latencyText} from '../../lib/format.ts';
import type {ClusterSnapshot} from '../state.ts';
import {type Cell, cell, field, isOff, type Line, nameCell, offCell} from './cells.ts';
import {barOf} from './chart.ts';
import {latencySteps} from './trends.ts';

/** Seconds for each bar; with one second the line would be redrawn every second. */
const barSeconds = 5;
const barCount = 10;

/** @param options `brief`: without the last outage */
export function clientPathLines({cluster, target, now}: ClusterSnapshot, {brief = false} = {}): Line[] {
	const {probe: wanted} = target;
	if (wanted === undefined) {
		return [field('Client', cell('no probe: pass --probe', 'dim'))];
	}

	const names = {write: wanted.write ? 'Writes' : 'Client', read: 'Reads'} as const;
	const probes = (['write', 'read'] as const).flatMap(purpose => {
		const port = wanted.ports[purpose];
		return port === undefined ? [] : [{label: names[purpose], probe: cluster.probes.get(port)}];
	});
	return [
		...probes.map(({label, probe}): Line => field(label, ...probeCells(probe, {cluster, target, now}))),
		...(brief ? [] : outageLine(cluster.probes.get(wanted.ports.write ?? 0), now)),
	];
}

/** What clients have through the VIP now; empty where the probe does not know. */
export function clientWords(cluster: Cluster, {probe: wanted}: Target, now: number): string {
	const port = wanted?.ports.write;
	const probe = port === undefined ? undefined : cluster.probes.get(port);
	if (probe?.answer === undefined || probe.failing !== undefined || !isProbeFresh(probe, now)) {
		return '';
	}

	const {latency} = blocksOf(probe.seconds, now).at(-1) ?? {};
	const last = probe.outages.find(({to}) => to !== undefined)?.to;
	const quiet = last === undefined || now - last < 1000 ? '' : `, no gap for ${age(now - last)}`;
	return `clients ${wanted?.write ? 'write' : 'are answered'} in ${latencyText(latency ?? probe.answer.latency)}${quiet}`;
}

function probeCells(
	probe: Probe | undefined,
	{cluster, target, now}: Pick<ClusterSnapshot, 'cluster' | 'target' | 'now'>,
): Cell[] {
	if (probe === undefined) {
		return [cell('no answer yet', 'dim')];
	}

	if (!isProbeFresh(probe, now)) {
		return [cell(`not run ${forAge(probe.at, now)}`, 'warn')];
	}

	if (probe.failing !== undefined && isGuess(probe, target)) {
		const setting = probe.purpose === 'write' ? 'probe.port' : 'probe.read_port';
		return [cell(`no answer on :${probe.port}; set ${setting}: ${probe.failing.reason}`, 'warn')];
	}

	if (probe.failing !== undefined) {
		return [
			cell(`FAILING${agePart(probe.failing.since, now)}: `, 'bad'),
			cell(failingReason(cluster, target, probe, now) ?? '', 'bad'),
		];
	}

	if (probe.answer === undefined) {
		return [cell('no answer yet', 'dim')];
	}

	const shown = blocksOf(probe.seconds, now);
	return [
		cell('ok', 'good'),
		// As wide as any below a minute: what stands behind it does not move.
		cell(` ${latencyText(shown.at(-1)?.latency ?? probe.answer.latency).padStart(6)} `),
		nameCell(`${nodeOfAnswer(cluster, target, probe.answer) ?? probe.answer.server} `),
		{...cell(shown.map(blockBar).join(''), 'dim'), cut: 'start'},
	];
}

type Block = {number: number; latency: number | undefined; failed: boolean};

/**
 * The slowest answer of each block, the newest last. The unfinished block is shown only if it is worse than the one
 * before.
 */
function blocksOf(seconds: readonly Second[], now: number): Block[] {
	const blocks: Block[] = [];
	for (const {at, latency, failed} of seconds) {
		const number = Math.floor(at / 1000 / barSeconds);
		const block = blocks.at(-1);
		if (block?.number === number) {
			block.latency = latency === undefined ? block.latency : Math.max(latency, block.latency ?? 0);
			block.failed ||= failed || latency === undefined;
		} else {
			blocks.push({number, latency, failed: failed || latency === undefined});
		}
	}

	const current = blocks.at(-1);
	const before = blocks.at(-2);
	const isWorse =
		current === undefined || before === undefined || current.failed || height(current) > height(before);
	const isOngoing = current?.number === Math.floor(now / 1000 / barSeconds);
	return (isOngoing && !isWorse ? blocks.slice(0, -1) : blocks).slice(-barCount);
}

function height({latency = 0}: Block): number {
	return latencySteps.filter(step => latency >= step).length;
}

/** The bar of a block; `×` if an attempt failed. */
function blockBar(block: Block): string {
	return block.failed ? '×' : barOf(block.latency ?? 0, latencySteps);
}

function outageLine(probe: Probe | undefined, now: number): Line[] {
	const outage = probe?.outages.find(({to}) => to !== undefined);
	if (probe === undefined || outage?.to === undefined || ongoingOutage(probe) !== undefined) {
		return [];
	}

	const length = outage.to - outage.from;
	const longest = longestOutageMs(probe) ?? length;
	const longestOne = probe.outages.find(({from, to}) => to !== undefined && to - from === longest);
	return [
		field(
			'Last',
			cell(`${outageName(outage)} `),
			cell(`${atMost(outage)}${duration(length)}`, 'strong'),
			cell(longest > length ? `, longest ${atMost(longestOne)}${duration(longest)}` : ''),
			cell(` at ${clock(outage.from, now)}: ${outage.reason}`, 'dim'),
		),
	];
}

/** The probe did not run for a part of the outage, which may have ended that much earlier. */
function atMost(outage: Outage | undefined): string {
	return outage?.stalled === undefined ? '' : '≤ ';
}

/** Where new clients of the port are sent; marked if the leader key disagrees. */
export function routeCell(shown: ClusterSnapshot, node: string, role: HaproxyRole): Cell {
	const {cluster, target, now} = shown;
	if (isOff(shown, node)) {
		return offCell;
	}

	const source = `haproxy:${node}` as const;
	const route = routeTo(cluster, target, node, role);
	if (!isFresh(cluster.sourceStatuses.get(source), source, now)) {
		const lost = cluster.sourceStatuses.get(source)?.state === 'lost';
		return cell(route === undefined ? (lost ? 'LOST' : '?') : `${words(route.to)}?`, lost ? 'bad' : 'dim');
	}

	if (route === undefined) {
		return cell('?', 'dim');
	}

	if (role !== 'primary') {
		return cell(words(route.to), route.to.length === 0 ? 'dim' : 'plain');
	}

	const leader = dcsIsRead(cluster, now) ? leaderKey(cluster)?.member : undefined;
	const state = leader === undefined ? undefined : routeState(cluster, route, leader);
	if (state === 'outdated' || (route.to.length === 0 && isReachedSince(cluster, target, node, route, now))) {
		return cell(`${words(route.to)}?`, 'dim');
	}

	return route.to.length === 0
		? cell('NOWHERE', 'bad')
		: cell(
				`${words(route.to)}${state === 'wrong' ? ' ≠ leader' : ''}`,
				state === 'wrong' ? 'bad' : state === 'unknown' ? 'warn' : 'plain',
			);
}

function words(to: readonly Destination[]): string {
	return to.length === 0 ? 'nowhere' : destinationNames(to).join(' ');
}

/** HAProxy's checks of each server for writers, and since when. */
export function checksCell(shown: ClusterSnapshot, node: string): Cell {
	const {cluster, target, now} = shown;
	if (isOff(shown, node)) {
		return cell('');
	}

	const source = `haproxy:${node}` as const;
	const known = cluster.haproxy.get(node);
	const reason = unavailableReason(cluster.sourceStatuses.get(source), source, now);
	if (reason !== undefined || known === undefined) {
		return cell(cluster.sourceStatuses.get(source)?.state === 'lost' ? (reason ?? '') : '', 'dim');
	}

	const servers = routeTo(cluster, target, node, 'primary')?.servers ?? [];
	const members = membersByServer(cluster, target, known.value);
	return cell(
		servers
			.map(server => {
				const {status, checkStatus, checkCode, lastChange} = server;
				const check = [checkStatus, checkCode || ''].filter(Boolean).join(' ');
				const since = Math.max(0, now - known.at);
				const held = lastChange === undefined ? '' : age(lastChange * 1000 + since);
				return [members.get(server) ?? server.server, status, check, held].filter(Boolean).join(' ');
			})
			.join(', '),
		'dim',
	);
}

/** `up`, or the services that do not run; without SSH, the reason and the remedy. */
export function servicesCell(shown: ClusterSnapshot, node: string): Cell {
	const {cluster, now} = shown;
	if (isOff(shown, node)) {
		return offCell;
	}

	const sight = cluster.sourceStatuses.get(`vip:${node}`);
	const reason = unavailableReason(sight, `vip:${node}`, now);
	if (reason !== undefined) {
		const remedy = sight?.state === 'lost' && sight.remedy !== undefined ? ` (${sight.remedy})` : '';
		return sight?.state === 'lost'
			? cell(`LOST${sight.seenAt === undefined ? '' : agePart(sight.seenAt, now)}: ${reason}${remedy}`, 'bad')
			: cell(reason, 'dim');
	}

	const source = `units:${node}` as const;
	const units = cluster.units.get(node)?.value;
	if (units === undefined || !isFresh(cluster.sourceStatuses.get(source), source, now)) {
		return cell('?', 'dim');
	}

	const down = units.filter(unit => !isRunning(unit));
	// A service that is not installed on the node does not count as down.
	const missing = down.filter(({load}) => load === 'not-found').map(({service}) => service);
	const stopped = down.filter(({load}) => load !== 'not-found');
	return stopped.length > 0
		? cell(stopped.map(({service, active}) => `${service} ${active}`).join(', '), 'bad')
		: missing.length > 0
			? cell(`${units.length > missing.length ? 'up, ' : ''}no unit of ${missing.join(', ')}`, 'plain')
			: cell(`${units.length} of ${units.length} up`, 'good');
}
