/**
 * Causes incidents in a lab that is up, one after the other, and saves what the journals of all nodes say of each. Needs root:
 *
 *     node tools/log-incidents/cli.ts [INCIDENT …]
 *
 * Writes `test/captures/logs/SUITE/INCIDENT/NODE.json.gz` (`SUITE-TOPOLOGY` for another topology than the classic one, where only
 * some incidents make sense). Without names all of `incidents.ts`, in their order; `boot` must be the first one after `up`.
 */
import path from 'node:path';
import process from 'node:process';
import {setTimeout as pause} from 'node:timers/promises';
import {watchUntilHealthy} from '../../lab/health.ts';
import {nodesOf} from '../../lab/inventory.ts';
import {inventoryOf, presentSetup} from '../../lab/state.ts';
import {up} from '../../lab/up.ts';
import {saveJournals, saveKernelLog} from './export.ts';
import {type Incident, incidents, type Scene} from './incidents.ts';

const capturesDir = path.join(import.meta.dirname, '../../test/captures/logs');
/** Lines before the first action, and after the cluster is healthy again. */
const marginMs = 3000;

const names = process.argv.slice(2);
const setup = presentSetup();
const chosen = names.length === 0 ? incidents : incidents.filter(({name}) => names.includes(name));
if (setup === undefined || chosen.length < names.length) {
	console.error(
		`usage: node tools/log-incidents/cli.ts [INCIDENT …]   (the lab must be up)\n  ${incidents.map(({name}) => name).join(' ')}`,
	);
	process.exit(2);
}

const inventory = inventoryOf(setup);
for (const incident of chosen) {
	try {
		await capture(incident);
	} catch (error) {
		console.error(`${incident.name}: failed`, error);
		process.exitCode = 1;
	}
}

async function capture({name, cause, sinceBoot}: Incident): Promise<void> {
	const scene = await sceneNow();
	const since = sinceBoot ? 0 : Date.now() - marginMs;
	try {
		await cause(scene);
	} finally {
		try {
			await up({...scene.setup});
		} finally {
			// Also of a cluster that does not become healthy: that is an incident, too.
			await pause(marginMs);
			await save(name, scene, since);
		}
	}
}

async function save(
	name: string,
	{setup: {suite, topology}, leader, holder, setup}: Scene,
	since: number,
): Promise<void> {
	const folder = path.join(capturesDir, topology === undefined ? suite : `${suite}-${topology}`, name);
	const bytes =
		(await saveJournals(folder, nodesOf(inventory), setup, since)) +
		(since === 0 ? 0 : await saveKernelLog(folder, since));
	console.error(
		`${new Date().toISOString()}  ${name}: ${bytes} bytes, ${leader} led, ${holder} held the VIP`,
	);
}

async function sceneNow(): Promise<Scene> {
	const present = presentSetup();
	if (present === undefined) {
		throw new Error('the lab went down');
	}

	const {leader = 'pgdb1', vipHolders} = await watchUntilHealthy(inventory, 60_000, () => {});
	const replica = leader === 'pgdb1' ? 'pgdb2' : 'pgdb1';
	const holder = vipHolders[0] ?? leader;
	const backup = holder === 'pgdb1' ? 'pgdb2' : 'pgdb1';
	return {leader, replica, holder, backup, third: 'etcd1', inventory, setup: present};
}
