/** The tour's frames at every size: the first and the last timeline entry of each recording, and its end. */
import {describe, expect, it} from 'vitest';
import {tour} from '../../source/cli/commands/replay.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {tourFile} from '../../source/replay/command.ts';
import {Player} from '../../source/replay/player.ts';
import type {State} from '../../source/state/state.ts';
import {frameOf, sizes} from '../support/screen.tsx';

/** The paused screen of the tour. */
async function moments(name: string): Promise<Record<string, State>> {
	const recording = await openRecording(tourFile(name));
	const player = new Player(recording, {asOperator: true, perform: () => undefined});
	const states: Record<string, State> = {};
	const take = (what: string) => {
		states[what] = player.state;
	};
	player.dispatch({type: 'command', command: 'play.toggle'});
	if (recording.marks.length > 0) {
		player.dispatch({type: 'command', command: 'play.next'});
		take('the first thing that happens');
		player.dispatch({type: 'command', command: 'play.last'});
		player.dispatch({type: 'command', command: 'play.previous'});
		take('the last thing that happens');
	}

	player.dispatch({type: 'command', command: 'play.last'});
	take('the end');
	recording.close();
	return states;
}

describe.each(tour.map(({name}) => name))('the tour: %s', name => {
	it('is on the screen as recorded', async () => {
		for (const [what, state] of Object.entries(await moments(name))) {
			for (const size of sizes) {
				const frame = frameOf(state, size);
				expect(frame.split('\n').length).toBeLessThanOrEqual(size.height);
				expect(frame).toMatchSnapshot(`${what}, ${size.width} x ${size.height}`);
			}
		}
	});
});
