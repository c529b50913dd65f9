/** Runs in one node's network namespace and writes one line per sample, until its standard input closes. */
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {setTimeout as pause} from 'node:timers/promises';
import {messageOf} from '../failure.ts';
import {cableOutFile, cgroupOf} from '../paths.ts';
import {askEtcd, readLinearizably} from './etcd.ts';
import {askHaproxy} from './haproxy.ts';
import {intervalMs, type Look, type Unseen} from './look.ts';
import {Part} from './part.ts';
import {Postgres} from './postgres.ts';
import {Systemd} from './systemd.ts';

export type SamplerOptions = {
	node: string;
	/** The host's pid of the node's process 1. */
	init: number;
	database: boolean;
	/** Key prefix in the node's etcd; undefined without etcd. */
	prefix?: string;
	dataDir: string;
	units: string[];
};

class Sampler {
	readonly #options: SamplerOptions;
	readonly #root: string;
	readonly #units: Part<Record<string, string>>;
	readonly #postgres: Postgres | undefined;
	readonly #etcd: Part<Exclude<Look['etcd'], Unseen | undefined>> | undefined;
	readonly #quorum: Part<true> | undefined;
	readonly #haproxy: Part<Exclude<Look['haproxy'], Unseen | undefined>> | undefined;

	constructor(options: SamplerOptions) {
		const {init, database, prefix, dataDir, units} = options;
		this.#options = options;
		this.#root = `/proc/${init}/root`;
		const systemd = new Systemd(join(this.#root, 'run/dbus/system_bus_socket'));
		this.#units = new Part(signal => systemd.states(units, signal));
		if (database) {
			this.#postgres = new Postgres(this.#root, dataDir);
			const socket = join(this.#root, 'run/haproxy/admin.sock');
			this.#haproxy = new Part(signal => askHaproxy(socket, signal));
		}

		if (prefix !== undefined) {
			this.#etcd = new Part(signal => askEtcd(prefix, signal));
			this.#quorum = new Part(signal => readLinearizably(prefix, signal));
		}
	}

	async look(): Promise<Look> {
		const {node} = this.#options;
		const began = performance.now();
		const at = Date.now();
		const [units, postgres, etcd, quorum, haproxy] = await Promise.all([
			this.#units.look(),
			this.#postgres?.look().catch((error: unknown): Unseen => ({error: messageOf(error)})),
			this.#etcd?.look(),
			this.#quorum?.look(),
			this.#haproxy?.look(),
		]);
		return {
			node,
			at,
			ms: Math.round(performance.now() - began),
			on: true,
			frozen: isFrozen(node),
			cable: existsSync(cableOutFile(node)) ? 'out' : 'in',
			addresses: addresses(),
			units,
			...(postgres ? {postgres} : {}),
			...(etcd ? {etcd} : {}),
			...(quorum ? {quorum} : {}),
			...(haproxy ? {haproxy} : {}),
		};
	}
}

function isFrozen(node: string): boolean {
	return /^frozen 1$/m.test(readFileSync(join(cgroupOf(node), 'box', 'cgroup.events'), 'utf8'));
}

/** All IPv4 addresses, from the kernel's local routes, which persist without a cable. */
function addresses(): string[] {
	const text = readFileSync('/proc/self/net/fib_trie', 'utf8');
	const found = [...text.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map(([, address = '']) => address);
	return [...new Set(found)].filter(address => address !== '127.0.0.1').sort();
}

async function main(): Promise<void> {
	const options: SamplerOptions = JSON.parse(process.argv[2] ?? '{}');
	// Standard input closes when the oracle ends for any reason.
	process.stdin.resume();
	process.stdin.on('end', () => process.exit(0));
	process.stdin.on('error', () => process.exit(0));
	process.stdout.on('error', () => process.exit(0));
	const sampler = new Sampler(options);
	for (;;) {
		let look: Look;
		try {
			look = await sampler.look();
		} catch (error) {
			look = {node: options.node, at: Date.now(), ms: 0, on: true, error: messageOf(error)};
		}

		process.stdout.write(`${JSON.stringify(look)}\n`);
		await pause(intervalMs - (Date.now() % intervalMs));
	}
}

if (import.meta.main) await main();
