/** The stories of a topology of the lab, by keys only: a switchover, and the power-off of the VIP's holder and of a balancer. */
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {isOn} from '../../lab/cgroup.ts';
import {nodesOf, readInventory} from '../../lab/inventory.ts';
import {down, power, presentSetup, up} from '../../lab/lab.ts';
import {driveConsole, enter, esc} from './console-driver.ts';
import {healthyConsole, powerOnAgain, snapshot} from './lab.ts';
import type {Terminal} from './terminal.ts';

const toHeal = 90_000;
const before = presentSetup();

let terminal: Terminal;
const undo: (() => Promise<void>)[] = [];
const {see, press, cast, select, choose} = driveConsole(() => terminal);

// After the last topology of a file.
afterAll(async () => {
	await down();
	if (before !== undefined) {
		await up(before);
	}
});

/** Goes to the row of a node in the pane of the VIP. */
async function selectNode(node: string): Promise<void> {
	await press(['\t', /q quit/], ['\t', /q quit/]);
	for (let step = 0; step < 8; step++) {
		await press(['m', /Operations: /]);
		const isIt = terminal.text().includes(`Operations: ${node}`);
		await press([esc, /q quit/]);
		if (isIt) {
			return;
		}

		await press(['j', /q quit/]);
	}

	throw new Error(`${node} is in no row of the pane`);
}

/** Switches over from the leader to the replica, until all steps are done. */
async function switchOver(): Promise<{leader: string; replica: string}> {
	const {leader, replica} = cast();
	await select(replica);
	await press(['S', new RegExp(`Switchover ${leader} → ${replica}`)], ['y', /Operation: switchover/]);
	await see('the new leader', /DONE .*after \d+\.\d s/, toHeal);
	return {leader, replica};
}

/** The steps of a switchover where the VIP follows the leader. */
function onLeader(member: string): RegExp[] {
	return [
		new RegExp(`✓ +VIP 10\\.73\\.0\\.172 on ${member}`),
		new RegExp(`✓ +VIP:5432 answers from ${member}`),
	];
}

async function powerOff(node: string): Promise<void> {
	undo.push(async () => {
		if (!isOn(node)) {
			await power('on', node);
		}
	});
	await press([node, new RegExp(`name +${node}_`)], [enter, /Operation: power off/]);
	await see('it off', /DONE .*after \d+\.\d s/, toHeal);
}

export function tellStories(topology: 'balancers' | 'leader-vip' | 'vip-manager' | 'pgbouncer'): void {
	describe(topology, () => {
		beforeAll(async () => {
			const present = presentSetup();
			if (present !== undefined && present.topology !== topology) {
				await down();
			}

			const {PGHA_LAB_SUITE: suite, PGHA_LAB_POSTGRES: postgresql} = process.env;
			await up({
				suite: before?.suite ?? suite,
				postgresql: before?.postgresql ?? postgresql,
				topology,
			});
		});

		beforeEach(async () => {
			terminal = await healthyConsole();
		});

		afterEach(async () => {
			await terminal.kill();
			for (const mend of undo.splice(0)) {
				await mend();
			}
		});

		it('is healthy in the snapshot, with its services', async () => {
			const {snapshot: seen, exitCode} = await snapshot();
			// A busy machine may stall the console, which is then a notice.
			expect([exitCode, seen.findings.filter(({id}) => id !== 'console.stalled')]).toEqual([0, []]);
			const services = (node: string) =>
				seen.services.filter(one => one.node === node).map(({service}) => service);
			const holder = seen.vip?.holder ?? '';
			if (topology === 'balancers') {
				expect(holder).toMatch(/^lb[12]$/);
				expect(services('pgdb1')).toEqual(['patroni', 'etcd']);
				expect(services('lb1')).toEqual(['haproxy', 'keepalived']);
				expect(seen.haproxy.map(({node}) => node).sort()).toEqual(['lb1', 'lb2']);
			} else if (topology !== 'pgbouncer') {
				expect(holder).toBe(seen.leader?.member);
				const manager = topology === 'leader-vip' ? 'keepalived' : 'vip-manager';
				expect(services('pgdb1')).toEqual(['patroni', 'etcd', manager]);
				expect(seen.vip).toMatchObject({manager, follows: 'leader'});
				expect(seen.haproxy).toEqual([]);
			} else {
				expect(services('pgdb1')).toEqual(['patroni', 'etcd', 'haproxy', 'keepalived', 'pgbouncer']);
				expect(seen.probes.map(({port}) => port)).toContain(6432);
			}
		});

		it('switches over', async () => {
			const {replica} = await switchOver();
			for (const step of {
				balancers: [
					new RegExp(`✓ +HAProxy on lb1 sends clients to ${replica}`),
					new RegExp(`✓ +HAProxy on lb2 sends clients to ${replica}`),
					new RegExp(`✓ +VIP:5000 answers from ${replica}`),
				],
				'leader-vip': onLeader(replica),
				'vip-manager': onLeader(replica),
				pgbouncer: [new RegExp(`✓ +VIP:6432 answers from ${replica}`)],
			}[topology] ?? []) {
				await see(String(step), step, toHeal);
			}

			await press([esc, /q quit/]);
			await see('health', /\n HEALTHY/, toHeal);
		});

		it("shows what the power-off of the VIP's holder takes away, and what it does", async () => {
			const {snapshot: seen} = await snapshot();
			const holder = seen.vip?.holder ?? '';
			const leads = holder === seen.leader?.member;
			await selectNode(holder);
			await choose(new RegExp(`[│┃] +power off ${holder}`));
			if (topology === 'balancers') {
				const other = holder === 'lb1' ? 'lb2' : 'lb1';
				await see('the consequences', new RegExp(`${holder} holds the VIP: it would go to ${other}`));
				expect(terminal.text()).not.toMatch(/clients cannot write/);
			} else {
				await see('the consequences', new RegExp(`${holder} holds the VIP`));
				expect(/clients cannot write/.test(terminal.text())).toBe(leads);
			}

			await powerOff(holder);
			expect(terminal.text()).toMatch(/✓ +another node holds the VIP/);
			expect(/✓ +another member holds the leader key/.test(terminal.text())).toBe(leads);
			await press([esc, /q quit/]);
			await powerOnAgain(holder);
			await see('health', /\n HEALTHY/, toHeal);
		});

		it.runIf(topology === 'balancers')(
			'loses nothing with a balancer that does not hold the VIP',
			async () => {
				const [usual = '', idle = ''] = nodesOf(readInventory(topology))
					.filter(({roles}) => roles.includes('lb'))
					.toSorted((one, other) => (other.priority ?? 0) - (one.priority ?? 0))
					.map(({name}) => name);
				// A balancer that was off takes the VIP back when it is ready.
				await see('the VIP in its place', new RegExp(`[│┃] ${usual} +holds `), toHeal);
				await selectNode(idle);
				await choose(new RegExp(`[│┃] +power off ${idle}`));
				await see('the consequences', new RegExp(`the VIP is not on ${idle}`));
				await powerOff(idle);
				expect(terminal.text()).not.toMatch(/another (node|member) holds/);
				await press([esc, /q quit/]);
				await see('no balancer that could take over', new RegExp(`${idle} is off`), toHeal);
				const {snapshot: after} = await snapshot();
				expect(after.vip?.state).toBe('held');
				await powerOnAgain(idle);
				await see('health', /\n HEALTHY/, toHeal);
			},
		);
	});
}
