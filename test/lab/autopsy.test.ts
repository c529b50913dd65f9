/**
 * What the logs alone say of an incident, against what a console and an application saw while it happened.
 *
 * Four incidents; with PGHA_LAB_TESTS=all all of those whose truth the lab knows.
 */
import {execFile} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterAll, afterEach, beforeEach, expect, it} from 'vitest';
import {watchUntilHealthy} from '../../lab/health.ts';
import {execCommand} from '../../lab/lab.ts';
import {inventoryOf, presentSetup} from '../../lab/state.ts';
import {up} from '../../lab/up.ts';
import type {jsonOf as autopsyJson} from '../../source/autopsy/words.ts';
import {leaderKey} from '../../source/domain/cluster/keys.ts';
import {vipView} from '../../source/domain/cluster/vip.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {incidents, type Scene} from '../../tools/log-incidents/incidents.ts';
import {temporaryFolder} from '../support/folder.ts';
import {console} from '../support/lab.ts';
import {type Application, application} from '../support/outage.ts';
import {node, program} from '../support/program.ts';
import type {Terminal} from '../support/terminal.ts';

type Told = ReturnType<typeof autopsyJson>;

const folder = temporaryFolder('autopsy');
/** Where an incident has an effect that only the leader or the VIP's holder shows. */
const cases: readonly {name: string; cause: RegExp; always?: true}[] = [
	{name: 'switchover', cause: /a switchover was asked for/, always: true},
	{name: 'postgres-oom', cause: /out of memory|crashed/, always: true},
	{
		name: 'keepalived-killed',
		cause: /keepalived (?:failed|was sent a signal|stopped)|process of keepalived ended/,
		always: true,
	},
	{name: 'power-cut', cause: /stopped without a shutdown|link of eth0 is down/, always: true},
	{name: 'shutdown', cause: /is being shut down/},
	{name: 'cable-cut', cause: /link of eth0 is down/},
	{name: 'no-quorum', cause: /etcd (?:is being stopped|of \S+ stopped|has stopped)/},
	{name: 'disk-full', cause: /disk of PostgreSQL on \S+ is full/},
	{name: 'two-vip-holders', cause: /keepalived of \S+ is MASTER/},
	{name: 'wal-gone', cause: /no longer has the WAL/},
	{name: 'diverged', cause: /made anew|pg_rewind|history of its own/},
];

let terminal: Terminal;
let app: Application;
const rows: string[] = [];

beforeEach(async () => {
	await up({...presentSetup()});
	app = await application();
});

afterEach(async () => {
	app.end();
	await terminal.kill();
});

afterAll(() => {
	process.stderr.write(`${rows.join('\n')}\n`);
});

for (const {name, cause, always} of cases) {
	it.runIf(always === true || process.env.PGHA_LAB_TESTS === 'all')(name, {timeout: 300_000}, async () => {
		const incident = incidents.find(one => one.name === name);
		const recorded = path.join(folder, `${name}-live.ndjson.gz`);
		terminal = console({columns: 140, rows: 45}, ['--write-probe', '--record', recorded]);
		await terminal.until(
			'a healthy cluster',
			text => text.includes('\n HEALTHY') && text.includes('3/3'),
			60_000,
		);
		const began = Date.now();
		// Two loops of Patroni's: what was before is in the logs, too.
		await terminal.until('some calm', () => Date.now() - began > 12_000, 30_000);
		await incident?.cause(await sceneNow());
		await up({...presentSetup()});
		const healed = Date.now();
		await terminal.until('some calm after it', () => Date.now() - healed > 16_000, 30_000);
		terminal.press('q');
		await terminal.exited;
		const told = await autopsy(name, began);
		const seen = await changesIn(recorded, began);
		const outageMs = app.longest(began);
		const outages = told.incidents.flatMap(one => one.write_outages);
		const bounds = outages.map(one => `${one.at_least_ms}–${one.at_most_ms ?? '?'}`).join(', ') || 'none';
		rows.push(
			`${name}: leaders ${seen.leaders.join(' ')} | ${leadersOf(told).join(' ')}; VIP ${seen.holders.join(' ')} | ${holdersOf(told).join(' ')}; writes ${outageMs} ms | ${bounds}; ${told.incidents.map(one => one.first_cause?.text ?? '?').join(' / ')}`,
		);
		writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(told, undefined, 2));
		expect(leadersOf(told)).toEqual(seen.leaders.slice(1));
		if (name !== 'two-vip-holders') {
			expect(holdersOf(told)).toEqual(seen.holders.slice(1));
		}

		// A shorter one is no outage, but a slow answer.
		if (outageMs > 1000) {
			expect(
				outages.some(
					one => one.at_least_ms <= outageMs + 300 && (one.at_most_ms ?? Infinity) >= outageMs - 300,
				),
				`${outageMs} ms is within ${bounds}`,
			).toBe(true);
		}

		expect(told.incidents.map(one => one.first_cause?.text ?? `? ${one.first_sign.text}`).join('\n')).toMatch(
			cause,
		);
	});
}

async function sceneNow(): Promise<Scene> {
	const setup = presentSetup();
	if (setup === undefined) {
		throw new Error('the lab is down');
	}

	const inventory = inventoryOf(setup);
	const {leader = 'pgdb1', vipHolders} = await watchUntilHealthy(inventory, 60_000, () => {});
	const other = (name: string) => (name === 'pgdb1' ? 'pgdb2' : 'pgdb1');
	const [holder = 'pgdb1'] = vipHolders;
	return {leader, replica: other(leader), holder, backup: other(holder), third: 'etcd1', inventory, setup};
}

async function autopsy(name: string, since: number): Promise<Told> {
	const {file, args, env} = execCommand([
		node,
		program,
		'autopsy',
		'--json',
		'--since',
		new Date(since).toISOString().replace('T', ' ').replace('Z', ' Z'),
		'--output',
		path.join(folder, `${name}-logs.ndjson.gz`),
	]);
	const {stdout} = await promisify(execFile)(file, args, {env, maxBuffer: 64 * 1024 * 1024});
	return JSON.parse(stdout) as Told;
}

/** Who led and who held the VIP, by the console, each after the other. */
async function changesIn(file: string, since: number): Promise<{leaders: string[]; holders: string[]}> {
	const recording = await openRecording(file);
	const [leaders, holders]: [string[], string[]] = [[], []];
	const add = (all: string[], one: string | undefined) => {
		if (one !== undefined && all.at(-1) !== one) {
			all.push(one);
		}
	};
	try {
		for (const {stamped, after} of recording.replay()) {
			if (stamped.at < since) {
				continue;
			}

			add(leaders, leaderKey(after.cluster)?.member);
			const held = vipView(after.cluster, after.target, stamped.at).holders.filter(one => one.sees);
			add(holders, held.length === 1 ? held[0]?.node : undefined);
		}
	} finally {
		recording.close();
	}

	return {leaders, holders};
}

function leadersOf({incidents: all}: Told): string[] {
	return all.flatMap(one => one.leader_changes.map(({to}) => to));
}

function holdersOf({incidents: all}: Told): string[] {
	return all.flatMap(one => one.vip_moves.map(({to}) => to));
}
