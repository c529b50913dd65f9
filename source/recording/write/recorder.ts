/** Records a session while it runs: every event, a snapshot each half minute, an index at the end. It never delays the console. */

import {type FileHandle, open} from 'node:fs/promises';
import type {Stamped} from '../../domain/events.ts';
import type {Entry} from '../../domain/facts.ts';
import {postgresVersion} from '../../domain/facts.ts';
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

/** A segment ends after so many ms, events or bytes of text: a jump reads one, and plays half of one; a reader takes 256 MiB at most. */
const segmentMax = {milliseconds: 30_000, events: 1000, bytes: 32 * 1024 * 1024};
/** What a kill can take away at most, less what it takes to write, ms. */
const flushIntervalMs = 800;
/** The index has no more, so that it stays small. */
const marksMax = 20_000;

export type RecorderOptions = {
	file: string;
	header: Header;
	/** Called once when nothing more can be written, with the reason; the recording has ended. */
	onLost: (reason: string) => void;
};

/** An event with the state before it, which begins a segment where one is due. */
type Waiting = {stamped: Stamped; before: State};

export class Recorder {
	readonly file: string;
	readonly #logs: boolean;
	readonly #writer: SegmentWriter;
	readonly #timer: NodeJS.Timeout;
	readonly #segments: Omit<SegmentPlace, 'offset'>[] = [];
	readonly #marks: Entry[] = [];
	#waiting: Waiting[] = [];
	/** The header is the first. */
	#line = 2;
	#events = 0;
	/** Of the present segment. */
	#bytes = 0;
	#endedAt: number;
	#timeline: readonly Entry[] | undefined;
	#ended = false;

	/** @throws RecordingError where the file can't be made; one that is there is never overwritten. */
	static async begin(options: RecorderOptions): Promise<Recorder> {
		let handle: FileHandle;
		try {
			handle = await open(options.file, 'wx', 0o600);
		} catch (error) {
			throw new RecordingError(`${options.file}: ${errnoWords(error)}`);
		}

		return new Recorder(handle, options);
	}

	/** @param handle an empty file, which is closed at the end */
	constructor(handle: FileHandle, {file, header, onLost}: RecorderOptions) {
		this.file = file;
		this.#logs = header.logs;
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

	/** Takes an event down, with the state before it. */
	take(stamped: Stamped, before: State): void {
		if (this.#ended) {
			return;
		}

		this.#mark(before);
		const {at, event} = stamped;
		this.#endedAt = at;
		this.#waiting.push({stamped: {at, event: redactEvent(event, {logs: this.#logs})}, before});
	}

	/** Resolves when all that was taken down is written, or can't be. */
	async flushed(): Promise<void> {
		this.#flush();
		await this.#writer.drained();
	}

	/** Closes the recording with its index; `state` is the one after the last event. Rejects where it could not be written. */
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
			const known = this.#timeline?.at(-1);
			const fresh =
				this.#timeline === undefined
					? []
					: timeline.slice(known === undefined ? 0 : timeline.lastIndexOf(known) + 1);
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
			this.#bytes >= segmentMax.bytes
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
