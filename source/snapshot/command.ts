/** `--once`: prints one snapshot of the cluster, with the verdict as exit code. */
import {setTimeout as delay} from 'node:timers/promises';
import {type Done, exitCodes} from '../cli/command-line.ts';
import type {Config} from '../config/config.ts';
import {briefConnections} from '../connections/connections.ts';
import type {Verdict} from '../domain/findings/finding.ts';
import {catchFaults} from '../lib/faults.ts';
import type {SnapshotOptions} from './look.ts';

/** Exit codes of a Nagios plugin. */
const verdictCodes: Record<Verdict, number> = {healthy: 0, degraded: 1, critical: 2, unknown: 3};

export async function printSnapshot(config: Config, options: SnapshotOptions): Promise<Done> {
	const end = performance.now() + options.timeoutMs;
	const {promise: fault, reject} = Promise.withResolvers<never>();
	catchFaults(reject);
	const connections = briefConnections(config);
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
