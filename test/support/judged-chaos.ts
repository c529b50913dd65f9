/** The console and the oracle while faults are injected by a seed, and the judge's verdicts. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {expect} from 'vitest';
import {makeChaos} from '../../lab/chaos/chaos.ts';
import {watch} from '../../lab/oracle/oracle.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {FaultTimes} from '../../tools/judge/fault-times.ts';
import {type Judgement, judge} from '../../tools/judge/judge.ts';
import {readChaos, readOracle} from '../../tools/judge/oracle-file.ts';
import {console, untilHealthy} from './lab.ts';

/** Keeps the folder if the judge reports anything, for inspection. */
export async function judgedChaos(seed: number, minutes: number): Promise<Judgement> {
	await untilHealthy();
	const folder = mkdtempSync(path.join(tmpdir(), 'pgha-chaos-'));
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
		const faults = new FaultTimes(readChaos(file('faults.ndjson')).lines);
		const judgement = judge(readOracle(file('oracle.ndjson.gz')), recording, faults);
		if (judgement.verdicts.length === 0) rmSync(folder, {recursive: true});
		else process.stderr.write(`the oracle, the recording and the faults are in ${folder}\n`);
		return judgement;
	} finally {
		recording.close();
	}
}
