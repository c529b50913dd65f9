import {join} from 'node:path';
import {execa} from 'execa';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {cable, execCommand, power} from '../../lab/lab.ts';
import {driveConsole} from '../support/console-driver.ts';
import {temporaryFolder} from '../support/folder.ts';
import {console, onNode, untilHealthy} from '../support/lab.ts';
import {application, expectSame, isWritten, longestOf, outagesOnScreen} from '../support/outage.ts';
import type {Terminal} from '../support/terminal.ts';

/** ms within which a fault must be shown; longer limits name their cause. */
const soon = 10_000;
/** A leader without power keeps its key until the lease has run out (ttl 20 s). */
const afterTheLease = 40_000;
const toHeal = 90_000;

let terminal: Terminal;
/** By the console; shown where it and the application differ. */
let recording: string;
/** Undoes the fault if the test ends before it does so itself. */
const undo: (() => Promise<void>)[] = [];

beforeEach(async () => {
	await untilHealthy();
	recording = join(temporaryFolder('faults'), 'console.ndjson');
	terminal = console({columns: 160, rows: 50}, ['--record', recording]);
	await terminal.until('a healthy cluster', healthy, 30_000);
});

afterEach(async () => {
	await terminal.kill();
	for (const mend of undo.splice(0)) {
		await mend();
	}
});

function healthy(text: string): boolean {
	return text.includes('\n HEALTHY') && text.includes('3/3');
}

const {see, cast} = driveConsole(() => terminal, soon);

/** Undoes a fault, and sees the entry that says so when it comes: what follows on the timeline may push it out of view. */
async function showing(mend: () => Promise<void>, what: string, entry: RegExp): Promise<void> {
	await Promise.all([see(what, entry, toHeal), mend()]);
}

/** The table row that begins with a name, in the pane that has the column `title`. */
function row(text: string, title: string, name: string): string {
	const lines = text.split('\n');
	const header = lines.findIndex(line => line.includes(title));
	const rest = lines.slice(header + 1);
	return rest.find(line => line.includes(`│ ${name} `) || line.includes(`┃ ${name} `)) ?? '';
}

/** The text of a box, its wrapped lines joined. */
function unwrapped(text: string): string {
	return text.replaceAll(/ *[│┃]\n[│┃] */g, ' ');
}

/** Registers the revert of a fault: `mend` runs once, here or after a failed test. */
function toUndo(mend: () => Promise<void>): () => Promise<void> {
	let done = false;
	const once = async () => {
		if (!done) {
			done = true;
			await mend();
		}
	};
	undo.push(once);
	return once;
}

describe('faults on the real cluster, shown from beginning to end without a restart of the console', () => {
	it('power cut of the leader', async () => {
		const {leader: dead, replica} = cast();
		const app = await application();
		toUndo(async () => app.end());
		const earlier = terminal.text();
		const began = Date.now();
		const mend = toUndo(async () => power('on', dead));
		await power('cut', dead);
		await see('SSH lost', new RegExp(`${dead}: SSH lost`));
		await see('REST lost', new RegExp(`${dead}: REST lost`));
		// Until the lease expires it is the leader in etcd. Its state is unknown, and is shown as unknown.
		await see('its row', new RegExp(`[│┃] ${dead} .* Leader +running\\?.*etcd, rest lost`));
		await see('the new leader', new RegExp(`leader key: ${dead} → ${replica}, no leader for`), afterTheLease);
		await see('the gone key', new RegExp(`${dead}: its key in etcd is gone`));
		const text = await terminal.until(
			'writes again',
			seen => isWritten(seen, replica) && outagesOnScreen(seen, earlier).length > 0,
			30_000,
		);
		await app.written();
		const shown = longestOf(outagesOnScreen(text, earlier)) ?? {lengthMs: 0, stalledMs: 0};
		await expectSame(shown, app, began, recording);
		await mend();
		await untilHealthy();
		await terminal.until('a healthy cluster', healthy, toHeal);
	});

	it('cut cable of the replica', async () => {
		const {replica} = cast();
		const mend = toUndo(async () => cable('in', replica));
		await cable('out', replica);
		await see('the entry', new RegExp(`${replica}: REST lost`));
		// A busy machine may have lost the source before: what is shown now counts.
		await terminal.until(
			'the loss',
			text =>
				/streaming\?.*rest lost/.test(row(text, 'Sources', replica)) &&
				/Quorum +2\/3/.test(text) &&
				/\n (DEGRADED|CRITICAL)/.test(text),
			soon,
		);
		await mend();
		await terminal.until('a healthy cluster', healthy, toHeal);
	});

	it('cut cable of the leader', async () => {
		const {leader: cut, replica} = cast();
		const mend = toUndo(async () => cable('in', cut));
		await cable('out', cut);
		await see('the new leader', new RegExp(`leader key: ${cut} → ${replica}, no leader for`), afterTheLease);
		await showing(mend, 'the old leader again', new RegExp(`${cut}: REST back`));
		// Without pg_rewind (the operator's configuration) it may have written what the new leader never got, and then can
		// never follow it: the lab reinitializes it, and the console has to show that, too.
		await untilHealthy();
		await terminal.until('a healthy cluster, with the old leader as a replica', healthy, toHeal);
	});

	it('one etcd member down', async () => {
		const mend = toUndo(async () => {
			await onNode('etcd1', 'sudo', 'systemctl', 'start', 'etcd');
		});
		await onNode('etcd1', 'sudo', 'systemctl', 'stop', 'etcd');
		const text = await see('the lost member', /Quorum +2\/3, no more may fail/);
		expect(row(text, 'Health', 'etcd1')).toMatch(/LOST.*connection refused/);
		await see('the entry', /etcd etcd1 lost: /);
		await see('the verdict: the service is the root', /\n DEGRADED.*etcd1: etcd is inactive/);
		await showing(mend, 'the entry of its return', /etcd etcd1 back/);
		await terminal.until('a healthy cluster', healthy, toHeal);
	});

	it('an etcd member that accepts connections and never answers', async () => {
		const mend = toUndo(async () => {
			await onNode('etcd1', 'sudo', 'systemctl', 'kill', '-s', 'CONT', 'etcd');
		});
		await onNode('etcd1', 'sudo', 'systemctl', 'kill', '-s', 'STOP', 'etcd');
		const text = await see('the silent member', /etcd etcd1 lost: no answer in time/);
		expect(text).toMatch(/Quorum +2\/3/);
		// The others still serve: the leader key is known, and keys work.
		expect(text).toMatch(/etcd leader key .* etcd, live /);
		terminal.press('?');
		await see('the help', /Poll all sources now/, 1000);
		terminal.press('?');
		await mend();
		await terminal.until('a healthy cluster', healthy, toHeal);
	});

	it('etcd without quorum', async () => {
		const {replica} = cast();
		const nodes = [replica, 'etcd1'];
		const mend = toUndo(async () => {
			await Promise.all(nodes.map(async node => onNode(node, 'sudo', 'systemctl', 'start', 'etcd')));
		});
		await Promise.all(nodes.map(async node => onNode(node, 'sudo', 'systemctl', 'stop', 'etcd')));
		const text = await see('the lost quorum', /Quorum +LOST: 0\/3 healthy, 2 needed/);
		expect(text).toMatch(/Holder +pgdb\d\? +as read \d+s ago/);
		await see('the verdict', /\n CRITICAL.*etcd has no quorum: 1 of 3 answer/);
		await see('the entry', /etcd can no longer be read/);
		await see('the leader that gives up', /(stopping|Replica) .*etcd \d+s ago\+rest/, afterTheLease);
		await showing(mend, 'the entry', /etcd can be read again/);
		await untilHealthy();
		await terminal.until('a healthy cluster', healthy, toHeal);
	});

	it("a member's REST frozen", async () => {
		const {replica} = cast();
		// Only Patroni: a frozen PostgreSQL would block the synchronous standby, and all writes.
		const signal = async (name: string) =>
			onNode(replica, 'sudo', 'systemctl', 'kill', '--kill-whom=main', '-s', name, 'patroni');
		const mend = toUndo(async () => {
			await signal('CONT');
		});
		await signal('STOP');
		const text = await see('the silent REST', new RegExp(`${replica}: REST lost: no answer in time`));
		expect(row(text, 'Sources', replica)).toMatch(/streaming\?.*etcd, rest lost for \d+s: no answer in time/);
		expect(text).toMatch(/\n (UNKNOWN|DEGRADED).*/);
		terminal.press('f');
		await see('the findings', /━ (?:▸ )?Findings/);
		await terminal.until(
			'the finding',
			shown =>
				unwrapped(shown).includes(
					`${replica}: no answer from its REST API: no answer in time; its key in etcd exists`,
				),
			soon,
		);
		terminal.press('f');
		await showing(mend, 'the entry', new RegExp(`${replica}: REST back`));
		await terminal.until('a healthy cluster', healthy, toHeal);
	});

	it('sshd stopped on the node that holds the VIP', async () => {
		const {holder} = cast();
		// The node starts sshd again by itself, since no other login works.
		const script =
			'sleep 1; systemctl stop ssh.socket ssh.service; loginctl terminate-user dba; sleep 8; systemctl start ssh.service';
		await onNode(holder, 'sudo', 'systemd-run', '/bin/sh', '-c', `'${script}'`);
		const text = await see('the loss', new RegExp(`${holder}: SSH lost`));
		expect(text).toMatch(new RegExp(`Holder +${holder}\\? \\(no data\\)`));
		expect(row(text, 'Services by SSH', '').length).toBeGreaterThan(0);
		await see('the entry', new RegExp(`${holder}: SSH back`), toHeal);
		await terminal.until('a healthy cluster', healthy, toHeal);
	});

	it('HAProxy stopped on the node that holds the VIP: keepalived moves it', async () => {
		const {holder, backup: other} = cast();
		const mend = toUndo(async () => {
			await onNode(holder, 'sudo', 'systemctl', 'start', 'haproxy');
		});
		await onNode(holder, 'sudo', 'systemctl', 'stop', 'haproxy');
		await see('what it means', new RegExp(`\\n CRITICAL.*${holder} holds the VIP, but its HAProxy is down`));
		await see('the VIP on the other node', new RegExp(`VIP arrived on ${other}`), 30_000);
		await mend();
		await terminal.until('a healthy cluster', healthy, toHeal);
	});

	it("the console's own network gone", async () => {
		const link = async (state: 'up' | 'down') => {
			const {file, args} = execCommand(['ip', 'link', 'set', 'eth0', state]);
			await execa(file, args);
		};
		const mend = toUndo(async () => link('up'));
		await link('down');
		const text = await see('that nothing is in sight', /\n UNKNOWN.*no source can be reached/, 20_000);
		expect(text).toMatch(/Holder +pgdb\d\? +as read/);
		expect(text).toMatch(/Quorum +unknown: no endpoint answers/);
		expect(row(text, 'Sources', 'pgdb1')).toMatch(/running\?|streaming\?/);
		terminal.press('?');
		await see('the help', /Poll all sources now/, 1000);
		terminal.press('?');
		await mend();
		await terminal.until('a healthy cluster', healthy, toHeal);
	});
});
