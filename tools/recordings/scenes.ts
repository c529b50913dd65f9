/** The scenes of the tour's recordings: faults of the real cluster, and keys of the operator at the console. */
import {setTimeout as delay} from 'node:timers/promises';
import {cable, power, setMulticast} from '../../lab/lab.ts';
import type {TourName} from '../../source/cli/commands/replay.ts';
import {type ConsoleDriver, enter, esc} from '../../test/support/console-driver.ts';
import {onNode} from '../../test/support/lab.ts';

export type Scene = (driver: ConsoleDriver, terminal: {press: (keys: string) => void}) => Promise<void>;

/** ms, so that a viewer can read. */
const moment = 3000;
const afterTheLease = 60_000;
const toHeal = 120_000;

const healthy = /\n HEALTHY/;

async function switchover({press, see, select, cast}: ConsoleDriver): Promise<void> {
	const {leader, replica} = cast();
	await select(replica);
	await press(['S', new RegExp(`Switchover ${leader} → ${replica}`)]);
	await delay(moment);
	await press(['y', /Operation: switchover/]);
	await see('the new leader', /DONE .*after \d+\.\d s/, 30_000);
}

export const scenes: Readonly<Record<TourName, Scene>> = {
	async calm({press}) {
		await delay(8000);
		await press(['\r', /Member pgdb1|pgdb1/]);
		await delay(moment);
		await press([esc, /q quit/], ['f', /Findings/]);
		await delay(moment);
		await press([esc, /q quit/]);
		await delay(8000);
	},

	async switchover(driver) {
		await switchover(driver);
		await driver.see('all steps behind us', /^(?!.*waiting: )/s, toHeal);
		await delay(moment);
		await driver.press([esc, /q quit/]);
		await driver.see('a sync standby', healthy, toHeal);
		await delay(moment);
	},

	async refused(driver) {
		const {press, see} = driver;
		await switchover(driver);
		await press([esc, /q quit/]);
		await press(['S', /Switchover/]);
		// Which rule blocks depends on the state of the old leader.
		await see('the rule', /BLOCKED /);
		await delay(moment / 3);
		await press(['y', /nothing was sent: /]);
		await delay(moment);
		await press([esc, /q quit/]);
		await see('a sync standby', healthy, toHeal);
		await delay(moment);
	},

	async 'power-off'({press, see, select, choose, cast}) {
		const {holder} = cast();
		await select(holder);
		await choose(new RegExp(`[│┃] +power off ${holder}`));
		await delay(moment);
		await press([holder, new RegExp(`name +${holder}_`)], [enter, /Operation: power off/]);
		await see('it off', /DONE .*after \d+\.\d s/, 60_000);
		await delay(moment);
		await press([esc, /q quit/]);
		await delay(moment);
		await power('on', holder);
		await see(
			'it back',
			new RegExp(`${holder}(?: !)? +[\\d.]+ +(Sync Standby|Replica) +(running|streaming) `),
			toHeal,
		);
		await see('health', healthy, toHeal);
		await delay(moment);
	},

	async 'power-cut'({see, cast}) {
		const {leader, replica} = cast();
		await power('cut', leader);
		await see(
			'the new leader',
			new RegExp(`leader key: ${leader} → ${replica}, no leader for`),
			afterTheLease,
		);
		await delay(2 * moment);
		await power('on', leader);
		await see('its REST', new RegExp(`${leader}: REST back`), toHeal);
		await delay(2 * moment);
	},

	async 'split-cable'({press, see, cast}) {
		const {leader, replica} = cast();
		await cable('out', leader);
		await see(
			'the new leader',
			new RegExp(`leader key: ${leader} → ${replica}, no leader for`),
			afterTheLease,
		);
		await press(['f', /Findings/]);
		await delay(moment);
		await press([esc, /q quit/]);
		await cable('in', leader);
		await see('its REST', new RegExp(`${leader}: REST back`), toHeal);
		await delay(2 * moment);
	},

	async 'no-quorum'({press, see, cast}) {
		const nodes = [cast().replica, 'etcd1'];
		const systemctl = async (verb: string) =>
			Promise.all(nodes.map(async node => onNode(node, 'sudo', 'systemctl', verb, 'etcd')));
		await systemctl('stop');
		await see('the lost quorum', /Quorum +LOST/);
		await press(['f', /Findings/]);
		await delay(moment);
		await press([esc, /q quit/]);
		await see('the leader that gives up', /(stopping|Replica) .*etcd \d+s ago\+rest/, afterTheLease);
		await delay(moment);
		await systemctl('start');
		await see('health', healthy, toHeal);
		await delay(moment);
	},

	async 'two-holders'({press, see, cast}) {
		const {backup} = cast();
		await setMulticast(backup, 'lost');
		try {
			await see('both', /\n CRITICAL/, 60_000);
			await delay(moment);
			await press(['f', /Findings/]);
			await delay(moment);
			await press([esc, /q quit/]);
		} finally {
			await setMulticast(backup, 'passes');
		}

		await see('health', healthy, toHeal);
		await delay(moment);
	},
};
