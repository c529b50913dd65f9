/** Brings the lab up from any state; resolves when the cluster is healthy. */
import process from 'node:process';
import {isDeepStrictEqual} from 'node:util';
import {ensureApplication} from './app/install.ts';
import {
	clearHalfBuilt,
	ensureAppLayer,
	ensurePostgresqlLayer,
	ensureTree,
	presentTree,
	type Tree,
} from './base-image.ts';
import {ensureCgroups, isOn} from './cgroup.ts';
import {ensureDisk, type Setup} from './disk.ts';
import {endNode} from './down.ts';
import {LabError} from './failure.ts';
import {type Condition, type Sight, watchUntilHealthy, writeThroughVip} from './health.ts';
import {requireRoot, requireTools} from './host.ts';
import {
	applicationOf,
	type Inventory,
	nodesOf,
	optionalNodesOf,
	postgresqlOf,
	readInventory,
	requirePostgresql,
	storeFor,
	usualTopology,
	vipManagerOf,
} from './inventory.ts';
import {tailOf} from './journal.ts';
import {ensureKeys} from './keys.ts';
import {whileLocked} from './lock.ts';
import {cableIsOut, ensureNetwork, setCable} from './network.ts';
import {writeOperatorFolder} from './operator.ts';
import {switchOn} from './power.ts';
import type {Progress} from './progress.ts';
import {replicaReinitializer} from './reinit-replica.ts';
import {answersSsh} from './ssh.ts';
import {describeSetup, inventoryOf, noteSetup, presentSetup} from './state.ts';

export async function up(
	options: {
		suite?: string | undefined;
		profile?: string | undefined;
		/** Patroni's store: etcd3 or etcd2. */
		store?: string | undefined;
		topology?: string | undefined;
		/** The major version of PostgreSQL; undefined: the one of the suite. */
		postgresql?: string | number | undefined;
		/** With or without the application's node; undefined: as the lab is. */
		app?: boolean | undefined;
		onProgress?: Progress;
	} = {},
): Promise<Sight & {postgresql: number}> {
	const {
		suite = 'trixie',
		profile = 'fast',
		topology = usualTopology,
		postgresql,
		app,
		onProgress = () => {},
	} = options;
	const inventory = readInventory(topology);
	const store = storeFor(inventory, options.store);
	requireKnown('suite', suite, inventory.suites);
	requireKnown('profile', profile, inventory.profiles);
	const version = requirePostgresql(inventory, suite, postgresql);
	requireArchitecture(version, inventory);
	requireRoot();
	// Files on a node's disk must be readable there, regardless of the shell's umask.
	process.umask(0o022);
	await requireTools(onProgress);
	return whileLocked('up', onProgress, async () => {
		const setup: Setup = {
			suite,
			profile,
			...(store === 'etcd2' ? {store} : {}),
			...(topology === usualTopology ? {} : {topology}),
			...(version === postgresqlOf(inventory, {suite}) ? {} : {postgresql: version}),
		};
		const present = presentSetup();
		if (present && !isDeepStrictEqual({...present, app: undefined}, {...setup, app: undefined})) {
			throw new LabError(
				`the lab is up with ${describeSetup(present)}; take it down first: npm run lab -- down`,
			);
		}

		if (app ?? present?.app) setup.app = true;
		if (present?.app && !setup.app) await takeApplicationAway(inventory, onProgress);
		const nodes = inventoryOf(setup);
		await powerUp(nodes, setup, present !== undefined, onProgress);
		const sight = await waitUntilHealthy(nodes, setup, onProgress);
		await ensureApplication(nodes, onProgress);
		return {...sight, postgresql: version};
	});
}

/** Stops the application's node but keeps its disk and its database: the next `up --app` starts the same wiki. */
async function takeApplicationAway(inventory: Inventory, onProgress: Progress): Promise<void> {
	for (const node of optionalNodesOf(inventory)) {
		await endNode(node.name, onProgress);
		await setCable(node.name, 'in');
	}
}

async function powerUp(
	inventory: Inventory,
	setup: Setup,
	wasUp: boolean,
	onProgress: Progress,
): Promise<void> {
	const nodes = nodesOf(inventory);
	const someNodeIsOn = nodes.some(node => isOn(node.name));
	clearHalfBuilt();
	let tree = someNodeIsOn ? presentTree(setup) : await buildTree(setup, inventory, onProgress);
	const application = applicationOf(inventory);
	if (application && !isOn(application.name)) tree = await ensureAppLayer(setup.suite, tree, onProgress);
	await ensureCgroups();
	await ensureKeys(inventory);
	await ensureNetwork(inventory, someNodeIsOn);
	writeOperatorFolder(inventory, setup);
	noteSetup(setup);
	for (const node of nodes) {
		if (wasUp && cableIsOut(node.name)) onProgress(`${node.name}: putting its cable back in`);
		await setCable(node.name, 'in');
	}

	const off = nodes.filter(node => !isOn(node.name));
	if (off.length === 0) onProgress('the lab is already up; checking its health');
	for (const node of off) {
		const disk = await ensureDisk(node, inventory, setup, tree, onProgress);
		onProgress(`${node.name}: power on`);
		await switchOn(node, inventory, disk);
	}
}

async function buildTree(setup: Setup, inventory: Inventory, onProgress: Progress): Promise<Tree> {
	const tree = await ensureTree(setup.suite, inventory, onProgress);
	return ensurePostgresqlLayer(setup, inventory, tree, onProgress);
}

async function waitUntilHealthy(inventory: Inventory, setup: Setup, onProgress: Progress): Promise<Sight> {
	const begun = Date.now();
	const seconds = () => ((Date.now() - begun) / 1000).toFixed(0);
	const limit = inventory.profiles[setup.profile]?.healthy_within ?? 0;
	const shown = new Map<string, string>();
	const show = (condition: Condition) => {
		if (!condition.met || shown.get(condition.name) === condition.text) return;
		shown.set(condition.name, condition.text);
		onProgress(`${condition.name}: ${condition.text} (${seconds()} s)`);
	};

	// More time than a healthy replica needs to follow.
	const stuckSeconds = 3 * (inventory.profiles[setup.profile]?.patroni.loop_wait ?? 10) + 5;
	const reinit = replicaReinitializer(inventory, stuckSeconds * 1000, onProgress);
	for (;;) {
		const left = limit * 1000 - (Date.now() - begun);
		const sight = await watchUntilHealthy(inventory, left, async seen => {
			seen.conditions.forEach(show);
			await reinit(seen);
		});
		let {conditions} = sight;
		if (conditions.every(condition => condition.met)) {
			conditions = [await writeThroughVip(inventory), await answersSsh(inventory)];
			conditions.forEach(show);
		}

		const missing = conditions.filter(condition => !condition.met);
		if (missing.length === 0) return sight;
		if (Date.now() - begun > limit * 1000) throw new LabError(await report(inventory, setup, missing, limit));
	}
}

/** Units whose journal explains why a condition does not hold. */
const unitsFor: Record<string, string[]> = {
	etcd: ['etcd'],
	leader: ['patroni'],
	'synchronous standby': ['patroni'],
	HAProxy: ['haproxy'],
	ssh: ['ssh'],
};

async function report(
	inventory: Inventory,
	setup: Setup,
	missing: readonly Condition[],
	limit: number,
): Promise<string> {
	const lines = [
		`the cluster is not healthy after ${limit} s; the nodes keep running; missing:`,
		...missing.map(condition => `  ${condition.name}: ${condition.text}`),
	];
	const units = new Set(
		missing.flatMap(({name}) =>
			name === 'VIP holder' ? [vipManagerOf(inventory)] : (unitsFor[name] ?? ['patroni', 'haproxy']),
		),
	);
	for (const node of nodesOf(inventory)) {
		for (const unit of units) {
			if (node.roles.every(role => role === 'etcd') && unit !== 'etcd' && unit !== 'ssh') continue;
			lines.push(`--- ${node.name}, journal of ${unit}:`, await tailOf(node.name, setup, unit, 12));
		}
	}

	return lines.join('\n');
}

/** A server from npm is built for one kind of processor. */
function requireArchitecture(postgresql: number, inventory: Inventory): void {
	const server = inventory.postgresql[postgresql];
	if (server === undefined || server.architecture === process.arch) return;
	throw new LabError(
		`PostgreSQL ${postgresql} comes from ${server.package}, and this machine is ${process.arch}; leave out --postgres`,
	);
}

function requireKnown(what: string, name: string, known: Record<string, unknown>): void {
	if (Object.hasOwn(known, name)) return;
	throw new LabError(`unknown ${what} "${name}"; the lab has ${Object.keys(known).join(', ')}`);
}
