import {appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {NotStartedError} from '../../../source/connections/ssh/channel-slots.ts';
import {followFile} from '../../../source/sources/logs/file-stream.ts';
import {followJournal, type StreamContext} from '../../../source/sources/logs/journal-stream.ts';
import {LineBatcher} from '../../../source/sources/logs/line-batcher.ts';
import {ReadPositions} from '../../../source/sources/logs/streams.ts';
import {Journal} from '../../support/journal.ts';
import {shellChannel} from '../../support/log-channel.ts';

/** Reads the logs of a node until they are closed. */
class Reader {
	readonly texts: string[] = [];
	readonly marks: string[] = [];
	readonly problems: (string | undefined)[] = [];
	readonly places = new ReadPositions();
	readonly #waiting = new Set<() => void>();

	context(stream: StreamContext['ssh']['stream'], signal: AbortSignal, batches: LineBatcher): StreamContext {
		return {
			ssh: {stream},
			plan: {
				node: 'pgdb1',
				host: 'pgdb1',
				units: [{name: 'patroni', unit: 'patroni'}],
				files: [],
			},
			settings: {},
			clock: {correction: 0, zone: 0},
			user: 'dba',
			batches,
			places: this.places,
			signal,
			reportProblem: (_stream, problem) => {
				this.problems.push(problem?.text);
			},
			mark: text => {
				this.marks.push(text);
			},
		};
	}

	/** Resolves once this many lines have arrived in total. */
	async until(count: number): Promise<void> {
		while (this.texts.length < count) {
			await new Promise<void>(resolve => {
				this.#waiting.add(resolve);
			});
		}
	}

	batches(): LineBatcher {
		return new LineBatcher(lines => {
			this.texts.push(...lines.map(({text}) => text));
			for (const wake of this.#waiting) {
				wake();
			}

			this.#waiting.clear();
		});
	}
}

const gone =
	'the journal no longer has the entry that was read last (vacuumed, or another machine): lines may be missing';

/** Reads all that the journal has, and loses the connection. */
async function look(reader: Reader, journal: Journal, system = false): Promise<void> {
	const ended = new AbortController();
	const batches = reader.batches();
	const {promise: isFollowing, resolve} = Promise.withResolvers<void>();
	const stream: StreamContext['ssh']['stream'] = async (host, command) => {
		const channel = await journal.stream(host, command);
		if (command.includes('--follow')) {
			// After all of its lines were read.
			setTimeout(resolve, 0);
			channel.once('data', () => setImmediate(() => setImmediate(resolve)));
		}

		return channel;
	};
	const done = followJournal(reader.context(stream, ended.signal, batches), system);
	await isFollowing;
	await drained();
	ended.abort(new Error('connection lost'));
	await expect(done).rejects.toThrow('connection lost');
	batches.flush();
	batches.close();
}

/** The event loop is idle: started streams and slices have ended. */
async function drained(): Promise<void> {
	for (let round = 0; round < 20; round++) {
		await new Promise(setImmediate);
	}
}

describe('a journal that is resumed', () => {
	it('has no gap and no duplicate, over lost connections, reboots and rotations of journald', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(
					fc.oneof(
						{
							weight: 4,
							arbitrary: fc.record({
								kind: fc.constant('write' as const),
								count: fc.integer({min: 1, max: 3}),
								same: fc.boolean(),
							}),
						},
						{weight: 3, arbitrary: fc.record({kind: fc.constant('look' as const), system: fc.boolean()})},
						fc.record({
							kind: fc.constant('reboot' as const),
							ahead: fc.integer({min: -1e6, max: 1e6}),
							isClean: fc.boolean(),
						}),
						fc.record({kind: fc.constant('flush' as const)}),
					),
					{maxLength: 14},
				),
				async steps => {
					const journal = new Journal();
					const reader = new Reader();
					const written: string[] = [];
					const write = (texts: readonly string[]) => {
						journal.write('patroni', ...texts);
						written.push(...texts);
					};
					write(['first']);
					await look(reader, journal);
					let isBooted = true;
					let hasEntries = true;
					for (const [index, step] of steps.entries()) {
						switch (step.kind) {
							case 'write': {
								write(Array.from({length: step.count}, (_, one) => (step.same ? 'same' : `${index}.${one}`)));
								hasEntries = true;
								break;
							}

							case 'look': {
								await look(reader, journal, step.system);
								isBooted ||= hasEntries;
								break;
							}

							case 'reboot': {
								// One boot between two readings: of other boots only the time is known.
								if (isBooted) {
									journal.reboot(step);
									isBooted = false;
									hasEntries = false;
								}

								break;
							}

							case 'flush': {
								journal.flush();
								break;
							}
						}
					}

					await look(reader, journal);
					expect(reader.texts.toSorted()).toEqual(written.toSorted());
					expect(reader.marks).toEqual([]);
				},
			),
			{numRuns: 60},
		);
	});

	it('reports a vacuumed journal once, and reads the rest', async () => {
		const [journal, reader] = [new Journal(), new Reader()];
		journal.write('patroni', 'a');
		await look(reader, journal);
		for (const text of ['b', 'c', 'd']) {
			journal.write('patroni', text);
		}

		journal.vacuum(2);
		await look(reader, journal);
		await look(reader, journal);
		expect(reader.texts).toEqual(['a', 'c', 'd']);
		expect(reader.marks).toEqual([gone]);
	});

	it.each([
		['behind', -1e12],
		['ahead', 1e12],
	])('reports the journal of another machine, whose clock is %s', async (_name, ahead) => {
		const [journal, reader] = [new Journal(), new Reader()];
		journal.write('patroni', 'old');
		await look(reader, journal);
		journal.replace(ahead);
		journal.write('patroni', 'new');
		await look(reader, journal);
		journal.write('patroni', 'newer');
		await look(reader, journal);
		expect(reader.texts).toEqual(['old', 'new', 'newer']);
		expect(reader.marks).toEqual([gone]);
	});

	it('reports it if the other journal is empty, and reads new lines', async () => {
		const [journal, reader] = [new Journal(), new Reader()];
		journal.write('patroni', 'old');
		await look(reader, journal);
		journal.replace(-1e12);
		await look(reader, journal);
		journal.write('patroni', 'new');
		await look(reader, journal);
		expect(reader.texts).toEqual(['old', 'new']);
		expect(reader.marks).toEqual([gone]);
	});

	it('is not mistaken for another one if the selected units no longer include the last entry', async () => {
		const [journal, reader] = [new Journal(), new Reader()];
		journal.write('patroni', 'a');
		await look(reader, journal);
		journal.write('cron', 'b');
		await look(reader, journal, true);
		journal.write('patroni', 'c');
		await look(reader, journal);
		expect(reader.texts).toEqual(['a', 'b', 'c']);
		expect(reader.marks).toEqual([]);
	});
});

describe('a log file that is resumed', () => {
	let folder = '';
	let file = '';
	const replaced =
		'the log file of app was truncated or replaced: it is read from its beginning, lines before may be missing';

	beforeEach(() => {
		folder = mkdtempSync(path.join(tmpdir(), 'pgha-top-resume-'));
		file = path.join(folder, 'a.log');
	});

	afterEach(() => {
		rmSync(folder, {recursive: true, force: true});
	});

	const follow = (reader: Reader, where = file) => {
		const ended = new AbortController();
		const batches = reader.batches();
		const context = reader.context(async (_host, command) => shellChannel(command), ended.signal, batches);
		const done = (async () => {
			while ((await followFile(context, {name: 'app', path: where})) === 'moved');
		})();
		return async () => {
			ended.abort(new Error('connection lost'));
			await expect(done).rejects.toThrow('connection lost');
			batches.close();
		};
	};
	const look = async (reader: Reader, count: number) => {
		const lose = follow(reader);
		await reader.until(count);
		await lose();
	};

	it('is reported where sshd has no session for it, and does not end the other logs', async () => {
		const reader = new Reader();
		const batches = reader.batches();
		const stream = async () => {
			throw new NotStartedError('no session is free: sshd allows 2 on a connection');
		};
		const context = reader.context(stream, new AbortController().signal, batches);
		expect(await followFile(context, {name: 'app', path: file})).toBe('none');
		expect(reader.problems).toEqual(['app is not read: no session is free: sshd allows 2 on a connection']);
		batches.close();
	});

	it('continues at the last position, however short it was', async () => {
		writeFileSync(file, 'a\n');
		const reader = new Reader();
		await look(reader, 1);
		appendFileSync(file, `b\n${'x'.repeat(300)}\n`);
		await look(reader, 3);
		appendFileSync(file, 'c\n');
		await look(reader, 4);
		expect(reader.texts).toEqual(['a', 'b', 'x'.repeat(300), 'c']);
		expect(reader.marks).toEqual([]);
	});

	it('is read from its beginning, with a notice, if the same inode has other content', async () => {
		writeFileSync(file, 'first a\n');
		const reader = new Reader();
		await look(reader, 1);
		// As copytruncate does, and a file system that reuses an inode.
		truncateSync(file);
		appendFileSync(file, 'other one\nother two\n');
		await look(reader, 3);
		truncateSync(file);
		appendFileSync(file, 'x\n');
		await look(reader, 4);
		expect(reader.texts).toEqual(['first a', 'other one', 'other two', 'x']);
		expect(reader.marks).toEqual([replaced, replaced]);
	});

	it('is identified by its first bytes while it is read', async () => {
		writeFileSync(file, '');
		const reader = new Reader();
		const lose = follow(reader);
		await expect.poll(() => reader.places.files(file).length, {timeout: 20_000}).toBe(1);
		appendFileSync(file, 'first\n');
		await expect.poll(() => reader.places.files(file)[0]?.head, {timeout: 20_000}).toMatch(/:6$/);
		await reader.until(1);
		await lose();
		truncateSync(file);
		appendFileSync(file, 'other\nmore\n');
		await look(reader, 3);
		expect(reader.texts).toEqual(['first', 'other', 'more']);
		expect(reader.marks).toEqual([replaced]);
	});

	it('is read from its beginning if it was truncated and has quickly grown beyond its old length', async () => {
		writeFileSync(file, 'first\n');
		const reader = new Reader();
		const lose = follow(reader);
		await reader.until(1);
		writeFileSync(file, 'other one\nother two\n');
		await expect.poll(() => reader.marks, {timeout: 20_000}).toEqual([replaced]);
		await expect.poll(() => reader.texts, {timeout: 20_000}).toContain('other one');
		await lose();
	});

	it('is followed over a rotation: the rest of the old file comes first, without a notice', async () => {
		writeFileSync(file, 'a\n');
		const reader = new Reader();
		await look(reader, 1);
		appendFileSync(file, 'b\n');
		renameSync(file, `${file}.1`);
		writeFileSync(file, 'c\n');
		await look(reader, 3);
		expect(reader.texts).toEqual(['a', 'b', 'c']);
		expect(reader.marks).toEqual([]);
	});

	it('is not mistaken for the old one if another file has its inode', async () => {
		writeFileSync(file, 'a\n');
		const reader = new Reader();
		await look(reader, 1);
		renameSync(file, path.join(folder, 'b.log'));
		truncateSync(path.join(folder, 'b.log'));
		appendFileSync(path.join(folder, 'b.log'), 'of another process\n');
		writeFileSync(file, 'c\n');
		await look(reader, 2);
		expect(reader.texts).toEqual(['a', 'c']);
	});
});
