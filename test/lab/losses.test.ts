/**
 * What a change of leader has cost, and what was said before: against an application that counts its own acknowledged rows.
 */
import {afterEach, beforeEach, expect, it} from 'vitest';
import {cable, power} from '../../lab/lab.ts';
import {driveConsole, enter, esc} from '../support/console-driver.ts';
import {console, holderThatLeads, onNode, patronictl, untilHealthy} from '../support/lab.ts';
import {type Application, application, missingOf} from '../support/outage.ts';
import type {Terminal} from '../support/terminal.ts';

const soon = 20_000;
/** A leader without power keeps its key until its lease has run out, and longer where it led etcd as well. */
const afterTheLease = 60_000;
/** ms by which the moment of a fault, and of an entry, may be off on a busy machine. */
const toleranceMs = 2000;

let terminal: Terminal;
let app: Application;
let leader: string;
let replica: string;
const undo: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
	await untilHealthy();
	leader = await holderThatLeads();
	terminal = console({columns: 160, rows: 50});
	await terminal.until(
		'a healthy cluster',
		text => text.includes('\n HEALTHY') && text.includes('3/3'),
		30_000,
	);
	({replica} = cast());
	app = await application();
});

afterEach(async () => {
	app.end();
	await terminal.kill();
	for (const mend of undo.splice(0).reverse()) {
		await mend();
	}

	await untilHealthy();
});

const {see, press, cast, select} = driveConsole(() => terminal, soon);

/** The text of the screen, wrapped lines joined. */
const unwrapped = () => terminal.text().replaceAll(/ *[│┃]\n[│┃] */g, ' ');

/** Seconds until another member holds the leader key, and the text of the screen. */
type Prediction = {from: number; to: number; text: string};

/** What the details of the leader say before its machine dies. */
async function prediction(): Promise<Prediction> {
	await select(leader);
	await press([enter, new RegExp(`if ${leader} died now`)]);
	await see('who takes over', new RegExp(`could take over: ${replica}`));
	const text = unwrapped();
	const [, from, to] = /leader key after (\d+)(?: to (\d+))? s/.exec(text) ?? [];
	expect(from).toBeDefined();
	await press([esc, /q quit/]);
	return {from: Number(from), to: to === undefined ? Number.POSITIVE_INFINITY : Number(to), text};
}

/** Cuts the leader's power. @returns the seconds until the console sees the leader key at the replica */
async function cutPower(): Promise<number> {
	undo.push(async () => power('on', leader));
	await power('cut', leader);
	const cutAt = Date.now();
	await see(
		'the new leader',
		new RegExp(`leader key: (?:${leader} → )?${replica}, no leader`),
		afterTheLease,
	);
	return (Date.now() - cutAt) / 1000;
}

/** The figures of a change of leader, for the log of the test. */
function note(said: Prediction | undefined, seconds: number | undefined, missing: readonly unknown[]): void {
	const words = (pattern: RegExp, text: string) =>
		pattern.exec(text)?.[0].replaceAll(/\s+/g, ' ') ?? 'no words on a loss';
	const lead =
		said === undefined || seconds === undefined
			? 'a switchover'
			: `predicted ${said.from} s ${Number.isFinite(said.to) ? `to ${said.to} s` : 'or more'}, ${words(/(?:nothing acknowledged would|could) be lost.*?(?= +(?:WARNING|UNKNOWN|ok) )/s, said.text)}; leader key after ${seconds.toFixed(1)} s`;
	const outcome = words(
		/nothing acknowledged is lost: .*?standby|acknowledged writes are lost.*? of\s+WAL/s,
		unwrapped(),
	);
	process.stderr.write(`${lead}; ${outcome}; ${missing.length} acknowledged rows missing\n`);
}

/** It rises with each election of etcd. */
async function raftTerm(): Promise<number> {
	const status = await onNode('etcd1', 'env', 'ETCDCTL_API=3', 'etcdctl', 'endpoint', 'status', '-w', 'json');
	const term = /"raftTerm":(\d+)/.exec(status)?.[1];
	expect(term).toBeDefined();
	return Number(term);
}

function expectWithin(seconds: number, {from, to}: {from: number; to: number}): void {
	expect(seconds).toBeGreaterThanOrEqual(from - toleranceMs / 1000);
	expect(seconds).toBeLessThanOrEqual(to + toleranceMs / 1000);
}

it('nothing with a switchover', async () => {
	await select(replica);
	await press(['S', new RegExp(`Switchover ${leader} → ${replica}`)], ['y', /Operation: switchover/]);
	await see('the new leader', /DONE /, afterTheLease);
	await press([esc, /q quit/]);
	await see('that nothing is lost', new RegExp(`${leader} → ${replica}: nothing acknowledged is lost`));
	const missing = await missingOf(app);
	note(undefined, undefined, missing);
	expect(missing).toEqual([]);
});

it('nothing with the power of a leader in synchronous mode', {timeout: 300_000}, async () => {
	const said = await prediction();
	expect(said.text).toContain('nothing acknowledged would be lost: a synchronous standby takes over');
	const seconds = await cutPower();
	expectWithin(seconds, said);
	await see(
		'that nothing is lost',
		new RegExp(`${leader} → ${replica}: nothing acknowledged is lost: ${replica} was a synchronous standby`),
	);
	await app.written();
	const missing = await missingOf(app);
	note(said, seconds, missing);
	expect(missing).toEqual([]);
	await see('the VIP', new RegExp(`${replica} +holds`));
});

it('what the replica did not receive, in asynchronous mode', {timeout: 300_000}, async () => {
	const mode = async (value: boolean) =>
		patronictl(replica, 'edit-config', '--force', '--set', `synchronous_mode=${value}`);
	undo.push(async () => mode(true));
	await mode(false);
	// Patroni 3.0 calls a replica that streams `running`.
	await see('the mode', new RegExp(`${replica} .* Replica +(?:streaming|running)`), 60_000);
	const said = await prediction();
	const term = await raftTerm();
	expect(said.text).toMatch(/could be lost: .*at most .*maximum_lag_on_failover/);

	let isOut = true;
	const mend = async () => {
		if (isOut) {
			isOut = false;
			await cable('in', replica);
		}
	};
	undo.push(mend);
	await cable('out', replica);
	const isolated = Date.now();
	// Only what both acknowledge is known to be lost.
	while (app.attempts.filter(({server, ended}) => server !== undefined && ended > isolated).length < 20) {
		await app.written();
	}

	const cut = cutPower();
	await mend();
	const seconds = await cut;
	// Where the replica led etcd, its cable costs an election, which restarts the lease.
	const isElected = (await raftTerm()) !== term;
	expectWithin(seconds, isElected ? {...said, to: Number.POSITIVE_INFINITY} : said);
	await see('that writes are lost', /acknowledged writes are lost/, soon);
	await app.written();
	await press(['f', /━ (?:▸ )?Findings/]);
	const [, since = '', from = ''] =
		/acknowledged writes are lost, the first between ([\d:.]+) and ([\d:.]+), the last at [\d:.]+ or later/.exec(
			unwrapped(),
		) ?? [];
	const missing = await missingOf(app);
	note(said, seconds, missing);
	expect(missing.length).toBeGreaterThan(0);
	const day = new Date().toISOString().slice(0, 11);
	// Who is answered sees it a moment after the server has acknowledged it.
	expect(missing[0]?.ended).toBeGreaterThanOrEqual(Date.parse(`${day}${since}Z`));
	expect(missing.at(-1)?.ended).toBeGreaterThanOrEqual(Date.parse(`${day}${from}Z`) - toleranceMs);
	await press(
		['a', /Acknowledge a loss/],
		// A key that confirms does not count if it arrives with others.
		['rows of a test', /rows of a test_/],
		[enter, /loss acknowledged: rows of a test|Findings/],
	);
	await terminal.until(
		'that the finding is gone',
		text => !/\n CRITICAL.*acknowledged writes are lost/.test(text),
		soon,
	);
});
