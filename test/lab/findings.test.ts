import {afterEach, beforeEach, describe, it} from 'vitest';
import {setMulticast} from '../../lab/lab.ts';
import {driveConsole} from '../support/console-driver.ts';
import {console, onNode, patronictl, untilHealthy} from '../support/lab.ts';
import type {Terminal} from '../support/terminal.ts';

/** ms within which a fault must be shown: keepalived and Patroni's loop need some seconds. */
const soon = 20_000;
const toHeal = 90_000;

let terminal: Terminal;
const undo: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
	await untilHealthy();
	terminal = console({columns: 160, rows: 90});
	await terminal.until('a healthy cluster', healthy, 30_000);
});

afterEach(async () => {
	await terminal.kill();
	for (const mend of undo.splice(0)) {
		await mend();
	}
});

const healthy = (text: string) => text.includes('\n HEALTHY') && text.includes('3/3');
const {see, cast} = driveConsole(() => terminal, soon);

/**
 * Breaks something, checks the finding with its evidence and remedy, undoes the fault, and waits until the cluster is
 * healthy.
 */
async function proves(
	break_: () => Promise<unknown>,
	mend: () => Promise<unknown>,
	...patterns: readonly RegExp[]
): Promise<void> {
	undo.push(mend);
	await break_();
	terminal.press('f');
	await see('the findings', /━ (?:▸ )?Findings/);
	for (const pattern of patterns) {
		await see(String(pattern), pattern);
	}

	terminal.press('f');
	await see('the panes', /q quit/);
	undo.pop();
	await mend();
	await untilHealthy();
	await terminal.until('a healthy cluster', healthy, toHeal);
}

describe('findings on the real cluster', () => {
	it('keepalived stopped on the node without the VIP: no node takes over', async () => {
		const {backup} = cast();
		await proves(
			async () => onNode(backup, 'sudo', 'systemctl', 'stop', 'keepalived'),
			async () => onNode(backup, 'sudo', 'systemctl', 'start', 'keepalived'),
			new RegExp(`DEGRADED +${backup}: keepalived is inactive: it cannot take the VIP over`),
			/keepalived\.service: loaded, inactive \(dead\) +\(systemd on pgdb\d, \ds ago\)/,
			/clients +If the holder of the VIP fails, this node does not take the VIP over\./,
			/do +Start keepalived on that node\. \[[^\]]*m\]/,
		);
	});

	it("two holders of the VIP: VRRP's packets do not reach the backup", async () => {
		const {holder, backup} = cast();
		await proves(
			async () => setMulticast(backup, 'lost'),
			async () => setMulticast(backup, 'passes'),
			/CRITICAL +two nodes hold the VIP 10\.73\.0\.172: pgdb1 and pgdb2/,
			new RegExp(`10\\.73\\.0\\.172 on eth0 of ${holder} +\\(ip on ${holder}`),
		);
	});

	it('paused', async () => {
		await proves(
			async () => patronictl('pgdb1', 'pause', '--wait'),
			async () => patronictl('pgdb1', 'resume', '--wait'),
			/DEGRADED +paused: Patroni does not fail over/,
			/config: pause; the key does not say who set it/,
		);
	});

	it('a restart that is pending, and why', async () => {
		await proves(
			async () => patronictl('pgdb1', 'edit-config', '--force', '-p', 'max_connections=121'),
			async () => patronictl('pgdb1', 'edit-config', '--force', '-p', 'max_connections=100'),
			/DEGRADED +pgdb1: restart pending/,
			/DEGRADED +pgdb2: restart pending/,
		);
	});

	it('a replica that runs and does not stream', async () => {
		const {leader, replica} = cast();
		const address = leader === 'pgdb1' ? '10.73.0.160' : '10.73.0.170';
		await proves(
			async () => {
				await onNode(replica, 'sudo', 'ip', 'route', 'add', 'unreachable', address);
				await onNode(replica, 'sudo', 'pkill', '-f', 'walreceiver');
			},
			async () => onNode(replica, 'sudo', 'ip', 'route', 'del', 'unreachable', address),
			new RegExp(`${replica} is running, but streams from no member`),
		);
	});

	it('PostgreSQL killed on the leader', async () => {
		const {leader} = cast();
		await proves(
			async () => onNode(leader, 'sudo', 'pkill', '-9', '-x', 'postgres'),
			async () => undefined,
			/CRITICAL +(writes through 10\.73\.0\.172:5000 fail|pgdb\d holds the leader key but takes no writes)/,
		);
		await see('the write outage', /write outage through :5000 ended after [\d.]+ m?s/);
	});
});
