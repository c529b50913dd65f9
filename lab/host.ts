/** The lab's requirements on the machine: Linux, root, some tools; it installs missing tools. */
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import process from 'node:process';
import {type AptSource, debianMirror, parseDeb822, parseSourcesList} from './apt-sources.ts';
import {LabError, messageOf} from './failure.ts';
import {run} from './run.ts';

/** Each tool with the Debian and Ubuntu package that contains it. */
const packages: Record<string, string> = {
	debootstrap: 'debootstrap',
	'systemd-nspawn': 'systemd-container',
	journalctl: 'systemd',
	ip: 'iproute2',
	ssh: 'openssh-client',
	'ssh-keygen': 'openssh-client',
	unshare: 'util-linux',
	nsenter: 'util-linux',
	setpriv: 'util-linux',
	flock: 'util-linux',
	tar: 'tar',
};
const keyrings = ['gpg', 'pgp'].map(ending => `/usr/share/keyrings/debian-archive-keyring.${ending}`);

export function requireRoot(): void {
	if (process.platform !== 'linux') {
		throw new LabError(
			`the lab boots Linux nodes in namespaces of this kernel, and this is ${process.platform}; ` +
				'run it in a virtual machine with Debian or Ubuntu',
		);
	}

	if (process.getuid?.() !== 0) {
		throw new LabError('the lab makes namespaces and mounts; run it as root, for example with sudo');
	}
}

/** Installs missing tools, and reports it. */
export async function requireTools(onProgress: (line: string) => void): Promise<void> {
	const missing = new Set<string>();
	for (const [tool, name] of Object.entries(packages)) {
		if (!findProgram(tool)) missing.add(name);
	}

	if (!keyrings.some(existsSync)) missing.add('debian-archive-keyring');
	if (missing.size > 0) await installPackages([...missing].sort(), onProgress);
	if (!readFileSync('/proc/filesystems', 'utf8').includes('\toverlay')) {
		try {
			await run('modprobe', ['overlay']);
		} catch (error) {
			throw new LabError(
				`this kernel has no overlay file system, which the nodes' disks need: ${messageOf(error)}`,
			);
		}
	}
}

/** Installs packages with this machine's apt; requires root. */
export async function installPackages(
	names: readonly string[],
	onProgress: (line: string) => void,
): Promise<void> {
	if (!findProgram('apt-get')) {
		throw new LabError(
			`missing on this machine: ${names.join(', ')}; without apt-get, ` +
				'install them yourself, or run the lab on Debian or Ubuntu',
		);
	}

	if (process.getuid?.() !== 0) {
		throw new LabError(
			`missing on this machine: ${names.join(', ')}; run as root: apt-get install ${names.join(' ')}`,
		);
	}

	onProgress(`installing what is missing on this machine: ${names.join(', ')}`);
	const env = {DEBIAN_FRONTEND: 'noninteractive'};
	const command = ['-qy', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', 'install', ...names];
	try {
		await run('apt-get', command, {env});
	} catch {
		// The usual reason is an outdated or missing package list.
		await run('apt-get', ['-q', 'update'], {env});
		await run('apt-get', command, {env});
	}
}

export function findProgram(name: string): string | undefined {
	return (process.env.PATH ?? '')
		.split(delimiter)
		.concat('/usr/sbin', '/sbin', '/usr/bin', '/bin')
		.map(folder => join(folder, name))
		.find(existsSync);
}

/** The package mirror: PGHA_LAB_MIRROR, else the Debian mirror in this machine's apt configuration. */
export function findMirror(): {mirror: string; keyring: string} {
	const sources = readAptSources();
	const mirror = process.env.PGHA_LAB_MIRROR ?? debianMirror(sources);
	if (!mirror) {
		throw new LabError(
			'no Debian mirror in /etc/apt/sources.list or /etc/apt/sources.list.d (an Ubuntu mirror does not carry ' +
				'Debian); name one: PGHA_LAB_MIRROR=http://…/debian npm run lab -- up',
		);
	}

	const keyring = keyrings.find(existsSync);
	if (!keyring)
		throw new LabError(
			`no key of the Debian archive: ${keyrings.join(', ')} not found; install debian-archive-keyring`,
		);
	return {mirror, keyring};
}

function readAptSources(): AptSource[] {
	const folder = '/etc/apt/sources.list.d';
	const files = ['/etc/apt/sources.list'];
	if (existsSync(folder)) files.push(...readdirSync(folder).map(name => join(folder, name)));
	return files.filter(existsSync).flatMap(file => {
		if (file.endsWith('.sources')) return parseDeb822(readFileSync(file, 'utf8'));
		return file.endsWith('.list') ? parseSourcesList(readFileSync(file, 'utf8')) : [];
	});
}
