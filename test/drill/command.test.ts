/** The command line of `drill`, and what is printed and saved. */
import {appendFileSync, statSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {UsageError} from '../../source/cli/parse-flags.ts';
import type {Drill, Measure} from '../../source/domain/drill/types.ts';
import {figuresOf} from '../../source/domain/drill/verdict.ts';
import {drillCommand, measuresText} from '../../source/drill/command.ts';
import {appendDrill, compareWith, type PastDrill, readDrills} from '../../source/drill/history.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('drills');

describe('pgha-top drill', () => {
	it.each([
		[[], /name a drill: switchover, shutdown or power-cut/],
		[['fire'], /name a drill/],
		[['switchover', 'pgdb2'], /unexpected argument "pgdb2"; see pgha-top drill --help/],
		[['switchover', '--goal', '5'], /--goal: must be/],
		[
			['switchover', '--goal', '5s', '--goal', 'speed=3s'],
			/--goal: unknown measure "speed": must be writes, leaderless, leader, vip or redundancy/,
		],
		[['switchover', '--goal', 'vip=3s', '--goal', 'vip=2s'], /--goal: two goals for vip/],
		[['switchover', '--goal', 'vip='], /--goal: vip=: must be/],
		[['switchover', '--goal', ''], /--goal needs a value/],
		[['switchover', '--within', 'long'], /--within must be a time with its unit/],
		[['switchover', '--once'], /--once is a flag of pgha-top without a command; see pgha-top drill --help/],
		// The tests have no terminal.
		[['switchover'], /no terminal to confirm on: pass --yes/],
	])('%j is an error', async (args, words) => {
		await expect(drillCommand(args)).rejects.toThrow(UsageError);
		await expect(drillCommand(args)).rejects.toThrow(words);
	});

	it('shows its usage', async () => {
		const {text, exitCode} = await drillCommand(['--help']);
		expect(exitCode).toBe(0);
		expect(text).toContain('$ pgha-top drill switchover|shutdown|power-cut [options]');
	});
});

const ms = {unit: 'ms', exact: true, note: undefined} as const;
const measures: Measure[] = [
	{...ms, id: 'writes', text: 'Write outage', value: 2204, note: 'the connection was closed'},
	{...ms, id: 'leaderless', text: 'Without a leader', value: 239},
	{...ms, id: 'leader', text: 'Until the new leader', value: 1780, note: 'pgdb1 → pgdb2'},
	{...ms, id: 'vip', text: 'VIP move', value: 900, exact: false},
	{
		...ms,
		id: 'redundancy',
		text: 'Until full redundancy',
		value: undefined,
		note: 'still missing: etcd 2 of 3',
	},
	{...ms, id: 'lost', text: 'Acknowledged writes lost', unit: 'writes', value: 0, note: 'of 207'},
];

function past(writes: number | null, result = 'met'): PastDrill {
	return {
		version: 1,
		at: '2026-11-23T00:00:00.000Z',
		scope: 'main',
		kind: 'switchover',
		target: 'pgdb2',
		goal: 5000,
		result,
		reason: null,
		user: 'dba',
		recording: '/tmp/drill.ndjson.gz',
		measures: {...figuresOf(measures), writes},
	};
}

function run(drill: Drill, before: readonly PastDrill[]): Parameters<typeof measuresText>[0] {
	return {
		measures,
		drill,
		prepared: {id: '', file: '', rows: true, earlier: compareWith(before, past(1500))},
	};
}

describe('a measure', () => {
	const drill = {kind: 'switchover', target: 'pgdb2', goal: 2000} as const;

	it('stands beside the goal', async () => {
		expect(`\n${await measuresText(run(drill, []))}\n`).toMatchInlineSnapshot(`
			"
			┌──────────────────────────┬──────────┬──────────┬─────────┬────────────────────────────┐
			│ Measure                  │ Measured │     Goal │         │ Note                       │
			├──────────────────────────┼──────────┼──────────┼─────────┼────────────────────────────┤
			│ Write outage             │   2.20 s │ ≤ 2.00 s │ NOT MET │ the connection was closed  │
			│ Without a leader         │   239 ms │          │         │                            │
			│ Until the new leader     │   1.78 s │          │         │ pgdb1 → pgdb2              │
			│ VIP move                 │ ≤ 900 ms │          │         │                            │
			│ Until full redundancy    │        - │          │         │ still missing: etcd 2 of 3 │
			│ Acknowledged writes lost │        0 │     none │ met     │ of 207                     │
			└──────────────────────────┴──────────┴──────────┴─────────┴────────────────────────────┘
			"
		`);
	});

	it('stands beside the goal of each measure that has one, and what was not measured is unknown', async () => {
		const goals = {leaderless: 200, vip: 500, redundancy: 60_000};
		expect(`\n${await measuresText(run({...drill, goals}, []))}\n`).toMatchInlineSnapshot(`
			"
			┌──────────────────────────┬──────────┬──────────┬─────────┬────────────────────────────┐
			│ Measure                  │ Measured │     Goal │         │ Note                       │
			├──────────────────────────┼──────────┼──────────┼─────────┼────────────────────────────┤
			│ Write outage             │   2.20 s │ ≤ 2.00 s │ NOT MET │ the connection was closed  │
			│ Without a leader         │   239 ms │ ≤ 200 ms │ NOT MET │                            │
			│ Until the new leader     │   1.78 s │          │         │ pgdb1 → pgdb2              │
			│ VIP move                 │ ≤ 900 ms │ ≤ 500 ms │ unknown │                            │
			│ Until full redundancy    │        - │     ≤ 1m │ unknown │ still missing: etcd 2 of 3 │
			│ Acknowledged writes lost │        0 │     none │ met     │ of 207                     │
			└──────────────────────────┴──────────┴──────────┴─────────┴────────────────────────────┘
			"
		`);
	});

	it('stands beside the last one and the median of those before', async () => {
		const before = [past(1500), past(null), past(3100), past(1700)];
		expect(`\n${await measuresText(run(drill, before))}\n`).toMatchInlineSnapshot(`
			"
			┌──────────────────────────┬──────────┬──────────┬─────────┬───────────┬─────────────┬────────────────────────────┐
			│ Measure                  │ Measured │     Goal │         │ Last time │ Median of 4 │ Note                       │
			├──────────────────────────┼──────────┼──────────┼─────────┼───────────┼─────────────┼────────────────────────────┤
			│ Write outage             │   2.20 s │ ≤ 2.00 s │ NOT MET │    1.70 s │      1.70 s │ the connection was closed  │
			│ Without a leader         │   239 ms │          │         │    239 ms │      239 ms │                            │
			│ Until the new leader     │   1.78 s │          │         │    1.78 s │      1.78 s │ pgdb1 → pgdb2              │
			│ VIP move                 │ ≤ 900 ms │          │         │    900 ms │      900 ms │                            │
			│ Until full redundancy    │        - │          │         │         - │           - │ still missing: etcd 2 of 3 │
			│ Acknowledged writes lost │        0 │     none │ met     │         0 │           0 │ of 207                     │
			└──────────────────────────┴──────────┴──────────┴─────────┴───────────┴─────────────┴────────────────────────────┘
			"
		`);
	});

	it('is kept line by line, readable by its owner only, and lines that cannot be read are counted', async () => {
		const file = path.join(folder, 'state', 'drills.ndjson');
		expect(await readDrills(file)).toEqual({drills: [], unreadable: 0});
		await appendDrill(file, past(1500));
		appendFileSync(file, '{"version": 1\n{"version": 2}\n');
		await appendDrill(file, past(1700, 'not met'));
		expect(await readDrills(file)).toEqual({drills: [past(1500), past(1700, 'not met')], unreadable: 2});
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
	});
});
