/** The recordings that come with the program: whole, small, and each snapshot in them is what replaying comes to. */
import {statSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {openRecording} from '../../source/recording/open.ts';
import {fileOfTour, tour, tourFile, tourList} from '../../source/recording/tour.ts';
import type {State} from '../../source/state/state.ts';

const most = 400 * 1024;

function told({logs: {ring: _, ...logs}, ...state}: State): unknown {
	return {...state, logs};
}

describe('the tour', () => {
	it('lists all of them, with a line of explanation each', () => {
		for (const {name, what} of tour) {
			expect(tourList()).toMatch(new RegExp(`^  ${name} +${what}$`, 'm'));
		}

		expect(fileOfTour('../../etc/passwd')).toBeUndefined();
	});

	it.each(tour.map(({name}) => name))('has %s, recorded on a real cluster', async name => {
		const file = tourFile(name);
		expect(statSync(file).size).toBeLessThan(most);
		const recording = await openRecording(file);
		expect(recording.cutShort).toBe(false);
		expect(recording.header.who.host).toBe('operator');
		// What the live console was at each snapshot is what its events lead to.
		const snapshots = new Map(recording.places.map((place, number) => [place.events, number]));
		let [events, compared] = [0, 0];
		for (const {before} of recording.replay()) {
			const number = snapshots.get(events);
			if (number !== undefined) {
				expect(told(before)).toEqual(told(recording.segment(number).state));
				compared++;
			}

			events++;
		}

		expect(compared).toBe(recording.places.length);
		expect(events).toBe(recording.events);
		recording.close();
	});
});
