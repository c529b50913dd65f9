/** An unattended drill on the lab: the test pulls the plug and restores power, as the operator would. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {parse, stringify} from 'yaml';
import {execCommand, power, presentSetup} from '../../lab/lab.ts';
import {sqlThroughVip} from '../../lab/psql.ts';
import {inventoryOf} from '../../lab/state.ts';
import {powerOnAgain} from './lab.ts';

/** Table for the drills' rows. */
const table = 'pgha_top_writes';

/** A separate state folder, and the lab's configuration with an existing table for the rows. */
export async function drillState(): Promise<Record<string, string>> {
	const state = mkdtempSync(path.join(tmpdir(), 'pgha-top-test-'));
	const own = path.join(state, 'config.yaml');
	const {env} = execCommand(['true']);
	const config = parse(readFileSync(env.PGHA_TOP_CONFIG_FILE ?? '', 'utf8'));
	writeFileSync(own, stringify({...config, probe: {...config.probe, table}}));
	await sqlThroughVip(
		inventoryOf(presentSetup()),
		`CREATE TABLE IF NOT EXISTS ${table} (drill uuid, number bigint, at timestamptz DEFAULT now()); GRANT ALL ON ${table} TO app`,
		'app',
	);
	return {XDG_STATE_HOME: state, PGHA_TOP_CONFIG_FILE: own};
}

export type Drilled = {exitCode: number; lines: readonly string[]; recording: string};

export async function drill(args: readonly string[], environment: Record<string, string>): Promise<Drilled> {
	const {file, args: argv, env} = execCommand(['pgha-top', 'drill', ...args, '--yes']);
	const child = spawn(file, argv, {env: {...env, ...environment}, stdio: ['ignore', 'pipe', 'inherit']});
	const ended = once(child, 'exit');
	const lines: string[] = [];
	const powerSwitches: Promise<unknown>[] = [];
	for await (const line of createInterface({input: child.stdout})) {
		lines.push(line);
		const [, pulled] = /action needed: pull the plug of (\w+) now$/.exec(line) ?? [];
		const [, off] = /action needed: switch (\w+) on again$/.exec(line) ?? [];
		if (pulled !== undefined) {
			powerSwitches.push(power('cut', pulled));
		} else if (off !== undefined) {
			powerSwitches.push(powerOnAgain(off));
		}
	}

	const [exitCode] = await ended;
	await Promise.all(powerSwitches);
	const recording = lines.findLast(line => line.startsWith('recorded to '))?.slice('recorded to '.length);
	return {exitCode: Number(exitCode), lines, recording: recording ?? ''};
}
