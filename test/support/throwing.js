/** A console whose first component throws while it is drawn: what the operator's terminal looks like afterwards is the test. */
import {readdirSync, statSync} from 'node:fs';

// Chunks of older builds may be there, too.
const chunks = new URL('../../dist/chunks/', import.meta.url);
const builtAt = name => statSync(new URL(name, chunks)).mtimeMs;
const [newest] = readdirSync(chunks)
	.filter(name => /^console-.{8}\.js$/.test(name))
	.toSorted((one, other) => builtAt(other) - builtAt(one));
const {runConsole} = await import(new URL(newest, chunks));

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
	await runConsole(config, {content: {'pgha-top': {mouse: true}}}, {file: undefined});
} catch (error) {
	console.log(`caught: ${error.message}`);
	process.exit(70);
}
