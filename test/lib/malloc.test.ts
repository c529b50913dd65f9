import {execFileSync} from 'node:child_process';
import {expect, it} from 'vitest';
import {dropMalloc, exportMalloc} from '../../source/lib/malloc.ts';

it.each([
	[{}, {}],
	[
		{MALLOC_ARENA_MAX: '4', HOME: '/root'},
		{MALLOC_ARENA_MAX: '4', HOME: '/root'},
	],
])('what was set for this program, and not by the user, is not handed on: %o', (given, kept) => {
	const text = execFileSync('/bin/sh', ['-c', `${exportMalloc}; env`], {
		encoding: 'utf8',
		env: {PATH: '/usr/bin:/bin', ...given},
	});
	const environment: NodeJS.ProcessEnv = Object.fromEntries(
		text
			.trim()
			.split('\n')
			.map(line => line.split(/=(.*)/s).slice(0, 2))
			.filter(([name = '']) => /^(?:MALLOC_|HOME)/.test(name)),
	);
	expect(Object.keys(environment)).toContain('MALLOC_MMAP_THRESHOLD_');
	dropMalloc(environment);
	expect(environment).toEqual(kept);
});
