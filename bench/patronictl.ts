/**
 * Runs patronictl under the same conditions as pgha-top: as a process of this machine, in the operator's network
 * namespace, with
 * the operator's configuration. Only its files come from a node (chroot), so that no ssh login is measured.
 */
import {copyFileSync, rmSync} from 'node:fs';
import {initOf} from '../lab/cgroup.ts';

/** /run of the node is a tmpfs. */
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
