/** A place in a recording, and the state there: forward by events, back by the nearest state that was kept, or snapshot. */
import type {Stamped} from '../domain/events.ts';
import {emptyLogBuffer, insertLines, type LogBuffer} from '../domain/logs/log-buffer.ts';
import {markTimeline} from '../domain/logs/logs.ts';
import type {Recording} from '../recording/read/reader.ts';
import type {State} from '../state/state.ts';

/** A jump reads the log lines of so many segments before it; more would take long. */
const segmentsOfLogs = 3;
/** The state is kept after so many events of a segment, since a way back begins at the nearest one that is kept. */
const keptEvery = 32;
/** Of so many segments; states share most of their values. */
const segmentsWithStates = 8;

/** A state that was reached by playing. */
type Reached = {index: number; state: State; last: Stamped};

export class Playhead {
	readonly #recording: Recording;
	#state: State;
	#segment = 0;
	/** Events of the segment that have been played. */
	#index = 0;
	/** Where it is between two events, Unix ms. */
	#time: number;
	#last: Stamped | undefined;
	/** By segment, in the order in which they were reached. */
	readonly #reached = new Map<number, Reached[]>();

	/** @throws RecordingError where the beginning is damaged, or there is none */
	constructor(recording: Recording) {
		this.#recording = recording;
		const {state, at} = recording.segment(0);
		this.#state = state;
		this.#time = at;
	}

	get state(): State {
		return this.#state;
	}

	get time(): number {
		return this.#time;
	}

	/** How many events have been played. */
	get position(): number {
		return (this.#recording.places[this.#segment]?.events ?? 0) + this.#index;
	}

	/** The event that led here; undefined at the beginning, and where a jump ended at a snapshot. */
	get last(): Stamped | undefined {
		return this.#last;
	}

	get atEnd(): boolean {
		return this.position === this.#recording.events;
	}

	/** All events until then. @throws RecordingError, as everything that moves does */
	toTime(time: number): void {
		const {places, endedAt} = this.#recording;
		const from = places[0]?.at ?? time;
		const target = Math.min(Math.max(time, from), Math.max(endedAt, from));
		this.#seek(
			places.findLastIndex(({at}) => at <= target),
			target < this.#time,
			({last}) => last.at <= target,
		);
		this.#playUntil(target);
	}

	/** Plays forward; faster than a jump where it is near. */
	playTo(time: number): void {
		this.#playUntil(Math.min(time, Math.max(this.#recording.endedAt, this.#time)));
	}

	/** After so many events. */
	toPosition(position: number): void {
		const {places, events} = this.#recording;
		const target = Math.min(Math.max(position, 0), events);
		// The first of a segment is reached from the segment before, so that the last event is known.
		const segment = places.findLastIndex(place => place.events < Math.max(target, 1));
		const before = places[segment]?.events ?? 0;
		this.#seek(segment, target < this.position, ({index}) => before + index <= target);
		while (this.position < target) {
			const next = this.#next();
			if (next === undefined) {
				break;
			}

			this.#take(next);
		}

		this.#time = this.#last?.at ?? this.#recording.segment(this.#segment).at;
	}

	#playUntil(time: number): void {
		for (let next = this.#next(); next !== undefined && next.at <= time; next = this.#next()) {
			this.#take(next);
		}

		this.#time = time;
	}

	/** To the segment's snapshot, or to a later state of it that was reached before, unless the way there leads forward. */
	#seek(number: number, back: boolean, isBefore: (reached: Reached) => boolean): void {
		const segment = Math.max(0, number);
		if (back || segment > this.#segment) {
			const {state, at} = this.#recording.segment(segment);
			const near = this.#reached.get(segment)?.findLast(isBefore);
			this.#state = near?.state ?? {...state, logs: {...state.logs, ring: this.#ringBefore(segment, state)}};
			this.#segment = segment;
			this.#index = near?.index ?? 0;
			this.#last = near?.last;
			this.#time = near?.last.at ?? at;
		}
	}

	#next(): Stamped | undefined {
		const {places} = this.#recording;
		const stamped = this.#recording.segment(this.#segment).events[this.#index];
		if (stamped !== undefined || this.#segment === places.length - 1) {
			return stamped;
		}

		this.#segment++;
		this.#index = 0;
		return this.#next();
	}

	#take(stamped: Stamped): void {
		const line = (this.#recording.places[this.#segment]?.line ?? 0) + 1 + this.#index;
		this.#state = this.#recording.apply(this.#state, stamped, line);
		this.#index++;
		this.#last = stamped;
		this.#keep(stamped);
	}

	#keep(last: Stamped): void {
		if (this.#index % keptEvery > 0) {
			return;
		}

		const reached = this.#reached.get(this.#segment) ?? [];
		if ((reached.at(-1)?.index ?? 0) < this.#index) {
			reached.push({index: this.#index, state: this.#state, last});
			this.#reached.set(this.#segment, reached);
		}

		const [oldest] = this.#reached.keys();
		if (oldest !== undefined && this.#reached.size > segmentsWithStates) {
			this.#reached.delete(oldest);
		}
	}

	/** A snapshot has no log lines: the timeline's entries are inserted again, and the lines that the recording has. */
	#ringBefore(segment: number, {timeline, logs, target: {logBounds}}: State): LogBuffer {
		const {ring} = markTimeline({...logs, ring: emptyLogBuffer}, timeline, logBounds);
		if (!this.#recording.header.logs) {
			return ring;
		}

		const lines = Array.from({length: Math.min(segment, segmentsOfLogs)}, (_, back) =>
			this.#recording.segment(segment - 1 - back),
		)
			.toReversed()
			.flatMap(({events}) => events.flatMap(({event}) => (event.type === 'logs.lines' ? event.lines : [])));
		return insertLines(ring, lines, logBounds);
	}
}
