/** The probes' one thread, and a probe whose writes become a drill's, and back: it stays, so that nothing is unmeasured. */
import {afterEach, beforeEach, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import type {ProbePurpose} from '../../../source/domain/facts.ts';
import {ProbesThread} from '../../../source/sources/probe/probe.ts';
import type {ProbeOptions} from '../../../source/sources/probe/queries.ts';
import {PostgresServer} from '../../support/postgres-server.ts';

let server: PostgresServer | undefined;

afterEach(() => {
	server?.close();
	server = undefined;
	process.off('worker', count);
});

type Answered = Event & {type: 'probe.answered'};

/** A source of the port, as the manager runs it. */
function begin(thread: ProbesThread, options: ProbeOptions, purpose: ProbePurpose = 'write') {
	const events: Answered[] = [];
	const ending = new AbortController();
	let wanted = 0;
	let resolve: () => void = () => undefined;
	const done = thread.run(options, purpose, {
		emit(event) {
			// A busy machine stalls the thread.
			if (event.type === 'probe.answered') {
				events.push(event);
				if (events.length >= wanted) {
					resolve();
				}
			}
		},
		signal: ending.signal,
	});
	return {
		events,
		done,
		end: () => ending.abort(),
		until: async (count: number) => {
			wanted = count;
			await new Promise<void>(answered => {
				resolve = answered;
				if (events.length >= count) {
					answered();
				}
			});
		},
	};
}

let started = 0;
const count = () => {
	started++;
};

beforeEach(() => {
	started = 0;
	process.on('worker', count);
});

/** Starts the server. */
async function optionsOf(): Promise<ProbeOptions> {
	server = new PostgresServer();
	return {
		host: '127.0.0.1',
		port: await server.listen(),
		user: 'app',
		database: 'app',
		password: '',
		ssl: {mode: 'disable'},
		write: true,
		drill: false,
		deadline: 60_000,
	};
}

it('keeps its thread and its session, and numbers the writes of each from one', async () => {
	const usual = await optionsOf();
	const thread = new ProbesThread();
	const before = begin(thread, usual);
	await before.until(3);
	before.end();
	const drill = begin(thread, {...usual, drill: true});
	await before.done;
	const answered = before.events.length;
	await drill.until(3);
	expect(before.events).toHaveLength(answered);
	for (const {events} of [before, drill]) {
		expect(events.map(({number}) => number)).toEqual(events.map((_, index) => index + 1));
		expect(events.map(({first}) => first ?? false)).toEqual(events.map((_, index) => index === 0));
	}

	drill.end();
	const after = begin(thread, usual);
	await after.until(1);
	expect(started).toBe(1);
	after.end();
	await after.done;
	await drill.done;
	// A later one starts a thread of its own.
	const later = begin(thread, usual);
	await later.until(1);
	expect(started).toBe(2);
	later.end();
	await later.done;
});

it('serves writers and readers, each with its own events, and ends with the last of them', async () => {
	const usual = await optionsOf();
	const thread = new ProbesThread();
	const writer = begin(thread, usual);
	const reader = begin(thread, {...usual, write: false}, 'read');
	await writer.until(2);
	await reader.until(2);
	for (const {events, purpose} of [
		{...writer, purpose: 'write'},
		{...reader, purpose: 'read'},
	]) {
		expect(new Set(events.map(event => event.purpose))).toEqual(new Set([purpose]));
		expect(events[0]?.first).toBe(true);
	}

	writer.end();
	await writer.done;
	const answered = reader.events.length;
	await reader.until(answered + 2);
	const again = begin(thread, usual);
	await again.until(1);
	expect(started).toBe(1);
	again.end();
	reader.end();
	await Promise.all([again.done, reader.done]);
});
