/** A place in a recording, and the state there: forward by events, back by the nearest snapshot. */
import type {Probes} from '../domain/cluster/probe.ts';
import {foldCluster} from '../domain/cluster/reducer.ts';
import {isClusterEvent, type Stamped} from '../domain/events.ts';
import {emptyLogBuffer, insertLines, type LogBuffer} from '../domain/logs/log-buffer.ts';
import {markTimeline} from '../domain/logs/logs.ts';
import {bucketMs, bucketsMax, emptyTrends, foldTrends, type Trends} from '../domain/trends.ts';
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

/** Trends reach back so far; with the minute that latencies are counted by. */
const foldedMs = bucketsMax * bucketMs + 2 * 60_000;

/** What a snapshot of an older version does not have. */
type Folded = {trends: Trends; frozen: Trends; probes: Probes};

export class Playhead {
	readonly #recording: Recording;
	#state: State;
	#segment = 0;
	/** Events of the segment that have been played. */
	#index = 0;
	/** Where it is between two events, Unix ms. */
	#time: number;
	#last: Stamped | undefined;
	/** By segment. */
	readonly #folded = new Map<number, Folded>();
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
			const {at} = this.#recording.segment(segment);
			const near = this.#reached.get(segment)?.findLast(isBefore);
			this.#state = near?.state ?? this.#stateAt(segment);
			this.#segment = segment;
			this.#index = near?.index ?? 0;
			this.#last = near?.last;
			this.#time = near?.last.at ?? at;
		}
	}

	/** Of its snapshot, with what a snapshot does not have. */
	#stateAt(segment: number): State {
		const {state} = this.#recording.segment(segment);
		const whole = state.trends === emptyTrends ? this.#withTrends(segment, state) : state;
		return {...whole, logs: {...whole.logs, ring: this.#ringBefore(segment, whole)}};
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
			this.#reached.set(this.#segment, [...reached, {index: this.#index, state: this.#state, last}]);
		}

		const [oldest] = this.#reached.keys();
		if (oldest !== undefined && this.#reached.size > segmentsWithStates) {
			this.#reached.delete(oldest);
		}
	}

	/** A snapshot of an older version has no trends: they are folded from the events before it. */
	#withTrends(segment: number, state: State): State {
		const {view} = state;
		const {trends, frozen, probes} = this.#trendsBefore(segment, view.frozen?.now);
		return {
			...state,
			trends,
			cluster: {...state.cluster, probes},
			view: view.frozen === undefined ? view : {...view, frozen: {...view.frozen, trends: frozen}},
		};
	}

	/** @param frozenAt of the snapshot that the screen was frozen at */
	#trendsBefore(segment: number, frozenAt = 0): Folded {
		const known = this.#folded.get(segment);
		if (known !== undefined) {
			return known;
		}

		const {places} = this.#recording;
		const from = (places[segment]?.at ?? 0) - foldedMs;
		const first = Math.max(
			0,
			places.findLastIndex(({at}) => at <= from),
		);
		const {state} = this.#recording.segment(first);
		let {cluster, now} = state;
		let trends = emptyTrends;
		let frozen = emptyTrends;
		for (let number = first; number < segment; number++) {
			for (const {at, event} of this.#recording.segment(number).events) {
				now = Math.max(now, at);
				if (event.type === 'tick') {
					trends = foldTrends(trends, cluster, state.target, now);
					frozen = now <= frozenAt ? trends : frozen;
				} else if (isClusterEvent(event)) {
					cluster = foldCluster(cluster, event, now);
				}
			}
		}

		const folded = {trends, frozen, probes: cluster.probes};
		this.#folded.set(segment, folded);
		return folded;
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
