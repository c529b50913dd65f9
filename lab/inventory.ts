/** Reads and validates inventory.yaml; errors name the line. */
import {readFileSync} from 'node:fs';
import {isIPv4} from 'node:net';
import {join} from 'node:path';
import {LineCounter, parseDocument} from 'yaml';
import {z} from 'zod';
import {LabError} from './failure.ts';

const address = z.string().refine(isIPv4, 'is not an IPv4 address');
const count = z.number().int().positive();
const duration = z.string().regex(/^\d+(ms|s)$/, 'is not a time such as 500ms or 3s');

const role = z.enum(['etcd', 'db', 'lb', 'leader-vip', 'vip-manager', 'pgbouncer', 'app']);
const store = z.enum(['etcd3', 'etcd2']);

const nodeSchema = z.strictObject({
	address,
	roles: z.array(role).min(1),
	priority: count.max(254).optional(),
});

const profileSchema = z.strictObject({
	patroni: z.strictObject({
		ttl: count,
		loop_wait: count,
		retry_timeout: count,
		maximum_lag_on_failover: count,
	}),
	etcd: z.strictObject({heartbeat: count, election: count}),
	haproxy: z.strictObject({inter: duration, fastinter: duration, fall: count, rise: count}),
	keepalived: z.strictObject({advert_int: count}),
	healthy_within: count,
});

/** A PostgreSQL that no Debian release has. */
const postgresqlSchema = z.strictObject({
	suite: z.string(),
	package: z.string().min(1),
	version: z.string().min(1),
	integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/, 'is not a sha512 as npm writes it'),
	architecture: z.string(),
});

const nodeName = z.string().regex(/^[a-z][a-z0-9-]{0,14}$/, 'is not a short lower-case host name');

const inventorySchema = z
	.strictObject({
		scope: z.string().min(1),
		namespace: z.string().regex(/^\/.*\/$/, 'does not begin and end with a slash'),
		prefix: z.number().int().min(8).max(30),
		operator: address,
		vip: address,
		nodes: z.record(nodeName, nodeSchema),
		topologies: z.record(
			z.string(),
			z.strictObject({
				database: z.array(role),
				nodes: z.record(nodeName, nodeSchema).optional(),
				/** Patroni's store that the topology needs. */
				store: store.optional(),
			}),
		),
		optional: z.record(nodeName, nodeSchema),
		suites: z.record(z.string(), z.strictObject({postgresql: count})),
		postgresql: z.record(z.string().regex(/^\d+$/, 'is not a version such as 16'), postgresqlSchema),
		profiles: z.record(z.string(), profileSchema),
	})
	.superRefine((inventory, context) => {
		const network = networkOf(inventory.operator, inventory.prefix);
		const taken = new Map([[inventory.operator, 'the operator']]);
		const place = (where: string, value: string, path: string[]) => {
			if (networkOf(value, inventory.prefix) !== network) {
				context.addIssue({code: 'custom', path, message: `is not in the operator's network ${network}`});
			}

			const owner = taken.get(value);
			if (owner) context.addIssue({code: 'custom', path, message: `is already the address of ${owner}`});
			taken.set(value, where);
		};

		for (const [version, server] of Object.entries(inventory.postgresql)) {
			if (Object.hasOwn(inventory.suites, server.suite)) continue;
			const path = ['postgresql', version, 'suite'];
			context.addIssue({code: 'custom', path, message: `is ${server.suite}, which is not in suites`});
		}

		place('the VIP', inventory.vip, ['vip']);
		const parts: [string[], Record<string, z.infer<typeof nodeSchema>>][] = [
			[['nodes'], inventory.nodes],
			...Object.entries(inventory.topologies).map(
				([name, {nodes = {}}]): [string[], Record<string, z.infer<typeof nodeSchema>>] => [
					['topologies', name, 'nodes'],
					nodes,
				],
			),
			[['optional'], inventory.optional],
		];
		for (const [part, nodes] of parts) {
			for (const [name, node] of Object.entries(nodes)) {
				place(name, node.address, [...part, name, 'address']);
				const kind = (['db', 'lb'] as const).find(one => node.roles.includes(one));
				if (kind !== undefined && node.priority === undefined) {
					context.addIssue({
						code: 'custom',
						path: [...part, name],
						message: `is a ${kind} node without a priority`,
					});
				}
			}
		}
	});

/** `topology`: which of its topologies the nodes are of; undefined as read from the file. */
export type Inventory = z.infer<typeof inventorySchema> & {topology?: string};
export type Node = z.infer<typeof nodeSchema> & {name: string};
export type Profile = z.infer<typeof profileSchema>;
/** A PostgreSQL server from npm, on top of a suite. */
export type ServerPackage = z.infer<typeof postgresqlSchema>;
/** `postgresql` undefined: the one of the suite. */
export type Release = {suite: string; postgresql?: number};

export function parseInventory(text: string, file: string): Inventory {
	const lineCounter = new LineCounter();
	const document = parseDocument(text, {lineCounter});
	const lineAt = (offset: number) => lineCounter.linePos(offset).line;
	const [syntaxError] = document.errors;
	if (syntaxError) {
		throw new LabError(`${file}, line ${lineAt(syntaxError.pos[0])}: ${syntaxError.message.split('\n')[0]}`);
	}

	const result = inventorySchema.safeParse(document.toJS());
	if (result.success) return result.data;
	const wrong = result.error.issues.map(issue => {
		// A missing value has no line, so the error names the nearest enclosing section.
		const path = issue.path.map(String);
		const around = [...path];
		let node = document.getIn(around, true);
		while (node === undefined && around.length > 0) {
			around.pop();
			node = document.getIn(around, true);
		}

		const offset = (node as {range?: [number, number, number]} | undefined)?.range?.[0] ?? 0;
		return `${file}, line ${lineAt(offset)}: ${path.join('.') || 'the file'}: ${issue.message}`;
	});
	throw new LabError(wrong.join('\n'));
}

/** The lab's inventory with the nodes and roles of a topology. */
export function readInventory(topology = usualTopology): Inventory {
	const file = join(import.meta.dirname, 'inventory.yaml');
	return withTopology(parseInventory(readFileSync(file, 'utf8'), file), topology);
}

export const usualTopology = 'classic';

function withTopology(inventory: Inventory, topology: string): Inventory {
	const {database, nodes = {}} = inventory.topologies[topology] ?? {};
	if (database === undefined) {
		throw new LabError(
			`unknown topology "${topology}"; the lab has ${Object.keys(inventory.topologies).join(', ')}`,
		);
	}

	const own = Object.entries(inventory.nodes).map(([name, node]) => [
		name,
		node.roles.includes('db') ? {...node, roles: [...node.roles, ...database]} : node,
	]);
	return {...inventory, topology, nodes: {...Object.fromEntries(own), ...nodes}};
}

/** The nodes of every topology, and the optional ones. */
export function allNodes(): Node[] {
	const names = Object.keys(readInventory().topologies);
	const all = names.flatMap(name => nodesOf(withOptional(readInventory(name))));
	return [...new Map(all.map(node => [node.name, node])).values()];
}

export function nodesOf(inventory: Inventory): Node[] {
	return Object.entries(inventory.nodes).map(([name, node]) => ({name, ...node}));
}

/** Nodes that `up` starts only on request. */
export function optionalNodesOf(inventory: Inventory): Node[] {
	return Object.entries(inventory.optional).map(([name, node]) => ({name, ...node}));
}

/** The inventory with its optional nodes. */
export function withOptional(inventory: Inventory): Inventory {
	return {...inventory, nodes: {...inventory.nodes, ...inventory.optional}, optional: {}};
}

export function etcdMembersOf(inventory: Inventory): Node[] {
	return nodesOf(inventory).filter(node => node.roles.includes('etcd'));
}

/** The application's node; undefined in a lab without it. */
export function applicationOf(inventory: Inventory): Node | undefined {
	return nodesOf(inventory).find(node => node.roles.includes('app'));
}

export function databasesOf(inventory: Inventory): Node[] {
	return nodesOf(inventory).filter(node => node.roles.includes('db'));
}

/** The nodes with HAProxy. */
export function balancersOf(inventory: Inventory): Node[] {
	return nodesOf(inventory).filter(node => node.roles.includes('lb'));
}

/** The nodes that may hold the VIP. */
export function vipNodesOf(inventory: Inventory): Node[] {
	const holding = ['lb', 'leader-vip', 'vip-manager'] as const;
	return nodesOf(inventory).filter(({roles}) => holding.some(one => roles.includes(one)));
}

/** What moves the VIP. */
export function vipManagerOf(inventory: Inventory): 'keepalived' | 'vip-manager' {
	return nodesOf(inventory).some(({roles}) => roles.includes('vip-manager')) ? 'vip-manager' : 'keepalived';
}

/** Patroni's store, by the one that is asked for and the one that the topology needs. */
export function storeFor(
	{topology = usualTopology, topologies}: Inventory,
	asked: string | undefined,
): string {
	const needed = topologies[topology]?.store;
	const chosen = asked ?? needed ?? 'etcd3';
	if (!store.safeParse(chosen).success) {
		throw new LabError(`unknown store "${chosen}"; the lab has ${store.options.join(', ')}`);
	}

	if (needed !== undefined && chosen !== needed) {
		throw new LabError(`the topology ${topology} needs --store ${needed}`);
	}

	return chosen;
}

/** Without HAProxy the VIP is on the leader, and clients connect to PostgreSQL there. */
export function vipFollowsLeader(inventory: Inventory): boolean {
	return balancersOf(inventory).length === 0;
}

/** The port at the VIP that leads to the leader. */
export function writePortOf(inventory: Inventory): number {
	return vipFollowsLeader(inventory) ? 5432 : 5000;
}

/** `10.73.0.160` with 24 → `10.73.0.0/24` */
export function networkOf(ip: string, prefix: number): string {
	const number = ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
	const size = 2 ** (32 - prefix);
	const first = Math.floor(number / size) * size;
	return `${[24, 16, 8, 0].map(shift => Math.floor(first / 2 ** shift) % 256).join('.')}/${prefix}`;
}

/** The major version of PostgreSQL on the nodes. */
export function postgresqlOf(inventory: Inventory, {suite, postgresql}: Release): number {
	const version = postgresql ?? inventory.suites[suite]?.postgresql;
	if (version === undefined) throw new LabError(`the inventory has no suite ${suite}`);
	return version;
}

/** The version that `--postgres` names, if the suite has it; of the suite if undefined. */
export function requirePostgresql(
	inventory: Inventory,
	suite: string,
	wanted: string | number | undefined,
): number {
	const own = postgresqlOf(inventory, {suite});
	if (wanted === undefined) return own;
	const all = [
		...Object.entries(inventory.suites).map(([name, {postgresql}]) => ({name, version: postgresql})),
		...Object.entries(inventory.postgresql).map(([version, server]) => ({
			name: server.suite,
			version: Number(version),
		})),
	].sort((a, b) => a.version - b.version);
	const known = all.filter(({version}) => String(version) === String(wanted));
	const found = known.find(({name}) => name === suite);
	if (found) return found.version;
	throw new LabError(
		known.length > 0
			? `${suite} has no PostgreSQL ${wanted}; use --suite ${known.map(({name}) => name).join(' or ')}`
			: `unknown PostgreSQL version "${wanted}"; the lab has ${all.map(({name, version}) => `${version} (${name})`).join(', ')}`,
	);
}
