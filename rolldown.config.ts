/** The build: the program and what it needs in a few files, which start several times faster than a thousand. */
import {defineConfig} from 'rolldown';
import {stageChunks} from './tools/build/chunks.ts';
import {inkFrames} from './tools/build/ink-frames.ts';
import {lighterPackages} from './tools/build/lighter-packages.ts';
import {keepOlderChunks} from './tools/build/older-chunks.ts';
import {startWithFlags} from './tools/build/start-with-flags.ts';
import {notice} from './tools/package/notice.ts';

const packagesOf = (moduleIds: readonly string[]) => [
	...new Set(moduleIds.flatMap(id => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1] ?? [])),
];

export default defineConfig({
	input: {cli: 'source/main.ts', 'probe-worker': 'source/sources/probe/worker.ts'},
	platform: 'node',
	external: ['react-devtools-core', 'cpu-features', /\.node$/],
	// React in its production half; the other one, and what asks for it, is left out.
	transform: {define: {__dirname: 'import.meta.dirname', 'process.env.NODE_ENV': '"production"'}},
	plugins: [notice(), inkFrames(), ...lighterPackages(), startWithFlags(), keepOlderChunks()],
	output: {
		dir: 'dist',
		chunkFileNames: 'chunks/[name]-[hash].js',
		codeSplitting: {groups: stageChunks()},
		// Node.js keeps the text of what it runs in memory, with two bytes a character if one of them is beyond Latin-1.
		minify: true,
		charset: 'ascii',
		// They are in the notice.
		comments: {legal: false},
		// The exports of a chunk keep their names.
		minifyInternalExports: false,
		// The packages in a file, which its text no longer shows.
		postFooter: ({moduleIds}) => `// ${packagesOf(moduleIds).join(' ')}`,
	},
});
