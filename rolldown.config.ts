/** The build: the program and what it needs in a few files, which start several times faster than a thousand. */
import {readdirSync, rmSync, statSync, utimesSync} from 'node:fs';
import path from 'node:path';
import protobuf from 'protobufjs';
import {defineConfig} from 'rolldown';
import {notice} from './tools/package/notice.ts';

/** A console that runs loads parts of its build later: they stay this long after a newer build, ms. */
const keptFor = 24 * 3600 * 1000;

/** When the last build was written, Unix ms: its chunks are replaced by this one. */
let builtAt = 0;

const packagesOf = (moduleIds: readonly string[]) => [
	...new Set(moduleIds.flatMap(id => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1] ?? [])),
];

/**
 * What Ink has worked out of texts (their characters and widths) in this frame and the one before it: most texts are in both.
 * Ink begins with nothing at each frame, which was a third of what an idle console allocated.
 */
const cachesOfTwoFrames = `
class OfTwoFrames {
	current = new Map();
	before = new Map();
	get(key) {
		let value = this.current.get(key);
		if (value === undefined) {
			value = this.before.get(key);
			if (value !== undefined) this.current.set(key, value);
		}
		return value;
	}
	set(key, value) {
		this.current.set(key, value);
	}
	nextFrame() {
		this.before = this.current;
		this.current = new Map();
	}
}
const kept = new OutputCaches();
function cachesOfFrame() {
	for (const cache of Object.values(kept)) cache.nextFrame();
	return kept;
}
`;

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
		{
			name: 'Ink keeps what it has worked out of the texts of a frame for the next one',
			transform: {
				filter: {id: /ink\/build\/output\.js$/},
				handler(code) {
					const ofFrame = 'caches = new OutputCaches();';
					if (code.split(ofFrame).length !== 2 || code.split('new Map()').length !== 4) {
						this.error(`ink's Output no longer has ${ofFrame} of three maps`);
					}

					return {
						code: `${code.replaceAll('new Map()', 'new OfTwoFrames()').replace(ofFrame, 'caches = cachesOfFrame();')}${cachesOfTwoFrames}`,
						map: null,
					};
				},
			},
		},
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
		// Node.js keeps the text of what it runs in memory.
		minify: true,
		// The exports of a chunk keep their names.
		minifyInternalExports: false,
		// The packages in a file, which its text no longer shows.
		postFooter: ({moduleIds}) => `// ${packagesOf(moduleIds).join(' ')}`,
	},
});
