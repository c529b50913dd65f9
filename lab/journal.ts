/** A node's journal: by its own journalctl while it is on, from its disk while it is off. */
import {existsSync} from 'node:fs';
import {initOf} from './cgroup.ts';
import {journalOf, type Setup} from './disk.ts';
import {LabError, messageOf} from './failure.ts';
import {run} from './run.ts';

export function journalCommand(
	node: string,
	setup: Setup,
	args: readonly string[],
): {file: string; args: string[]} {
	const init = initOf(node);
	if (init !== undefined) {
		return {
			file: '/usr/bin/nsenter',
			args: [`--target=${init}`, '--mount', '--uts', '--pid', '--', 'journalctl', ...args],
		};
	}

	const folder = journalOf(node, setup);
	if (!existsSync(folder)) throw new LabError(`${node} has no journal yet: it was never on`);
	return {file: '/usr/bin/journalctl', args: [`--directory=${folder}`, ...args]};
}

export async function tailOf(node: string, setup: Setup, unit: string, lines: number): Promise<string> {
	try {
		const {file, args} = journalCommand(node, setup, [
			...[`--unit=${unit}`, `--lines=${lines}`, '--no-pager', '--output=short-iso', '--no-hostname'],
		]);
		return await run(file, args, {timeout: 10_000});
	} catch (error) {
		// A failure here must not replace the report that includes this text.
		return `(cannot be read: ${messageOf(error)})`;
	}
}
