/** The build: the program and what it needs in a few files, which start several times faster than a thousand. */
import {readdirSync, rmSync, statSync, utimesSync} from 'node:fs';
import path from 'node:path';
import protobuf from 'protobufjs';
import {defineConfig} from 'rolldown';
import {stageChunks} from './tools/build/chunks.ts';
import {inkFrames} from './tools/build/ink-frames.ts';
import {notice} from './tools/package/notice.ts';

/** A console that runs loads parts of its build later: they stay this long after a newer build, ms. */
const keptFor = 24 * 3600 * 1000;

/**
 * A shell starts Node.js with flags, which `env` alone cannot, and `env -S` is missing in busybox: one thread for V8's work beside the
 * program, and one arena of malloc for all threads, which is 9 MB less. To Node.js the second line is a string and a comment.
 */
const start = `#!/bin/sh
':' //; export MALLOC_ARENA_MAX="\${MALLOC_ARENA_MAX-1}"; exec node --v8-pool-size=1 -- "$0" "$@"
`;

/** When the last build was written, Unix ms: its chunks are replaced by this one. */
let builtAt = 0;

const packagesOf = (moduleIds: readonly string[]) => [
	...new Set(moduleIds.flatMap(id => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1] ?? [])),
];

export default defineConfig({
	input: {cli: 'source/main.ts', 'probe-worker': 'source/sources/probe/worker.ts'},
	platform: 'node',
	external: ['react-devtools-core', 'cpu-features', /\.node$/],
	// React in its production half; the other one, and what asks for it, is left out.
	transform: {define: {__dirname: 'import.meta.dirname', 'process.env.NODE_ENV': '"production"'}},
	plugins: [
		notice(),
		{
			// fetch starts Node.js's own HTTP client, 20 MB, to read some bytes that are in the file itself.
			name: 'yoga reads its wasm without fetch',
			transform: {
				filter: {id: /yoga-layout\/dist\/binaries\//},
				handler(code) {
					const question = '"function"!=typeof fetch';
					if (!code.includes(question)) this.error(`yoga-layout no longer asks ${question}`);
					return {code: code.replaceAll(question, 'true'), map: null};
				},
			},
		},
		inkFrames(),
		{
			// Twice 8192 of them took 4 MB after some thousand frames; a screen has less than 200, of which most stay.
			name: 'Ink keeps the widths and the rows of fewer texts',
			transform: {
				filter: {id: /ink\/build\/(?:measure-text|wrap-text)\.js$/},
				handler(code) {
					const size = 'new QuickLRU({ maxSize: 4096 })';
					if (!code.includes(size)) this.error(`ink no longer has ${size}`);
					return {code: code.replace(size, 'new QuickLRU({maxSize: 512})'), map: null};
				},
			},
		},
		{
			// They take 16 and 13 ms, for texts that most starts do not have.
			name: 'string-width makes its pattern of emoji and its segmenter when they are used',
			transform: {
				filter: {id: /string-width\/index\.js$/},
				handler(code) {
					const pattern = /^const (\w+) = \/(.*RGI_Emoji.*)\/v;$/m;
					const segmenter = 'const segmenter = new Intl.Segmenter();';
					if (!pattern.test(code) || !code.includes(segmenter)) {
						this.error(`string-width no longer has ${pattern.source} or ${segmenter}`);
					}

					return {
						code: code
							.replace(pattern, (_, name: string, source: string) => {
								const made = `(${name}.made ??= new RegExp(String.raw\`${source}\`, 'v'))`;
								return `const ${name} = {test: text => ${made}.test(text), exec: text => ${made}.exec(text)};`;
							})
							.replace(
								segmenter,
								'const segmenter = {segment: text => (segmenter.made ??= new Intl.Segmenter()).segment(text)};',
							),
						map: null,
					};
				},
			},
		},
		{
			name: 'graphemes of the usual text without a segmenter of Intl',
			transform: {
				filter: {id: /\/(?:node_modules|packages)\//, code: /new Intl\.Segmenter\(/},
				handler(code, id) {
					const ofGraphemes =
						/new Intl\.Segmenter\((?:undefined, ?\{ ?granularity: ?(["'])grapheme\1 ?\})?\)/g;
					const changed = code.replaceAll(ofGraphemes, 'ownGraphemes');
					if (changed.includes('Intl.Segmenter')) this.error(`${id} makes another segmenter`);
					const file = path.resolve('source/lib/graphemes.ts');
					return {code: `import {graphemes as ownGraphemes} from '${file}';\n${changed}`, map: null};
				},
			},
		},
		{
			// It is for a package.json that is read: this one is given, and has what it needs. With it 110 kB and 20 ms go.
			name: 'meow without normalize-package-data',
			transform: {
				filter: {id: /meow\/build\/dependencies\.js$/},
				handler(code) {
					const begin = 'var normalizeExports = requireNormalize();';
					if (!code.includes(begin)) this.error(`meow no longer has ${begin}`);
					return {code: code.replace(begin, 'var normalizeExports = () => {};'), map: null};
				},
			},
		},
		{
			// The index loads all of it at the start, 600 kB: fetch, WebSocket, caches, mocks.
			name: 'undici with its agent and request only',
			transform: {
				filter: {id: /undici\/index\.js$/},
				handler(code) {
					const dispatch = /^function makeDispatcher \(fn\) \{$.*?^\}$/ms.exec(code)?.[0];
					if (
						dispatch === undefined ||
						!code.includes('module.exports.request = makeDispatcher(api.request)')
					) {
						this.error('undici no longer makes request by makeDispatcher(api.request)');
					}

					return {
						code: `
							const Agent = require('./lib/dispatcher/agent');
							const util = require('./lib/core/util');
							const {InvalidArgumentError} = require('./lib/core/errors');
							const {getGlobalDispatcher} = require('./lib/global');
							${dispatch}
							module.exports = {Agent, request: makeDispatcher(require('./lib/api/api-request'))};
						`,
						map: null,
					};
				},
			},
		},
		{
			name: 'the protocol of etcd3, parsed at build',
			transform: {
				filter: {id: /etcd3\/lib\/connection-pool\.js$/},
				handler(code) {
					const load = /loadSync\)\(`[^`]*\/proto\/rpc\.proto`,/;
					if (!load.test(code)) this.error(`etcd3 no longer calls ${load.source}`);
					const root = new protobuf.Root().loadSync('node_modules/etcd3/proto/rpc.proto', {keepCase: true});
					const definition = JSON.stringify(root.resolveAll().toJSON());
					return {code: code.replace(load, () => `fromJSON)(${definition},`), map: null};
				},
			},
		},
		{
			name: 'the program starts Node.js with flags',
			generateBundle(_, bundle) {
				const program = bundle['cli.js'];
				const usual = '#!/usr/bin/env node\n';
				if (program?.type !== 'chunk' || !program.code.startsWith(usual)) {
					this.error(`cli.js does not begin with ${usual}`);
				}

				program.code = `${start}${program.code.slice(usual.length)}`;
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
