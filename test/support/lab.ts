/**
 * The lab for the tests: commands on its nodes, the console in its network, and observers that do not use the console.
 */
import {spawn} from 'node:child_process';
import {mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {execa} from 'execa';
import {isOn} from '../../lab/cgroup.ts';
import {postgresqlOf, readInventory} from '../../lab/inventory.ts';
import {execCommand, power, presentSetup, sshCommand, up} from '../../lab/lab.ts';
import {holds} from '../../lab/wait-until.ts';
import type {Snapshot} from '../../source/snapshot/schema.ts';
import {Terminal, type TerminalOptions} from './terminal.ts';

const patronictlFile = '/etc/patroni/patroni.yml';

/** The output of a command on a node. */
export async function onNode(name: string, ...argv: readonly string[]): Promise<string> {
	const {file, args, env} = sshCommand(name, argv);
	return (await execa(file, args, {env, timeout: 60_000})).stdout;
}

export async function patronictl(name: string, ...argv: readonly string[]): Promise<string> {
	return onNode(name, 'sudo', 'patronictl', '-c', patronictlFile, ...argv);
}

/** Where PostgreSQL's programs are on the database nodes. */
export function programsFolder(): string {
	const setup = presentSetup();
	if (setup === undefined) {
		throw new Error('the lab is down');
	}

	return `/usr/lib/postgresql/${postgresqlOf(readInventory(), setup)}/bin`;
}

/** The console in a terminal, in the operator's network. */
export function console(options: TerminalOptions = {}, flags: readonly string[] = []): Terminal {
	const {file, args, env} = execCommand(['pgha-top', ...flags]);
	return new Terminal(file, args, {...options, env: {...env, ...options.env}});
}

/** The console on a large screen with a state folder of its own, once it shows a healthy cluster. */
export async function healthyConsole(): Promise<Terminal> {
	await untilHealthy();
	const terminal = console({
		columns: 160,
		rows: 50,
		env: {XDG_STATE_HOME: mkdtempSync(path.join(tmpdir(), 'pgha-top-test-'))},
	});
	try {
		await terminal.until('a healthy cluster', text => /\n HEALTHY/.test(text), 90_000);
		return terminal;
	} catch (error) {
		await terminal.kill();
		throw error;
	}
}

export async function snapshot(): Promise<{snapshot: Snapshot; exitCode: number | undefined}> {
	// It ends with the last answer; a busy machine may need longer than by default.
	const {file, args, env} = execCommand(['pgha-top', '--once', '--json', '--timeout', '30']);
	const {stdout, exitCode} = await execa(file, args, {env, reject: false, timeout: 60_000});
	return {snapshot: JSON.parse(stdout) as Snapshot, exitCode};
}

/**
 * Waits until the cluster is healthy: a leader, a sync standby, a VIP holder, HAProxys that agree, and a write
 * accepted.
 */
export async function untilHealthy(): Promise<void> {
	await up(presentSetup());
}

/** Makes the VIP's holder the leader, since keepalived decides where the VIP is. @returns its name */
export async function holderThatLeads(): Promise<string> {
	const {snapshot: seen} = await snapshot();
	const [holder = ''] = seen.vip?.holders ?? [];
	if (seen.leader?.member !== holder) {
		const from = seen.leader?.member ?? '';
		await patronictl(holder, 'switchover', '--leader', from, '--candidate', holder, '--force');
		await untilHealthy();
	}

	return holder;
}

/** Switches a node on after it has shut down completely: it stops answering a moment before that. */
export async function powerOnAgain(node: string): Promise<void> {
	if (!(await holds(() => !isOn(node), 120_000))) {
		throw new Error(`${node} has not shut down`);
	}

	await power('on', node);
}

export type NodeCommand = {
	/** Resolves with the time (performance.now) at which a line that satisfies `seen` was read. */
	lineAt: (seen: (line: string) => boolean) => Promise<number>;
	end: () => void;
};

/** Starts a command on a node by OpenSSH, so independent of the console, and notes when each of its lines was read. */
export async function startCommand(
	node: string,
	ready: RegExp | undefined,
	...argv: readonly string[]
): Promise<NodeCommand> {
	const {file, args, env} = sshCommand(node, argv);
	const child = spawn(file, args, {env, stdio: ['ignore', 'pipe', 'inherit']});
	const lines: {line: string; at: number}[] = [];
	const waiting = new Set<() => void>();
	createInterface({input: child.stdout}).on('line', line => {
		lines.push({line, at: performance.now()});
		for (const look of waiting) {
			look();
		}
	});
	const lineAt = async (seen: (line: string) => boolean) =>
		new Promise<number>((resolve, reject) => {
			const look = () => {
				const found = lines.find(({line}) => seen(line));
				if (found) {
					waiting.delete(look);
					resolve(found.at);
				}
			};
			waiting.add(look);
			child.once('exit', () => {
				reject(
					new Error(
						`the command on ${node} ended without the line; its output:\n${lines.map(({line}) => line).join('\n')}`,
					),
				);
			});
			look();
		});
	if (ready !== undefined) {
		await lineAt(line => ready.test(line));
	}

	return {
		lineAt,
		end: () => {
			child.kill();
		},
	};
}
