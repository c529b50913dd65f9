/** Three drills one after the other: they measure an application's write outage, and so do their reports. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {isOn} from '../../lab/cgroup.ts';
import {execCommand, power} from '../../lab/lab.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import type {Report} from '../../source/report/schema.ts';
import {drill, drillState} from '../support/drill.ts';
import {untilHealthy} from '../support/lab.ts';
import {type Application, application, expectSame} from '../support/outage.ts';
import {expectSameFrames, forward, jumping} from '../support/replayed.ts';

let environment: Record<string, string>;
let app: Application;

beforeAll(async () => {
	await untilHealthy();
	environment = await drillState();
	app = await application();
});

beforeEach(async () => {
	await untilHealthy();
});

afterAll(async () => {
	app?.end();
	for (const node of ['pgdb1', 'pgdb2']) {
		if (!isOn(node)) {
			await power('on', node);
		}
	}
});

/** The drill's line in the history. */
function kept(): {kind: string; result: string; measures: Record<string, number>}[] {
	const file = path.join(environment.XDG_STATE_HOME ?? '', 'pgha-top', 'drills.ndjson');
	return readFileSync(file, 'utf8')
		.trimEnd()
		.split('\n')
		.map(line => JSON.parse(line));
}

describe('drills on the real cluster', () => {
	it.each([
		['switchover', '60s'],
		['shutdown', '60s'],
		['power-cut', '90s'],
	])("%s: measures the application's outage, loses nothing, and is in its report", async (kind, goal) => {
		const began = Date.now();
		const {exitCode, lines, recording} = await drill(
			[kind, '--goal', goal, '--record-logs', '--reason', `rehearsal of ${kind}`],
			environment,
		);
		const output = lines.join('\n');
		expect(exitCode, output).toBe(0);
		expect(output).toMatch(/^MET: write outage \d+\.\d\d s, goal \d+\.\d\d s$/m);
		const drilled = kept().at(-1);
		expect(drilled).toMatchObject({kind, result: 'met'});
		const measures: Record<string, number | null> = drilled?.measures ?? {};
		expect(measures.lost).toBe(0);
		expect(measures.leader).toBeGreaterThan(0);
		expect(measures.redundancy).toBeGreaterThan(measures.leader ?? Infinity);
		await app.written();
		await expectSame({lengthMs: measures.writes ?? Infinity, stalledMs: 0}, app, began, recording);

		const {file, args, env} = execCommand(['pgha-top', 'report', recording, '--format', 'json']);
		const {stdout} = await execa(file, args, {env});
		const report = JSON.parse(stdout) as Report;
		expect(report.verdict.result).toBe('met');
		expect(report.recording.cut_short).toBe(false);
		expect(report.reason).toBe(`rehearsal of ${kind}`);
		const [episode] = report.episodes.filter(({cause}) => cause === 'drill');
		expect(Object.fromEntries(episode?.measures.map(({id, value}) => [id, value]) ?? [])).toEqual(measures);
		expect(report.timeline.flatMap(({logs}) => logs).length).toBeGreaterThan(5);
		expect(report.operations).toHaveLength(kind === 'power-cut' ? 0 : 1);

		const read = await openRecording(recording);
		expect(read.header.logs).toBe(true);
		expectSameFrames(forward(read), forward(read));
		// A jump does not load log lines from long before it: only the panes are the same.
		expectSameFrames(jumping(read, {asOperator: false}), forward(read, {asOperator: false}));
		read.close();
	});

	it('is compared with the ones before it', async () => {
		const {exitCode, lines} = await drill(['switchover', '--goal', '1ms'], environment);
		const output = lines.join('\n');
		expect(exitCode, output).toBe(1);
		expect(output).toMatch(/Last time +Median of 1/);
		expect(output).toMatch(/^NOT MET: /m);
	});
});
