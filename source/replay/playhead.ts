/** The position in a recording, and the state there: forward by events, backward from the nearest state that was kept, or snapshot. */
import type {Probes} from '../domain/cluster/probe.ts';
import {foldCluster} from '../domain/cluster/reducer.ts';
import {isClusterEvent, type Stamped} from '../domain/events.ts';
import {emptyLogBuffer, insertLines, type LogBuffer} from '../domain/logs/log-buffer.ts';
import {markTimeline} from '../domain/logs/logs.ts';
import {bucketMs, bucketsMax, emptyTrends, foldTrends, type Trends} from '../domain/trends.ts';
import type {Playable} from '../recording/read/reader.ts';
import type {State} from '../state/state.ts';

/** Segments whose log lines a jump reads; more would take too long. */
const segmentsOfLogs = 3;
/** Events of a segment between two cached states, from which a step back starts. */
const keptEvery = 32;
/** Segments with cached states, which share most of their values. */
const segmentsWithStates = 8;

/** A cached state. */
type Reached = {index: number; state: State; last: Stamped};

/** Length of the trends, and the minute of the latency counts. */
const foldedMs = bucketsMax * bucketMs + 2 * 60_000;

/** Values that snapshots of an older version lack. */
type Folded = {trends: Trends; frozen: Trends; probes: Probes};

export class Playhead {
	readonly #recording: Playable;
	#state: State;
	#segment = 0;
	/** Number of played events in the segment. */
	#index = 0;
	/** Present time, which may lie between two events, Unix ms. */
	#time: number;
	#last: Stamped | undefined;
	/** By segment number. */
	readonly #folded = new Map<number, Folded>();
	/** By segment number, in the order of their use. */
	readonly #reached = new Map<number, Reached[]>();

	/** @throws RecordingError if the beginning is damaged or missing */
	constructor(recording: Playable) {
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

	/** Number of played events. */
	get position(): number {
		return (this.#recording.places[this.#segment]?.events ?? 0) + this.#index;
	}

	/** The last played event; undefined at the beginning, and after a jump to a snapshot. */
	get last(): Stamped | undefined {
		return this.#last;
	}

	get atEnd(): boolean {
		return this.position === this.#recording.events;
	}

	/** Moves to the state after all events up to `time`. @throws RecordingError, like all moves */
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

	/** Plays forward event by event; faster than a jump over a short distance. */
	playTo(time: number): void {
		this.#playUntil(Math.min(time, Math.max(this.#recording.endedAt, this.#time)));
	}

	/** Moves to the state after this number of events. */
	toPosition(position: number): void {
		const {places, events} = this.#recording;
		const target = Math.min(Math.max(position, 0), events);
		// The state after a segment's first event is computed from the segment before, so that the last event is known.
		const segment = places.findLastIndex(place => place.events < Math.max(target, 1));
		const before = places[segment]?.events ?? 0;
		this.#seek(segment, target < this.position, ({index}) => before + index <= target);
		for (let next = this.#next(); next !== undefined && this.position < target; next = this.#next()) {
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

	/** Starts at the segment's snapshot, or at a later cached state of it, unless the present state is nearer. */
	#seek(number: number, back: boolean, isBefore: (reached: Reached) => boolean): void {
		const segment = Math.max(0, number);
		const near = this.#reached.get(segment)?.findLast(isBefore);
		const isNearer = near !== undefined && near.index > this.#index + keptEvery;
		if (back || segment > this.#segment || isNearer) {
			const {at} = this.#recording.segment(segment);
			this.#state = near?.state ?? this.#stateAt(segment);
			this.#segment = segment;
			this.#index = near?.index ?? 0;
			this.#last = near?.last;
			this.#time = near?.last.at ?? at;
		}
	}

	/** The state of the segment's snapshot, completed. */
	#stateAt(segment: number): State {
		const whole = this.#snapshotOf(segment);
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
		if (places[this.#segment]?.isNewSession) {
			this.#state = this.#stateAt(this.#segment);
		} else {
			this.#takeView();
		}

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

	/**
	 * Takes the view of the segment's snapshot. The version that recorded it may have handled keys differently, and a jump, which
	 * starts at the snapshot, must show the same screen as playing.
	 */
	#takeView(): void {
		const {view} = this.#recording.segment(this.#segment).state;
		this.#state = {
			...this.#state,
			view: view.frozen === undefined ? view : this.#snapshotOf(this.#segment).view,
		};
	}

	#snapshotOf(segment: number): State {
		const {state} = this.#recording.segment(segment);
		return state.trends === emptyTrends ? this.#withTrends(segment, state) : state;
	}

	/** A snapshot of an older version has no trends: computes them from the events before it. */
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

	/** @param frozenAt time of the frozen screen's snapshot */
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

	/** A snapshot has no log lines: inserts the timeline's entries and the recorded lines again. */
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
