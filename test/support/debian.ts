/** Fresh machines with a Debian release and nothing but its smallest set of packages: no Node.js, no SSH, one user. */
import {type ChildProcessByStdio, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync} from 'node:fs';
import path from 'node:path';
import type {Readable, Writable} from 'node:stream';
import {execa} from 'execa';
import {findMirror, requireRoot, requireTools} from '../../lab/host.ts';
import {labDir} from '../../lab/paths.ts';
import {run} from '../../lab/run.ts';
import {Terminal} from './terminal.ts';

const folder = path.join(labDir, 'bare');

/** The user's name and number. */
const user = {name: 'dba', id: '1000'};

/** Kept for later runs, as the lab's trees are. */
async function treeOf(suite: string): Promise<string> {
	const tree = path.join(folder, suite);
	if (existsSync(tree)) {
		return tree;
	}

	await requireTools(line => {
		process.stderr.write(`${line}\n`);
	});
	const {mirror, keyring} = findMirror();
	const partial = path.join(folder, `${suite}.partial-${process.pid}`);
	mkdirSync(folder, {recursive: true});
	try {
		// An older debootstrap does not know the newest releases; they are all built the way sid is.
		const known = `/usr/share/debootstrap/scripts/${suite}`;
		const recipe = existsSync(known) ? known : '/usr/share/debootstrap/scripts/sid';
		await run('debootstrap', ['--variant=minbase', `--keyring=${keyring}`, suite, partial, mirror, recipe]);
		await run('chroot', [partial, 'useradd', '--create-home', '--uid', user.id, user.name]);
		renameSync(partial, tree);
	} finally {
		rmSync(partial, {recursive: true, force: true});
	}

	return tree;
}

/** The files that a killed test has left; its mounts are gone. */
function clearAbandoned(): void {
	for (const name of readdirSync(folder)) {
		const pid = /^machine-(\d+)-/.exec(name)?.[1];
		if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
			rmSync(path.join(folder, name), {recursive: true, force: true});
		}
	}
}

export class Debian {
	readonly #work: string;
	readonly #holder: ChildProcessByStdio<Writable, Readable, null>;

	private constructor(work: string, holder: ChildProcessByStdio<Writable, Readable, null>) {
		this.#work = work;
		this.#holder = holder;
	}

	/** Requires root; installs debootstrap if it is missing. */
	static async start(suite: string): Promise<Debian> {
		requireRoot();
		const tree = await treeOf(suite);
		clearAbandoned();
		const work = mkdtempSync(path.join(folder, `machine-${process.pid}-`));
		for (const part of ['upper', 'work', 'root']) {
			mkdirSync(path.join(work, part));
		}

		// Its mounts are in a namespace that ends with this process, which closes the pipe.
		const mounts = [
			'mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"',
			'mount -t proc proc "$2/root/proc"',
			'mount --rbind /dev "$2/root/dev"',
			'echo mounted',
			'exec cat',
		].join(' && ');
		const command = ['--mount', '--propagation', 'private', 'sh', '-c', mounts, 'sh', tree, work];
		const holder = spawn('unshare', command, {stdio: ['pipe', 'pipe', 'inherit']});
		const machine = new Debian(work, holder);
		const [first] = await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
		if (String(first).trim() !== 'mounted') {
			throw new Error(`no machine with Debian ${suite}: its file systems cannot be mounted`);
		}

		return machine;
	}

	/** The path of its root in its own mounts. */
	get root(): string {
		return path.join(this.#work, 'root');
	}

	/** Puts a file of this machine into it. */
	async copy(file: string, place: string): Promise<void> {
		await this.#outside('install', ['-D', '--mode=755', file, path.join(this.root, place)]);
	}

	/** Runs a command of this machine on the other one's files. */
	async #outside(file: string, args: readonly string[]) {
		return execa('nsenter', [...this.#inMounts, file, ...args], {stdin: 'ignore', reject: false});
	}

	/** For rpm, which Debian's machine does not have. */
	async outside(file: string, args: readonly string[]): Promise<string> {
		const {exitCode, stdout, stderr} = await this.#outside(file, args);
		if (exitCode !== 0) {
			throw new Error(`${file} ${args.join(' ')}: ${exitCode}\n${stdout}\n${stderr}`);
		}

		return stdout;
	}

	get #inMounts(): string[] {
		return [`--mount=/proc/${this.#holder.pid}/ns/mnt`, '--'];
	}

	#command(account: string, env: Readonly<Record<string, string>>, argv: readonly string[]): string[] {
		const all = {HOME: `/home/${user.name}`, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env};
		const assignments = Object.entries(all).map(([name, value]) => `${name}=${value}`);
		return [
			...this.#inMounts,
			...['chroot', `--userspec=${account}`, this.root, '/usr/bin/env', '-i', ...assignments, ...argv],
		];
	}

	async asRoot(...argv: readonly string[]): Promise<string> {
		const {exitCode, all} = await execa(
			'nsenter',
			this.#command('0:0', {DEBIAN_FRONTEND: 'noninteractive'}, argv),
			{
				stdin: 'ignore',
				all: true,
				reject: false,
			},
		);
		if (exitCode !== 0) {
			throw new Error(`${argv.join(' ')}: ${exitCode}\n${all}`);
		}

		return all;
	}

	async asUser(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
		return execa('nsenter', this.#command(`${user.id}:${user.id}`, env, argv), {
			stdin: 'ignore',
			reject: false,
		});
	}

	terminal(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Terminal {
		const inside = {TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env};
		return new Terminal('nsenter', this.#command(`${user.id}:${user.id}`, inside, argv), {
			columns: 120,
			rows: 40,
		});
	}

	async stop(): Promise<void> {
		const ended = once(this.#holder, 'exit');
		this.#holder.stdin.end();
		await ended;
		rmSync(this.#work, {recursive: true, force: true});
	}
}
