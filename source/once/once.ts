/** `--once`: begins with what takes longest, the logins over SSH, and only then loads all that makes the snapshot. */
import type {Config} from '../config/config.ts';
import {briefConnections} from '../connections/connections.ts';
import type {OnceOptions, Snapshot} from './look.ts';

export async function once(config: Config, options: OnceOptions): Promise<Snapshot> {
	const connections = briefConnections(config);
	if (config.vip !== undefined) {
		const nodes = config.nodes.filter(({roles}) => roles.includes('database'));
		await Promise.all(nodes.map(async ({host}) => connections.ssh.begin(host)));
	}

	const {look} = await import('./look.ts');
	return look(config, connections, options);
}
