/**
 * What an open console costs the nodes: CPU of each node's cgroup with a console and without one, in turns, so that what
 * the cluster does by itself is in both.
 */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {nodesOf, readInventory} from '../lab/inventory.ts';
import {cgroupOf} from '../lab/paths.ts';
import {sqlThroughVip} from '../lab/psql.ts';
import {Terminal} from '../test/support/terminal.ts';
import type {Figure} from './report.ts';

const turns = 3;
/** Of a turn: whole loops of Patroni (5 s) and checks of HAProxy. */
const seconds = 30;
/** Milliseconds until what a console began and ended is over; and with a console, until a minute without news has passed. */
const settling = {bare: 6000, watched: 75_000};

/** By default the probe does not write. */
const consoles = [
	{words: 'the console', args: ['--no-write-probe']},
	{words: 'the console with the write probe', args: ['--write-probe']},
];

export async function observer(): Promise<Figure[]> {
	const inventory = readInventory();
	const nodes = nodesOf(inventory).map(({name}) => name);
	const sums: {bare: Map<string, number>; watched: Map<string, number>}[] = [];
	for (const {args} of consoles) {
		const [bare, watched] = [new Map<string, number>(), new Map<string, number>()];
		for (let turn = 0; turn < turns; turn++) {
			// Else PostgreSQL would write during the next measurement what was written before.
			await sqlThroughVip(inventory, 'CHECKPOINT');
			await delay(settling.bare);
			await spend(nodes, bare);
			await spendWatched(nodes, args, watched);
		}

		sums.push({bare, watched});
	}

	const unit = '% of a core';
	const note = `${turns} times ${seconds} s in turns`;
	const of = (spent: ReadonlyMap<string, number> | undefined, node: string) =>
		(spent?.get(node) ?? Number.NaN) / turns;
	return nodes.flatMap((node): Figure[] =>
		consoles.flatMap(({words}, index): Figure[] => {
			const [peer, ours] = [of(sums[index]?.bare, node), of(sums[index]?.watched, node)];
			return [
				{what: `observer: CPU of ${node}, with ${words} and without`, unit, ours, peer, note},
				{
					what: `observer: CPU of ${node} for ${words}`,
					unit,
					ours: ours - peer,
					goal: {atMost: 0.5, of: 'value'},
					note,
				},
			];
		}),
	);
}

async function spendWatched(
	nodes: readonly string[],
	args: readonly string[],
	sums: Map<string, number>,
): Promise<void> {
	const console = new Terminal('pgha-top', args);
	try {
		await console.until('a healthy cluster', text => text.includes('\n HEALTHY'), 30_000);
		await delay(settling.watched);
		await spend(nodes, sums);
	} finally {
		await console.kill();
	}
}

/** Adds each node's CPU, % of a core. */
async function spend(nodes: readonly string[], sums: Map<string, number>): Promise<void> {
	const [began, before] = [performance.now(), nodes.map(usedUs)];
	await delay(seconds * 1000);
	const passedUs = (performance.now() - began) * 1000;
	for (const [index, node] of nodes.entries()) {
		const used = usedUs(node) - (before[index] ?? Number.NaN);
		sums.set(node, (sums.get(node) ?? 0) + (used / passedUs) * 100);
	}
}

/** CPU time of all processes of a node, µs (cgroup v2, cpu.stat). */
function usedUs(node: string): number {
	const stat = readFileSync(path.join(cgroupOf(node), 'cpu.stat'), 'utf8');
	return Number(/^usage_usec (\d+)$/m.exec(stat)?.[1]);
}
