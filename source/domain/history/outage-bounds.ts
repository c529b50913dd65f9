/** How long an interruption of writes lasted, at least and at most. Pure. */
import type {LogEvent} from './said.ts';

export type OutageBounds = {
	/** The earliest and the latest moment at which it can have begun, Unix ms. */
	from: readonly [number, number];
	/** The earliest and the latest moment at which it can have ended; undefined: no line says that it has. */
	to: readonly [number, number] | undefined;
	/** Time in which writes were certainly impossible, ms. */
	leastMs: number;
	/** The first line that shows it. */
	reason: string;
	/** No line of HAProxy on the primary's servers was read: clients may have found their way later. */
	isWithoutRoute?: true;
};

/** At most this long, ms; undefined while it lasts. */
export function mostMs({from, to}: OutageBounds): number | undefined {
	return to === undefined ? undefined : to[1] - from[0];
}

/** An interruption while it is looked at. */
export type Episode = {
	/** Lower bound of the begin. */
	earliest: number;
	/** The first certain line. */
	certain: number | undefined;
	reason: string;
	uncertainMs: number;
	/** The last line that leaves a doubt; a loop of the leader soon after it says nothing of what followed. */
	suspectedAt: number;
	leastMs: number;
	/** When the last missing thing came back. */
	restoredAt: number | undefined;
};

/** A program writes its line a moment before or after what it says becomes so, ms. */
const writtenMs = 150;

/** Time between two lines, ms; of one node, whose clock is right or wrong for both, without uncertainty. */
export function certainMs(from: LogEvent, to: LogEvent): number {
	return Math.max(
		0,
		to.at - from.at - writtenMs - (from.node === to.node ? 0 : from.uncertainMs + to.uncertainMs),
	);
}

/** @param end of the latest moment, Unix ms; undefined: no line says that it has ended */
export function boundsOf(
	{earliest, certain, reason, uncertainMs, leastMs, restoredAt}: Episode,
	end: number | undefined,
): OutageBounds {
	const begunBy = (certain === undefined ? (end ?? earliest) : certain + writtenMs) + uncertainMs;
	return {
		from: [earliest, Math.max(earliest, Math.min(begunBy, end ?? Infinity))],
		to:
			end === undefined
				? undefined
				: [
						Math.min(
							end,
							Math.max(
								earliest,
								(restoredAt === undefined ? earliest : restoredAt - writtenMs) - uncertainMs,
							),
						),
						end,
					],
		leastMs,
		reason,
	};
}
