/** The build: the program and what it needs in a few files, which start several times faster than a thousand. */
import {cpSync, readdirSync, rmSync, statSync, utimesSync} from 'node:fs';
import path from 'node:path';
import {defineConfig} from 'rolldown';

/** A console that runs loads parts of its build later: they stay this long after a newer build, ms. */
const keptFor = 24 * 3600 * 1000;

/** When the last build was written, Unix ms: its chunks are replaced by this one. */
let builtAt = 0;

export default defineConfig({
	input: {cli: 'source/main.ts', 'probe-worker': 'source/sources/probe/worker.ts'},
	platform: 'node',
	external: ['react-devtools-core', 'cpu-features', /\.node$/],
	transform: {define: {__dirname: 'import.meta.dirname'}},
	plugins: [
		{
			name: 'etcd3 reads its protocol from ../proto',
			writeBundle: ({dir}) => {
				cpSync('node_modules/etcd3/proto', `${dir}/proto`, {recursive: true});
			},
		},
		{
			name: 'chunks of older builds go after a day',
			buildStart() {
				builtAt = statSync('dist/cli.js', {throwIfNoEntry: false})?.mtimeMs ?? 0;
			},
			writeBundle({dir = ''}, bundle) {
				const now = new Date();
				for (const name of readdirSync(path.join(dir, 'chunks'))) {
					const file = path.join(dir, 'chunks', name);
					const {mtimeMs} = statSync(file);
					if (`chunks/${name}` in bundle) {
						continue;
					}

					// Files of one build are written within moments.
					if (mtimeMs > builtAt - 60_000) {
						utimesSync(file, now, now);
					} else if (now.getTime() - mtimeMs > keptFor) {
						rmSync(file);
					}
				}
			},
		},
	],
	output: {
		dir: 'dist',
		chunkFileNames: 'chunks/[name]-[hash].js',
	},
});
