/** The build: the program and what it needs in a few files, which start several times faster than a thousand. */
import {cpSync, readdirSync, rmSync, statSync} from 'node:fs';
import path from 'node:path';
import {defineConfig} from 'rolldown';

/** A console that runs loads parts of its build later: they stay this long after a newer build, ms. */
const keptFor = 24 * 3600 * 1000;

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
			writeBundle: ({dir = ''}, bundle) => {
				for (const name of readdirSync(path.join(dir, 'chunks'))) {
					const file = path.join(dir, 'chunks', name);
					if (!(`chunks/${name}` in bundle) && Date.now() - statSync(file).mtimeMs > keptFor) {
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
