import {setTimeout as delay} from 'node:timers/promises';
import {afterEach, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import type {ProbePurpose} from '../../../source/domain/facts.ts';
import {
	intervalMs,
	locationOf,
	type ProbeOptions,
	untilNext,
	writeQuestion,
} from '../../../source/sources/probe/queries.ts';
import {ProbeSession, probe} from '../../../source/sources/probe/session.ts';
import {PostgresServer} from '../../support/postgres-server.ts';

let server: PostgresServer | undefined;

afterEach(() => {
	server?.close();
	server = undefined;
});

function optionsOf(port: number, more: Partial<ProbeOptions> = {}): ProbeOptions {
	return {
		host: '127.0.0.1',
		port,
		user: 'app',
		database: 'app',
		password: '',
		ssl: {mode: 'prefer'},
		write: false,
		drill: false,
		deadline: 10_000,
		...more,
	};
}

/** What the probe reports first. */
async function firstReport(
	port: number,
	purpose: ProbePurpose,
	more: Partial<ProbeOptions> = {},
): Promise<Event[]> {
	const events: Event[] = [];
	const ended = new AbortController();
	await probe(optionsOf(port, more), purpose, {
		emit(event) {
			// A stall of this machine says nothing of the server.
			if (event.type !== 'console.stalled') {
				events.push(event);
				ended.abort();
			}
		},
		signal: ended.signal,
		now: Date.now,
	});
	return events;
}

it('continues without TLS if the server has none, and reports no outage, whatever attempts had started with TLS', async () => {
	server = new PostgresServer({together: 2});
	const port = await server.listen();
	const events = await firstReport(port, 'read');
	expect(events).toMatchObject([{type: 'probe.answered', server: '127.0.0.1:5432'}]);
});

it('reports with a write where WAL was before its commit, and none with a query', async () => {
	server = new PostgresServer();
	const port = await server.listen();
	expect(await firstReport(port, 'write', {write: true})).toMatchObject([
		{type: 'probe.answered', write: true, location: 0x16_b374_d848},
	]);
	const [query] = await firstReport(port, 'write');
	expect(query).toMatchObject({type: 'probe.answered', write: false});
	expect(query).not.toHaveProperty('location');
});

it.each([
	['0/0', 0],
	['16/B374D848', 0x16_b374_d848],
	['FFFFFFFF/FFFFFFFF', undefined],
	['-1/0', undefined],
	['1/2/3', undefined],
	[12, undefined],
	[null, undefined],
])('reads the WAL location %s', (location, bytes) => {
	expect(locationOf({location})).toBe(bytes);
});

it('asks with rows for a location, too', () => {
	expect(writeQuestion(7, {table: 'drills', drill: 'a'})).toContain(
		'pg_current_wal_insert_lsn() AS location',
	);
});

it('asks half as often in calm, and as usual again once an attempt fails', async () => {
	const first = new PostgresServer();
	server = first;
	const port = await first.listen();
	const ended = new AbortController();
	const calm = 8;
	const begins: number[] = [];
	const session = new ProbeSession(optionsOf(port, {write: true, ssl: {mode: 'disable'}}), 'write', {
		emit(event) {
			if (event.type !== 'probe.answered' && event.type !== 'probe.failed') {
				return;
			}

			const sinceLast = event.startedAt - (begins.at(-1) ?? 0);
			begins.push(event.startedAt);
			if (begins.length === calm) {
				first.close();
			} else if (event.type === 'probe.failed' && sinceLast < intervalMs.write * 1.5) {
				ended.abort();
			}
		},
		signal: ended.signal,
		now: Date.now,
	});
	session.setCalm(true);
	await session.run();
	// Steps are at multiples of the interval by the clock; only the first of these may have been late.
	const [begin = 0, end = 0] = [begins[1], begins[calm - 1]];
	expect(end - begin).toBeGreaterThanOrEqual((calm - 3) * 2 * intervalMs.write);
});

it('asks at once without TLS when the server has none', async () => {
	server = new PostgresServer();
	const port = await server.listen();
	const waits: number[] = [];
	// The least of some: this machine may be busy.
	for (let round = 0; round < 5; round++) {
		// The next step is nearly an interval away.
		await delay(untilNext(intervalMs.question, Date.now()));
		const began = performance.now();
		await firstReport(port, 'read');
		waits.push(performance.now() - began);
	}

	expect(Math.min(...waits)).toBeLessThan(intervalMs.question / 2);
});

it('rests after an answer, and asks as usual after a failure', async () => {
	const first = new PostgresServer();
	server = first;
	const port = await first.listen();
	const ended = new AbortController();
	const begins: number[] = [];
	const restMs = 3 * intervalMs.question;
	await probe(optionsOf(port, {ssl: {mode: 'disable'}}), 'read', {
		emit(event) {
			if (event.type === 'probe.answered') {
				begins.push(event.startedAt);
				if (begins.length === 3) {
					first.close();
				}
			} else if (event.type === 'probe.failed') {
				begins.push(event.startedAt);
				if (begins.length === 6) {
					ended.abort();
				}
			}
		},
		signal: ended.signal,
		now: Date.now,
		restMs,
	});
	const [one = 0, two = 0, three = 0, lost = 0, again = 0] = begins;
	expect(two - one).toBeGreaterThanOrEqual(restMs);
	expect(three - two).toBeGreaterThanOrEqual(restMs);
	expect(again - lost).toBeLessThan(restMs);
});
