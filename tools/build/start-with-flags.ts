/** The first lines of the program. */
import type {Plugin} from 'rolldown';
import {exportMalloc} from '../../source/lib/malloc.ts';

/**
 * Commands of sh that start Node.js. `--once` ends within a second: it takes more memory, and less time. Its new objects fill the space
 * that V8 gives them at first several times, and malloc would ask the kernel for each block.
 *
 * @param program in the words of sh
 */
export function execNode(node: string, flags: readonly string[], program: string): string {
	const exec = (...more: string[]) => `exec ${[node, ...flags, ...more].join(' ')} -- ${program} "$@"`;
	const once = exec('--max-semi-space-size=16', '--min-semi-space-size=16');
	return `for a; do if [ "$a" = --once ]; then ${once}; fi; done; ${exportMalloc}; ${exec()}`;
}

/**
 * A shell starts Node.js with flags, which `env` alone cannot, and `env -S` is missing in busybox: one thread for V8's work beside the
 * program, and what malloc keeps. To Node.js the second line is a string and a comment.
 */
const start = `#!/bin/sh
':' //; ${execNode('node', ['--v8-pool-size=1'], '"$0"')}
`;

export function startWithFlags(): Plugin {
	return {
		name: 'the program starts Node.js with flags',
		generateBundle(_, bundle) {
			const program = bundle['cli.js'];
			const usual = '#!/usr/bin/env node\n';
			if (program?.type !== 'chunk' || !program.code.startsWith(usual)) {
				this.error(`cli.js does not begin with ${usual}`);
			}

			program.code = `${start}${program.code.slice(usual.length)}`;
		},
	};
}
