/** SQL through the VIP, so on the leader, as the cluster's superuser. */
import {initOf} from './cgroup.ts';
import {LabError} from './failure.ts';
import {databasesOf, type Inventory, writePortOf} from './inventory.ts';
import {superuser} from './operator.ts';
import {netnsPath, operatorNetns} from './paths.ts';
import {run} from './run.ts';

/** Runs a database node's psql in the operator's network. @returns its output */
export async function sqlThroughVip(
	inventory: Inventory,
	sql: string,
	database = 'postgres',
): Promise<string> {
	const init = databasesOf(inventory)
		.map(node => initOf(node.name))
		.find(pid => pid !== undefined);
	if (init === undefined) throw new LabError('no database node is on');
	const where = `host=${inventory.vip} port=${writePortOf(inventory)} user=${superuser.user} dbname=${database} connect_timeout=3`;
	return run(
		'nsenter',
		[
			...[`--mount=/proc/${init}/ns/mnt`, `--net=${netnsPath(operatorNetns)}`, '--'],
			...['psql', '--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1', where],
		],
		{
			input: sql,
			env: {PGPASSWORD: superuser.password, PGOPTIONS: '-c client_min_messages=warning'},
			timeout: 6000,
		},
	);
}
