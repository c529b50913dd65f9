/** Runs one of the lab's scripts so that neither its end nor ours leaves a process or a mount behind. */
import {join} from 'node:path';
import {type RunOptions, run} from './run.ts';

export const scriptsDir = join(import.meta.dirname, 'scripts');

/** In mount and pid namespaces of its own, and killed by the kernel when this process ends. */
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
