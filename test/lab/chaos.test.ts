/** The console beside the oracle during seeded faults: no lie, no miss, no false alarm. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, it} from 'vitest';
import {makeChaos} from '../../lab/chaos/chaos.ts';
import {watch} from '../../lab/oracle/oracle.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {FaultTimes} from '../../tools/judge/fault-times.ts';
import {judge} from '../../tools/judge/judge.ts';
import {readChaos, readOracle} from '../../tools/judge/oracle-file.ts';
import {console, untilHealthy} from '../support/lab.ts';

let folder: string;

beforeEach(async () => {
	await untilHealthy();
	folder = mkdtempSync(path.join(tmpdir(), 'pgha-chaos-'));
});

afterEach(({task}) => {
	// The files of a failure are kept.
	if (task.result?.state === 'pass') rmSync(folder, {recursive: true});
	else process.stderr.write(`the oracle, the recording and the faults are in ${folder}\n`);
});

async function judged(seed: number, minutes: number) {
	const file = (name: string) => path.join(folder, name);
	const stop = new AbortController();
	const watching = watch(file('oracle.ndjson.gz'), stop.signal);
	const terminal = console({columns: 160, rows: 50}, ['--record', file('screen.ndjson.gz')]);
	try {
		await terminal.until('a healthy cluster', text => text.includes('\n HEALTHY'), 60_000);
		const tally = await makeChaos({
			seed,
			minutes,
			file: file('faults.ndjson'),
			consolePid: terminal.pid,
			stop: stop.signal,
			onProgress: line => process.stderr.write(`${line}\n`),
		});
		expect(tally.failed).toBe(0);
		expect(tally.done).toBeGreaterThan(0);
		terminal.press('q');
		expect(await terminal.exited).toBe(0);
	} finally {
		stop.abort();
		await watching;
		await terminal.kill();
	}

	const recording = await openRecording(file('screen.ndjson.gz'));
	try {
		const oracle = readOracle(file('oracle.ndjson.gz'));
		return judge(oracle, recording, new FaultTimes(readChaos(file('faults.ndjson')).lines));
	} finally {
		recording.close();
	}
}

it('shows the truth through two minutes of chaos', {timeout: 600_000}, async () => {
	const {counts, verdicts} = await judged(7, 2);
	expect(verdicts).toEqual([]);
	expect(counts.claims).toBeGreaterThan(10_000);
});

it('shows the truth through ten minutes of chaos', {timeout: 1_800_000}, async () => {
	const {counts, verdicts} = await judged(11, 10);
	expect(verdicts).toEqual([]);
	expect(counts.judged).toBeGreaterThan(10);
});
