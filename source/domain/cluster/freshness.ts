/** The status of each source: connecting, seen or lost, since when and why. */
import {tenths} from '../../lib/format.ts';
import {withEntry, withoutEntry} from '../../lib/json.ts';
import type {ClusterEvent, Sighting} from '../events.ts';
import type {ErrorCode, SourceId} from '../facts.ts';
import {traitsOf} from './source-kinds.ts';

export type SourceStatus =
	/** It never answered. */
	| {state: 'connecting'; since: number}
	/** `at`: when the source last reported. */
	| {
			state: 'seen';
			since: number;
			at: number;
			/** Time since `at` in which this program did not run, ms. */
			unheard?: number;
			/** What it said is known to hold until then; of what was read from logs. */
			until?: number;
	  }
	/** `seenAt`: when the source last reported before the loss; undefined if it never did. */
	| {
			state: 'lost';
			since: number;
			reason: string;
			code?: ErrorCode;
			remedy: string | undefined;
			/** The source answers, but refuses access. */
			refused: boolean;
			/** The cause is this program, not the source. */
			fault?: true;
			seenAt: number | undefined;
	  };

export type SourceStatuses = ReadonlyMap<SourceId, SourceStatus>;

export function foldSourceStatuses(
	sourceStatuses: SourceStatuses,
	event: ClusterEvent,
	at: number,
	/** How far the session's time was ahead of this machine's clock until now, ms. */
	aheadMs = 0,
): SourceStatuses {
	if (event.type === 'console.stalled') {
		return event.port === undefined ? addUnheard(sourceStatuses, event.milliseconds) : sourceStatuses;
	}

	if (event.type === 'clock.set') {
		return withSetClock(sourceStatuses, event.milliseconds + event.aheadMs - aheadMs);
	}

	if (!('source' in event)) {
		return sourceStatuses;
	}

	const {source} = event;
	const before = sourceStatuses.get(source);
	switch (event.type) {
		case 'source.connecting': {
			// A source that retries after a loss stays lost, with its reason, until it succeeds.
			return before?.state === 'lost'
				? sourceStatuses
				: withEntry(sourceStatuses, source, {state: 'connecting', since: at});
		}

		case 'source.lost': {
			return withEntry(sourceStatuses, source, {
				state: 'lost',
				since: before?.state === 'lost' ? before.since : at,
				reason: event.reason,
				...(event.code === undefined ? {} : {code: event.code}),
				remedy: event.remedy,
				refused: event.refused ?? false,
				...(event.fault ? {fault: true} : {}),
				seenAt: before?.state === 'seen' ? before.at : before?.state === 'lost' ? before.seenAt : undefined,
			});
		}

		case 'source.closed': {
			return withoutEntry(sourceStatuses, source);
		}

		default: {
			event satisfies Sighting;
			if (before === undefined && event.type === 'logs.lines') {
				// Lines of a stream that was closed already.
				return sourceStatuses;
			}

			const lateMs = latenessOf(event);
			return withEntry(sourceStatuses, source, {
				state: 'seen',
				since: before?.state === 'seen' ? before.since : at,
				at: at - lateMs,
				...(lateMs === 0 ? {} : {unheard: lateMs}),
				...untilOf(event, before),
			});
		}
	}
}

/** A later fact of the same source does not shorten what is known already. */
function untilOf(event: Sighting, before: SourceStatus | undefined): {until?: number} {
	const known = before?.state === 'seen' ? before.until : undefined;
	const until = event.type === 'source.alive' ? (event.until ?? known) : known;
	return until === undefined ? {} : {until};
}

/** A clock that is set forward moves the session's time; answers do not get older by that, and no loss longer. */
function withSetClock(sourceStatuses: SourceStatuses, jumpMs: number): SourceStatuses {
	return jumpMs <= 0
		? sourceStatuses
		: new Map([...sourceStatuses].map(([source, status]) => [source, afterJump(status, jumpMs)]));
}

function afterJump(status: SourceStatus, jumpMs: number): SourceStatus {
	const since = status.since + jumpMs;
	switch (status.state) {
		case 'connecting': {
			return {...status, since};
		}

		case 'seen': {
			return {...status, since, at: status.at + jumpMs};
		}

		case 'lost': {
			return {...status, since, seenAt: status.seenAt === undefined ? undefined : status.seenAt + jumpMs};
		}
	}
}

/** How long an answer may have waited in this program's queue, ms. */
export function latenessOf(event: ClusterEvent): number {
	return ('lateMs' in event ? event.lateMs : undefined) ?? 0;
}

/** Adds a stall to each source: silence during a stall proves nothing, since answers may wait in the queue. */
function addUnheard(sourceStatuses: SourceStatuses, milliseconds: number): SourceStatuses {
	return new Map(
		[...sourceStatuses].map(([source, status]) => [
			source,
			status.state === 'seen' ? {...status, unheard: (status.unheard ?? 0) + milliseconds} : status,
		]),
	);
}

/** The source is stale only because this program did not run. */
export function isUnheard(status: SourceStatus | undefined, source: SourceId, now: number): boolean {
	return (
		status?.state === 'seen' &&
		status.unheard !== undefined &&
		!isFresh(status, source, now) &&
		now - status.at - status.unheard <= traitsOf(source).freshForMs
	);
}

/** The source is not fresh because of this program, not because of its object. */
export function isOurs(status: SourceStatus | undefined, source: SourceId, now: number): boolean {
	return isUnheard(status, source, now) || (status?.state === 'lost' && status.fault === true);
}

/** Whether the source is fresh at `now`. */
export function isFresh(status: SourceStatus | undefined, source: SourceId, now: number): boolean {
	if (status?.state !== 'seen') {
		return false;
	}

	const {isQuietWhenHealthy, freshForMs} = traitsOf(source);
	return (
		isQuietWhenHealthy || now - status.at <= freshForMs || (status.until !== undefined && now <= status.until)
	);
}

/** A source is called silent for whole seconds, ms. */
const stallNamedMs = 1000;

/** Why a source is not fresh, in words; undefined if it is. */
export function unavailableReason(
	status: SourceStatus | undefined,
	source: SourceId,
	now: number,
): string | undefined {
	if (isFresh(status, source, now)) {
		return undefined;
	}

	switch (status?.state) {
		case 'lost': {
			return status.reason;
		}

		case 'seen': {
			const unheard = status.unheard ?? 0;
			const stalled = `this console was stalled for ${tenths(unheard)}`;
			// Only while this console ran it would have heard something.
			const silent = `silent for ${Math.round((now - status.at - unheard) / 1000)} s`;
			return isUnheard(status, source, now)
				? stalled
				: unheard < stallNamedMs
					? silent
					: `${silent}, and ${stalled}`;
		}

		case 'connecting':
		case undefined: {
			return 'connecting';
		}
	}
}

/** `this machine's clock was set back by 30 s` */
export function describeClockSet({milliseconds}: {milliseconds: number}): string {
	const by = Math.max(1, Math.round(Math.abs(milliseconds) / 1000));
	return `this machine's clock was set ${milliseconds < 0 ? 'back' : 'forward'} by ${by} s`;
}
