/** A drill from the menu without a network: recorded, sent, measured, saved. */
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {drillsFile} from '../../source/drill/history.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {readReport} from '../../source/report/command.ts';
import {selectedRow} from '../../source/state/selection.ts';
import {topOverlay} from '../../source/state/state.ts';
import {DrillConsole} from '../support/drilled-cluster.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('controller');
let number = 0;

beforeEach(() => {
	vi.stubEnv('XDG_STATE_HOME', path.join(folder, String(number++)));
});

afterEach(() => {
	vi.unstubAllEnvs();
});

class Console extends DrillConsole {
	constructor() {
		super(path.join(folder, `recordings-${number}`));
	}

	/** Opens the question of the menu's offer. */
	async ask(offer: string): Promise<void> {
		for (let step = 0; selectedRow(this.runtime.state) !== 'pgdb2' && step < 5; step++) {
			this.press('select.down');
		}

		this.press('menu.open', 'go.last');
		const selected = () => {
			const overlay = topOverlay(this.runtime.state.view);
			return overlay?.kind === 'menu' ? overlay.selected : undefined;
		};
		for (let step = 0; selected() !== offer && step < 20; step++) {
			this.press('select.up');
		}

		this.press('menu.choose');
		await this.until(({view}) => {
			const overlay = topOverlay(view);
			return overlay?.kind === 'dialog' && overlay.drill?.prepared !== undefined;
		});
	}
}

describe('a drill from the menu', () => {
	it('records, waits, sends, measures, and saves the measures for the next one', async () => {
		const console = new Console();
		await console.ask('drill switchover');
		console.press('dialog.next', 'dialog.next');
		console.runtime.dispatch({type: 'typed', text: 'leader=5s redundancy=1s'});
		console.press('dialog.next');
		console.runtime.dispatch({type: 'typed', text: 'CHG-4711'});
		console.press('dialog.previous', 'dialog.previous', 'dialog.enter');
		await console.until(({recording}) => recording !== undefined);
		expect(console.requests).toEqual([]);
		await console.watchBaseline();
		await console.until(({drill}) => drill?.ended !== undefined);
		const drill = console.drill;
		expect(console.requests).toEqual(['http://10.73.0.160:8008/switchover']);
		expect(drill?.ended).toMatchObject({
			result: 'not met',
			text: 'write outage not known; time until full redundancy 4.50 s, goal 1.00 s; one more goal met',
		});
		expect(drill?.stages.map(({id}) => id)).toEqual(['baseline', 'done', 'whole', 'verified']);
		await console.until(({recording}) => recording === undefined);
		const file = drill?.recording?.file ?? '';
		expect(JSON.parse(readFileSync(drillsFile(), 'utf8'))).toMatchObject({
			kind: 'switchover',
			result: 'not met',
			reason: 'CHG-4711',
			goals: {leader: 5000, redundancy: 1000},
			recording: file,
			measures: {leaderless: 1000, leader: 1500, redundancy: 4500},
		});

		// The recording replays to what was on the screen.
		const recording = await openRecording(file);
		expect(recording.header.reason).toBe('CHG-4711');
		const states = [...recording.replay()].map(({after}) => after);
		const ended = states.find(one => one.drill?.ended !== undefined);
		expect(ended?.drill).toEqual(drill);
		expect(ended?.view.overlays).toEqual([{kind: 'drill', scroll: 0}]);
		expect(ended?.runs).toHaveLength(1);
		recording.close();
		const report = await readReport(file);
		expect(report.verdict).toMatchObject({result: 'not met', text: drill?.ended?.text});
		expect(report.drill).toMatchObject({goals: {leader: 5000, redundancy: 1000}});

		expect(console.faults).toEqual([]);
	});

	it('shows the measures of the last one of its kind', async () => {
		const first = new Console();
		await first.ask('drill switchover');
		first.press('dialog.yes');
		await first.watchBaseline();
		await first.until(({drill, recording}) => drill?.ended !== undefined && recording === undefined);
		const next = new Console();
		await next.ask('drill switchover');
		const overlay = topOverlay(next.runtime.state.view);
		expect(overlay?.kind === 'dialog' && overlay.drill?.prepared?.earlier).toMatchObject({
			count: 1,
			last: {leaderless: 1000, leader: 1500, redundancy: 4500, writes: null},
			median: {leaderless: 1000},
		});
	});

	it('continues the recording that is running, and does not end it', async () => {
		const console = new Console();
		const file = path.join(folder, 'all-day.ndjson');
		await console.recorder.begin(file);
		await console.ask('drill switchover');
		console.press('dialog.yes');
		await console.watchBaseline();
		await console.until(({drill}) => drill?.ended !== undefined);
		expect(console.drill?.recording).toEqual({file, own: false});
		await console.controller.close();
		expect(console.runtime.state.recording).toEqual({file});
		expect(await console.recorder.end()).toBe(file);
	});

	it('sends nothing if it cannot be recorded', async () => {
		const console = new Console();
		await console.ask('drill switchover');
		const overlay = topOverlay(console.runtime.state.view);
		const file = overlay?.kind === 'dialog' ? overlay.drill?.prepared?.file : undefined;
		writeFileSync(file ?? '', 'there before');
		console.press('dialog.yes');
		await console.until(({drill}) => drill?.ended !== undefined);
		expect(console.drill?.ended).toMatchObject({
			result: 'failed',
			text: expect.stringContaining(`nothing was sent: it cannot be recorded: ${file}: `),
		});
		expect(console.requests).toEqual([]);
	});

	it('sends nothing if it is aborted before, and says so', async () => {
		const console = new Console();
		await console.ask('drill switchover');
		console.press('dialog.yes');
		await console.until(({drill}) => drill?.stages.length === 1);
		console.press('drill.stop', 'drill.stop');
		await console.until(({drill}) => drill?.ended !== undefined);
		expect(console.drill?.ended?.text).toBe('nothing was sent: aborted');
		expect(console.requests).toEqual([]);
		await console.until(({recording}) => recording === undefined);
	});

	it('is aborted when the console ends, with its recording', async () => {
		const console = new Console();
		await console.ask('drill power-cut');
		console.runtime.dispatch({type: 'typed', text: 'pgdb2'});
		console.press('dialog.enter');
		await console.watchBaseline();
		await console.until(({drill}) => drill?.hand !== undefined);
		expect(console.drill?.hand).toBe('pull the plug of pgdb2 now');
		await console.controller.close();
		expect(console.drill?.ended).toMatchObject({result: 'unknown', text: 'aborted'});
		expect(await console.recorder.end()).toBe(console.drill?.recording?.file);
		expect(console.faults).toEqual([]);
	});
});
