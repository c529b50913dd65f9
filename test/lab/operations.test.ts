import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {isOn} from '../../lab/cgroup.ts';
import {power, presentSetup} from '../../lab/lab.ts';
import {driveConsole, enter, esc} from '../support/console-driver.ts';
import {console, onNode, patronictl, powerOnAgain, startCommand, untilHealthy} from '../support/lab.ts';
import type {Terminal} from '../support/terminal.ts';

const toHeal = 90_000;

let terminal: Terminal;
let state: string;
const undo: (() => Promise<void>)[] = [];

beforeEach(async () => {
	await untilHealthy();
	state = mkdtempSync(path.join(tmpdir(), 'pgha-top-test-'));
	const editor = path.join(state, 'editor.sh');
	writeFileSync(
		editor,
		'#!/bin/sh\nsed -i "s/^  parameters:/&\\n    superuser_reserved_connections: 5/" "$1"\n',
		{
			mode: 0o755,
		},
	);
	terminal = console({
		columns: 160,
		rows: 50,
		env: {XDG_STATE_HOME: state, VISUAL: '', EDITOR: editor},
	});
	await terminal.until(
		'a healthy cluster',
		text => text.includes('\n HEALTHY') && text.includes('3/3'),
		30_000,
	);
});

afterEach(async () => {
	await terminal.kill();
	for (const mend of undo.splice(0)) {
		await mend();
	}
});

const {see, press, cast, select, choose} = driveConsole(() => terminal);

type Line = {
	phase: string;
	what: string;
	outcome?: {kind: string};
	reason?: string;
	steps: {text: string; after_ms?: number}[];
};

function audit(): Line[] {
	return readFileSync(path.join(state, 'pgha-top', 'audit.ndjson'), 'utf8')
		.trim()
		.split('\n')
		.map(line => JSON.parse(line) as Line);
}

describe('operations on the real cluster, by keys only', () => {
	it('switches over there and back, and refuses while there is no sync standby', async () => {
		const {leader, replica} = cast();
		await select(replica);
		await press(
			['S', new RegExp(`Switchover ${leader} → ${replica}`)],
			// Back has the focus.
			[enter, /q quit/],
			['S', new RegExp(`Switchover ${leader} → ${replica}`)],
			['y', /Operation: switchover/],
		);
		await see('the new leader', /DONE .*after \d+\.\d s/, 30_000);
		await see('that the old leader follows', new RegExp(`✓ +${leader} streams on the new timeline`), toHeal);
		// Patroni refuses until a sync standby is back: the question shows that, and sends nothing.
		await press([esc, /q quit/]);
		const standby = !terminal.text().includes('Sync Standby');
		await press(['S', /Switchover/]);
		if (standby) {
			await see(
				'the rule',
				/BLOCKED there is no synchronous standby at the moment.*candidate name does not match with sync_standby/,
			);
			await press(['y', /nothing was sent: there is no synchronous standby/]);
		}

		await press([esc, /q quit/]);
		await see('the sync standby back', new RegExp(`[│┃] ${leader} .*Sync Standby`), toHeal);
		await see('all steps behind us', /^(?!.*waiting: )/s, toHeal);
		await select(leader);
		await press(['S', new RegExp(`Switchover ${replica} → ${leader}`)], ['y', /Operation: switchover/]);
		await see('the old leader again', /DONE .*after \d+\.\d s/, 30_000);
		for (const step of [
			/✓ +etcd holds the request/,
			/✓ +leader key released/,
			new RegExp(`✓ +leader key at ${leader}`),
			new RegExp(`✓ +${leader} runs as primary`),
			new RegExp(`✓ +HAProxy on pgdb1 sends clients to ${leader}`),
			new RegExp(`✓ +HAProxy on pgdb2 sends clients to ${leader}`),
			new RegExp(`✓ +VIP:5000 answers from ${leader}`),
			new RegExp(`✓ +${replica} streams on the new timeline`),
			/✓ +a synchronous standby is back/,
		]) {
			await see(String(step), step, toHeal);
		}

		await vi.waitUntil(() => audit().length === 6);
		const lines = audit();
		expect(lines.map(({phase, what, outcome}) => `${phase} ${what} ${outcome?.kind ?? ''}`.trim())).toEqual([
			`confirmed switchover ${leader} → ${replica}`,
			`outcome switchover ${leader} → ${replica} done`,
			`complete switchover ${leader} → ${replica} done`,
			`confirmed switchover ${replica} → ${leader}`,
			`outcome switchover ${replica} → ${leader} done`,
			`complete switchover ${replica} → ${leader} done`,
		]);
		expect(JSON.stringify(lines)).not.toContain('lab-patroni');
	});

	it("shows the refusal in Patroni's own words when the cluster changed after the check", async () => {
		const {leader, replica} = cast();
		await select(replica);
		await press(['S', /Switchover/]);
		undo.push(async () => {
			await onNode(replica, 'sudo', 'systemctl', 'kill', '--kill-whom=main', '-s', 'CONT', 'patroni');
		});
		await onNode(replica, 'sudo', 'systemctl', 'kill', '--kill-whom=main', '-s', 'STOP', 'patroni');
		terminal.press('y');
		await see(
			'the refusal',
			/REFUSED 412 "switchover is not possible: no good candidates have been found": the candidate does not answer/,
		);
		await vi.waitUntil(() => audit().at(-1)?.outcome?.kind === 'refused');
		expect(await patronictl(leader, 'list', '-f', 'json')).toContain(`"Member": "${leader}"`);
	});

	it('schedules a switchover with its time in both zones, and cancels it', async () => {
		const {leader, replica} = cast();
		undo.push(async () => {
			await patronictl(leader, 'flush', 'postgres-cluster', 'switchover', '--force');
		});
		await select(replica);
		await press(
			['S', /Switchover/],
			['\t', /\[▸ y/],
			['\t', /▸ when/],
			['+30m', /\+30m_ +.* UTC = \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/],
			['\t', /▸ reason/],
			['window 4711', /window 4711_/],
			['\t', /\[▸ Back\]/],
			['y', /Operation: switchover/],
		);
		await see('the schedule in etcd', /DONE .*\n(?:.*\n)*.*✓ +etcd holds the schedule/);
		await see('Patroni says so', /202 "Switchover scheduled"/);
		expect(audit().at(-1)?.reason).toBe('window 4711');
		await press([esc, /q quit/]);
		await choose(/cancel the scheduled switchover/);
		await press(['y', /Operation: cancel/]);
		await see('nothing scheduled any more', /✓ +nothing is scheduled any more/);
		await press([esc, /q quit/]);
		expect(terminal.text()).not.toContain('SWITCHOVER SCHEDULED');
	});

	it('schedules a restart, as each source reports it, and cancels it', async () => {
		const {replica} = cast();
		undo.push(async () => {
			await patronictl(replica, 'flush', 'postgres-cluster', replica, 'restart', '--force');
		});
		await select(replica);
		await press(
			['R', new RegExp(`Restart PostgreSQL on ${replica}`)],
			['\t', /\[▸ y/],
			['\t', /▸ when/],
			['+30m', /\+30m_ +.* UTC = \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/],
			['\t', /▸ only if pending/],
			['\t', /▸ reason/],
			['\t', /\[▸ Back\]/],
			['y', /Operation: restart PostgreSQL/],
		);
		await see('the schedule', new RegExp(`DONE .*✓ +${replica} reports the schedule`, 's'));
		await see('Patroni says so', /202 "Restart scheduled"/);
		expect(await patronictl(replica, 'list', '-f', 'json')).toContain('Scheduled restart');
		await press([esc, /q quit/]);
		await see('the schedule in the row', new RegExp(`[│┃] ${replica} .* at .*\\d\\d:\\d\\d`));
		await choose(/cancel the scheduled restart/);
		await press(['y', /Operation: cancel/]);
		await see('nothing scheduled any more', /DONE /);
		await press([esc, /q quit/]);
		await see('health without a schedule', /\n HEALTHY {2}pgdb\d leads, pgdb\d could take over without loss/);
		expect(await patronictl(replica, 'list', '-f', 'json')).not.toContain('Scheduled restart');
	});

	it('changes the configuration in the editor, shows pending restarts with their reason, and clears them', async () => {
		const {leader, replica} = cast();
		undo.push(async () => {
			await patronictl(leader, 'edit-config', '--force', '-p', 'superuser_reserved_connections=null');
			// A restart before it has read the new value would keep the old one.
			await vi.waitUntil(
				async () =>
					(await patronictl(leader, 'list', '-f', 'json')).match(/"Pending restart"/g)?.length === 2,
				{timeout: 30_000, interval: 500},
			);
			for (const name of [leader, replica]) {
				await patronictl(leader, 'restart', 'postgres-cluster', name, '--force');
			}
		});
		await press(['E', /Change the dynamic configuration/]);
		const asked = await see('the difference', /\+ +superuser_reserved_connections: 5/);
		expect(asked).toContain('{"postgresql":{"parameters":{"superuser_reserved_connections":5}}}');
		await press(['y', /Operation: change the dynamic configuration/]);
		await see(
			'who needs a restart',
			// Patroni 3.0 does not report the reason.
			presentSetup()?.suite === 'bookworm'
				? /pending on pgdb1, pgdb2/
				: /pending on pgdb1 \(superuser_reserved_connections 3 → 5\), pgdb2/,
			30_000,
		);
		for (const member of [replica, leader]) {
			await press([esc, /q quit/]);
			await select(member);
			await press(['R', new RegExp(`Restart PostgreSQL on ${member}`)]);
			await see('why', /a restart is pending/);
			await press(['y', /Operation: restart/]);
			await see('the new postmaster', /DONE .*after \d+\.\d s/, 60_000);
			await see('nothing pending any more', /✓ +no restart is pending any more/, 60_000);
		}
	});

	it('pauses, once each member has applied it, and resumes', async () => {
		undo.push(async () => {
			await patronictl('pgdb1', 'resume').catch(() => undefined);
		});
		await press(['P', /┏━ (?:▸ )?Pause/], ['y', /Operation: pause/]);
		await see('both have applied it', /DONE .*✓ +pgdb1 has applied it.*✓ +pgdb2 has applied it/s, 30_000);
		await press([esc, /q quit/], ['P', /┏━ (?:▸ )?Resume/], ['y', /Operation: resume/]);
		await see('both have applied it', /DONE .*✓ +pgdb1 has applied it.*✓ +pgdb2 has applied it/s, 30_000);
		await press([esc, /q quit/]);
		await see('health', /\n HEALTHY/);
	});

	it('reinitializes a replica only after its name is typed', async () => {
		const {leader, replica} = cast();
		await select(replica);
		await press(
			['I', new RegExp(`Reinitialize ${replica}`)],
			[leader, new RegExp(`name +${leader}_`)],
			[enter, new RegExp(`type ${replica} to confirm; nothing was sent`)],
			['\u0015', /name +_/],
			[replica, new RegExp(`name +${replica}_`)],
			[enter, /Operation: reinitialize/],
		);
		await see('the copy', /DONE .*after \d+\.\d s/, toHeal);
		await see('the answer', /200 "reinitialize started": accepted/);
		await see('the stream', new RegExp(`✓ +${replica} streams from the leader`), toHeal);
	});

	it('sends nothing if the leader changed while the question was open', async () => {
		const {leader, replica} = cast();
		await select(leader);
		await press(['R', new RegExp(`Restart PostgreSQL on ${leader}`)]);
		await patronictl(leader, 'switchover', '--leader', leader, '--candidate', replica, '--force');
		await see(
			'what changed',
			new RegExp(`BLOCKED since the question was asked: the leader is ${replica} now`),
			30_000,
		);
		await press([
			'y',
			new RegExp(`nothing was sent: since the question was asked: the leader is ${replica} now`),
		]);
		await press([esc, /q quit/]);
		expect(() => audit()).toThrow(/ENOENT/);
	});

	it('reports a switchover as unknown when Patroni dies in the middle of it, and settles its outcome', async () => {
		const {leader, replica} = cast();
		await select(replica);
		// The killer waits on the leader's node for the request to be in etcd; PostgreSQL keeps running without
		// Patroni.
		const killer = await startCommand(
			leader,
			/^ready/,
			'sudo',
			'sh',
			'-c',
			`'export ETCDCTL_API=3; echo ready; for i in $(seq 500); do etcdctl get --print-value-only /service/postgres-cluster/failover | grep -q member && break; done; systemctl kill --kill-whom=main -s KILL patroni; echo killed; sleep 3; systemctl restart patroni'`,
		);
		undo.push(async () => {
			killer.end();
			await onNode(leader, 'sudo', 'systemctl', 'start', 'patroni');
		});
		await press(['S', /Switchover/], ['y', /Operation: switchover/]);
		await killer.lineAt(line => line === 'killed');
		await see('that it is not known', /UNKNOWN no answer/);
		await see('the truth', /(DONE|DONE ELSEWHERE|FAILED) /, toHeal);
		const kinds = () => audit().map(({outcome}) => outcome?.kind);
		// It is written shortly after it is shown.
		await vi.waitUntil(() => ['done', 'elsewhere', 'failed'].includes(kinds().at(-1) ?? ''), {
			timeout: 10_000,
		});
		expect(kinds()).toContain('unknown');
	});

	it('powers off the node that leads and holds the VIP, and shows its return as a replica', async () => {
		const {leader} = cast();
		if (!new RegExp(`Holder +${leader}, .*Holder +${leader}, `).test(terminal.text())) {
			// keepalived's priority decides where the VIP is: the leader moves there.
			await select(leader === 'pgdb1' ? 'pgdb2' : 'pgdb1');
			await press(['S', /Switchover/], ['y', /Operation: switchover/]);
			await see('the new leader', /DONE .*after \d+\.\d s/, 30_000);
			await see('all steps', /✓ +a synchronous standby is back/, toHeal);
			await press([esc, /q quit/]);
		}

		const node = cast().leader;
		const other = cast().replica;
		await select(node);
		await choose(new RegExp(`[│┃] +power off ${node}`));
		await see(
			'the consequences',
			new RegExp(`${node} leads: clients cannot write.*${node} holds the VIP`, 's'),
		);
		undo.push(async () => {
			if (!isOn(node)) {
				await power('on', node);
			}
		});
		await press([node, new RegExp(`name +${node}_`)], [enter, /Operation: power off/]);
		await see('it off', /DONE .*after \d+\.\d s/, 60_000);
		for (const step of [
			/nothing on .* answers any more/,
			/another member holds the leader key/,
			/another node holds the VIP/,
		]) {
			expect(terminal.text()).toMatch(new RegExp(`✓ +${step.source}`));
		}

		await press([esc, /q quit/]);
		await powerOnAgain(node);
		await see(
			'it back as a replica',
			new RegExp(`${node}(?: !)? +[\\d.]+ +(Sync Standby|Replica) +(running|streaming) `),
			toHeal,
		);
		await see('health', /\n HEALTHY/, toHeal);
		expect(cast().leader).toBe(other);
	});
});
