/** Base trees: a Debian release in layers, built once, the lower layers of every node's disk. */
import {createHash, randomUUID} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {LabError} from './failure.ts';
import {findMirror} from './host.ts';
import {type Inventory, type Node, postgresqlOf, type Release} from './inventory.ts';
import {fetchPackage} from './npm-package.ts';
import {logDir, packagesDir, treesDir} from './paths.ts';
import {runBoxed, scriptsDir} from './sandbox.ts';

/** A layer on top of a tree. */
type Layer = {
	/** New with every build. */
	id: string;
	layer: string;
};

export type Tree = {
	/** New with every build: a disk works only on the tree that it was made on. */
	id: string;
	base: string;
	db: string;
	/** The application's layer, if built. */
	app?: Layer;
	/** The layer of a PostgreSQL that the suite does not have, if the setup is with one. */
	postgresql?: Layer;
};

/** overlayfs's `lowerdir` for a node, the uppermost layer first. */
export function layersFor(node: Node, tree: Tree): string {
	if (node.roles.includes('app')) return `${requireApp(tree).layer}:${tree.base}`;
	if (node.roles.every(role => role === 'etcd')) return tree.base;
	const server = node.roles.includes('db') ? tree.postgresql : undefined;
	return [...(server ? [server.layer] : []), tree.db, tree.base].join(':');
}

/**
 * Identifies the trees that a node's disk was made on; the disk works on no others. All nodes have the id of the database's layer:
 * a cluster whose database is gone cannot keep its etcd or its application.
 */
export function treeIdFor(node: Node, tree: Tree): string {
	const layers = [tree.postgresql, node.roles.includes('app') ? requireApp(tree) : undefined];
	return [tree.id, ...layers.flatMap(layer => layer?.id ?? [])].join('/');
}

function requireApp({app}: Tree): Layer {
	if (app) return app;
	throw new LabError("the application's layer is not built; build it: npm run lab -- up --app");
}

/** The tree of a suite; builds it if it is missing or outdated. */
export async function ensureTree(
	suite: string,
	inventory: Inventory,
	onProgress: (line: string) => void,
): Promise<Tree> {
	const versions = inventory.suites[suite];
	if (!versions) throw new LabError(`the inventory has no suite ${suite}`);
	const postgresql = String(versions.postgresql);
	const recipe = createHash('sha256').update(scriptText('build-tree.sh')).update(postgresql).digest('hex');
	const folder = join(treesDir, suite);
	const known = readTree(folder);
	if (known?.recipe === recipe) return known.tree;

	mkdirSync(logDir, {recursive: true});
	const building = join(treesDir, `${suite}.partial-${process.pid}`);
	mkdirSync(building, {recursive: true});
	const log = join(logDir, `build-${suite}.log`);
	rmSync(log, {force: true});
	const {mirror, keyring} = findMirror();
	const base = join(building, 'base');
	const options = {log, timeout: 20 * 60_000};
	await timed(`building the base tree of ${suite}: systemd, sshd, etcd`, onProgress, () =>
		runBoxed('build-tree.sh', ['base', suite, mirror, keyring, base], options),
	);
	await timed(`adding PostgreSQL ${postgresql}, Patroni, HAProxy, keepalived, PgBouncer`, onProgress, () =>
		runBoxed('build-tree.sh', ['db', join(building, 'db'), base, postgresql], options),
	);
	const id = randomUUID();
	writeFileSync(join(building, 'tree.json'), JSON.stringify({recipe, id}));
	putInPlace(building, folder, suite);
	return treeIn(folder, id);
}

/** The tree with the application's layer; builds it if it is missing or outdated. */
export async function ensureAppLayer(
	suite: string,
	tree: Tree,
	onProgress: (line: string) => void,
): Promise<Tree> {
	const app = await ensureLayer(suite, 'app', [scriptText('build-app.sh')], async (building, log) =>
		timed(`building the application's layer of ${suite}: Apache, PHP, MediaWiki`, onProgress, () =>
			runBoxed('build-app.sh', [building, tree.base], {log, timeout: 20 * 60_000}),
		),
	);
	return {...tree, app};
}

/** The tree with the PostgreSQL of the setup; builds its layer if it is missing or outdated. */
export async function ensurePostgresqlLayer(
	{suite, postgresql}: Release,
	inventory: Inventory,
	tree: Tree,
	onProgress: (line: string) => void,
): Promise<Tree> {
	if (postgresql === undefined) return tree;
	const server = inventory.postgresql[postgresql];
	if (!server) throw new LabError(`the inventory has no PostgreSQL ${postgresql}`);
	const own = postgresqlOf(inventory, {suite});
	const recipe = [
		...['build-postgresql.sh', 'pg_waldump.pl'].map(scriptText),
		JSON.stringify({...server, own}),
	];
	const layer = await ensureLayer(suite, layerName(postgresql), recipe, async (building, log) => {
		const file = await timed(
			`fetching PostgreSQL ${postgresql}: ${server.package}@${server.version}`,
			onProgress,
			() => fetchPackage(server, packagesDir),
		);
		await timed(`building the layer of PostgreSQL ${postgresql} on ${suite}`, onProgress, () =>
			runBoxed(
				'build-postgresql.sh',
				[building, `${tree.db}:${tree.base}`, file, String(postgresql), String(own)],
				{log, timeout: 10 * 60_000},
			),
		);
	});
	return {...tree, postgresql: layer};
}

const layerName = (postgresql: number) => `postgresql-${postgresql}`;
const scriptText = (name: string) => readFileSync(join(scriptsDir, name), 'utf8');

/** A layer of a tree; builds it if it is missing or its recipe has changed. */
async function ensureLayer(
	suite: string,
	name: string,
	recipeParts: readonly string[],
	build: (building: string, log: string) => Promise<unknown>,
): Promise<Layer> {
	const hash = createHash('sha256');
	for (const part of recipeParts) hash.update(part);
	const recipe = hash.digest('hex');
	const folder = join(treesDir, suite, name);
	const known = readLayer(folder);
	if (known?.recipe === recipe) return known.layer;

	mkdirSync(logDir, {recursive: true});
	const building = join(treesDir, `${suite}.partial-${name}-${process.pid}`);
	mkdirSync(building, {recursive: true});
	const log = join(logDir, `build-${suite}-${name}.log`);
	rmSync(log, {force: true});
	await build(building, log);
	const id = randomUUID();
	writeFileSync(join(building, 'layer.json'), JSON.stringify({recipe, id}));
	putInPlace(building, folder, suite);
	return layerIn(folder, id);
}

/** Renames as the last step, so that a tree is either complete or missing. */
function putInPlace(building: string, folder: string, suite: string): void {
	const old = join(treesDir, `${suite}.partial-old-${process.pid}`);
	if (existsSync(folder)) renameSync(folder, old);
	renameSync(building, folder);
	rmSync(old, {recursive: true, force: true});
}

/** The tree under running nodes; it is not rebuilt while they run, even if the recipe has changed. */
export function presentTree({suite, postgresql}: Release): Tree {
	const folder = join(treesDir, suite);
	const known = readTree(folder);
	const layer = postgresql === undefined ? undefined : readLayer(join(folder, layerName(postgresql)))?.layer;
	if (known && (layer !== undefined) === (postgresql !== undefined))
		return layer ? {...known.tree, postgresql: layer} : known.tree;
	throw new LabError(`the base tree of ${suite} is gone from ${treesDir}; take the lab down and up again`);
}

/** Removes what a killed `up` left incomplete. Requires the lab's lock: nothing is being built. */
export function clearHalfBuilt(): void {
	for (const folder of [treesDir, packagesDir].filter(existsSync)) {
		for (const name of readdirSync(folder)) {
			if (name.includes('.partial-')) rmSync(join(folder, name), {recursive: true, force: true});
		}
	}
}

export function builtTrees(): string[] {
	if (!existsSync(treesDir)) return [];
	return readdirSync(treesDir).filter(name => existsSync(join(treesDir, name, 'tree.json')));
}

function readTree(folder: string): {recipe: string; tree: Tree} | undefined {
	const file = join(folder, 'tree.json');
	if (!existsSync(file)) return undefined;
	const {recipe, id}: {recipe: string; id: string} = JSON.parse(readFileSync(file, 'utf8'));
	return {recipe, tree: treeIn(folder, id)};
}

function treeIn(folder: string, id: string): Tree {
	const app = readLayer(join(folder, 'app'))?.layer;
	return {id, base: join(folder, 'base'), db: join(folder, 'db', 'upper'), ...(app ? {app} : {})};
}

function readLayer(folder: string): {recipe: string; layer: Layer} | undefined {
	const file = join(folder, 'layer.json');
	if (!existsSync(file)) return undefined;
	const {recipe, id}: {recipe: string; id: string} = JSON.parse(readFileSync(file, 'utf8'));
	return {recipe, layer: layerIn(folder, id)};
}

const layerIn = (folder: string, id: string): Layer => ({id, layer: join(folder, 'upper')});

async function timed<Result>(
	what: string,
	onProgress: (line: string) => void,
	work: () => Promise<Result>,
): Promise<Result> {
	const begun = Date.now();
	onProgress(what);
	const result = await work();
	onProgress(`… done in ${Math.round((Date.now() - begun) / 1000)} s`);
	return result;
}
