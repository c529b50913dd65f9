/** The nodes' disks: overlays on the base tree, each with its node's identity and configuration. */
import {createHash, randomBytes} from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import {layersFor, type Tree, treeIdFor} from './base-image.ts';
import type {Inventory, Node, Release} from './inventory.ts';
import {keyOf} from './keys.ts';
import {disksDir, runDirOf} from './paths.ts';
import {runBoxed} from './sandbox.ts';
import {fill, valuesFor} from './template.ts';

/**
 * `topology` undefined: classic; `store`: Patroni's store where it is not etcd's v3 API; `postgresql`: its major version where it
 * is not the suite's own.
 */
export type Setup = Release & {profile: string; topology?: string; app?: true; store?: 'etcd2'};
export type Disk = {layers: string; upper: string; work: string};

const nodesDir = join(import.meta.dirname, 'nodes');
const diskDir = (node: string, {suite, profile, topology, store, postgresql}: Setup) => {
	const version = postgresql === undefined ? undefined : `pg${postgresql}`;
	const parts = [suite, profile, topology, store, version].filter(part => part !== undefined);
	return join(disksDir, parts.join('-'), node);
};

/** systemd units by the role that has them; a node's other ones are disabled, since each tree has all packages. */
const unitsOfRole: Readonly<Record<string, readonly string[]>> = {
	common: ['ssh'],
	etcd: ['etcd'],
	db: ['patroni'],
	lb: ['haproxy', 'keepalived'],
	'leader-vip': ['keepalived'],
	'vip-manager': ['vip-manager'],
	pgbouncer: ['pgbouncer'],
	app: ['apache2'],
};

/** Creates or updates the disk of a node that is off; each suite, profile, topology, store and PostgreSQL version has its own disks. */
export async function ensureDisk(
	node: Node,
	inventory: Inventory,
	setup: Setup,
	tree: Tree,
	onProgress: (line: string) => void,
): Promise<Disk> {
	const folder = diskDir(node.name, setup);
	const files = render(node, inventory, setup);
	const stamp = {tree: treeIdFor(node, tree), files: digest(files)};
	const known = readStamp(folder);
	if (known && known.tree !== stamp.tree) {
		onProgress(`${node.name}: the base tree of its disk is gone; making a new, empty disk`);
		rmSync(folder, {recursive: true, force: true});
	} else if (known && known.files !== stamp.files) {
		onProgress(`${node.name}: the configuration in lab/ has changed; writing it to the disk`);
	}

	const disk = {layers: layersFor(node, tree), upper: join(folder, 'upper'), work: join(folder, 'work')};
	if (known && known.tree === stamp.tree && known.files === stamp.files) return disk;
	if (!existsSync(join(folder, 'stamp.json'))) rmSync(folder, {recursive: true, force: true});
	for (const path of [disk.upper, disk.work]) mkdirSync(path, {recursive: true});
	if (!known || known.tree !== stamp.tree) files.set('etc/machine-id', machineId());
	await write(node, disk, files);
	// The stamp is written last: a disk without one is incomplete and is made again.
	writeFileSync(join(folder, 'stamp.json.new'), JSON.stringify(stamp));
	renameSync(join(folder, 'stamp.json.new'), join(folder, 'stamp.json'));
	return disk;
}

export function wipeDisks(): void {
	rmSync(disksDir, {recursive: true, force: true});
}

/** The journal's folder on the disk of a node that is off. */
export const journalOf = (node: string, setup: Setup) =>
	join(diskDir(node, setup), 'upper', 'var', 'log', 'journal');

type Files = Map<string, {text: string; mode: number}>;

/** Every file of the node's roles with its placeholders filled, and the node's identity. */
function render(node: Node, inventory: Inventory, setup: Setup): Files {
	const values = {
		...valuesFor(node, inventory, setup, setup.profile),
		'store.section': setup.store === 'etcd2' ? 'etcd' : 'etcd3',
		'etcd.v2': String(setup.store === 'etcd2'),
	};
	const files: Files = new Map();
	for (const role of ['common', ...node.roles]) {
		const folder = join(nodesDir, role);
		for (const entry of readdirSync(folder, {recursive: true, withFileTypes: true})) {
			if (!entry.isFile()) continue;
			const source = join(entry.parentPath, entry.name);
			const text = fill(readFileSync(source, 'utf8'), values, relative(dirname(import.meta.dirname), source));
			files.set(relative(folder, source), {text, mode: statSync(source).mode & 0o755});
		}
	}

	const hostKey = keyOf(node.name);
	const operatorKey = keyOf('operator').public;
	files.set('etc/ssh/ssh_host_ed25519_key', {text: hostKey.private, mode: 0o600});
	files.set('etc/ssh/ssh_host_ed25519_key.pub', {text: hostKey.public, mode: 0o644});
	files.set('root/.ssh/authorized_keys', {text: operatorKey, mode: 0o600});
	files.set('home/dba/.ssh/authorized_keys', {text: operatorKey, mode: 0o600});
	return files;
}

function machineId(): {text: string; mode: number} {
	return {text: `${randomBytes(16).toString('hex')}\n`, mode: 0o444};
}

async function write(node: Node, disk: Disk, files: Files): Promise<void> {
	const staging = join(runDirOf(node.name), 'files');
	const mountpoint = join(runDirOf(node.name), 'root');
	rmSync(staging, {recursive: true, force: true});
	mkdirSync(mountpoint, {recursive: true});
	for (const [path, {text, mode}] of files) {
		const file = join(staging, path);
		mkdirSync(dirname(file), {recursive: true});
		writeFileSync(file, text, {mode});
	}

	const enabled = ['common', ...node.roles].flatMap(role => unitsOfRole[role] ?? []);
	const disabled = Object.values(unitsOfRole)
		.flat()
		.filter(unit => !enabled.includes(unit));
	await runBoxed('write-disk.sh', [
		...[disk.layers, disk.upper, disk.work, mountpoint, staging],
		...[enabled.join(' '), disabled.join(' ')],
	]);
	rmSync(staging, {recursive: true, force: true});
}

function digest(files: Files): string {
	const hash = createHash('sha256');
	for (const [path, {text, mode}] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
		hash.update(`${path}\0${mode}\0${text}\0`);
	}

	return hash.digest('hex');
}

function readStamp(folder: string): {tree: string; files: string} | undefined {
	const file = join(folder, 'stamp.json');
	return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
