import {readFileSync} from 'node:fs';
import {createServer} from 'node:https';
import {expect, it, onTestFinished} from 'vitest';
import {agentFor, readTls, request} from '../../source/connections/http.ts';
import {copyCertificates} from '../support/certificates.ts';
import {listenOnLoopback} from '../support/loopback.ts';

const {ca, server} = copyCertificates();

it('reads many certificates once for all connections', async () => {
	const one = createServer(
		{cert: readFileSync(server.cert), key: readFileSync(server.key)},
		(_, response) => {
			response.end('{}');
		},
	);
	const port = await listenOnLoopback(one);
	// As many as a system has: read for each connection, they took 30 ms of each.
	const many = `${readTls({ca}).ca}\n`.repeat(150);
	const agent = agentFor('https://127.0.0.1', {ca: many});
	onTestFinished(() => {
		agent.destroy();
		one.close();
	});
	const signal = new AbortController().signal;
	expect((await request(`https://127.0.0.1:${port}`, agent, {signal, maxBytes: 100})).status).toBe(200);
	expect(agent).toHaveProperty('options.secureContext');
	expect(agent).not.toHaveProperty('options.ca');
});
