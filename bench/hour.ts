/**
 * Resident memory of a console that watches switchovers one after another for an hour, with all sources, the write and
 * the read probe, and a recording.
 */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {Terminal} from '../test/support/terminal.ts';
import type {Figure} from './report.ts';
import {residentMemory} from './resident.ts';
import {switchOver} from './switchover.ts';

const variable = 'PGHA_BENCH_MINUTES';
const usualMinutes = 60;
const minuteMs = 60_000;
const goalMb = 200;

export async function hour(): Promise<Figure[]> {
	const minutes = minutesOf(process.env[variable]);
	const folder = mkdtempSync(path.join(tmpdir(), 'pgha-top-bench-'));
	const terminal = new Terminal('pgha-top', ['--record', path.join(folder, 'hour.ndjson.gz')], {
		env: {XDG_STATE_HOME: folder},
	});
	let switchovers = 0;
	let minute = 0;
	const look = () => {
		const {now, most} = residentMemory(terminal.pid);
		process.stderr.write(
			`bench: minute ${minute}: ${now.toFixed(0)} MB resident, ${most.toFixed(0)} at most, ${switchovers} switchovers\n`,
		);
		minute++;
	};
	let looking: NodeJS.Timeout | undefined;
	try {
		await terminal.until('a healthy cluster', isHealthy, 30_000);
		look();
		looking = setInterval(look, minuteMs);
		const end = performance.now() + minutes * minuteMs;
		let leader: string | undefined;
		while (performance.now() < end) {
			leader = await switchOver();
			switchovers++;
		}

		const {now, most} = residentMemory(terminal.pid);
		await terminal.until(
			`${leader} leads`,
			screen => isHealthy(screen) && new RegExp(`^[│┃] Holder +${leader},`, 'm').test(screen),
			minuteMs,
		);
		const what = `${minutes} minutes of switchovers: resident memory`;
		const note = `${switchovers} switchovers`;
		return [
			{what: `${what} at the end`, unit: 'MB', ours: now, goal: {atMost: goalMb, of: 'value'}, note},
			{what: `${what} at most`, unit: 'MB', ours: most, note},
		];
	} finally {
		clearInterval(looking);
		await terminal.kill();
		rmSync(folder, {recursive: true});
	}
}

const isHealthy = (screen: string) => screen.includes('\n HEALTHY');

function minutesOf(value: string | undefined): number {
	const minutes = value === undefined ? usualMinutes : Number(value);
	if (!Number.isInteger(minutes) || minutes < 1) {
		throw new Error(`${variable} must be a whole number of minutes, and is "${value}"`);
	}

	return minutes;
}
