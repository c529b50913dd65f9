/**
 * What the logs alone say of an incident, against what a console and an application saw while it happened.
 *
 * Two incidents; with PGHA_LAB_TESTS=all all of those whose truth the lab knows.
 */
import {execFile} from 'node:child_process';
import {rm} from 'node:fs/promises';
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
import {console, onNode} from '../support/lab.ts';
import {type Application, application} from '../support/outage.ts';
import {node, program} from '../support/program.ts';
import type {Terminal} from '../support/terminal.ts';

type Outcome = ReturnType<typeof autopsyJson>;

const folder = temporaryFolder('autopsy');
/** ms: the application and a log notice the same thing a moment apart. */
const toleranceMs = 300;
type Case = {name: string; cause?: RegExp; chain?: RegExp; holdersDiffer?: true};

/** What the first cause is, or what the chain shows, where the first line is of someone who stopped a service on purpose. */
const cases: readonly Case[] = [
	{name: 'switchover', cause: /a switchover was asked for/},
	{name: 'power-cut', cause: /stopped without a shutdown|link of eth0 is down/},
];
const more: readonly Case[] = [
	{name: 'postgres-oom', cause: /out of memory|crashed/},
	{
		name: 'keepalived-killed',
		cause: /keepalived (?:failed|was sent a signal|stopped)|process of keepalived ended/,
	},
	{name: 'shutdown', cause: /is being shut down/},
	{name: 'cable-cut', cause: /link of eth0 is down/},
	{name: 'no-quorum', cause: /etcd (?:is being stopped|of \S+ stopped|has stopped)/},
	{name: 'disk-full', cause: /disk of PostgreSQL on \S+ is full/},
	// The console sees two holders, and counts neither.
	{name: 'two-vip-holders', chain: /keepalived of \S+ is MASTER and hears another one/, holdersDiffer: true},
	{name: 'wal-gone', cause: /no longer has the WAL/},
	{name: 'diverged', chain: /is reinitialized|pg_rewind|history of its own/},
];

let terminal: Terminal;
let app: Application;
const rows: string[] = [];

beforeEach(async () => {
	await up({...presentSetup()});
	app = await application();
	terminal = console({columns: 140, rows: 45}, ['--write-probe', '--record', recorded]);
	await terminal.until(
		'a healthy cluster',
		text => text.includes('\n HEALTHY') && text.includes('3/3'),
		60_000,
	);
});

afterEach(async () => {
	app.end();
	await terminal.kill();
	await rm(recorded, {force: true});
});

afterAll(() => {
	process.stderr.write(`${rows.join('\n')}\n`);
});

const recorded = path.join(folder, 'live.ndjson.gz');

it('says what happened in two incidents', {timeout: 600_000}, async () => {
	await expectSame(cases);
});

it.runIf(process.env.PGHA_LAB_TESTS === 'all')(
	'says what happened in nine more',
	{timeout: 1_500_000},
	async () => {
		await expectSame(more);
	},
);

/** Causes one after the other; then the console's recording and each autopsy are compared. */
async function expectSame(all: readonly Case[]): Promise<void> {
	const done: {one: Case; began: number; ended: number; outcome: Outcome}[] = [];
	for (const one of all) {
		const began = Date.now();
		const scene = await sceneNow();
		await incidents.find(({name}) => name === one.name)?.cause(scene);
		// Debian's unit does not restart it after a kill.
		await onNode(scene.holder, 'sudo', 'systemctl', 'start', 'keepalived');
		await up({...presentSetup()});
		const healed = Date.now();
		// The end of an outage shows in the leader's next loops.
		await terminal.until('some calm after it', () => Date.now() - healed > 16_000, 30_000);
		const ended = Date.now();
		done.push({one, began, ended, outcome: await autopsy(one.name, began, ended)});
	}

	terminal.press('q');
	await terminal.exited;
	for (const {one, began, ended, outcome} of done) {
		const seen = await changesIn(recorded, began, ended);
		const outageMs = app.longest(began, ended);
		const outages = outcome.incidents.flatMap(({write_outages: bounds}) => bounds);
		const bounds = outages
			.map(({at_least_ms: least, at_most_ms: most}) => `${least}–${most ?? '?'}`)
			.join(', ');
		const causes = outcome.incidents.map(
			({first_cause: cause, first_sign: sign}) => cause?.text ?? `? ${sign.text}`,
		);
		rows.push(
			`${one.name}: leaders ${seen.leaders.join(' ')} | ${leadersOf(outcome).join(' ')}; VIP ${seen.holders.join(' ')} | ${holdersOf(outcome).join(' ')}; writes ${outageMs} ms | ${bounds || 'none'}; ${causes.join(' / ')}`,
		);
		expect(leadersOf(outcome), one.name).toEqual(seen.leaders.slice(1));
		if (one.holdersDiffer !== true) {
			expect(holdersOf(outcome), one.name).toEqual(seen.holders.slice(1));
		}

		// A shorter one is no outage, but a slow answer.
		if (outageMs > 1000) {
			const isWithin = outages.some(
				({at_least_ms: least, at_most_ms: most}) =>
					least <= outageMs + toleranceMs && (most ?? Infinity) >= outageMs - toleranceMs,
			);
			expect(isWithin, `${one.name}: ${outageMs} ms is within ${bounds}`).toBe(true);
		}

		expect(causes.join('\n')).toMatch(one.cause ?? /./);
		expect(outcome.incidents.flatMap(({chain}) => chain.map(({text}) => text)).join('\n')).toMatch(
			one.chain ?? /./,
		);
	}
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

function timeOf(at: number): string {
	return new Date(at).toISOString().replace('T', ' ').replace('Z', ' Z');
}

async function autopsy(name: string, since: number, until: number): Promise<Outcome> {
	const {file, args, env} = execCommand([
		node,
		program,
		'autopsy',
		'--json',
		'--since',
		timeOf(since),
		'--until',
		timeOf(until),
		'--output',
		path.join(folder, `${name}-logs.ndjson.gz`),
	]);
	const {stdout} = await promisify(execFile)(file, args, {env, maxBuffer: 64 * 1024 * 1024});
	return JSON.parse(stdout) as Outcome;
}

/** Who led and who held the VIP, by the console, each after the other. */
async function changesIn(
	file: string,
	since: number,
	until: number,
): Promise<{leaders: string[]; holders: string[]}> {
	const recording = await openRecording(file);
	const [leaders, holders]: [string[], string[]] = [[], []];
	const add = (all: string[], one: string | undefined) => {
		if (one !== undefined && all.at(-1) !== one) {
			all.push(one);
		}
	};
	try {
		for (const {stamped, after} of recording.replay()) {
			if (stamped.at > until) {
				continue;
			}

			if (stamped.at < since) {
				// Only the last one before it counts: in calm seconds pass between two events.
				leaders.length = 0;
				holders.length = 0;
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

function leadersOf({incidents: all}: Outcome): string[] {
	return all.flatMap(one => one.leader_changes.map(({to}) => to));
}

function holdersOf({incidents: all}: Outcome): string[] {
	return all.flatMap(one => one.vip_moves.map(({to}) => to));
}
