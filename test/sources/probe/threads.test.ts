/** A probe whose writes become a drill's, and back: its thread and its session stay, so that nothing is unmeasured. */
import {afterEach, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import {ProbeThreads} from '../../../source/sources/probe/probe.ts';
import type {ProbeOptions} from '../../../source/sources/probe/queries.ts';
import {PostgresServer} from '../../support/postgres-server.ts';

let server: PostgresServer | undefined;

afterEach(() => {
	server?.close();
	server = undefined;
});

type Answered = Event & {type: 'probe.answered'};

/** A source of the port, as the manager runs it. */
function begin(threads: ProbeThreads, options: ProbeOptions) {
	const events: Answered[] = [];
	const ending = new AbortController();
	let wanted = 0;
	let resolve: () => void = () => undefined;
	const done = threads.run(options, 'write', {
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

it('keeps its thread and its session, and numbers the writes of each from one', async () => {
	server = new PostgresServer();
	const usual: ProbeOptions = {
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
	let started = 0;
	const count = () => {
		started++;
	};
	process.on('worker', count);
	const threads = new ProbeThreads();
	const before = begin(threads, usual);
	await before.until(3);
	before.end();
	const drill = begin(threads, {...usual, drill: true});
	await before.done;
	const answered = before.events.length;
	await drill.until(3);
	expect(before.events).toHaveLength(answered);
	for (const {events} of [before, drill]) {
		expect(events.map(({number}) => number)).toEqual(events.map((_, index) => index + 1));
		expect(events.map(({first}) => first ?? false)).toEqual(events.map((_, index) => index === 0));
	}

	drill.end();
	const after = begin(threads, usual);
	await after.until(1);
	expect(started).toBe(1);
	after.end();
	await after.done;
	await drill.done;
	// A later one starts a thread of its own.
	const later = begin(threads, usual);
	await later.until(1);
	expect(started).toBe(2);
	later.end();
	await later.done;
	process.off('worker', count);
});
