/** Configured users are sent only to configured hosts, whatever the peer answers. */
import {once} from 'node:events';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {afterEach, describe, expect, it} from 'vitest';
import {Rest} from '../../source/connections/rest.ts';
import {RestSender, UnsentError} from '../../source/connections/rest-sender.ts';

const servers: Server[] = [];

afterEach(() => {
	for (const server of servers.splice(0)) {
		server.close();
		server.closeAllConnections();
	}
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
	const asked: IncomingMessage[] = [];
	const server = createServer((request, response) => {
		asked.push(request);
		answer(request, response);
	}).listen(0, '127.0.0.1');
	servers.push(server);
	await once(server, 'listening');
	const address = server.address();
	return {asked, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`};
}

const credentials = {username: 'patroni', password: 'hunter2'};
const {signal} = new AbortController();

describe('a redirection', () => {
	it.each([301, 302, 303, 307, 308])('%i is an answer, and is not followed', async code => {
		const other = await serve((_, response) => response.end('caught'));
		const first = await serve((_, response) => {
			response.writeHead(code, {location: `${other.url}/patroni`}).end();
		});
		const sender = new RestSender({tls: {}, deadline: 5000, credentials});
		const sent = await sender.send({method: 'POST', url: `${first.url}/reload`, body: '{}'}, signal);
		expect(sent.status).toBe(code);
		const rest = new Rest({tls: {}, deadline: 5000});
		expect((await rest.get(`${first.url}/;csv`, signal, credentials)).status).toBe(code);
		expect(first.asked.map(({headers}) => headers.authorization?.slice(0, 6))).toEqual(['Basic ', 'Basic ']);
		expect(other.asked).toEqual([]);
	});
});

describe('where TLS is configured', () => {
	it('nothing is sent over http', async () => {
		const node = await serve((_, response) => response.end('{}'));
		const sender = new RestSender({tls: {}, deadline: 5000, credentials, secureBy: 'ctl.cacert'});
		const sent = sender.send({method: 'POST', url: `${node.url}/reload`, body: '{}'}, signal);
		await expect(sent).rejects.toThrow(UnsentError);
		await expect(sent).rejects.toThrow('is http, while TLS is configured (ctl.cacert)');
		expect(node.asked).toEqual([]);
	});
});
