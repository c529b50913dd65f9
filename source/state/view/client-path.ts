/** The client path as the probe measures it: server, latency, and the last outage. */

import type {Cluster} from '../../domain/cluster/cluster.ts';
import {
	isGuess,
	isProbeFresh,
	longestOutageMs,
	ongoingOutage,
	outageName,
	type Probe,
	type Second,
} from '../../domain/cluster/probe.ts';
import {nodeAt} from '../../domain/cluster/vip.ts';
import type {Target} from '../../domain/target.ts';
import {age, clock, duration, latencyText} from '../../lib/format.ts';
import type {ClusterSnapshot} from '../state.ts';
import {type Cell, cell, field, type Line} from './cells.ts';
import {barOf} from './chart.ts';
import {latencySteps} from './trends.ts';

/** Seconds for each bar; with one second the line would be redrawn every second. */
const barSeconds = 5;
const barCount = 10;

export function clientPathLines({cluster, target, now}: ClusterSnapshot): Line[] {
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
		...outageLine(cluster.probes.get(wanted.ports.write ?? 0), now),
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
	const quiet = last === undefined ? '' : `, no gap for ${age(now - last)}`;
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
		return [cell(`not run for ${age(now - probe.at)}`, 'warn')];
	}

	if (probe.failing !== undefined && isGuess(probe, target)) {
		const setting = probe.purpose === 'write' ? 'probe.port' : 'probe.read_port';
		return [cell(`no answer on :${probe.port}; set ${setting}: ${probe.failing.reason}`, 'warn')];
	}

	if (probe.failing !== undefined) {
		return [cell(`FAILING ${age(now - probe.failing.since)}: `, 'bad'), cell(probe.failing.reason, 'bad')];
	}

	if (probe.answer === undefined) {
		return [cell('no answer yet', 'dim')];
	}

	const shown = blocksOf(probe.seconds, now);
	const {server} = probe.answer;
	return [
		cell('ok', 'good'),
		// As wide as any below a minute: what stands behind it does not move.
		cell(` ${latencyText(shown.at(-1)?.latency ?? probe.answer.latency).padStart(6)} `),
		cell(`${nodeAt(cluster, target, server) ?? server} `, 'strong'),
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
	return [
		field(
			'Last',
			cell(`${outageName(outage)} `),
			cell(`${duration(length)}`, 'strong'),
			cell(longest > length ? `, longest ${duration(longest)}` : ''),
			cell(` at ${clock(outage.from, now)}: ${outage.reason}`, 'dim'),
		),
	];
}
