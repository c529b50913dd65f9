/** A cluster on PostgreSQL 16, which no Debian release has: each operation that runs one of its programs, by keys only. */
import {execa} from 'execa';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {readInventory} from '../../lab/inventory.ts';
import {down, execCommand, presentSetup, status, up} from '../../lab/lab.ts';
import {sqlThroughVip} from '../../lab/psql.ts';
import {driveConsole, enter, esc} from '../support/console-driver.ts';
import {healthyConsole, onNode, snapshot} from '../support/lab.ts';
import type {Terminal} from '../support/terminal.ts';

const postgresql = 16;
const toHeal = 90_000;
const before = presentSetup();

let terminal: Terminal;
const {see, press, cast, select} = driveConsole(() => terminal);

beforeAll(async () => {
	if (before?.postgresql !== postgresql) {
		await down();
	}

	await up({profile: before?.profile, suite: 'trixie', postgresql});
});

afterAll(async () => {
	if (before?.postgresql !== postgresql) {
		await down();
		if (before !== undefined) {
			await up(before);
		}
	}
});

beforeEach(async () => {
	terminal = await healthyConsole();
});

afterEach(async () => {
	await terminal.kill();
});

/** What a member's server says of itself, by its own process. */
async function serverOf(member: string): Promise<{pid: string; program: string}> {
	const file = `/var/lib/postgresql/${postgresql}/main/postmaster.pid`;
	const pid = (await onNode(member, 'sudo', 'head', '-n1', file)).trim();
	return {pid, program: await onNode(member, 'sudo', 'readlink', `/proc/${pid}/exe`)};
}

describe('PostgreSQL 16', () => {
	it('runs on both members, and every source of the console answers', async () => {
		expect(await sqlThroughVip(readInventory(), 'SHOW server_version')).toMatch(/^16\./);
		expect(await status()).toMatchObject({healthy: true, suite: 'trixie', postgresql});
		const members = ['pgdb1', 'pgdb2'];
		const programs = await Promise.all(members.map(async member => (await serverOf(member)).program));
		expect(programs).toEqual(members.map(() => '/usr/lib/postgresql/16/bin/postgres'));
		const {snapshot: seen, exitCode} = await snapshot();
		expect([exitCode, seen.findings.filter(({severity}) => severity !== 'notice')]).toEqual([0, []]);
		const doctor = execCommand(['pgha-top', 'doctor']);
		expect((await execa(doctor.file, doctor.args, {env: doctor.env})).stdout).toMatch(/everything answers/);
	});

	it("finds no library of the server's package outside of its folder", async () => {
		const cached = await onNode('pgdb1', '/usr/sbin/ldconfig', '--print-cache');
		expect(cached).toContain('libpq.so.5');
		expect(cached).not.toContain('/usr/lib/postgresql/16');
	});

	it('switches over, and the old leader follows without pg_rewind', async () => {
		const {leader, replica} = cast();
		await select(replica);
		await press(['S', new RegExp(`Switchover ${leader} → ${replica}`)], ['y', /Operation: switchover/]);
		await see('the new leader', /DONE .*after \d+\.\d s/, toHeal);
		await see('that the old leader follows', new RegExp(`✓ +${leader} streams on the new timeline`), toHeal);
		await see('the sync standby', /✓ +a synchronous standby is back/, toHeal);
		// Patroni runs programs of its `bin_dir` meanwhile, and logs each that it cannot run.
		const log = await onNode(leader, 'sudo', 'journalctl', '--unit=patroni', '--boot', '--no-pager');
		expect(log).toMatch(/received smart shutdown request|received fast shutdown request/);
		expect(log).not.toMatch(/Failed to execute|Error when calling|Exception when parsing/);
	});

	it('copies a replica from the leader', async () => {
		const {replica} = cast();
		const {pid} = await serverOf(replica);
		await select(replica);
		await press(
			['I', new RegExp(`Reinitialize ${replica}`)],
			[replica, new RegExp(`name +${replica}_`)],
			[enter, /Operation: reinitialize/],
		);
		await see('the copy', /DONE .*after \d+\.\d s/, toHeal);
		await see('the stream', new RegExp(`✓ +${replica} streams from the leader`), toHeal);
		expect((await serverOf(replica)).pid).not.toBe(pid);
	});

	it('restarts the leader, and shows what its log says of the version', async () => {
		const {leader} = cast();
		await select(leader);
		await press(['R', new RegExp(`Restart PostgreSQL on ${leader}`)], ['y', /Operation: restart/]);
		await see('the new postmaster', /DONE .*after \d+\.\d s/, toHeal);
		await press([esc, /q quit/], ['l', new RegExp(`Log: ${leader}`)]);
		// A filter also shows lines that are read after it was set.
		await press(['f', /filter .*: _/], ['"starting PostgreSQL"', /"starting PostgreSQL"_/], [enter, /Log: /]);
		await see('the version', /postgresql +LOG .*starting PostgreSQL 16\.\d+ on x86_64/, toHeal);
	});
});
