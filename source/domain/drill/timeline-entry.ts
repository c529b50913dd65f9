/** A drill in the timeline. */
import type {Entry} from '../timeline/entry.ts';
import {entriesOf, goalNames, goalsOf} from './goals.ts';
import type {DrillEvent, DrillResult} from './types.ts';
import {describeDrill} from './types.ts';

const turns: Readonly<Record<DrillResult, Entry['turn']>> = {
	met: 'better',
	'not met': 'worse',
	failed: 'worse',
	unknown: 'news',
};

/** What is worth a line of it. */
export type TimelineDrillEvent = Extract<
	DrillEvent,
	{type: 'drill.begun' | 'drill.asked' | 'drill.verified' | 'drill.ended'}
>;

export function drillEntry(event: TimelineDrillEvent, at: number): Entry {
	switch (event.type) {
		case 'drill.begun': {
			const {drill} = event;
			const goals = entriesOf(goalsOf(drill)).map(([id, goal]) => `${goalNames[id]} ${goal / 1000} s`);
			const aims = goals.length === 0 ? '' : `; goal: ${goals.join(', ')}`;
			return {at, kind: 'drill', turn: 'news', text: `${describeDrill(drill)}${aims}`};
		}

		case 'drill.asked': {
			return {at, kind: 'drill', turn: 'news', text: `action needed: ${event.text}`};
		}

		case 'drill.verified': {
			const {acknowledged, lost, problem} = event;
			return problem === undefined
				? {
						at,
						kind: 'drill',
						turn: lost.length === 0 ? 'better' : 'worse',
						text: `${lost.length} of ${acknowledged} acknowledged writes are lost`,
					}
				: {at, kind: 'drill', turn: 'news', text: `acknowledged writes not verified: ${problem}`};
		}

		case 'drill.ended': {
			return {at, kind: 'drill', turn: turns[event.result], text: `the drill has ended: ${event.text}`};
		}
	}
}
