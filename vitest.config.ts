import path from 'node:path';
import {defineConfig} from 'vitest/config';

/**
 * One builds a node of its own from some hundred megabytes of packages, one switches the power off again and again, one brings
 * the lab up in three more topologies, one with a PostgreSQL that is fetched from npm, one does faults for ten minutes, one cuts the
 * power of leaders and copies them again, one builds a package and puts it on a node; the packages
 * need two more trees of Debian, too: `PGHA_LAB_TESTS=all npm test` runs them all.
 */
const long = ['app', 'chaos', 'drill', 'losses', 'postgresql-16', 'topologies'].map(
	name => `test/lab/${name}.test.ts`,
);

/**
 * React's own build as users get it; and Ink, which asks for the size of a terminal that is none, starts no program for that.
 * Node.js keeps what it has compiled, which is half of what it takes to start a program of this repository.
 */
const drawn = {
	TZ: 'UTC',
	NODE_ENV: 'production',
	COLUMNS: '80',
	LINES: '24',
	NODE_COMPILE_CACHE: path.join(import.meta.dirname, 'node_modules/.cache/compiled'),
};

const oxc = {jsx: {development: false}};

/** Vitest leaves one core idle, which is half of a machine of two. */
const maxWorkers = '100%';

/**
 * Files of tests share a process: to start one and to load the program takes longer than most of their tests. `reset.ts` undoes
 * what a file changed in it.
 */
const shared = {isolate: false, setupFiles: ['test/support/reset.ts']};

/** Programs, servers on the loopback, and time that passes: they wait for seconds, while the others run. */
const processes = [
	'connections/etcd',
	'connections/etcd-watch',
	'connections/postgres',
	'connections/ssh/repeated',
	'connections/ssh/channel-slots',
	'connections/ssh/ssh',
	'effects/edit-config',
	'effects/performer',
	'judge/cli',
	'lib/files',
	'recording/kill',
	'recording/live-recording',
	'rooms',
	'simulate/simulate',
	'sources/addresses-check',
	'sources/etcd',
	'sources/few-sessions',
	'sources/filesystems',
	'sources/logs/resume',
	'sources/probe/thread',
	'sources/units-check',
	'watch/notifier',
	'watch/service-manager',
].map(name => `test/${name}.test.ts`);

/** The rooms of tests, from fast and pure to the real cluster; `npm run test:unit` is `unit` and `screens`. */
export default defineConfig({
	test: {
		env: {TZ: 'UTC'},
		// What is transformed is kept in node_modules, by content.
		fsModuleCache: true,
		projects: [
			{
				oxc,
				test: {
					name: 'unit',
					env: drawn,
					maxWorkers,
					...shared,
					// A busy machine is no reason to fail.
					testTimeout: 120_000,
					sequence: {groupOrder: 0},
					include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
					exclude: ['test/browser/**', 'test/clone/**', 'test/lab/**', 'test/terminal/**', ...processes],
				},
			},
			{
				oxc,
				test: {
					name: 'processes',
					env: drawn,
					maxWorkers,
					...shared,
					testTimeout: 120_000,
					sequence: {groupOrder: 0},
					include: processes,
				},
			},
			{
				oxc,
				test: {
					name: 'screens',
					env: drawn,
					maxWorkers,
					...shared,
					testTimeout: 120_000,
					sequence: {groupOrder: 0},
					include: ['test/ui/**/*.test.tsx', 'packages/*/test/**/*.test.tsx'],
				},
			},
			{
				test: {
					name: 'terminal',
					sequence: {groupOrder: 1},
					include: ['test/terminal/**/*.test.ts'],
					testTimeout: 120_000,
				},
			},
			{
				test: {
					name: 'browser',
					sequence: {groupOrder: 2},
					include: ['test/browser/**/*.test.ts'],
					globalSetup: ['test/browser/setup.ts'],
					testTimeout: 60_000,
					hookTimeout: 60_000,
				},
			},
			{
				test: {
					name: 'clone',
					sequence: {groupOrder: 3},
					include: ['test/clone/**/*.test.ts'],
					exclude: process.env.PGHA_LAB_TESTS === 'all' ? [] : ['test/clone/packages.test.ts'],
					fileParallelism: false,
					// A registry and a machine that are slow are no reason to fail.
					testTimeout: 600_000,
					hookTimeout: 600_000,
				},
			},
			{
				test: {
					name: 'lab',
					// Alone on the machine: what it measures must not wait for other tests.
					sequence: {groupOrder: 4},
					include: ['test/lab/**/*.test.ts'],
					exclude: process.env.PGHA_LAB_TESTS === 'all' ? [] : long,
					globalSetup: ['test/lab/setup.ts'],
					fileParallelism: false,
					testTimeout: 180_000,
					hookTimeout: 900_000,
				},
			},
		],
	},
});
