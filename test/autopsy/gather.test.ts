/** One pass over the lines of all logs: what is kept of them, and what is left behind. */
import {existsSync, mkdirSync, readdirSync, WriteStream, writeFileSync} from 'node:fs';
import path from 'node:path';
import {beforeEach, describe, expect, it, vi} from 'vitest';
import {gather} from '../../source/autopsy/gather.ts';
import {runAutopsy} from '../../source/autopsy/run.ts';
import type {PastLine} from '../../source/domain/history/collect.ts';
import type {LogLine} from '../../source/domain/logs/log-buffer.ts';
import {RecordingError} from '../../source/recording/schema.ts';
import {Recorder} from '../../source/recording/write/recorder.ts';
import type {PastLogs} from '../../source/sources/past/node-logs.ts';
import {temporaryFolder} from '../support/folder.ts';

const folder = temporaryFolder('autopsy-gather');
let count = 0;
let home: string;

beforeEach(() => {
	home = path.join(folder, `home-${count++}`);
	mkdirSync(path.join(home, 'temporary'), {recursive: true});
	for (const name of ['HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME']) {
		vi.stubEnv(name, home);
	}

	vi.stubEnv('PATRONICTL_CONFIG_FILE', undefined);
	vi.stubEnv('TMPDIR', path.join(home, 'temporary'));
});

function temporaryFiles(): readonly string[] {
	return readdirSync(path.join(home, 'temporary'));
}

function pastLine(at: number, service: string, text: string, boot?: string): PastLine {
	const line: LogLine = {at: at * 1000, order: at * 1000, node: 'a', service, level: 6, word: 'INFO', text};
	return {at, uncertainMs: 0, from: 'journal of a', boot, line};
}

function logsOf(lines: readonly PastLine[]): PastLogs[] {
	const read = async function* () {
		yield* lines;
	};
	return [{node: 'a', logs: [read()], problems: []}];
}

async function gathered(lines: readonly PastLine[], limits?: {all: number; routine: number}) {
	const all = await gather(logsOf(lines), () => undefined, limits);
	await all.lines.remove();
	return all;
}

const kindsOf = ({events}: Awaited<ReturnType<typeof gathered>>) => events.map(({said}) => said.kind);

describe('what is kept', () => {
	it('is what is said again after the clock was set back', async () => {
		const master = '(postgres) Entering MASTER STATE';
		const all = await gathered([
			pastLine(9_000_000, 'keepalived', master),
			pastLine(9_000_010, 'keepalived', master),
			pastLine(5_000_000, 'keepalived', master),
		]);
		expect(kindsOf(all)).toEqual(['vrrp.master', 'vrrp.master']);
		expect(all.coverage.get('a')).toMatchObject([{from: 5_000_000, to: 9_000_010}]);
	});

	it('is an incident behind a flood of routine lines, and that lines are missing', async () => {
		const loops = Array.from({length: 50}, (_, index) =>
			pastLine(index * 1000, 'patroni', 'no action. I am (a), the leader with the lock'),
		);
		const promoted = pastLine(60_000, 'patroni', 'promoted self to leader by acquiring session lock');
		const all = await gathered([...loops, promoted], {all: 20, routine: 10});
		expect(kindsOf(all)).toEqual([...Array.from({length: 10}, () => 'patroni.leads'), 'patroni.promoted']);
		expect(all.problems).toEqual([expect.stringMatching(/^more was said than is kept/)]);
		const whole = await gathered([...loops, promoted]);
		expect(whole.problems).toEqual([]);
	});

	const [first, second] = ['1'.repeat(32), '2'.repeat(32)];
	const loop = (at: number, boot: string) =>
		pastLine(at, 'patroni', 'no action. I am (a), the leader with the lock', boot);

	it('is a machine that stopped without a shutdown, where the journal has more than the units', async () => {
		const all = await gathered([
			pastLine(500, 'kernel', 'Linux version 6.12', first),
			loop(1000, first),
			loop(90_000, second),
		]);
		expect(kindsOf(all)).toContain('node.silent');
	});

	it('is no such thing of a journal of the units alone, which never has the lines of a shutdown', async () => {
		const all = await gathered([loop(1000, first), loop(90_000, second)]);
		expect(kindsOf(all)).toEqual(['patroni.leads', 'kernel.boot', 'patroni.leads']);
	});
});

describe('nothing is left behind', () => {
	const many = Array.from({length: 4001}, (_, index) => pastLine(index * 1000, 'patroni', `line ${index}`));

	it('by an interruption while lines are read', async () => {
		const interrupted = new RecordingError('interrupted');
		await expect(
			gather(logsOf(many), () => {
				throw interrupted;
			}),
		).rejects.toBe(interrupted);
		expect(temporaryFiles()).toEqual([]);
	});

	it('by an interruption while the recording is written', async () => {
		const logs = path.join(home, 'logs');
		mkdirSync(logs);
		const lines = Array.from(
			{length: 900},
			(_, index) =>
				`2026-11-27 11:${String(Math.floor(index / 60)).padStart(2, '0')}:${String(index % 60).padStart(2, '0')},000 INFO: no action. I am (a), the leader with the lock\n`,
		);
		writeFileSync(path.join(logs, 'a-patroni.log'), lines.join(''));
		const stop = new AbortController();
		const begin = Recorder.begin.bind(Recorder);
		vi.spyOn(Recorder, 'begin').mockImplementationOnce(async options => {
			stop.abort(new RecordingError('interrupted'));
			return begin(options);
		});
		const output = path.join(home, 'autopsy.ndjson.gz');
		await expect(
			runAutopsy({
				given: {},
				logs,
				only: undefined,
				span: {since: Date.parse('2026-11-27T10:00Z'), until: Date.parse('2026-11-27T13:00Z')},
				output,
				json: false,
				isShown: false,
				signal: stop.signal,
			}),
		).rejects.toThrow('interrupted');
		expect(existsSync(output)).toBe(false);
		expect(temporaryFiles()).toEqual([]);
	});

	it('by a folder of temporary files that takes nothing, which is named', async () => {
		const wide = many.map(one => ({...one, line: {...one.line, text: 'x'.repeat(1000)}}));
		vi.spyOn(WriteStream.prototype, '_write').mockImplementation((_chunk, _encoding, done) => {
			done(Object.assign(new Error('full'), {code: 'ENOSPC'}));
		});
		await expect(gather(logsOf(wide), () => undefined)).rejects.toThrow(/cannot be kept there: .*TMPDIR/);
		vi.restoreAllMocks();
		expect(temporaryFiles()).toEqual([]);
	});
});
