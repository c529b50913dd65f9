/** The recordings that come with the program: complete, small, and replayed by the current code to the same end. */
import {statSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {tour} from '../../source/cli/commands/replay.ts';
import {leaderKey} from '../../source/domain/cluster/keys.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {fileOfTour, tourFile, tourTable} from '../../source/replay/command.ts';
import {printableTable} from '../../source/ui/table-layout.ts';

const most = 400 * 1024;

describe('the tour', () => {
	it('lists all recordings, with one line of explanation each', async () => {
		const list = await printableTable(tourTable(), {});
		for (const {name, what} of tour) {
			expect(list).toMatch(new RegExp(`^│ ${name} +│ ${what} +│$`, 'm'));
		}

		expect(fileOfTour('../../etc/passwd')).toBeUndefined();
	});

	it.each(tour.map(({name}) => name))('has %s, recorded on a real cluster', async name => {
		const file = tourFile(name);
		expect(statSync(file).size).toBeLessThan(most);
		const recording = await openRecording(file);
		expect(recording.cutShort).toBe(false);
		expect(recording.header.who.host).toBe('operator');
		const all = [...recording.replay()];
		expect(all).toHaveLength(recording.events);
		// In every recording a member leads at the end, and etcd is read.
		expect(leaderKey(all.at(-1)?.after.cluster ?? recording.segment(0).state.cluster)?.member).toMatch(
			/^pgdb[12]$/,
		);
		recording.close();
	});
});
