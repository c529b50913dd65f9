/** The time of a frame with few, many and very many members on a screen of one size: what is not visible must not cost. */

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
			// 30 fill the screen already; the rest is noise of the measurement.
			goal: {atMost: 1.2, of: 'peer'},
			note,
		},
	];
}

/** Frames a second apart, as a quiet cluster gives them: ages and the lease count on. In turn, so that all have the same machine. */
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
