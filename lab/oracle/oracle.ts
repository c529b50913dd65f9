/** `npm run lab -- oracle FILE`: records the true state of every node ten times a second, sampled inside each node. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createWriteStream, existsSync} from 'node:fs';
import {setPriority} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {finished} from 'node:stream/promises';
import {setTimeout as pause} from 'node:timers/promises';
import {createGzip} from 'node:zlib';
import {initOf, isOn} from '../cgroup.ts';
import type {Setup} from '../disk.ts';
import {LabError} from '../failure.ts';
import {requireRoot} from '../host.ts';
import {type Inventory, type Node, nodesOf, postgresqlOf} from '../inventory.ts';
import {superuser} from '../operator.ts';
import type {Progress} from '../progress.ts';
import {inventoryOf, presentSetup} from '../state.ts';
import {type Header, intervalMs, type Look, oracleVersion} from './look.ts';
import type {SamplerOptions} from './sampler.ts';

/** A sampler without output for this long is late; its samples are reported as missing. */
const lateMs = 1000;
const urgent = -10;
/** Interval of reading the lab's state file. */
const labLookMs = 1000;

/** Samples until the signal is aborted or the lab goes down. @returns the number of samples */
export async function watch(
	file: string,
	stop: AbortSignal,
	onProgress: Progress = () => {},
): Promise<{looks: number; seconds: number}> {
	requireRoot();
	const setup = presentSetup();
	if (!setup) throw new LabError('the lab is down; start it: npm run lab -- up');
	const inventory = inventoryOf(setup);
	// On a busy machine samples come first; samplers inherit the priority.
	setPriority(urgent);
	const output = openOutput(file);
	const began = Date.now();
	let looks = 0;
	const write = (line: string) => {
		looks++;
		output.write(`${line}\n`);
	};
	output.write(`${JSON.stringify(headerOf(setup, inventory, began))}\n`);
	await output.opened;
	onProgress(`writing to ${file} until Ctrl-C, or until the lab goes down`);
	const watched = nodesOf(inventory)
		.filter(node => !node.roles.includes('app'))
		.map(node => new Watched(node, inventory, setup, write));
	try {
		let lookAtLab = 0;
		while (!stop.aborted) {
			for (const node of watched) node.tick();
			if (Date.now() - lookAtLab > labLookMs) {
				lookAtLab = Date.now();
				if (presentSetup() === undefined) {
					onProgress('the lab is down');
					break;
				}
			}

			if (output.failed()) throw output.failed();
			await pause(intervalMs - (Date.now() % intervalMs), undefined, {signal: stop}).catch(() => {});
		}
	} finally {
		await Promise.all(watched.map(node => node.end()));
		await output.close();
	}

	return {looks, seconds: (Date.now() - began) / 1000};
}

type Sampler = {child: ChildProcess; init: number; lastAt: number};

/** One node: its sampler while the node is on, and a line for each missing sample. */
class Watched {
	readonly #node: Node;
	readonly #inventory: Inventory;
	readonly #setup: Setup;
	readonly #write: (line: string) => void;
	#sampler: Sampler | undefined;
	/** Samplers that are ending. */
	readonly #ending = new Set<Promise<unknown>>();

	constructor(node: Node, inventory: Inventory, setup: Setup, write: (line: string) => void) {
		this.#node = node;
		this.#inventory = inventory;
		this.#setup = setup;
		this.#write = write;
	}

	/** Starts a sampler in a booted node, ends one whose node is off, and reports missing samples. */
	tick(): void {
		if (this.#sampler !== undefined && !lives(this.#sampler.init)) this.#endSampler();
		const init = this.#sampler?.init ?? initOf(this.#node.name);
		if (init === undefined || !lives(init)) {
			const on = isOn(this.#node.name);
			this.#report(on ? {on, error: 'it has no process 1: it is about to start or to end'} : {on});
			return;
		}

		this.#sampler ??= this.#start(init);
		const silentMs = Date.now() - this.#sampler.lastAt;
		if (silentMs > lateMs)
			this.#report({on: true, error: 'its sampler starts, or has not looked for a second'});
	}

	async end(): Promise<void> {
		this.#endSampler();
		await Promise.all(this.#ending);
	}

	#report(seen: Pick<Look, 'on' | 'error'>): void {
		const look: Look = {node: this.#node.name, at: Date.now(), ms: 0, ...seen};
		this.#write(JSON.stringify(look));
	}

	#start(init: number): Sampler {
		const {name, roles} = this.#node;
		const {scope, namespace} = this.#inventory;
		const database = roles.includes('db');
		const options: SamplerOptions = {
			node: name,
			init,
			database,
			...(roles.includes('etcd') ? {prefix: `${namespace}${scope}/`} : {}),
			dataDir: `/var/lib/postgresql/${postgresqlOf(this.#inventory, this.#setup)}/main`,
			units: [
				...(database ? ['patroni'] : []),
				...(roles.includes('lb') ? ['haproxy', 'keepalived'] : []),
				...(roles.includes('etcd') ? ['etcd'] : []),
				'ssh',
			],
		};
		// Enters only the node's network and reads the rest through /proc, so that no process is added to the node.
		const child = spawn(
			'nsenter',
			[
				...['--target', String(init), '--net', '--'],
				...[process.execPath, join(import.meta.dirname, 'sampler.ts'), JSON.stringify(options)],
			],
			{
				stdio: ['pipe', 'pipe', 'inherit'],
				detached: true,
				env: {...process.env, PGUSER: superuser.user, PGPASSWORD: superuser.password},
			},
		);
		// Samples are missing until the first one arrives.
		const sampler = {child, init, lastAt: Date.now() - lateMs - 1};
		const ended = once(child, 'exit');
		this.#ending.add(ended);
		void ended.then(() => {
			this.#ending.delete(ended);
			if (this.#sampler === sampler) this.#sampler = undefined;
		});
		createInterface({input: child.stdout}).on('line', line => {
			if (this.#sampler !== sampler) return;
			sampler.lastAt = Date.now();
			this.#write(line);
		});
		child.stdin.on('error', () => {}); // the sampler has ended, which its exit event reports
		return sampler;
	}

	#endSampler(): void {
		this.#sampler?.child.kill('SIGKILL');
		this.#sampler = undefined;
	}
}

function headerOf(setup: Setup, inventory: Inventory, startedAt: number): Header {
	const profile = inventory.profiles[setup.profile];
	if (profile === undefined) throw new LabError(`unknown profile "${setup.profile}"`);
	const {ttl, loop_wait, retry_timeout} = profile.patroni;
	const {inter, fastinter, fall, rise} = profile.haproxy;
	return {
		oracle: oracleVersion,
		startedAt,
		suite: setup.suite,
		profile: setup.profile,
		intervalMs,
		scope: inventory.scope,
		vip: inventory.vip,
		nodes: nodesOf(inventory)
			.filter(node => !node.roles.includes('app'))
			.map(({name, address, roles}) => ({name, address, roles})),
		patroni: {ttl, loop_wait, retry_timeout},
		haproxy: {inter: millisecondsOf(inter), fastinter: millisecondsOf(fastinter), fall, rise},
	};
}

/** An ended process has no namespaces, even as a zombie. */
const lives = (pid: number) => existsSync(`/proc/${pid}/ns/net`);

const millisecondsOf = (time: string) => Number.parseInt(time, 10) * (time.endsWith('ms') ? 1 : 1000);

/** A writable file, compressed if its name ends in .gz. */
function openOutput(file: string) {
	const target = createWriteStream(file, {mode: 0o600});
	let failure: LabError | undefined;
	target.on('error', error => {
		failure = new LabError(`${file}: ${error.message}`);
	});
	const gzip = file.endsWith('.gz') ? createGzip() : undefined;
	gzip?.pipe(target);
	return {
		opened: once(target, 'open').catch((error: Error) => {
			throw new LabError(`${file}: ${error.message}`);
		}),
		write: (text: string) => (gzip ?? target).write(text),
		failed: () => failure,
		close: async () => {
			(gzip ?? target).end();
			if (!failure) await finished(target);
		},
	};
}
