/** The build: the program and what it needs in a few files, which start several times faster than a thousand. */
import {cpSync} from 'node:fs';
import {defineConfig} from 'rolldown';

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
	],
	output: {
		dir: 'dist',
		cleanDir: true,
		chunkFileNames: 'chunks/[name].js',
	},
});
