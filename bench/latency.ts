/** Measures many times from a change to the screen that shows it, at intervals unrelated to the console's. */
import {setTimeout as delay} from 'node:timers/promises';
import type {Terminal} from '../test/support/terminal.ts';
import type {Figure} from './report.ts';
import {percentile} from './statistics.ts';

/** Milliseconds between two changes: the minimum, and the random addition. */
const pause = [120, 250] as const;

export type Change = {make: () => void; seen: (screen: string) => boolean};

export async function latencies(
	terminal: Terminal,
	count: number,
	change: (index: number) => Change,
): Promise<number[]> {
	const samples: number[] = [];
	for (let index = 0; index < count; index++) {
		await delay(pause[0] + Math.random() * pause[1]);
		const {make, seen} = change(index);
		const began = performance.now();
		make();
		await terminal.until(`change ${index}`, seen);
		samples.push(performance.now() - began);
	}

	return samples;
}

export function latencyFigures(what: string, samples: readonly number[], p99AtMost?: number): Figure[] {
	const note = `${samples.length} samples`;
	return [
		{what: `${what}: p50`, unit: 'ms', ours: percentile(samples, 0.5), note},
		{
			what: `${what}: p99`,
			unit: 'ms',
			ours: percentile(samples, 0.99),
			...(p99AtMost === undefined ? {} : {goal: {atMost: p99AtMost, of: 'value'}}),
			note,
		},
	];
}
