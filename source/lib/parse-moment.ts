/** A moment in the logs, as an operator writes it. */
import {type Moment, parseTime} from './parse-time.ts';

/** Times without a zone are the operator's own; one of the day that is still to come is yesterday's. */
export function parseMoment(text: string, now: number): Moment {
	return parseTime(text, {
		from: {back: now},
		day: {until: now},
		forms: '-5m, 04:14, 04:14:10.5, 2026-11-23 04:14',
	});
}
