import {defineConfig} from 'vitest/config';

/** Four rooms of tests, from fast and pure to the real cluster; `npm run test:unit` is the first two. */
export default defineConfig({
	test: {
		env: {TZ: 'UTC'},
		projects: [
			{
				test: {
					name: 'unit',
					include: ['test/**/*.test.ts'],
					exclude: ['test/lab/**', 'test/terminal/**'],
				},
			},
			{test: {name: 'screens', include: ['test/ui/**/*.test.tsx']}},
			{
				test: {
					name: 'terminal',
					include: ['test/terminal/**/*.test.ts'],
					testTimeout: 30_000,
				},
			},
			{
				test: {
					name: 'lab',
					include: ['test/lab/**/*.test.ts'],
					globalSetup: ['test/lab/setup.ts'],
					fileParallelism: false,
					testTimeout: 180_000,
					hookTimeout: 900_000,
				},
			},
		],
	},
});
