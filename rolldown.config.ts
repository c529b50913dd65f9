/** The build: the program and what it needs in a few files, which start several times faster than a thousand. */
import {defineConfig, type InputOptions, type OutputOptions} from 'rolldown';
import {stageChunks, stages, stagesOfOnce} from './tools/build/chunks.ts';
import {inkFrames} from './tools/build/ink-frames.ts';
import {lighterPackages} from './tools/build/lighter-packages.ts';
import {keepOlderChunks} from './tools/build/older-chunks.ts';
import {startWithFlags} from './tools/build/start-with-flags.ts';
import {notice} from './tools/package/notice.ts';

const packagesOf = (moduleIds: readonly string[]) => [
	...new Set(moduleIds.flatMap(id => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1] ?? [])),
];

const input: InputOptions = {
	platform: 'node',
	external: ['react-devtools-core', 'cpu-features', /\.node$/],
};

const output: OutputOptions = {
	dir: 'dist',
	// Node.js keeps the text of what it runs in memory, with two bytes a character if one of them is beyond Latin-1.
	minify: true,
	charset: 'ascii',
	// They are in the notice.
	comments: {legal: false},
	// The exports of a chunk keep their names.
	minifyInternalExports: false,
	// The packages in a file, which its text no longer shows.
	postFooter: ({moduleIds}) => `// ${packagesOf(moduleIds).join(' ')}`,
};

/** React in its production half; the other one, and what asks for it, is left out. */
const production = {'process.env.NODE_ENV': '"production"'};

export default defineConfig([
	{
		...input,
		input: {cli: 'source/main.ts', 'probe-worker': 'source/sources/probe/worker.ts'},
		transform: {define: {__dirname: 'import.meta.dirname', ...production}},
		plugins: [
			notice(),
			inkFrames(),
			...lighterPackages(),
			startWithFlags(),
			keepOlderChunks('dist/cli.js', 'dist/chunks'),
		],
		output: {
			...output,
			chunkFileNames: 'chunks/[name]-[hash].js',
			codeSplitting: {groups: stageChunks(stages, 'source/sources/probe/worker.ts')},
		},
	},
	{
		...input,
		// `--once` once more, as scripts: source/lib/kept-code.ts runs them.
		input: {once: 'source/cli/once.ts'},
		transform: {
			define: {
				'import.meta.dirname': '__dirname',
				'import.meta.url': 'importMetaUrl',
				'import.meta': '{url: importMetaUrl}',
				...production,
			},
		},
		plugins: [...lighterPackages(), keepOlderChunks('dist/once/once.cjs', 'dist/once')],
		output: {
			...output,
			format: 'cjs',
			// As modules are.
			strict: true,
			dir: 'dist/once',
			entryFileNames: '[name].cjs',
			chunkFileNames: '[name]-[hash].cjs',
			codeSplitting: {groups: stageChunks(stagesOfOnce)},
		},
	},
]);
