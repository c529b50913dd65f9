/** `--once`: prints one snapshot of the cluster, with the verdict as exit code; `--watch` again and again. */
import {constants} from 'node:os';
import {setTimeout as delay} from 'node:timers/promises';
import {type Done, exitCodes} from '../cli/command-line.ts';
import type {Config} from '../config/config.ts';
import {briefConnections} from '../connections/connections.ts';
import type {Verdict} from '../domain/findings/finding.ts';
import {catchFaults, errnoWords, errorCode} from '../lib/faults.ts';
import type {SnapshotOptions} from './look.ts';
import type {WatchOptions} from './watch.ts';

/** Exit codes of a Nagios plugin. */
const verdictCodes: Record<Verdict, number> = {healthy: 0, degraded: 1, critical: 2, unknown: 3};

/** One answer is enough; while the others are waited for, ten writes a second would delay them. */
const probesRestMs = 500;

export async function printSnapshot(config: Config, options: SnapshotOptions): Promise<Done> {
	const end = performance.now() + options.timeoutMs;
	const {promise: fault, reject} = Promise.withResolvers<never>();
	catchFaults(reject);
	const connections = {...briefConnections(config), probesRestMs};
	if (config.ssh.isUsed) {
		const begun = Promise.all(config.nodes.map(async ({host}) => connections.ssh.begin(host)));
		await Promise.race([begun, delay(options.timeoutMs), fault]);
	}

	// SSH connects while further modules are loaded.
	const {takeSnapshot} = await import('./look.ts');
	const {text, verdict, problem} = await Promise.race([
		takeSnapshot(config, connections, {...options, timeoutMs: Math.max(0, end - performance.now())}),
		fault,
	]);
	return problem === undefined
		? {text, exitCode: verdictCodes[verdict]}
		: {text: '', exitCode: exitCodes.usage, complaint: problem};
}

/** Signals that end `--watch`. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Prints until a signal or the end of the reader. */
export async function printWatch(
	config: Config,
	options: Pick<WatchOptions, 'format' | 'everyMs' | 'timeoutMs' | 'settings'>,
): Promise<Done> {
	const {promise: fault, reject} = Promise.withResolvers<never>();
	catchFaults(reject);
	const ended = new AbortController();
	let exitCode: number = exitCodes.done;
	for (const name of endings) {
		process.once(name, () => {
			exitCode = 128 + constants.signals[name];
			ended.abort();
		});
	}

	// Each write reports its own error.
	process.stdout.on('error', () => undefined);
	try {
		const {watchCluster} = await import('./watch.ts');
		const complaint = await Promise.race([
			watchCluster(config, briefConnections(config), {...options, signal: ended.signal, write: writeOut}),
			fault,
		]);
		return complaint === undefined ? {text: '', exitCode} : {text: '', exitCode: exitCodes.usage, complaint};
	} catch (error) {
		const code = errorCode(error);
		if (code === 'EPIPE') {
			return {text: '', exitCode: exitCodes.brokenPipe};
		}

		if (error instanceof Error && 'syscall' in error && error.syscall === 'write') {
			const complaint = `cannot write to standard output: ${errnoWords(error)}`;
			return {text: '', exitCode: exitCodes.software, complaint};
		}

		throw error;
	}
}

async function writeOut(text: string): Promise<void> {
	return new Promise((resolve, reject) => {
		process.stdout.write(text, error => {
			if (error) {
				reject(error);
			} else {
				resolve();
			}
		});
	});
}
