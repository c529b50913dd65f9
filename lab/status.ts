/** The lab's state: its nodes, and the cluster on them. */
import {answersHttp} from './app/install.ts';
import {builtTrees} from './base-image.ts';
import {isOn} from './cgroup.ts';
import {type Condition, watchUntilHealthy} from './health.ts';
import {requireRoot} from './host.ts';
import {nodesOf, postgresqlOf} from './inventory.ts';
import {cableIsOut} from './network.ts';
import {labDir} from './paths.ts';
import {inventoryOf, presentSetup} from './state.ts';

export type NodeStatus = {
	name: string;
	address: string;
	roles: string[];
	power: 'on' | 'off';
	cable: 'in' | 'out';
};

export type Status = {
	up: boolean;
	healthy: boolean;
	suite?: string;
	profile?: string;
	/** The major version of PostgreSQL. */
	postgresql?: number;
	/** Undefined: classic. */
	topology?: string;
	/** The setup includes the application's node. */
	app?: true;
	leader?: string;
	syncStandbys: string[];
	vipHolders: string[];
	nodes: NodeStatus[];
	conditions: Condition[];
	/** Suites with a built base tree, so that `up` takes seconds. */
	trees: string[];
	folder: string;
};

export async function status(): Promise<Status> {
	requireRoot();
	const setup = presentSetup();
	const inventory = inventoryOf(setup);
	const nodes = nodesOf(inventory).map(
		({name, address, roles}): NodeStatus => ({
			name,
			address,
			roles,
			power: isOn(name) ? 'on' : 'off',
			cable: cableIsOut(name) ? 'out' : 'in',
		}),
	);
	const common = {nodes, trees: builtTrees(), folder: labDir};
	if (!setup) return {up: false, healthy: false, syncStandbys: [], vipHolders: [], conditions: [], ...common};
	const {leader, followers: _, ...sight} = await watchUntilHealthy(inventory, 0, () => {});
	const conditions = [...sight.conditions, ...(setup.app ? [await answersHttp(inventory)] : [])];
	const healthy = conditions.every(condition => condition.met);
	return {
		up: true,
		healthy,
		...setup,
		postgresql: postgresqlOf(inventory, setup),
		...(leader === undefined ? {} : {leader}),
		...sight,
		conditions,
		...common,
	};
}
