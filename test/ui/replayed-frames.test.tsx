/** A replay shows the same frames each time, and a jump shows the frame that playing shows. */
import {describe, expect, it} from 'vitest';
import {openRecording} from '../../source/recording/read/open.ts';
import {tour, tourFile} from '../../source/replay/command.ts';
import {forward, jumping} from '../support/replayed.ts';

describe.each(tour.map(({name}) => name))('the tour: %s', name => {
	it('shows the same frames twice, and after jumps', async () => {
		const recording = await openRecording(tourFile(name));
		const first = forward(recording);
		expect(first.length).toBeGreaterThan(10);
		expect(new Set(first).size).toBe(first.length);
		expect(forward(recording)).toEqual(first);
		expect(jumping(recording)).toEqual(first);
		const own = forward(recording, {asOperator: false});
		expect(jumping(recording, {asOperator: false})).toEqual(own);
		recording.close();
	});
});
