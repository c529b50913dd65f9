/** Runs commands on a node through its namespaces, without its network, sshd or etcd. */
import {initOf} from '../cgroup.ts';
import {LabError} from '../failure.ts';
import {run} from '../run.ts';

const commandTimeoutMs = 90_000;

/** @returns standard output of the command */
export async function inside(
	node: string,
	argv: readonly string[],
	options: {input?: string; timeout?: number; env?: Record<string, string>} = {},
): Promise<string> {
	const init = initOf(node);
	if (init === undefined) throw new LabError(`${node} is off: nothing can run there`);
	const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid'];
	return run('nsenter', ['--target', String(init), ...namespaces, '--', ...argv], {
		timeout: commandTimeoutMs,
		...options,
	});
}

export const shell = async (node: string, script: string) => inside(node, ['sh', '-ec', script]);

export const systemctl = async (node: string, ...args: readonly string[]) =>
	inside(node, ['systemctl', ...args]);

export const patronictl = async (node: string, ...args: readonly string[]) =>
	inside(node, ['patronictl', '-c', '/etc/patroni/patroni.yml', ...args]);
