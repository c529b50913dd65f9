/**
 * A switchover drill by keys, from the console's menu: it records itself, and measures an application's outage on the
 * screen and in its report.
 */
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {execa} from 'execa';
import {afterEach, beforeEach, expect, it} from 'vitest';
import {execCommand} from '../../lab/lab.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import type {Report} from '../../source/report/schema.ts';
import {driveConsole, esc} from '../support/console-driver.ts';
import {drillState} from '../support/drill.ts';
import {console, untilHealthy} from '../support/lab.ts';
import {type Application, application, expectSame} from '../support/outage.ts';
import {expectSameFrames, forward, framesOf, jumping} from '../support/replayed.ts';
import type {Terminal} from '../support/terminal.ts';

const {see, press, cast, select, choose} = driveConsole(() => terminal);

let terminal: Terminal;
let app: Application;
let environment: Record<string, string>;

beforeEach(async () => {
	await untilHealthy();
	environment = await drillState();
	app = await application();
	terminal = console({rows: 60, env: environment});
	await see('a healthy cluster', /\n HEALTHY/, 60_000);
});

afterEach(async () => {
	app?.end();
	await terminal.kill();
});

it('is asked for, confirmed, recorded, measured and reported', async () => {
	const began = Date.now();
	const {leader, replica} = cast();
	await select(replica);
	await choose(new RegExp(`[│┃] +drill: switchover ${leader} → ${replica}`));
	await see('the question', new RegExp(`Drill: switchover to ${replica}.*asked while ${leader} led`));
	await see('where it is recorded', /records +postgres-cluster-\S+-drill-switchover\.ndjson\.gz/);
	await see('the plan', /plan +recording; nothing was missing → sent/);
	// Past the candidate, if there are several, to the goal.
	await press(['\t', /▸ y +begin the drill/], ['\t', /▸ goal/]);
	terminal.press('60s redundancy=120s');
	await see('the goals', /goal +60s redundancy=120s_/);
	await press(['\t', /▸ reason/]);
	terminal.press('by keys');
	await see('the reason', /reason +by keys_/);
	await press(['\t', /\[▸ Back/], ['y', /● REC.*» waiting until it records and nothing is missing/s]);
	await see('that it was sent', /» (sent, |waiting until nothing is missing)/, 30_000);
	await press([esc, /RUNNING drill: switchover to/], ['q', /drill: switchover to \w+: still running/]);
	await press(['D', /┏━ (?:▸ )?Drill: switchover to/]);
	await see('its end', /MET write outage .* s, goal 1m; one more goal met/, 150_000);
	await see('the writes', /Acknowledged writes lost[ │]+0[ │]+none[ │]+met[ │]+of \d+/);
	await see('the way to its report', /report +pgha-top report FILE --format html/);
	await see('the recording closed', /pgha-top {2}postgres-cluster {2}\d/);

	const folder = path.join(environment.XDG_STATE_HOME ?? '', 'pgha-top');
	const kept = JSON.parse(readFileSync(path.join(folder, 'drills.ndjson'), 'utf8'));
	expect(kept).toMatchObject({
		kind: 'switchover',
		target: replica,
		result: 'met',
		reason: 'by keys',
		goal: 60_000,
		goals: {redundancy: 120_000},
		measures: {lost: 0},
	});
	const [name, ...more] = readdirSync(path.join(folder, 'recordings'));
	expect(more).toEqual([]);
	const file = path.join(folder, 'recordings', name ?? '');
	expect(kept.recording).toBe(file);
	await app.written();
	await expectSame({lengthMs: kept.measures.writes, stalledMs: 0}, app, began, file);

	const {file: command, args, env} = execCommand(['pgha-top', 'report', file, '--format', 'json']);
	const {stdout} = await execa(command, args, {env});
	const report = JSON.parse(stdout) as Report;
	expect(report.verdict.result).toBe('met');
	expect(report.reason).toBe('by keys');
	expect(report.recording.cut_short).toBe(false);
	const [episode] = report.episodes.filter(({cause}) => cause === 'drill');
	expect(Object.fromEntries(episode?.measures.map(({id, value}) => [id, value]) ?? [])).toEqual(
		kept.measures,
	);

	const recording = await openRecording(file);
	const played = forward(recording);
	const frames = framesOf(played);
	expect(frames.some(frame => /» waiting until it records and nothing is missing/.test(frame))).toBe(true);
	expect(frames.at(-1)).toMatch(/Drill: switchover to/);
	expectSameFrames(forward(recording), played);
	expectSameFrames(jumping(recording), played);
	recording.close();
	// With the drill on top, q would close that alone.
	await press([esc, /q quit/]);
	terminal.press('q');
	await terminal.exited;
});
