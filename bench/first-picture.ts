/** From the command to the first picture of the console, and to the first one that shows the leader. */
import {execa} from 'execa';
import {Terminal} from '../test/support/terminal.ts';
import type {Figure} from './report.ts';
import {median} from './statistics.ts';

const rounds = 15;
const goalMs = 250;

export async function firstPicture(): Promise<Figure[]> {
	// The first run fills the page cache and Node's cache of compiled code.
	await timed();
	const timings: Timing[] = [];
	for (let round = 0; round < rounds; round++) {
		timings.push(await timed());
	}

	const note = `median of ${rounds} rounds, 120x40`;
	const medianOf = (field: keyof Timing) => median(timings.map(timing => timing[field]));
	return [
		{
			what: 'first picture: wall',
			unit: 'ms',
			ours: medianOf('panes'),
			goal: {atMost: goalMs, of: 'value'},
			note: `${note}; Node.js alone: ${medianOf('node').toFixed(0)} ms`,
		},
		{what: 'first picture with the leader: wall', unit: 'ms', ours: medianOf('leader'), note},
	];
}

/** Milliseconds; `node`: a start and end of Node.js without a program, in the same round. */
type Timing = {panes: number; leader: number; node: number};

async function timed(): Promise<Timing> {
	const started = performance.now();
	await execa(process.execPath, ['--eval', '0']);
	const node = performance.now() - started;
	const began = performance.now();
	const console = new Terminal('pgha-top', []);
	try {
		await console.until('the panes', hasPanes);
		const panes = performance.now() - began;
		await console.until('the leader', showsLeader);
		return {panes, leader: performance.now() - began, node};
	} finally {
		await console.kill();
	}
}

/** The title of the first pane, and the lower edge of the last one. */
const hasPanes = (screen: string) => /▸ Members .*└─+┘\n[^┌]*$/s.test(screen);
const showsLeader = (screen: string) => /^[│┃] Holder +\S+, since /m.test(screen);
