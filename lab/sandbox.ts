/** Runs a script of the lab that leaves neither processes nor mounts, even if this process is killed. */
import {join} from 'node:path';
import {type RunOptions, run} from './run.ts';

export const scriptsDir = join(import.meta.dirname, 'scripts');

/** In its own mount and pid namespaces; the kernel kills it when this process ends. */
export function runBoxed(script: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
	return run(
		'setpriv',
		[
			...['--pdeathsig', 'KILL', '--'],
			...[
				'unshare',
				'--mount',
				'--propagation',
				'private',
				'--pid',
				'--fork',
				'--kill-child',
				'--mount-proc',
				'--',
			],
			...['sh', join(scriptsDir, script), ...args],
		],
		options,
	);
}
