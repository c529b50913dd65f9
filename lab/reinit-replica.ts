/** Reinitializes a replica that can never catch up, as `patronictl reinit` does. */
import {LabError} from './failure.ts';
import type {Sight} from './health.ts';
import type {Inventory} from './inventory.ts';
import {sshCommand} from './operator.ts';
import {run} from './run.ts';

/**
 * A former leader that lost power, or that was shut down while its standby was away, may have changes that its
 * successor
 * never received. It stays on its old timeline, or does not start: this cluster does not use pg_rewind, and Patroni
 * does
 * not delete data on its own. `up` must end with a healthy cluster, so it reinitializes a replica that stays behind.
 */
export function replicaReinitializer(
	inventory: Inventory,
	stuckMs: number,
	onProgress: (line: string) => void,
): (sight: Sight) => Promise<void> {
	const since = new Map<string, number>();
	return async ({leader, followers}) => {
		for (const {name, verdict, why} of followers) {
			if (verdict === 'follows') since.delete(name);
			if (verdict !== 'stuck' || leader === undefined) continue;
			const seen = since.get(name);
			if (seen === undefined) since.set(name, Date.now());
			if (seen === undefined || Date.now() - seen < stuckMs) continue;
			onProgress(`${name} ${why} and does not recover: copying it from ${leader} again (patronictl reinit)`);
			since.set(name, Date.now());
			const reinit = ['reinit', '--force', inventory.scope, name];
			const {file, args, env} = sshCommand(leader, [
				...['sudo', 'patronictl', '-c', '/etc/patroni/patroni.yml', ...reinit],
			]);
			try {
				await run(file, args, {env, timeout: 30_000});
			} catch (error) {
				if (!(error instanceof LabError)) throw error;
				onProgress(error.message); // retried after the same time, until `up` gives up
			}
		}
	};
}
