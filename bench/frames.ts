/**
 * The time of a frame with few, many and very many members on a screen of one size: invisible rows must cost nothing.
 */

import {Session, start, target} from '../test/support/session.ts';
import {madeFacts} from '../test/support/synthetic-cluster.ts';
import {loadScreens, type Screens} from '../tools/picture/screens.ts';
import type {Figure} from './report.ts';
import {median} from './statistics.ts';

const size = {width: 120, height: 40};
const warmUp = 100;
const frames = 200;

export async function frameTimes(): Promise<Figure[]> {
	const [few, many, veryMany] = timesOfFrames(await loadScreens(), [3, 30, 300]);
	const note = `${size.width}x${size.height}, median of ${frames}`;
	return [
		{what: 'frame with 3 members', unit: 'ms', ours: few ?? Number.NaN, note},
		{
			what: 'frame with 30 members (peer: 3)',
			unit: 'ms',
			ours: many ?? Number.NaN,
			peer: few ?? Number.NaN,
			note,
		},
		{
			what: 'frame with 300 members (peer: 30)',
			unit: 'ms',
			ours: veryMany ?? Number.NaN,
			peer: many ?? Number.NaN,
			// 30 members already fill the screen; a larger difference is measurement noise.
			goal: {atMost: 1.2, of: 'peer'},
			note,
		},
	];
}

/**
 * Frames one second apart, as in a quiet cluster: only ages and the lease change. Counts alternate, so that all run
 * under the same load.
 */
function timesOfFrames({screen}: Screens, counts: readonly number[]): number[] {
	const all = counts.map(count => {
		const members = Array.from({length: count}, (_, index) => ({name: `node${index + 1}`}));
		const {state} = new Session({...target, vip: undefined, nodes: []}).at(0, ...madeFacts({members}));
		return {state, shown: screen(state, size), times: [] as number[]};
	});
	try {
		for (let frame = 0; frame < warmUp + frames; frame++) {
			for (const {state, shown, times} of all) {
				const began = performance.now();
				shown.show({...state, now: start + (frame % 3) * 1000});
				times.push(performance.now() - began);
			}
		}
	} finally {
		for (const {shown} of all) {
			shown.close();
		}
	}

	return all.map(({times}) => median(times.slice(warmUp)));
}
