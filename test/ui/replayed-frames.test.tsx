/** A replay shows the same frames each time, and a jump shows the frame that playing shows. */
import {describe, expect, it} from 'vitest';
import {tour} from '../../source/cli/commands/replay.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {tourFile} from '../../source/replay/command.ts';
import {expectSameFrames, far, forward, framesOf, jumping} from '../support/replayed.ts';

/** Seconds between two frames that are drawn to see that they differ; of all seconds the states are compared. */
const drawnEvery = 3;

describe.each(tour.map(({name}) => name))('the tour: %s', name => {
	it('shows the same frames twice, and after jumps', async () => {
		const recording = await openRecording(tourFile(name));
		const played = forward(recording);
		const frames = framesOf(played.filter((_, second) => second % drawnEvery === 0));
		expect(frames.length).toBeGreaterThan(4);
		expect(new Set(frames).size).toBe(frames.length);
		expectSameFrames(forward(recording), played);
		const jumped = jumping(recording);
		expectSameFrames(jumped, played);
		expectSameFrames(jumping(recording, {asOperator: false}), forward(recording, {asOperator: false}));
		recording.close();
	});
});

it('a frame follows from its state alone, whatever was drawn before it', async () => {
	const recording = await openRecording(tourFile('power-cut'));
	const played = forward(recording);
	recording.close();
	const frames = framesOf(played);
	expect(new Set(frames).size).toBe(frames.length);
	expect(framesOf(played, far(played.length))).toEqual(frames);
});
