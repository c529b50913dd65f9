/** A recording that is being written: what is in it grows with each look. */
import {closeSync, fstatSync, openSync} from 'node:fs';
import path from 'node:path';
import type {Stamped} from '../../domain/events.ts';
import type {Entry} from '../../domain/facts.ts';
import {errnoWords} from '../../lib/faults.ts';
import type {State} from '../../state/state.ts';
import {maybeUnsafe} from '../redact.ts';
import {type Header, RecordingError} from '../schema.ts';
import {decodeStart, members, readAt, textMaxBytes} from './compressed-members.ts';
import {eventOf, isIndex, snapshotOf} from './lines.ts';
import {Recording, type Segment} from './reader.ts';
import {type Place, type Scanned, Scanner} from './scan.ts';

/** Characters that suffice to know the index. */
const indexStart = 16;

/** The segment that is being written: its lines are parsed once each. */
type Open = {line: number; at: number; state: State; events: Stamped[]};

export class GrowingFile {
	readonly file: string;
	readonly #fd: number;
	readonly #scanner: Scanner;
	/** Where the member begins that is not complete yet. */
	#from = 0;
	#size = 0;
	#scanned: Scanned | undefined;
	/** What is complete. */
	#recording: Recording | undefined;
	#open: Open | undefined;

	/** @throws RecordingError if it cannot be opened */
	constructor(file: string) {
		this.file = file;
		try {
			this.#fd = openSync(file, 'r');
		} catch (error) {
			throw new RecordingError(`${file}: ${errnoWords(error)}`);
		}

		this.#scanner = new Scanner(file, 'gzip');
	}

	get name(): string {
		return path.basename(this.file);
	}

	/** Undefined until its first line is written. */
	get header(): Header | undefined {
		return this.#scanned?.header;
	}

	get places(): readonly Place[] {
		return this.#scanned?.places ?? [];
	}

	/** Time of the last event, Unix ms; of the beginning while there is none. */
	get endedAt(): number {
		return this.#scanned?.endedAt ?? 0;
	}

	get events(): number {
		const last = this.places.at(-1);
		return last === undefined ? 0 : last.events + last.count;
	}

	/** It ends with its index: nothing follows in this file. */
	get isClosed(): boolean {
		return this.#scanned?.index !== undefined;
	}

	/** Timeline entries of the recorded time; of an open file those of complete segments. */
	get marks(): readonly Entry[] {
		const {header, index} = this.#scanned ?? {};
		if (index !== undefined) {
			return index.marks;
		}

		const last = this.#recording?.places.length;
		return last === undefined || last === 0 || header === undefined
			? []
			: this.segment(this.places.length - 1).state.timeline.filter(({at}) => at >= header.startedAt);
	}

	/** Reads what was written since the last call. @returns whether there is more @throws RecordingError if damaged */
	async read(): Promise<boolean> {
		const {size} = fstatSync(this.#fd);
		if (size === this.#size) {
			return false;
		}

		const bytes = readAt(this.#fd, this.#from, size - this.#from);
		let complete = 0;
		for (const {text, offset, length} of members(bytes, 'gzip', textMaxBytes)) {
			const end = offset + length;
			// The last one may have more to come, or be followed by the first bytes of the next one; but the index is the end.
			if (end === bytes.length && !isIndex(text.toString('latin1', 0, indexStart))) {
				break;
			}

			this.#scanner.take({offset: this.#from + offset, length}, text);
			complete = end;
		}

		const rest = bytes.subarray(complete);
		const from = this.#from + complete;
		const scanner = this.#scanner.copy();
		if (rest.length > 0) {
			const text = await decodeStart(rest, 'gzip', textMaxBytes);
			scanner.take({offset: from, length: rest.length, text}, text, {torn: true});
		}

		this.#size = size;
		if (scanner.hasHeader) {
			this.#scanned = scanner.found();
			if (from !== this.#from || this.#recording === undefined) {
				const {header, endedAt, index} = this.#scanned;
				const places = this.#scanned.places.filter(({block}) => block.text === undefined);
				this.#recording = new Recording({
					...{file: this.file, fd: this.#fd, compression: 'gzip', header, places, endedAt, index},
				});
			}
		}

		this.#from = from;
		return true;
	}

	/** @throws RecordingError if the segment is damaged */
	segment(number: number): Segment {
		const place = this.places[number];
		if (place?.block.text !== undefined) {
			return this.#growing(place, place.block.text);
		}

		if (this.#recording === undefined) {
			throw new RangeError(`${this.file} has no segment ${number}`);
		}

		return this.#recording.segment(number);
	}

	close(): void {
		closeSync(this.#fd);
	}

	#growing(place: Place, bytes: Buffer): Segment {
		// A player asks for it with each event.
		const known = this.#open;
		if (known?.line === place.line && known.events.length === place.count) {
			return known;
		}

		const [first = '', ...lines] = bytes.toString('utf8', place.from, place.to).trimEnd().split('\n');
		let line = place.line;
		try {
			if (this.#open?.line !== place.line) {
				this.#open = {line: place.line, at: place.at, state: snapshotOf(first).state, events: []};
			}

			const {events} = this.#open;
			for (const text of lines.slice(events.length)) {
				line = place.line + 1 + events.length;
				events.push(eventOf(text, maybeUnsafe(text)));
			}

			const {at, state} = this.#open;
			return {at, state, events};
		} catch (error) {
			throw new RecordingError(
				`${this.file}, line ${line}: ${error instanceof Error ? error.message : String(error)}`,
			);
		}
	}
}
