import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {execCommand} from '../../lab/lab.ts';
import {driveConsole, enter, esc} from '../support/console-driver.ts';
import {healthyConsole, onNode, patronictl, programsFolder, snapshot, untilHealthy} from '../support/lab.ts';
import type {Terminal} from '../support/terminal.ts';

const tab = '\t';
const right = '\u001B[C';

let terminal: Terminal;
const undo: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
	terminal = await healthyConsole();
});

afterEach(async () => {
	await terminal.kill();
	for (const mend of undo.splice(0).reverse()) {
		await mend();
	}
});

const {see, press, cast} = driveConsole(() => terminal);

/**
 * A client's transaction that stays open, and ends with the client.
 * @returns asks once more, and resolves with what psql wrote on standard error until its end
 */
function transaction(host: string, port: number): () => Promise<string> {
	const command = execCommand([
		...['env', 'PGPASSWORD=lab-app', 'psql', '--no-psqlrc'],
		`host=${host} port=${port} user=app dbname=app application_name=billing`,
	]);
	const child = spawn(command.file, command.args, {env: command.env, stdio: ['pipe', 'ignore', 'pipe']});
	let said = '';
	child.stderr.on('data', (chunk: Buffer) => {
		said += chunk.toString();
	});
	const ended = once(child, 'exit');
	child.stdin.write('BEGIN; SELECT 1;\n');
	undo.push(() => {
		child.kill();
	});
	return async () => {
		child.stdin.end('SELECT 2;\n');
		await ended;
		return said;
	};
}

describe('what PostgreSQL itself says', () => {
	it('shows who holds up a switchover, which is sent once that session is ended', async () => {
		const {leader} = cast();
		const askAgain = transaction('10.73.0.172', 5000);
		await press(['s', /Sessions/]);
		// Longer than the wait that is asked for below.
		await see('the session of the client', /1[0-9]s +billing +idle in/, 60_000);
		await press(
			[esc, /q quit/],
			['S', /client sessions? on \w+ ends?: .*billing/],
			[tab, /▸ y {2}send it/],
			[tab, /▸ when/],
			[tab, /▸ CHECKPOINT/],
			[right, /CHECKPOINT +‹ first ›/],
			[tab, /▸ wait/],
			[right, /for transactions older than 10 s/],
			[tab, /▸ at most/],
			[tab, /▸ reason/],
			[tab, /\[▸ Back\]|▸ Back/],
			['y', /NOT SENT YET/],
		);
		await see('who holds it up', /waits for pid \d+, billing, user app/, 30_000);
		await press([esc, /q quit/], ['s', /Sessions/]);
		const [, pid = ''] =
			/(\d+) +\d+[ms][\d ms]* +billing/.exec(await see('the session', /billing +idle in/)) ?? [];
		await press(['K', new RegExp(`End session ${pid} of billing`)]);
		await press([pid, new RegExp(`▸ name +${pid}_`)]);
		await press([enter, new RegExp(`DONE session ${pid} is gone from ${leader}`)]);
		expect(await askAgain()).toContain('terminating connection due to administrator command');
		await press([esc, /Sessions/], [esc, /q quit/]);
		await see('the new leader', /CHECKPOINT first: done/, 60_000);
	});

	it('shows a server that takes writes outside the control of Patroni, with its clients', async () => {
		const {replica} = cast();
		const host = replica === 'pgdb1' ? '10.73.0.160' : '10.73.0.170';
		const dataDir = (
			await onNode(replica, 'sudo', '-u', 'postgres', 'psql', '-Atc', "'SHOW data_directory'")
		).trim();
		const control = ['sudo', '-u', 'postgres', `${programsFolder()}/pg_ctl`, '-D', dataDir, '-w'];
		undo.push(async () => {
			await onNode(replica, ...control, '-m', 'immediate', 'stop', '||', 'true');
			await onNode(replica, 'sudo', 'systemctl', 'start', 'patroni');
			// What it wrote of its own is thrown away.
			await patronictl(replica, 'reinit', 'postgres-cluster', replica, '--force');
			await untilHealthy();
		});
		await onNode(replica, 'sudo', 'systemctl', 'stop', 'patroni');
		await onNode(replica, 'sudo', 'rm', `${dataDir}/standby.signal`);
		await onNode(replica, ...control, '-l', '/tmp/by-hand.log', 'start');
		transaction(host, 5432);
		await see(
			'the server and its client',
			new RegExp(
				`CRITICAL.*${replica}: its PostgreSQL takes writes beside the leader[^┏]*1 of\\s+app\\s+\\(billing\\)`,
			),
			60_000,
		);
		expect(terminal.text()).toMatch(new RegExp(`${replica} ! .*takes writes`));
		const {snapshot: seen} = await snapshot();
		expect(seen.postgresql?.find(({member}) => member === replica)).toMatchObject({
			outside: true,
			in_recovery: false,
		});
		expect(seen.verdict).toBe('critical');
	});
});
