/** The logs after an event: what it told, and what the console has to say itself in their midst; pure. */
import type {Event} from '../../domain/events.ts';
import {foldLogs, markSourceStatus, markTimeline} from '../../domain/logs/logs.ts';
import {age} from '../../lib/format.ts';
import type {State} from '../state.ts';

export function withLogs(before: State, after: State, event: Event, at: number): State {
	const bounds = after.target.logBounds;
	let logs = foldLogs(after.logs, event, bounds, at);
	if (after.timeline !== before.timeline) {
		const known = before.timeline.at(-1);
		const first = known === undefined ? 0 : after.timeline.lastIndexOf(known) + 1;
		logs = markTimeline(logs, after.timeline.slice(first), bounds);
	}

	if ('source' in event && event.source.startsWith('logs:')) {
		const was = before.cluster.sights.get(event.source);
		const is = after.cluster.sights.get(event.source);
		if (is?.state === 'lost' && was?.state !== 'lost') {
			const what = was?.state === 'seen' ? 'log lost' : 'log out of reach';
			const remedy = is.remedy === undefined ? '' : `; ${is.remedy}`;
			logs = markSourceStatus(logs, event.source, `${what}: ${is.reason}${remedy}`, true, bounds, at);
		} else if (is?.state === 'seen' && was?.state === 'lost') {
			const text = `log in sight again after ${age(at - was.since)}, it goes on where it was left`;
			logs = markSourceStatus(logs, event.source, text, false, bounds, at);
		}
	}

	return logs === after.logs ? after : {...after, logs};
}
