/** `pgha-top --once` against `patronictl list`, in turn: wall time, and CPU time with that of all children. */
import {execa} from 'execa';
import {patronictl} from './peer.ts';
import type {Figure} from './report.ts';
import {median} from './statistics.ts';

const pairs = 21;

export async function once(): Promise<Figure[]> {
	const peer = patronictl('pgdb1');
	const ours: Timing[] = [];
	const theirs: Timing[] = [];
	try {
		// The first runs fill the page cache and Node's cache of compiled code.
		await timed(['pgha-top', '--once']);
		await timed(peer.list);
		for (let pair = 0; pair < pairs; pair++) {
			ours.push(await timed(['pgha-top', '--once']));
			theirs.push(await timed(peer.list));
		}
	} finally {
		peer.end();
	}

	const of = (timings: readonly Timing[], field: keyof Timing) =>
		median(timings.map(timing => timing[field]));
	const note = `medians of ${pairs} pairs`;
	return [
		{
			what: '--once against patronictl list: wall',
			unit: 'ms',
			ours: of(ours, 'wall'),
			peer: of(theirs, 'wall'),
			goal: {atMost: 0.5, of: 'peer'},
			note,
		},
		{
			what: '--once against patronictl list: CPU',
			unit: 'ms',
			ours: of(ours, 'cpu'),
			peer: of(theirs, 'cpu'),
			note,
		},
	];
}

type Timing = {wall: number; cpu: number};

/** By the shell's `time`, which counts children that were waited for. */
async function timed(argv: readonly string[]): Promise<Timing> {
	const {stderr, stdout} = await execa('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time "$@"', 'bash', ...argv], {
		timeout: 30_000,
		reject: false,
	});
	if (!stdout.includes('pgdb2')) {
		throw new Error(`${argv.join(' ')} does not show the cluster:\n${stdout}\n${stderr}`);
	}

	const [wall = 0, user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
	return {wall: wall * 1000, cpu: (user + system) * 1000};
}
