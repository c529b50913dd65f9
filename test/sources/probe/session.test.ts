import {afterEach, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import {probe} from '../../../source/sources/probe/session.ts';
import {PostgresServer} from '../../support/postgres-server.ts';

let server: PostgresServer | undefined;

afterEach(() => {
	server?.close();
	server = undefined;
});

it('continues without TLS if the server has none, and reports no outage, whatever attempts had started with TLS', async () => {
	server = new PostgresServer({together: 2});
	const port = await server.listen();
	const events: Event[] = [];
	const ended = new AbortController();
	await probe(
		{
			host: '127.0.0.1',
			port,
			user: 'app',
			database: 'app',
			password: '',
			ssl: {mode: 'prefer'},
			write: false,
			drill: false,
			deadline: 10_000,
		},
		'read',
		{
			emit(event) {
				// A stall of this machine says nothing of the server.
				if (event.type !== 'console.stalled') {
					events.push(event);
					ended.abort();
				}
			},
			signal: ended.signal,
			now: Date.now,
		},
	);
	expect(events).toMatchObject([{type: 'probe.answered', server: '127.0.0.1:5432'}]);
});
