/**
 * A WAL receiver that is not a member and never confirms: shown before a switchover, and while the old leader waits for
 * it.
 */
import {afterEach, beforeEach, expect, it} from 'vitest';
import {driveConsole, esc} from '../support/console-driver.ts';
import {console, onNode, programsFolder, untilHealthy} from '../support/lab.ts';
import type {Terminal} from '../support/terminal.ts';

const soon = 20_000;
/** Two loops of Patroni on a slow machine, ms. */
const twoLoops = 45_000;
const toHeal = 90_000;

const unit = 'frozen-receiver';
const folder = `/tmp/${unit}`;

let terminal: Terminal;
const undo: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
	await untilHealthy();
	terminal = console({columns: 160, rows: 50});
	await terminal.until('a healthy cluster', healthy, 30_000);
});

afterEach(async () => {
	await terminal.kill();
	for (const mend of undo.splice(0).reverse()) {
		await mend();
	}

	await untilHealthy();
});

const healthy = (text: string) => text.includes('\n HEALTHY') && text.includes('3/3');
const {see, press, cast, select} = driveConsole(() => terminal, soon);

/** Starts a receiver on a node, and freezes it once it receives. @returns its process */
async function frozenReceiver(on: string, from: string): Promise<string> {
	await onNode(on, 'sudo', 'install', '-d', '-o', 'postgres', folder);
	undo.push(async () => onNode(on, 'sudo', 'rm', '-rf', folder));
	await onNode(
		on,
		...['sudo', 'systemd-run', '--quiet', '--collect', `--unit=${unit}`, '--uid=postgres'],
		...['--setenv=PGPASSWORD=lab-replicator', `${programsFolder()}/pg_receivewal`],
		...['--host', from, '--username', 'replicator', '--directory', folder, '--no-loop'],
	);
	const pid = (await onNode(on, 'systemctl', 'show', '--property=MainPID', '--value', unit)).trim();
	expect(pid).toMatch(/^[1-9]\d*$/);
	return pid;
}

it('warns of a WAL receiver that never confirms, and names it while the old leader stops', {
	timeout: 240_000,
}, async () => {
	const {leader, replica} = cast();
	const address = new RegExp(`[│┃] ${leader}(?: !)? +([\\d.]+) `).exec(terminal.text())?.[1] ?? '';
	const pid = await frozenReceiver(replica, address);
	const end = async () => onNode(replica, 'sudo', 'sh', '-c', `'kill -CONT ${pid} && kill ${pid} || true'`);
	undo.push(end);

	await select(replica);
	const named =
		/WARNING pg_receivewal \(user replicator, from [\d.]+, streaming\) receives WAL and is not a member/;
	await press(['S', new RegExp(`Switchover ${leader} → ${replica}`)]);
	await see('that it is named before', named);
	await onNode(replica, 'sudo', 'kill', '-STOP', pid);
	await press(['y', /Operation: switchover/]);
	await see('the new leader', /DONE .*after \d+\.\d s/, twoLoops);
	await press([esc, /q quit/], ['f', /━ (?:▸ )?Findings/]);
	await see(
		'that it is named while the old leader waits for it',
		new RegExp(
			`${leader}: stopping since \\d\\d:\\d\\d:\\d\\d; last WAL receivers: pg_receivewal \\(user replicator`,
		),
		twoLoops,
	);

	await press(['f', /q quit/]);
	undo.pop();
	await end();
	await untilHealthy();
	await terminal.until('a healthy cluster', healthy, toHeal);
});
