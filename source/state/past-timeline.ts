/** The timeline that a console would have if it had seen what the logs say. Pure. */
import type {Event} from '../domain/events.ts';
import type {Entry} from '../domain/facts.ts';
import type {Collected} from '../domain/history/collect.ts';
import {LogFacts, type PastSpan, targetOfLogs} from '../domain/history/log-facts.ts';
import type {Target} from '../domain/target.ts';
import {initialState, type State} from './state.ts';
import {update} from './update.ts';

/** Events between two pauses. */
const pauseEvery = 100;

/** Yields now and then, so that others may work in between. @returns the entries, the oldest first */
export function* pastTimeline(
	target: Target,
	collected: Collected,
	span: PastSpan,
): Generator<void, readonly Entry[]> {
	const facts = new LogFacts(target, collected, span);
	let state = initialState(targetOfLogs(target), span.since);
	const put = (all: readonly {at: number; event: Event}[]) => {
		for (const {at, event} of all) {
			[state] = update(state, {at: Math.max(at, state.now), event});
		}
	};
	put(facts.standing());
	state = withoutTimeline(state);
	// Where the lines end now, the present is known better.
	const ends = facts.ends().filter(({isLast}) => !isLast);
	let [end, count] = [0, 0];
	for (const event of collected.events) {
		for (let next = ends[end]; next !== undefined && next.at < event.at; next = ends[++end]) {
			put(next.lose());
		}

		put(facts.take(event));
		if (++count % pauseEvery === 0) {
			yield;
		}
	}

	return state.timeline;
}

/** How things were is no news. */
function withoutTimeline(state: State): State {
	return {...state, timeline: []};
}
