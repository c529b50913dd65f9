/** A console whose first component throws while it is drawn: what the operator's terminal looks like afterwards is the test. */
import {readFileSync} from 'node:fs';

/** The chunk of this build: those of older builds stay beside it for a while. */
const chunkOf = name => {
	const named = new Set(['../cli.js']);
	for (const file of named) {
		const text = readFileSync(new URL(`../../dist/chunks/${file}`, import.meta.url), 'utf8');
		for (const [chunk] of text.matchAll(/[\w-]+-[\w-]{8}\.js/g)) {
			named.add(chunk);
		}
	}

	return [...named].find(file => new RegExp(`^${name}-.{8}\\.js$`).test(file));
};
const chunk = new URL(`../../dist/chunks/${chunkOf('console')}`, import.meta.url);
const {runConsole} = await import(chunk);

const config = {
	// No string: drawing the title throws.
	scope: Symbol('scope'),
	namespace: '/service',
	store: {kind: 'etcd3'},
	ofNode: {},
	vips: [],
	nodes: [],
	etcd: {endpoints: []},
	rest: {tls: {}},
	ssh: {isUsed: false},
	operations: 'enabled',
	discovers: false,
	found: {values: [], remarks: []},
	logs: {},
	files: [],
	units: {},
	haproxy: {port: 7000, path: '/', backends: {}, ports: {}, servers: {}},
	deadline: 1000,
	warnings: [],
	notices: [],
};

try {
	await runConsole(config, {content: {'pgha-top': {mouse: true}}, ownLayers: []}, {file: undefined});
} catch (error) {
	console.log(`caught: ${error.message}`);
	process.exit(70);
}
