import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {power} from '../../lab/lab.ts';
import {temporaryFolder} from '../support/folder.ts';
import {
	console,
	holderThatLeads,
	type NodeCommand,
	patronictl,
	snapshot,
	startCommand,
	untilHealthy,
} from '../support/lab.ts';
import {
	type Application,
	application,
	expectSame,
	isWritten,
	longestOf,
	outagesOnScreen,
} from '../support/outage.ts';
import type {Terminal} from '../support/terminal.ts';

/**
 * The bound that the console has to keep: a change is on its screen within this many milliseconds after a command on a
 * node saw it.
 */
const lateMaxMs = 3000;

let terminal: Terminal;
const commands: NodeCommand[] = [];
let app: Application;
/** By the console; shown where it and the application differ. */
let recording: string;

beforeEach(async () => {
	await untilHealthy();
	// If another member leads, writers hardly notice the loss of the VIP's holder.
	await holderThatLeads();
	// Columns enough for a whole entry, rows for all entries of a power-off beside the chart.
	recording = join(temporaryFolder('outage'), 'console.ndjson');
	terminal = console({columns: 160, rows: 60}, ['--record', recording]);
	app = await application();
	await terminal.until(
		'a healthy cluster that is written to',
		text => text.includes('\n HEALTHY') && /Writes +ok/.test(text),
		30_000,
	);
});

afterEach(async () => {
	app.end();
	await terminal.kill();
	for (const one of commands.splice(0)) {
		one.end();
	}
});

async function observe(...args: Parameters<typeof startCommand>): Promise<NodeCommand> {
	const one = await startCommand(...args);
	commands.push(one);
	return one;
}

/** The time at which the screen showed it. */
async function shown(what: string, seen: (text: string) => boolean): Promise<number> {
	await terminal.until(what, seen, 60_000);
	return performance.now();
}

/** The outage since `earlier` was on the screen, in which `leader` became the leader, equals the application's. */
async function writtenAgain(leader: string, earlier: string, began: number): Promise<void> {
	const text = await terminal.until(
		'the end of the interruption',
		seen => isWritten(seen, leader) && outagesOnScreen(seen, earlier).length > 0,
		60_000,
	);
	await app.written();
	const shown = longestOf(outagesOnScreen(text, earlier)) ?? {lengthMs: 0, stalledMs: 0};
	await expectSame(shown, app, began, recording);
}

/** The console is 160 columns wide: the etcd pane is its left half, the VIP pane its right. */
function holderOf(pane: 'leader' | 'vip', text: string): string | undefined {
	const halves = text.split('\n').map(line => (pane === 'leader' ? line.slice(0, 80) : line.slice(80)));
	const line = halves.find(half => half.includes('Holder '));
	return line === undefined ? undefined : /Holder +([^\s,]+)/.exec(line)?.[1];
}

describe('the console on the real cluster', () => {
	it('shows a switchover by patronictl within the bound', async () => {
		const from = holderOf('leader', terminal.text());
		const to = from === 'pgdb1' ? 'pgdb2' : 'pgdb1';
		// From the key's present revision on, so that the first line shows that the watch has started.
		const revision = String((await snapshot()).snapshot.leader?.create_revision);
		const key = '/service/postgres-cluster/leader';
		const etcd = await observe(
			'etcd1',
			/^PUT/,
			...['env', 'ETCDCTL_API=3', 'stdbuf', '-oL', 'etcdctl', 'watch', key, '--rev', revision],
		);
		const earlier = terminal.text();
		const began = Date.now();
		const [screen, fact] = await Promise.all([
			shown(`${to} as the holder of the leader key`, text => holderOf('leader', text) === to),
			etcd.lineAt(line => line === to),
			patronictl('pgdb1', 'switchover', '--leader', from ?? '', '--candidate', to, '--force'),
		]);
		const late = screen - fact;
		expect(late).toBeLessThan(lateMaxMs);
		await terminal.until('the timeline entry', text =>
			text.includes(`leader key: ${from} → ${to}, no leader for`),
		);
		await writtenAgain(to, earlier, began);
		await terminal.until(
			'the sync standby back',
			text => text.includes('\n HEALTHY') && text.includes(`none → ${from}`),
			90_000,
		);
	});

	it("shows the VIP holder's clean power-off within the bound, and its return without a restart of the console", async () => {
		const holder = holderOf('vip', terminal.text()) ?? '';
		const other = holder === 'pgdb1' ? 'pgdb2' : 'pgdb1';
		const addresses = await observe(
			other,
			/^looking/,
			`sh -c 'echo looking; while :; do ip -o address show to 10.73.0.172; sleep 0.05; done'`,
		);
		const earlier = terminal.text();
		const began = Date.now();
		const [screen, fact] = await Promise.all([
			shown(`${other} as the holder of the VIP`, text => holderOf('vip', text) === other),
			addresses.lineAt(line => line.includes('10.73.0.172/')),
			power('off', holder),
		]);
		const late = screen - fact;
		expect(late).toBeLessThan(lateMaxMs);
		const text = await terminal.until(
			'that the node does not answer, and why',
			seen =>
				seen.includes(`${holder}: SSH lost`) &&
				seen.includes(`${holder}: REST lost`) &&
				// A machine that is off does not answer, so its etcd is unread, not down.
				seen.includes('2/3 healthy, 1 not read') &&
				holderOf('leader', seen) === other,
			30_000,
		);
		expect(text).toMatch(/DEGRADED|CRITICAL/);
		await writtenAgain(other, earlier, began);
		expect((await snapshot()).exitCode).not.toBe(0);
		await power('on', holder);
		// Waited for at once: later entries may scroll it out of the pane.
		await terminal.until('SSH again', seen => seen.includes(`${holder}: SSH back`), 90_000);
		await terminal.until(
			'a healthy cluster again',
			seen => seen.includes('\n HEALTHY') && seen.includes('3/3'),
			90_000,
		);
	});
});
