/** Packages without what this program does not use, or makes later. A package that no longer has what is changed ends the build. */
import path from 'node:path';
import protobuf from 'protobufjs';
import type {Plugin} from 'rolldown';

/** What pg computes a password's answer with, by Node.js's crypto in place of Web Crypto. */
export const cryptoOfPg = `
	const crypto = require('crypto');
	const deriveBits = require('util').promisify(crypto.pbkdf2);
	const hash = (name, data) => crypto.createHash(name).update(data);
	const md5 = async text => hash('md5', text).digest('hex');
	module.exports = {
		md5,
		postgresMd5PasswordHash: async (user, password, salt) =>
			'md5' + (await md5(Buffer.concat([Buffer.from(await md5(password + user)), salt]))),
		randomBytes: crypto.randomBytes,
		deriveKey: (password, salt, iterations) => deriveBits(password, salt, iterations, 32, 'sha256'),
		sha256: async data => hash('sha256', data).digest(),
		hashByName: async (name, data) => hash(name, data).digest(),
		hmacSha256: async (key, text) => crypto.createHmac('sha256', key).update(text).digest(),
	};
`;

export function lighterPackages(): Plugin[] {
	return [
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
			// It takes 16 ms, for texts that most starts do not have.
			name: 'string-width makes its pattern of emoji when it is used',
			transform: {
				filter: {id: /string-width\/index\.js$/},
				handler(code) {
					const pattern = /^const (\w+) = \/(.*RGI_Emoji.*)\/v;$/m;
					if (!pattern.test(code)) this.error(`string-width no longer has ${pattern.source}`);
					return {
						code: code.replace(pattern, (_, name: string, source: string) => {
							const made = `(${name}.made ??= new RegExp(String.raw\`${source}\`, 'v'))`;
							return `const ${name} = {test: text => ${made}.test(text), exec: text => ${made}.exec(text)};`;
						}),
						map: null,
					};
				},
			},
		},
		{
			name: 'graphemes of the usual text without a segmenter of Intl',
			transform: {
				filter: {id: /\/node_modules\/|\/packages\/ink-table\//, code: /new Intl\.Segmenter\(/},
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
			// Web Crypto is loaded for it alone, half of the CPU time of a login, and each of its eight steps waits for another thread.
			name: 'pg without Web Crypto',
			transform: {
				filter: {id: /pg\/lib\/crypto\/utils\.js$/},
				handler(code) {
					const names = /^module\.exports = \{([^}]*)\}/m.exec(code)?.[1]?.match(/\w+/g) ?? [];
					const known = [
						'postgresMd5PasswordHash',
						'randomBytes',
						'deriveKey',
						'sha256',
						'hashByName',
						'hmacSha256',
						'md5',
					];
					if (names.join() !== known.join()) this.error(`pg computes with ${names.join(', ')}`);
					return {code: cryptoOfPg, map: null};
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
	];
}
