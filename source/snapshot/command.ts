/** `--once`: begins with what takes longest, the logins over SSH, and only then loads all that makes the snapshot. */
import {setTimeout as delay} from 'node:timers/promises';
import type {Config} from '../config/config.ts';
import {briefConnections} from '../connections/connections.ts';
import {catchFaults} from '../lib/faults.ts';
import type {OnceOptions, Snapshot} from './look.ts';

export async function printSnapshot(config: Config, options: OnceOptions): Promise<Snapshot> {
	const end = performance.now() + options.timeout;
	const {promise: fault, reject} = Promise.withResolvers<never>();
	catchFaults(reject);
	const connections = briefConnections(config);
	if (config.vip !== undefined) {
		const begun = Promise.all(config.nodes.map(async ({host}) => connections.ssh.begin(host)));
		await Promise.race([begun, delay(options.timeout), fault]);
	}

	const {takeSnapshot} = await import('./look.ts');
	return Promise.race([
		takeSnapshot(config, connections, {...options, timeout: Math.max(0, end - performance.now())}),
		fault,
	]);
}
