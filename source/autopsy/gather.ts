/** Reads the lines of all logs once, in the order of time: what they say, and the lines themselves in a file. */

import {once} from 'node:events';
import {createReadStream, createWriteStream} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {placeOf} from '../domain/history/kinds.ts';
import {readLine} from '../domain/history/read-line.ts';
import type {LogEvent} from '../domain/history/said.ts';
import {withUnsaidEnds} from '../domain/history/unsaid.ts';
import type {LogLine} from '../domain/logs/log-buffer.ts';
import {statisticsService} from '../domain/logs/log-buffer.ts';
import {errnoWords} from '../lib/faults.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import {RecordingError} from '../recording/schema.ts';
import {mergeByTime} from '../sources/past/merge.ts';
import {brokenLog, type PastLine, type PastLogs} from '../sources/past/node-logs.ts';

/** A time in which a node's logs have no break, Unix ms. `boot`: undefined where no line names one. */
export type Coverage = {from: number; to: number; boot: string | undefined};

export type Gathered = {
	/** In the order of time. */
	events: readonly LogEvent[];
	/** What was said last before the time that is asked for, by services that hold a state for long. */
	before: readonly LogEvent[];
	coverage: ReadonlyMap<string, readonly Coverage[]>;
	lines: Spool;
	counts: {lines: number; understood: number};
	problems: readonly string[];
};

/** Of a year of loops of three members it is a quarter. Routine lines leave room for the others: a flood of refused connections. */
const eventsMax = {all: 500_000, routine: 400_000} as const;
const evidenceMaxLength = 1000;
/** ms between the two of one line. */
const twinMs = 50;
const keysMax = 10_000;

/**
 * Rejects with what `onProgress` throws; then nothing is left in the folder of temporary files.
 * @param onProgress gets the time that is read, Unix ms, and the number of lines
 */
export async function gather(
	all: readonly PastLogs[],
	onProgress: (at: number, lines: number) => void,
	limits: {all: number; routine: number} = eventsMax,
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
	limits: {all: number; routine: number},
): Promise<Gathered> {
	const sources = all.flatMap(({node, logs}) => logs.map(log => ({node, log})));
	const problems: string[] = [];
	const events: LogEvent[] = [];
	const before: LogEvent[] = [];
	const coverage = new Map<string, Coverage[]>();
	const hasShutdown = new Set<Coverage>();
	/** Parts of the journals in which the machine itself speaks, not only the cluster's units. */
	const isWhole = new Set<Coverage>();
	let [count, understood] = [0, 0];
	let isCut = false;
	const twins = new Twins();
	const merged = mergeByTime<PastLine>(
		sources.map(({log}) => log),
		(index, error) => {
			problems.push(brokenLog(sources[index]?.node ?? '', error));
		},
	);
	for await (const past of merged) {
		count++;
		const {at, uncertainMs, from, line} = past;
		const node = line.node ?? '';
		const said = readLine(line);
		if (past.isBefore) {
			if (said !== undefined) {
				before.push({at, uncertainMs, node, service: line.service, from, said, text: line.text});
			}

			continue;
		}

		const span = cover(coverage, node, past);
		const {silentSince} = span;
		if (silentSince !== undefined && isWhole.has(silentSince) && !hasShutdown.has(silentSince)) {
			events.push(silence(node, from, silentSince, at, uncertainMs));
		}

		if (span.isBoot) {
			events.push({
				at,
				uncertainMs,
				node,
				service: 'system',
				from,
				said: {kind: 'kernel.boot'},
				text: line.text,
			});
		}

		if (line.service !== statisticsService) {
			await lines.write({at, line: {...line, text: withoutKnownSecrets(line.text)}});
		}

		if (past.boot !== undefined && (line.service === 'system' || line.service === 'kernel')) {
			isWhole.add(span.present);
		}

		if (/^Journal stopped$/.test(line.text) || said?.kind === 'node.shutdown') {
			hasShutdown.add(span.present);
		}

		// The boot is known by its id, at its first line.
		if (said !== undefined && !(said.kind === 'kernel.boot' && past.boot !== undefined)) {
			understood++;
			const text = withoutKnownSecrets(line.text).slice(0, evidenceMaxLength);
			const event = {at: Math.round(at), uncertainMs, node, service: line.service, from, said, text};
			if (events.length < (placeOf(event) === 'routine' ? limits.routine : limits.all)) {
				if (!twins.has(event)) {
					events.push(event);
				}
			} else {
				isCut = true;
			}
		}

		if (count % 2000 === 0) {
			onProgress(at, count);
		}
	}

	await lines.end();
	if (isCut) {
		problems.push('more was said than is kept: what the last lines say is missing; take a shorter time');
	}

	problems.unshift(...all.flatMap(one => one.problems));
	return {
		events: withUnsaidEnds(events.toSorted((a, b) => a.at - b.at)),
		before: before.toSorted((a, b) => a.at - b.at),
		coverage,
		lines,
		counts: {lines: count, understood},
		problems: [...new Set(problems)],
	};
}

/** A program may write the same line to two logs, as HAProxy to syslog and standard error. */
class Twins {
	readonly #last = new Map<string, number>();

	/** Whether the same was said a moment before. */
	has({at, node, service, said}: LogEvent): boolean {
		const key = `${node} ${service} ${JSON.stringify(said)}`;
		const before = this.#last.get(key);
		if (this.#last.size > keysMax) {
			this.#last.clear();
		}

		this.#last.set(key, at);
		// A clock that was set back makes no twins.
		return before !== undefined && Math.abs(at - before) < twinMs;
	}
}

type Covered = {
	present: Coverage;
	/** The time before a boot, if this line is the first after it. */
	silentSince: Coverage | undefined;
	isBoot: boolean;
};

/** Extends what is covered of the node by this line. */
function cover(coverage: Map<string, Coverage[]>, node: string, {at, boot}: PastLine): Covered {
	const known = coverage.get(node) ?? [];
	coverage.set(node, known);
	const last = known.at(-1);
	if (last !== undefined && (boot === undefined || last.boot === undefined || last.boot === boot)) {
		last.from = Math.min(last.from, at);
		last.to = Math.max(last.to, at);
		last.boot ??= boot;
		return {present: last, silentSince: undefined, isBoot: false};
	}

	const earlier = known.find(one => one.boot === boot);
	if (earlier !== undefined) {
		// The clock of another boot was wrong: its lines overlap.
		return {present: earlier, silentSince: undefined, isBoot: false};
	}

	const present = {from: at, to: at, boot};
	known.push(present);
	return {present, silentSince: last, isBoot: last !== undefined};
}

function silence(
	node: string,
	from: string,
	before: Coverage,
	bootAt: number,
	uncertainMs: number,
): LogEvent {
	return {
		at: before.to,
		uncertainMs,
		node,
		service: 'system',
		from,
		said: {kind: 'node.silent', why: 'power cut, reset or crash'},
		text: `the journal ends here without a shutdown, and begins again ${((bootAt - before.to) / 1000).toFixed(1)} s later with a boot`,
	};
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
