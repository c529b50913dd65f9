/** A recorded live session on the real cluster: each snapshot equals the state that the events lead to. */
import path from 'node:path';
import {afterEach, beforeEach, expect, it} from 'vitest';
import {openRecording} from '../../source/recording/read/open.ts';
import {driveConsole, esc} from '../support/console-driver.ts';
import {withoutRing} from '../support/equal-states.ts';
import {temporaryFolder} from '../support/folder.ts';
import {console, untilHealthy} from '../support/lab.ts';
import type {Terminal} from '../support/terminal.ts';

const file = path.join(temporaryFolder('live'), 'live.ndjson.gz');
const {see, press, cast, select} = driveConsole(() => terminal);

let terminal: Terminal;

beforeEach(async () => {
	await untilHealthy();
	terminal = console({}, ['--record', file]);
	await see('a healthy cluster', /\n HEALTHY/, 60_000);
});

afterEach(async () => {
	await terminal.kill();
});

it('replays to the same state, over a switchover and three snapshots', async () => {
	const began = Date.now();
	const {leader, replica} = cast();
	await select(replica);
	await press(['S', new RegExp(`Switchover ${leader} → ${replica}`)], ['y', /Operation: switchover/]);
	await see('the new leader', /DONE .*after \d+\.\d s/, 30_000);
	await press([esc, /q quit/]);
	await see('a sync standby', new RegExp(`[│┃] ${leader} .*Sync Standby`), 90_000);
	await terminal.until('some more of it', () => Date.now() - began > 75_000, 120_000);
	terminal.press('q');
	await terminal.exited;
	const recording = await openRecording(file);
	expect(recording.cutShort).toBe(false);
	expect(recording.places.length).toBeGreaterThanOrEqual(3);
	const snapshots = new Map(recording.places.map(({events}, number) => [events, number]));
	let [events, compared] = [0, 0];
	for (const {before} of recording.replay()) {
		const number = snapshots.get(events);
		if (number !== undefined) {
			expect(withoutRing(before)).toEqual(withoutRing(recording.segment(number).state));
			compared++;
		}

		events++;
	}

	expect(compared).toBe(recording.places.length);
	recording.close();
});
