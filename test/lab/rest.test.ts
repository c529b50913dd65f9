/**
 * The real cluster by Patroni's REST API alone: whatever store Patroni uses, etcd is asked nothing. With `up --store etcd2`
 * the lab's own configuration leads there; else `--rest` does.
 */
import {execa} from 'execa';
import {afterEach, describe, expect, it} from 'vitest';
import {execCommand, presentSetup} from '../../lab/lab.ts';
import type {Snapshot} from '../../source/snapshot/schema.ts';
import {driveConsole, esc} from '../support/console-driver.ts';
import {console, onNode, patronictl, untilHealthy} from '../support/lab.ts';
import type {Terminal} from '../support/terminal.ts';

/** One member's address is enough. */
const seed = '10.73.0.160';
const flags = presentSetup()?.store === 'etcd2' ? [] : ['--rest', seed];
const toHeal = 90_000;

async function snapshot(...argv: readonly string[]): Promise<{seen: Snapshot; exitCode: number | undefined}> {
	const {file, args, env} = execCommand(['pgha-top', '--once', '--json', ...flags, ...argv]);
	const {stdout, exitCode} = await execa(file, args, {env, reject: false, timeout: 60_000});
	return {seen: JSON.parse(stdout) as Snapshot, exitCode};
}

describe('--once by REST alone', () => {
	it('reports what `patronictl list` reports, healthy, and what each member believes', async () => {
		await untilHealthy();
		const {seen, exitCode} = await snapshot('--timeout', '20');
		const rows = JSON.parse(await patronictl('pgdb1', 'list', '-f', 'json')) as {
			Member: string;
			Role: string;
			State: string;
			TL: number;
		}[];
		expect(seen.members.map(({name, state, timeline}) => ({name, state, timeline}))).toEqual(
			rows.map(({Member, State, TL}) => ({name: Member, state: State, timeline: TL})),
		);
		expect(seen.leader?.member).toBe(rows.find(({Role}) => Role === 'Leader')?.Member);
		expect(seen.findings).toEqual([]);
		expect(exitCode).toBe(0);
		expect(seen.etcd).toMatchObject({read: false, members: []});
		expect(seen.store).toMatchObject({through: 'rest', read: true});
		expect(seen.store?.beliefs.map(({member, leader, dcs}) => ({member, leader, dcs}))).toEqual(
			rows.map(({Member}) => ({member: Member, leader: seen.leader?.member, dcs: 'reached'})),
		);
	});
});

describe('the console by REST alone', () => {
	let terminal: Terminal;
	const {see, press, cast, select} = driveConsole(() => terminal);
	const open = async (columns: number, rows: number) => {
		await untilHealthy();
		terminal = console({columns, rows}, flags);
		await terminal.until('a healthy cluster', text => text.includes('\n HEALTHY'), 60_000);
	};

	afterEach(async () => {
		await terminal.kill();
	});

	it.each([
		[80, 24],
		[120, 40],
		[200, 60],
	])('switches over by keys on a screen of %i x %i', async (columns, rows) => {
		await open(columns, rows);
		const {leader, replica} = cast();
		await select(replica);
		await press(['S', new RegExp(`Switchover ${leader} → ${replica}`)], ['y', /Operation: switchover/]);
		await see('the new leader', /DONE [\s\S]*after \d+\.\d s/, 60_000);
		await press([esc, /q quit/]);
		await see('it as the leader', new RegExp(`[│┃] ${replica} .*Leader`), toHeal);
		await see('the sync standby back', new RegExp(`[│┃] ${leader} .*Sync Standby`), toHeal);
		const list = await patronictl('pgdb1', 'list', '-f', 'json');
		expect(list).toMatch(new RegExp(`"${replica}"[^}]*"Leader"`));
	});

	it('does not know what a member believes whose Patroni is stopped, and knows the leader all the same', async () => {
		await open(120, 40);
		const {leader, replica} = cast();
		await onNode(replica, 'sudo', 'systemctl', 'stop', 'patroni');
		try {
			await see('what is not known of it', new RegExp(`${replica} .*not known`), toHeal);
			await see('that the other one leads', new RegExp(`Leader +${leader}, `), toHeal);
		} finally {
			await onNode(replica, 'sudo', 'systemctl', 'start', 'patroni');
		}
	});
});
