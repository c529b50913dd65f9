/** The operator's place in the logs: moves, jumps and the way back, searches. Pure. */

import type {Event, LogFact} from '../../domain/events.ts';
import {FilteredLines} from '../../domain/logs/filtered-lines.ts';
import {chunkAfter} from '../../domain/logs/log-buffer.ts';
import {foldLogs, markSourceStatus, markTimeline} from '../../domain/logs/logs.ts';
import {compileMatcher} from '../../domain/logs/matcher.ts';
import {newEntries} from '../../domain/timeline/timeline.ts';
import {age} from '../../lib/format.ts';
import {replaceLogs} from '../overlays.ts';
import type {LogOverlay, State} from '../state.ts';

/** Less than the distance between two lines (`tick`), µs. */
export const justBefore = 0.25;
/** Limits of chunks to filter: for one key, and for one step of a search. */
const chunksOfKey = 32;
const chunksOfStep = 4;
/** Number of places that `b` can return to. */
const backMax = 50;

export function filteredLines({logs}: State, {choice}: LogOverlay): FilteredLines {
	return new FilteredLines(logs.ring, choice);
}

/** Moves by lines; positive is down. Moving beyond the newest line follows the stream again. */
export function moveBy(state: State, overlay: LogOverlay, lines: number): State {
	const all = filteredLines(state, overlay);
	const budget = {chunks: chunksOfKey};
	if (lines < 0) {
		const [newest] = overlay.place === undefined ? all.before(Number.POSITIVE_INFINITY, 1, budget) : [];
		const place = overlay.place ?? newest?.order;
		if (place === undefined) {
			return state;
		}

		const [first] = all.before(place - justBefore, -lines, budget);
		return replaceLogs(state, {
			...overlay,
			place: first?.order ?? place,
			newest: overlay.place === undefined ? place : overlay.newest,
		});
	}

	if (overlay.place === undefined) {
		return state;
	}

	const found = all.after(overlay.place, lines, budget);
	const last = found.at(-1);
	return found.length < lines && (last === undefined || all.after(last.order, 1, budget).length === 0)
		? replaceLogs(state, {...overlay, place: undefined})
		: replaceLogs(state, {...overlay, place: last?.order ?? overlay.place});
}

/** Jumps to a place; `b` returns. */
export function jumpTo(state: State, overlay: LogOverlay, place: number | undefined): State {
	const [newest] = new FilteredLines(state.logs.ring, overlay.choice).before(Number.POSITIVE_INFINITY, 1, {
		chunks: chunksOfKey,
	});
	return replaceLogs(state, {
		...overlay,
		place,
		// Where the journals are read only now, what they have of before now is not new.
		newest: overlay.place === undefined ? Math.max(newest?.order ?? 0, state.now * 1000) : overlay.newest,
		back: [...overlay.back.slice(-backMax), overlay.place],
		seeking: undefined,
	});
}

/**
 * Jumps to the first shown line at or after `at` (ms), else to the last line. Without a line yet, to that time, which
 * stays when lines arrive.
 */
export function goToTime(state: State, overlay: LogOverlay, at: number): State {
	const all = filteredLines(state, overlay);
	const order = at * 1000 - justBefore;
	const [line] = [...all.after(order, 1), ...all.before(order, 1)];
	return jumpTo(state, overlay, line?.order ?? markAt(state, at) ?? at * 1000);
}

/** The order of the mark of that time. */
function markAt({logs: {ring}}: State, at: number): number | undefined {
	const order = at * 1000 - justBefore;
	return ring.chunks[chunkAfter(ring.chunks, order)]?.lines.find(line => line.order > order)?.order;
}

export function goBack(state: State, overlay: LogOverlay): State | undefined {
	return overlay.back.length === 0
		? undefined
		: replaceLogs(state, {...overlay, place: overlay.back.at(-1), back: overlay.back.slice(0, -1)});
}

/** Starts a search for the next match in this direction. */
export function seek(state: State, overlay: LogOverlay, direction: 1 | -1): State {
	const from = overlay.place ?? (direction < 0 ? Number.POSITIVE_INFINITY : Number.MAX_VALUE);
	return replaceLogs(state, {
		...overlay,
		seeking: {from: from + (direction < 0 ? -justBefore : 0), direction},
	});
}

/** One step of the search; `seeking` stays set while the search has to continue. */
export function continueSearch(state: State, overlay: LogOverlay): {state: State; found: boolean} {
	const {seeking, search} = overlay;
	const pattern = compileMatcher(search);
	if (seeking === undefined || 'problem' in pattern) {
		return {state: replaceLogs(state, {...overlay, seeking: undefined}), found: false};
	}

	const {from, direction} = seeking;
	const {chunks} = state.logs.ring;
	const all = filteredLines(state, overlay);
	const first = Math.min(chunkAfter(chunks, from), direction > 0 ? chunks.length : chunks.length - 1);
	for (let step = 0; step < chunksOfStep; step++) {
		const chunk = chunks[first + step * direction];
		if (chunk === undefined) {
			return {state: replaceLogs(state, {...overlay, seeking: undefined}), found: false};
		}

		const lines = chunk.lines.filter(({order}) => (direction > 0 ? order > from : order <= from));
		const hit = (line: (typeof lines)[number]) => all.passes(line) && pattern.value.test(line.text);
		const line = direction > 0 ? lines.find(hit) : lines.findLast(hit);
		if (line !== undefined) {
			return {state: jumpTo(state, overlay, line.order), found: true};
		}
	}

	const next = chunks[first + chunksOfStep * direction];
	const border =
		direction > 0
			? (next?.lines[0]?.order ?? Number.MAX_VALUE) - justBefore
			: (next?.lines.at(-1)?.order ?? Number.NEGATIVE_INFINITY);
	return {state: replaceLogs(state, {...overlay, seeking: {from: border, direction}}), found: false};
}

function isLogFact(event: Event): event is LogFact {
	return 'source' in event && event.type.startsWith('logs.');
}

export function withLogs(before: State, after: State, event: Event, at: number): State {
	const bounds = after.target.logBounds;
	let logs = isLogFact(event) ? foldLogs(after.logs, event, bounds, at) : after.logs;
	if (after.timeline !== before.timeline) {
		logs = markTimeline(logs, newEntries(before.timeline, after.timeline), bounds);
	}

	if ('source' in event && event.source.startsWith('logs:')) {
		const was = before.cluster.sourceStatuses.get(event.source);
		const is = after.cluster.sourceStatuses.get(event.source);
		if (is?.state === 'lost' && was?.state !== 'lost') {
			const what = was?.state === 'seen' ? 'log lost' : 'log not available';
			const remedy = is.remedy === undefined ? '' : `; ${is.remedy}`;
			logs = markSourceStatus(logs, event.source, `${what}: ${is.reason}${remedy}`, true, bounds, at);
		} else if (is?.state === 'seen' && was?.state === 'lost') {
			const text = `log back after ${age(at - was.since)}, continues where it stopped`;
			logs = markSourceStatus(logs, event.source, text, false, bounds, at);
		}
	}

	return logs === after.logs ? after : {...after, logs};
}
