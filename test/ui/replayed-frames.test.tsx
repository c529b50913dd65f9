/** A replay shows the same frames each time, and a jump shows the frame that playing shows. */
import {describe, expect, it} from 'vitest';
import {openRecording} from '../../source/recording/read/open.ts';
import {tour, tourFile} from '../../source/replay/command.ts';
import {expectSameFrames, far, forward, framesOf, jumping} from '../support/replayed.ts';

describe.each(tour.map(({name}) => name))('the tour: %s', name => {
	it('shows the same frames twice, and after jumps', async () => {
		const recording = await openRecording(tourFile(name));
		const played = forward(recording);
		const frames = framesOf(played);
		expect(frames.length).toBeGreaterThan(10);
		expect(new Set(frames).size).toBe(frames.length);
		expectSameFrames(forward(recording), played);
		const jumped = jumping(recording);
		expect(framesOf(jumped, far(jumped.length))).toEqual(frames);
		expectSameFrames(jumping(recording, {asOperator: false}), forward(recording, {asOperator: false}));
		recording.close();
	});
});
