/**
 * Records a running session: every event, a snapshot each half minute, an index at the end. Never delays the console.
 */

import {type FileHandle, open} from 'node:fs/promises';
import type {Stamped} from '../../domain/events.ts';
import type {Entry} from '../../domain/facts.ts';
import {postgresVersion} from '../../domain/facts.ts';
import {newEntries} from '../../domain/timeline/timeline.ts';
import {errnoWords} from '../../lib/faults.ts';
import {withoutKnownSecrets} from '../../lib/secrets.ts';
import type {State} from '../../state/state.ts';
import {redactEvent} from '../redact.ts';
import {
	compressionFor,
	type Header,
	type IndexLine,
	RecordingError,
	type SegmentPlace,
	type Versions,
} from '../schema.ts';
import {stateJson} from '../state-json.ts';
import {SegmentWriter} from './segment-writer.ts';

/** Limits of a segment: a jump reads one and plays half of it on average; a reader accepts at most 256 MiB. */
export const segmentMax = {milliseconds: 30_000, events: 1000, bytes: 32 * 1024 * 1024};
/** ms; a kill loses at most this much, and the time of the write. */
const flushIntervalMs = 800;
/** Limits the size of the index. */
const marksMax = 20_000;

export type RecorderOptions = {
	file: string;
	header: Header;
	/** Called once when the recording ends because of a write error, with the reason. */
	onLost: (reason: string) => void;
	/** Bytes of a segment after which the next one begins. */
	segmentMaxBytes?: number;
	/** Of the file; by default only its owner may read it. */
	mode?: number;
};

/** An event with the state before it, which begins a new segment if due. */
type Waiting = {stamped: Stamped; before: State};

export class Recorder {
	readonly file: string;
	readonly #logs: boolean;
	readonly #segmentMaxBytes: number;
	readonly #writer: SegmentWriter;
	readonly #timer: NodeJS.Timeout;
	readonly #segments: Omit<SegmentPlace, 'offset'>[] = [];
	readonly #marks: Entry[] = [];
	#waiting: Waiting[] = [];
	/** Line number of the next line; the header is line 1. */
	#line = 2;
	#events = 0;
	/** Bytes of the present segment. */
	#bytes = 0;
	#endedAt: number;
	#timeline: readonly Entry[] | undefined;
	#ended = false;

	/** @throws RecordingError if the file cannot be created; never overwrites a file */
	static async begin(options: RecorderOptions): Promise<Recorder> {
		let handle: FileHandle;
		try {
			handle = await open(options.file, 'wx', options.mode ?? 0o600);
		} catch (error) {
			throw new RecordingError(`${options.file}: ${errnoWords(error)}`);
		}

		return new Recorder(handle, options);
	}

	/** @param handle an empty file; closed at the end */
	constructor(
		handle: FileHandle,
		{file, header, onLost, segmentMaxBytes = segmentMax.bytes}: RecorderOptions,
	) {
		this.file = file;
		this.#logs = header.logs;
		this.#segmentMaxBytes = segmentMaxBytes;
		this.#endedAt = header.startedAt;
		this.#writer = new SegmentWriter(handle, compressionFor(file), error => {
			this.#ended = true;
			this.#waiting = [];
			clearInterval(this.#timer);
			handle.close().catch(() => undefined);
			onLost(errnoWords(error));
		});
		this.#writer.begin();
		this.#writer.write(`${JSON.stringify(header, withoutKnown)}\n`);
		this.#writer.flush();
		this.#timer = setInterval(() => {
			this.#flush();
		}, flushIntervalMs);
	}

	/** Bytes of the file. */
	get fileBytes(): number {
		return this.#writer.bytes;
	}

	/** Records an event, with the state before it. */
	take(stamped: Stamped, before: State): void {
		if (this.#ended) {
			return;
		}

		this.#mark(before);
		const {at, event} = stamped;
		this.#endedAt = at;
		this.#waiting.push({stamped: {at, event: redactEvent(event, {logs: this.#logs})}, before});
	}

	/** Resolves when all recorded events are written, or have failed. */
	async flushed(): Promise<void> {
		this.#flush();
		await this.#writer.drained();
	}

	/**
	 * Closes the recording with its index; `state` is the state after the last event. Rejects if it cannot be written.
	 */
	async stop(state: State): Promise<void> {
		if (this.#ended) {
			return;
		}

		this.#mark(state);
		this.#flush();
		this.#ended = true;
		clearInterval(this.#timer);
		try {
			const [, ...offsets] = await this.#writer.offsets();
			const {index}: IndexLine = {
				index: {
					segments: this.#segments.map((segment, number) => ({...segment, offset: offsets[number] ?? 0})),
					marks: this.#marks,
					endedAt: this.#endedAt,
					events: this.#events,
				},
			};
			this.#writer.begin();
			this.#writer.write(`${JSON.stringify({index}, withoutKnown)}\n`);
			await this.#writer.end();
		} catch (error) {
			throw new RecordingError(`${this.file}: ${errnoWords(error)}`);
		}
	}

	#mark({timeline}: State): void {
		if (timeline !== this.#timeline) {
			const fresh = this.#timeline === undefined ? [] : newEntries(this.#timeline, timeline);
			this.#marks.push(...fresh.slice(0, marksMax - this.#marks.length));
			this.#timeline = timeline;
		}
	}

	#flush(): void {
		if (this.#waiting.length === 0) {
			return;
		}

		let text = '';
		for (const {stamped, before} of this.#waiting) {
			const {at} = stamped;
			if (this.#isSegmentDue(at)) {
				this.#writer.write(text);
				this.#writer.begin();
				const segment = this.#segments.length;
				this.#segments.push({at, line: this.#line++, events: this.#events});
				text = `{"segment":${segment},"at":${at},"state":${stateJson(before, {logs: this.#logs})}}\n`;
				this.#bytes = Buffer.byteLength(text);
			}

			const line = `${JSON.stringify(stamped, withoutKnown)}\n`;
			text += line;
			this.#line++;
			this.#events++;
			this.#bytes += Buffer.byteLength(line);
		}

		this.#waiting = [];
		this.#writer.write(text);
		this.#writer.flush();
	}

	#isSegmentDue(at: number): boolean {
		const last = this.#segments.at(-1);
		return (
			last === undefined ||
			Math.abs(at - last.at) >= segmentMax.milliseconds ||
			this.#events - last.events >= segmentMax.events ||
			this.#bytes >= this.#segmentMaxBytes
		);
	}
}

function withoutKnown(_: string, value: unknown): unknown {
	return typeof value === 'string' ? withoutKnownSecrets(value) : value;
}

export function versionsOf({cluster}: State, node: string): Versions {
	const statuses = [...cluster.patroni.values()].map(({value}) => value);
	const members = [...cluster.keys.values()].flatMap(({value}) =>
		value.kind === 'member' ? [value.data] : [],
	);
	return {
		node,
		patroni: distinct([...statuses.map(({version}) => version), ...members.map(({version}) => version)]),
		postgresql: distinct(
			statuses.map(({serverVersion}) =>
				serverVersion === undefined ? undefined : postgresVersion(serverVersion),
			),
		),
		etcd: distinct([...cluster.etcd.status.values()].map(({value}) => value.version)),
	};
}

function distinct(versions: readonly (string | undefined)[]): string[] {
	return [...new Set(versions.filter(version => version !== undefined))].sort();
}
