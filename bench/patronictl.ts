/**
 * patronictl where pgha-top runs: in the operator's network namespace, with the operator's configuration, as this machine's
 * own process. Only its files are a node's (chroot into the node's root), so that neither ssh nor anything else of a
 * login counts against it.
 */
import {copyFileSync, rmSync} from 'node:fs';
import {initOf} from '../lab/cgroup.ts';

/** On the node's /run, which is a tmpfs. */
const configFile = '/run/pgha-bench-patronictl.yaml';

export type Peer = {list: readonly string[]; end: () => void};

export function patronictl(node: string): Peer {
	const init = initOf(node);
	const config = process.env.PATRONICTL_CONFIG_FILE;
	if (init === undefined || config === undefined) {
		throw new Error(`${node} is off, or this is not the operator's environment`);
	}

	const root = `/proc/${init}/root`;
	copyFileSync(config, `${root}${configFile}`);
	return {
		list: ['chroot', root, 'patronictl', '-c', configFile, 'list'],
		end: () => {
			rmSync(`${root}${configFile}`, {force: true});
		},
	};
}
