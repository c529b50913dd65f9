/** An open recording: its header, and each segment on demand. */
import {closeSync} from 'node:fs';
import type {Stamped} from '../../domain/events.ts';
import type {Entry} from '../../domain/facts.ts';
import type {State} from '../../state/state.ts';
import {update} from '../../state/update.ts';
import {maybeUnsafe} from '../redact.ts';
import type {Compression, Header, IndexLine} from '../schema.ts';
import {RecordingError} from '../schema.ts';
import {decode, readAt} from './compressed-members.ts';
import {eventOf, snapshotOf} from './lines.ts';
import type {Place} from './scan.ts';

/** `state` is the state before the first event. */
export type Segment = {at: number; state: State; events: readonly Stamped[]};

/** What a player needs of a recording. */
export type Playable = Pick<
	Recording,
	'file' | 'header' | 'cutShort' | 'endedAt' | 'events' | 'places' | 'marks' | 'segment' | 'apply' | 'close'
>;

/** Segments in the cache. */
const keptSegments = 8;

export class Recording {
	readonly file: string;
	readonly header: Header;
	/** The recording was not closed (console killed, disk full), and ends with what was written. */
	readonly cutShort: boolean;
	/** Time of the last event, Unix ms. */
	readonly endedAt: number;
	/** Number of events. */
	readonly events: number;
	readonly places: readonly Place[];
	readonly #fd: number;
	readonly #compression: Compression;
	readonly #kept = new Map<number, Segment>();
	#marks: readonly Entry[] | undefined;

	constructor(parts: {
		file: string;
		fd: number;
		compression: Compression;
		header: Header;
		places: readonly Place[];
		endedAt: number;
		index: Pick<IndexLine['index'], 'marks'> | undefined;
	}) {
		const {file, fd, compression, header, places, endedAt, index} = parts;
		this.file = file;
		this.header = header;
		this.cutShort = index === undefined;
		this.endedAt = endedAt;
		this.places = places;
		const last = places.at(-1);
		this.events = last === undefined ? 0 : last.events + last.count;
		this.#fd = fd;
		this.#compression = compression;
		this.#marks = index?.marks;
	}

	/** Timeline entries of the recorded time. */
	get marks(): readonly Entry[] {
		this.#marks ??= this.#findMarks();
		return this.#marks;
	}

	/** @throws RecordingError if the segment is damaged */
	segment(number: number): Segment {
		const kept = this.#kept.get(number);
		if (kept !== undefined) {
			return kept;
		}

		const place = this.places[number];
		if (place === undefined) {
			throw new RangeError(`${this.file} has no segment ${number}`);
		}

		const segment = this.#read(place);
		if (this.#kept.size >= keptSegments) {
			const [oldest] = this.#kept.keys();
			this.#kept.delete(oldest ?? 0);
		}

		this.#kept.set(number, segment);
		return segment;
	}

	/** Replays all events, each with the state before and after it. */
	*replay(): Generator<{stamped: Stamped; before: State; after: State}> {
		let state: State | undefined;
		for (const [number, place] of this.places.entries()) {
			const segment = this.segment(number);
			state ??= segment.state;
			for (const [index, stamped] of segment.events.entries()) {
				const before: State = state;
				state = this.apply(before, stamped, place.line + 1 + index);
				yield {stamped, before, after: state};
			}
		}
	}

	/**
	 * @param line the event's line in the file, for an error
	 * @throws RecordingError if the event is invalid in this state
	 */
	apply(state: State, stamped: Stamped, line: number): State {
		try {
			return update(state, stamped)[0];
		} catch (error) {
			throw new RecordingError(
				`${this.file}, line ${line}: ${stamped.event.type} cannot be replayed: ${error instanceof Error ? error.message : String(error)}`,
			);
		}
	}

	close(): void {
		closeSync(this.#fd);
	}

	#read({at, block, from, to, line}: Place): Segment {
		let text: string;
		try {
			const whole = block.text ?? decode(readAt(this.#fd, block.offset, block.length), this.#compression);
			text = whole.toString('utf8', from, Math.min(to, whole.length));
		} catch {
			throw new RecordingError(`${this.file}, line ${line} and later: damaged`);
		}

		const [first = '', ...rest] = text.trimEnd().split('\n');
		const careful = maybeUnsafe(text);
		let number = line;
		try {
			const {state} = snapshotOf(first);
			const events = rest.map(one => {
				number++;
				return eventOf(one, careful && maybeUnsafe(one));
			});
			return {at, state, events};
		} catch (error) {
			throw new RecordingError(
				`${this.file}, line ${number}: ${error instanceof Error ? error.message : String(error)}`,
			);
		}
	}

	/** Each snapshot has the timeline up to it; the last segment's events add the rest. */
	#findMarks(): readonly Entry[] {
		const marks: Entry[] = [];
		let timeline: readonly Entry[] | undefined;
		const take = (next: readonly Entry[]) => {
			const known = timeline?.at(-1);
			const same = (one: Entry) => one.at === known?.at && one.text === known.text;
			marks.push(...(timeline === undefined ? [] : next.slice(next.findLastIndex(same) + 1)));
			timeline = next;
		};
		for (const [number, place] of this.places.entries()) {
			const {state, events} = this.segment(number);
			take(state.timeline);
			if (number === this.places.length - 1) {
				take(
					events.reduce((last, stamped, index) => this.apply(last, stamped, place.line + 1 + index), state)
						.timeline,
				);
			}
		}

		return marks;
	}
}
