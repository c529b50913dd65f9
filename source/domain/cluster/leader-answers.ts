/** What members answer of their WAL, while they lead and since they do not. Pure. */
import type {Event} from '../events.ts';
import {isPrimaryRole, type PatroniStatus} from '../facts.ts';
import {answerMaxMs} from './clocks.ts';
import {highest, type LeaderChange, type LeaderChanges, type Leadership} from './loss.ts';

const positionsMax = 30;

type Answer = Pick<PatroniStatus, 'state' | 'role' | 'timeline' | 'location' | 'received' | 'replayed'>;

const runningPrimary = {state: 'running', role: 'primary', received: undefined, replayed: undefined} as const;

/** Of a standby REST alone is taken: answers of two sources at nearly the same time do not prove that its WAL ends there. */
export function withAnswerOf(
	known: LeaderChanges,
	event: Event & {type: 'patroni.status' | 'sql.status'},
	at: number,
): LeaderChanges {
	if (event.type === 'patroni.status') {
		return addAnswer(known, event, event.status, at);
	}

	const {inRecovery, timeline, location} = event.status;
	return inRecovery ? known : addAnswer(known, event, {...runningPrimary, timeline, location}, at);
}

function addAnswer(
	known: LeaderChanges,
	{member, tookMs = answerMaxMs}: Event & {type: 'patroni.status' | 'sql.status'},
	status: Answer,
	at: number,
): LeaderChanges {
	const {current} = known;
	const askedAt = at - tookMs;
	if (current?.leader === member) {
		const next = withAnswer(current, status, askedAt);
		return next === current ? known : {...known, current: next};
	}

	const index = known.changes.findLastIndex(({from}) => from.leader === member);
	const change = known.changes[index];
	if (change === undefined || status.timeline === undefined || status.timeline !== change.from.timeline) {
		return known;
	}

	const next = isPrimaryRole(status.role)
		? {...change, from: withAnswer(change.from, status, askedAt)}
		: {...change, end: endAfter(change, status)};
	return {...known, changes: known.changes.with(index, next)};
}

function withAnswer(known: Leadership, status: Answer, askedAt: number): Leadership {
	const {role, state, timeline, location} = status;
	return !isPrimaryRole(role) || state !== 'running' || location === undefined
		? known
		: {
				...known,
				timeline: highest(known.timeline, timeline),
				positions: [...known.positions, {location, at: askedAt}].slice(-positionsMax),
			};
}

/** A standby that still reads its own WAL has not reached its end. */
function endAfter({end}: LeaderChange, {state, received, replayed}: Answer): LeaderChange['end'] {
	const location = highest(received, replayed);
	return state !== 'running' || location === undefined || location < (end?.location ?? 0)
		? end
		: {location, isStable: location === end?.location};
}
