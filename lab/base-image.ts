/** Base trees: a Debian release in layers, built once, the lower layers of every node's disk. */
import {createHash, randomUUID} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {LabError} from './failure.ts';
import {findMirror} from './host.ts';
import type {Inventory, Node} from './inventory.ts';
import {logDir, treesDir} from './paths.ts';
import {runBoxed, scriptsDir} from './sandbox.ts';

export type Tree = {
	/** New with every build: a disk works only on the tree that it was made on. */
	id: string;
	base: string;
	db: string;
	/** The application's layer, if built; its id changes with every build. */
	app?: {id: string; layer: string};
};

/** overlayfs's `lowerdir` for a node, the uppermost layer first. */
export function layersFor(node: Node, tree: Tree): string {
	if (node.roles.includes('app')) return `${requireApp(tree).layer}:${tree.base}`;
	return node.roles.some(role => role !== 'etcd') ? `${tree.db}:${tree.base}` : tree.base;
}

/** Identifies the trees that a node's disk was made on; the disk works on no others. */
export function treeIdFor(node: Node, tree: Tree): string {
	return node.roles.includes('app') ? `${tree.id}/${requireApp(tree).id}` : tree.id;
}

function requireApp({app}: Tree): {id: string; layer: string} {
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
	const recipe = createHash('sha256')
		.update(readFileSync(join(scriptsDir, 'build-tree.sh')))
		.update(postgresql)
		.digest('hex');
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
	const recipe = createHash('sha256')
		.update(readFileSync(join(scriptsDir, 'build-app.sh')))
		.digest('hex');
	const folder = appFolder(join(treesDir, suite));
	if (tree.app && readLayer(folder)?.recipe === recipe) return tree;

	mkdirSync(logDir, {recursive: true});
	const building = join(treesDir, `${suite}.partial-app-${process.pid}`);
	mkdirSync(building, {recursive: true});
	const log = join(logDir, `build-${suite}-app.log`);
	rmSync(log, {force: true});
	await timed(`building the application's layer of ${suite}: Apache, PHP, MediaWiki`, onProgress, () =>
		runBoxed('build-app.sh', [building, tree.base], {log, timeout: 20 * 60_000}),
	);
	writeFileSync(join(building, 'layer.json'), JSON.stringify({recipe, id: randomUUID()}));
	putInPlace(building, folder, suite);
	return treeIn(join(treesDir, suite), tree.id);
}

/** Renames as the last step, so that a tree is either complete or missing. */
function putInPlace(building: string, folder: string, suite: string): void {
	const old = join(treesDir, `${suite}.partial-old-${process.pid}`);
	if (existsSync(folder)) renameSync(folder, old);
	renameSync(building, folder);
	rmSync(old, {recursive: true, force: true});
}

/** The tree under running nodes; it is not rebuilt while they run, even if the recipe has changed. */
export function presentTree(suite: string): Tree {
	const known = readTree(join(treesDir, suite));
	if (known) return known.tree;
	throw new LabError(`the base tree of ${suite} is gone from ${treesDir}; take the lab down and up again`);
}

/** Removes a tree that a killed `up` left incomplete. Requires the lab's lock: no tree is being built. */
export function clearHalfBuilt(): void {
	if (!existsSync(treesDir)) return;
	for (const name of readdirSync(treesDir)) {
		if (name.includes('.partial-')) rmSync(join(treesDir, name), {recursive: true, force: true});
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
	const app = readLayer(appFolder(folder));
	return {
		id,
		base: join(folder, 'base'),
		db: join(folder, 'db', 'upper'),
		...(app ? {app: {id: app.id, layer: join(appFolder(folder), 'upper')}} : {}),
	};
}

const appFolder = (folder: string) => join(folder, 'app');

function readLayer(folder: string): {recipe: string; id: string} | undefined {
	const file = join(folder, 'layer.json');
	return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

async function timed(what: string, onProgress: (line: string) => void, work: () => Promise<unknown>) {
	const begun = Date.now();
	onProgress(what);
	await work();
	onProgress(`… done in ${Math.round((Date.now() - begun) / 1000)} s`);
}
