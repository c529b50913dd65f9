/** The lab's ssh keys, made once: the operator's, and a host key per node, so that host keys are really checked. */
import {existsSync, mkdirSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {type Inventory, nodesOf} from './inventory.ts';
import {keysDir} from './paths.ts';
import {run} from './run.ts';

export type KeyPair = {private: string; public: string};

export async function ensureKeys(inventory: Inventory): Promise<void> {
	const owners = ['operator', ...nodesOf(inventory).map(node => node.name)];
	for (const owner of owners) {
		if (existsSync(join(keysDir, owner))) continue;
		const making = join(keysDir, `${owner}.partial`);
		rmSync(making, {recursive: true, force: true});
		mkdirSync(making, {recursive: true, mode: 0o700});
		const file = join(making, 'id_ed25519');
		await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `${owner}@pgha-lab`, '-f', file]);
		renameSync(making, join(keysDir, owner));
	}
}

export function keyOf(owner: string): KeyPair {
	const file = join(keysDir, owner, 'id_ed25519');
	return {private: readFileSync(file, 'utf8'), public: readFileSync(`${file}.pub`, 'utf8')};
}
