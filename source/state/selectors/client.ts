/** How a client fares on its way through the VIP: which server answers, how fast, and the last time that none did. */
import {lasting, type Probe, probeSees, type Second} from '../../domain/probes.ts';
import {nodeAt} from '../../domain/vip.ts';
import {type Cell, cell, type Line} from '../rows.ts';
import type {Picture} from '../state.ts';
import {age, clock} from '../words.ts';

/** Milliseconds from which on a bar has the next height; the same for all, so that a bar means the same tomorrow. */
const heights = [2, 5, 10, 20, 50, 100, 200];
const bars = '▁▂▃▄▅▆▇█';
/** Seconds that the bars go back. */
const span = 12;

export function clientLines({cluster, target, now}: Picture): Line[] {
	const {probe: wanted} = target;
	if (wanted === undefined) {
		return [[cell('Client    '), cell('no probe: give --probe', 'dim')]];
	}

	const names = {write: wanted.write ? 'Writes' : 'Client', read: 'Reads'} as const;
	const probes = (['write', 'read'] as const).flatMap(purpose => {
		const port = wanted.ports[purpose];
		return port === undefined ? [] : [{label: names[purpose], probe: cluster.probes[port]}];
	});
	return [
		...probes.map(
			({label, probe}): Line => [cell(label.padEnd(10)), ...stand(probe, {cluster, target, now})],
		),
		...outageLine(cluster.probes[wanted.ports.write ?? 0], now),
	];
}

function stand(
	probe: Probe | undefined,
	{cluster, target, now}: Pick<Picture, 'cluster' | 'target' | 'now'>,
): Cell[] {
	if (probe === undefined) {
		return [cell('no answer yet', 'dim')];
	}

	if (!probeSees(probe, now)) {
		return [cell(`not asked for ${age(now - probe.at)}`, 'warn')];
	}

	if (probe.failing !== undefined) {
		return [cell(`FAILING ${age(now - probe.failing.since)}: `, 'bad'), cell(probe.failing.reason, 'bad')];
	}

	if (probe.answer === undefined) {
		return [cell('no answer yet', 'dim')];
	}

	const latest = probe.seconds.findLast(({at}) => at < now - (now % 1000)) ?? probe.seconds.at(-1);
	const {server} = probe.answer;
	return [
		cell('ok', 'good'),
		cell(` ${milliseconds(latest?.latency ?? probe.answer.latency)} `),
		cell(`${nodeAt(cluster, target, server) ?? server} `, 'strong'),
		cell(barsOf(probe.seconds), 'dim'),
	];
}

/** The longest wait of each second, newest last; `×` where a try failed. */
function barsOf(seconds: readonly Second[]): string {
	return seconds
		.slice(-span)
		.map(({latency, failed}) =>
			failed || latency === undefined ? '×' : bars[heights.filter(least => latency >= least).length],
		)
		.join('');
}

function milliseconds(latency: number): string {
	return `${latency < 10 ? latency.toFixed(1) : Math.round(latency)} ms`;
}

function outageLine(probe: Probe | undefined, now: number): Line[] {
	const outage = probe?.outages.find(({to}) => to !== undefined);
	if (probe === undefined || outage?.to === undefined || lasting(probe) !== undefined) {
		return [];
	}

	return [
		[
			cell('Last gap  '),
			cell(`${outage.to - outage.from} ms`, 'strong'),
			cell(` at ${clock(outage.from, now)}: ${outage.reason}`, 'dim'),
		],
	];
}
