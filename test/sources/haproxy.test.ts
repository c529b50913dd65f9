import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {afterEach, expect, it} from 'vitest';
import {Rest} from '../../source/connections/rest.ts';
import type {Event} from '../../source/domain/events.ts';
import {haproxySource} from '../../source/sources/haproxy-csv.ts';
import {captureText} from '../support/captures.ts';

let server: Server | undefined;

afterEach(() => {
	server?.close();
	server = undefined;
});

/** The first event after "connecting" of a source whose page requires the user watcher and a password. */
async function firstEvent(user?: {username: string; password: string}): Promise<Event> {
	const right = `Basic ${Buffer.from('watcher:s3cret: one').toString('base64')}`;
	const page = createServer(({headers}, response) => {
		response.statusCode = headers.authorization === right ? 200 : 401;
		response.end(response.statusCode === 200 ? captureText('trixie', 'haproxy-stats.csv') : 'no');
	});
	server = page;
	await new Promise<void>(resolve => page.listen(0, '127.0.0.1', resolve));
	const rest = new Rest({tls: {}, deadline: 5000});
	const ended = new AbortController();
	const {promise, resolve} = Promise.withResolvers<Event>();
	const source = haproxySource(
		rest,
		'pgdb1',
		`http://127.0.0.1:${(page.address() as AddressInfo).port}/;csv`,
		user,
	);
	await source({
		emit(event) {
			if (event.type !== 'source.connecting') {
				resolve(event);
				ended.abort();
			}
		},
		signal: ended.signal,
		pause: async () => undefined,
		untilPoll: async () => undefined,
	});
	await rest.close();
	return promise;
}

it('sends the configured user and password', async () => {
	expect(await firstEvent({username: 'watcher', password: 's3cret: one'})).toMatchObject({
		type: 'haproxy.stats',
	});
});

it('reports what to do if the page requires a user, without a secret', async () => {
	expect(await firstEvent()).toMatchObject({
		type: 'source.lost',
		reason: 'requires a user (stats auth): set haproxy.user and haproxy.password',
	});
	expect(await firstEvent({username: 'watcher', password: 'wr0ng'})).toMatchObject({
		type: 'source.lost',
		reason: 'rejects haproxy.user and haproxy.password (stats auth)',
	});
});
