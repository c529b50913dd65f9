/** Checks that the nodes can be reached by ssh as the operator. */

import {execa} from 'execa';
import type {Condition} from './health.ts';
import {type Inventory, nodesOf} from './inventory.ts';
import {sshCommand} from './operator.ts';
import {holds} from './wait-until.ts';

/** One attempt: sshd responds, its host key is the lab's, and the operator can log in. */
export async function sshWorks(node: string): Promise<boolean> {
	const {file, args, env} = sshCommand(node, ['true']);
	const result = await execa(file, args, {env, stdin: 'ignore', reject: false, timeout: 8000});
	return result.exitCode === 0;
}

/** Retries each node for a while: sshd may be the last to start. */
export async function answersSsh(inventory: Inventory): Promise<Condition> {
	const silent: string[] = [];
	await Promise.all(
		nodesOf(inventory).map(async ({name}) => {
			if (!(await holds(() => sshWorks(name), 15_000, 250))) silent.push(name);
		}),
	);
	return {
		name: 'ssh',
		met: silent.length === 0,
		text: silent.length === 0 ? 'to every node' : `no answer from ${silent.join(', ')}`,
	};
}
