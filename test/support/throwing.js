/** A console whose first component throws while it is drawn: what the operator's terminal looks like afterwards is the test. */
import {runConsole} from '../../dist/chunks/console.js';

const config = {
	// No string: drawing the title throws.
	scope: Symbol('scope'),
	namespace: '/service',
	nodes: [],
	etcd: {endpoints: []},
	rest: {tls: {}},
	ssh: {},
	units: {},
	haproxy: {port: 7000, path: '/', backends: {}, ports: {}, servers: {}},
	deadline: 1000,
	warnings: [],
};

try {
	await runConsole(config, {file: undefined});
} catch (error) {
	console.log(`caught: ${error.message}`);
	process.exit(70);
}
