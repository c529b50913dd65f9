/** The operator's place in the logs: moves, jumps and the way back, searches. Pure. */

import type {Event, LogFact} from '../../domain/events.ts';
import {FilteredLines} from '../../domain/logs/filtered-lines.ts';
import {chunkAfter} from '../../domain/logs/log-buffer.ts';
import {foldLogs, markSourceStatus, markTimeline} from '../../domain/logs/logs.ts';
import {compileMatcher} from '../../domain/logs/matcher.ts';
import {age} from '../../lib/format.ts';
import type {LogOverlay, State} from '../state.ts';
import {replaceLogs} from '../state.ts';

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
export function moveBy(state: State, layer: LogOverlay, lines: number): State {
	const all = filteredLines(state, layer);
	const budget = {chunks: chunksOfKey};
	if (lines < 0) {
		const [newest] = layer.place === undefined ? all.before(Number.POSITIVE_INFINITY, 1, budget) : [];
		const place = layer.place ?? newest?.order;
		if (place === undefined) {
			return state;
		}

		const [first] = all.before(place - justBefore, -lines, budget);
		return replaceLogs(state, {
			...layer,
			place: first?.order ?? place,
			newest: layer.place === undefined ? place : layer.newest,
		});
	}

	if (layer.place === undefined) {
		return state;
	}

	const found = all.after(layer.place, lines, budget);
	const last = found.at(-1);
	return found.length < lines && (last === undefined || all.after(last.order, 1, budget).length === 0)
		? replaceLogs(state, {...layer, place: undefined})
		: replaceLogs(state, {...layer, place: last?.order ?? layer.place});
}

/** Jumps to a place; `b` returns. */
export function jumpTo(state: State, layer: LogOverlay, place: number | undefined): State {
	const [newest] = new FilteredLines(state.logs.ring, layer.choice).before(Number.POSITIVE_INFINITY, 1, {
		chunks: chunksOfKey,
	});
	return replaceLogs(state, {
		...layer,
		place,
		newest: layer.place === undefined ? (newest?.order ?? 0) : layer.newest,
		back: [...layer.back.slice(-backMax), layer.place],
		seeking: undefined,
	});
}

/** Jumps to the first shown line at or after `at` (ms), else to the last line. */
export function goToTime(state: State, layer: LogOverlay, at: number): State {
	const all = filteredLines(state, layer);
	const order = at * 1000 - justBefore;
	const [line] = [...all.after(order, 1), ...all.before(order, 1)];
	return jumpTo(state, layer, line?.order);
}

export function goBack(state: State, layer: LogOverlay): State | undefined {
	return layer.back.length === 0
		? undefined
		: replaceLogs(state, {...layer, place: layer.back.at(-1), back: layer.back.slice(0, -1)});
}

/** Starts a search for the next match in this direction. */
export function seek(state: State, layer: LogOverlay, direction: 1 | -1): State {
	const from = layer.place ?? (direction < 0 ? Number.POSITIVE_INFINITY : Number.MAX_VALUE);
	return replaceLogs(state, {...layer, seeking: {from: from + (direction < 0 ? -justBefore : 0), direction}});
}

/** One step of the search; `seeking` stays set while the search has to continue. */
export function continueSearch(state: State, layer: LogOverlay): {state: State; found: boolean} {
	const {seeking, search} = layer;
	const pattern = compileMatcher(search);
	if (seeking === undefined || 'problem' in pattern) {
		return {state: replaceLogs(state, {...layer, seeking: undefined}), found: false};
	}

	const {from, direction} = seeking;
	const {chunks} = state.logs.ring;
	const {test} = filteredLines(state, layer).test;
	const first = Math.min(chunkAfter(chunks, from), direction > 0 ? chunks.length : chunks.length - 1);
	for (let step = 0; step < chunksOfStep; step++) {
		const chunk = chunks[first + step * direction];
		if (chunk === undefined) {
			return {state: replaceLogs(state, {...layer, seeking: undefined}), found: false};
		}

		const lines = chunk.lines.filter(({order}) => (direction > 0 ? order > from : order <= from));
		const hit = (line: (typeof lines)[number]) => test(line) && pattern.value.test(line.text);
		const line = direction > 0 ? lines.find(hit) : lines.findLast(hit);
		if (line !== undefined) {
			return {state: jumpTo(state, layer, line.order), found: true};
		}
	}

	const next = chunks[first + chunksOfStep * direction];
	const border =
		direction > 0
			? (next?.lines[0]?.order ?? Number.MAX_VALUE) - justBefore
			: (next?.lines.at(-1)?.order ?? Number.NEGATIVE_INFINITY);
	return {state: replaceLogs(state, {...layer, seeking: {from: border, direction}}), found: false};
}

function isLogFact(event: Event): event is LogFact {
	return 'source' in event && event.type.startsWith('logs.');
}

export function withLogs(before: State, after: State, event: Event, at: number): State {
	const bounds = after.target.logBounds;
	let logs = isLogFact(event) ? foldLogs(after.logs, event, bounds, at) : after.logs;
	if (after.timeline !== before.timeline) {
		const known = before.timeline.at(-1);
		const first = known === undefined ? 0 : after.timeline.lastIndexOf(known) + 1;
		logs = markTimeline(logs, after.timeline.slice(first), bounds);
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
