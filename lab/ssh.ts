/** Whether the nodes can be reached as the operator reaches them. */

import {execa} from 'execa';
import type {Condition} from './health.ts';
import {type Inventory, nodesOf} from './inventory.ts';
import {sshCommand} from './operator.ts';
import {holds} from './wait-until.ts';

/** One attempt: does sshd answer, is its host key the lab's, and can the operator log in? */
export async function sshWorks(node: string): Promise<boolean> {
	const {file, args, env} = sshCommand(node, ['true']);
	const result = await execa(file, args, {env, stdin: 'ignore', reject: false, timeout: 8000});
	return result.exitCode === 0;
}

/** Every node, tried for a while: sshd may be the last to start. */
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
