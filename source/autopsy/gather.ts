/** Reads the lines of all logs once, in the order of time: what they say, and the lines themselves in a file. */

import {once} from 'node:events';
import {createReadStream, createWriteStream} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {
	type Collected,
	type CollectorLimits,
	LogCollector,
	type PastLine,
} from '../domain/history/collect.ts';
import type {LogLine} from '../domain/logs/log-buffer.ts';
import {statisticsService} from '../domain/logs/log-buffer.ts';
import {errnoWords} from '../lib/faults.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import {RecordingError} from '../recording/schema.ts';
import {mergeByTime} from '../sources/past/merge.ts';
import {brokenLog, type PastLogs} from '../sources/past/node-logs.ts';

export type Gathered = Collected & {
	lines: Spool;
	problems: readonly string[];
};

/** Of a year of loops of three members it is a quarter. Routine lines leave room for the others: a flood of refused connections. */
const eventsMax: CollectorLimits = {all: 500_000, routine: 400_000};

/**
 * Rejects with what `onProgress` throws; then nothing is left in the folder of temporary files.
 * @param onProgress gets the time that is read, Unix ms, and the number of lines
 */
export async function gather(
	all: readonly PastLogs[],
	onProgress: (at: number, lines: number) => void,
	limits = eventsMax,
): Promise<Gathered> {
	const lines = await Spool.create();
	try {
		return await gatherTo(lines, all, onProgress, limits);
	} catch (error) {
		await lines.remove();
		throw error;
	}
}

async function gatherTo(
	lines: Spool,
	all: readonly PastLogs[],
	onProgress: (at: number, lines: number) => void,
	limits: CollectorLimits,
): Promise<Gathered> {
	const sources = all.flatMap(({node, logs}) => logs.map(log => ({node, log})));
	const problems: string[] = [];
	const collector = new LogCollector(limits);
	const merged = mergeByTime<PastLine>(
		sources.map(({log}) => log),
		(index, error) => {
			problems.push(brokenLog(sources[index]?.node ?? '', error));
		},
	);
	for await (const past of merged) {
		const {at, line} = past;
		collector.take(past);
		if (!past.isBefore && line.service !== statisticsService) {
			await lines.write({at, line: {...line, text: withoutKnownSecrets(line.text)}});
		}

		if (collector.lines % 2000 === 0) {
			onProgress(at, collector.lines);
		}
	}

	await lines.end();
	problems.unshift(...all.flatMap(one => one.problems));
	const collected = collector.finish();
	if (collected.isCut) {
		problems.push('more was said than is kept: what the last lines say is missing; take a shorter time');
	}

	return {...collected, lines, problems: [...new Set(problems)]};
}

export type SpooledLine = {at: number; line: LogLine};

/** Lines in a file of their own, which only this user reads, and which goes with the program. */
export class Spool {
	readonly #folder: string;
	readonly #file: string;
	readonly #stream;

	#error: unknown;

	private constructor(folder: string) {
		this.#folder = folder;
		this.#file = path.join(folder, 'lines');
		this.#stream = createWriteStream(this.#file, {mode: 0o600});
		this.#stream.on('error', error => {
			this.#error ??= error;
		});
	}

	static async create(): Promise<Spool> {
		return new Spool(await mkdtemp(path.join(tmpdir(), 'pgha-top-')));
	}

	/** @throws RecordingError if the folder of temporary files is full */
	async write(one: SpooledLine): Promise<void> {
		await this.#whole(async () => {
			if (!this.#stream.write(`${JSON.stringify(one)}\n`)) {
				await once(this.#stream, 'drain');
			}
		});
	}

	/** @throws RecordingError */
	async end(): Promise<void> {
		await this.#whole(async () => {
			this.#stream.end();
			await once(this.#stream, 'close');
		});
	}

	async #whole(work: () => Promise<void>): Promise<void> {
		try {
			if (this.#error === undefined) {
				await work();
			}
		} catch (error) {
			this.#error ??= error;
		}

		if (this.#error !== undefined) {
			throw new RecordingError(
				`${this.#folder}: the lines cannot be kept there: ${errnoWords(this.#error)}; name a folder with room in TMPDIR`,
			);
		}
	}

	/** From first to last. */
	async *read(): AsyncGenerator<SpooledLine> {
		const input = createReadStream(this.#file);
		try {
			for await (const text of createInterface({input, crlfDelay: Number.POSITIVE_INFINITY})) {
				// Written above.
				yield JSON.parse(text) as SpooledLine;
			}
		} finally {
			input.destroy();
		}
	}

	async remove(): Promise<void> {
		this.#stream.destroy();
		await rm(this.#folder, {recursive: true, force: true});
	}
}
