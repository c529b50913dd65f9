/** When an operator wants something done. */
import {parseTime} from './parse-time.ts';
import {utc} from './utc.ts';

export type When = {at: number | undefined} | {problem: string};

const forms = 'now, +10m, +2h, 14:30, 2026-11-24 02:00, or ISO 8601 with a zone';

/** Times without a zone are the operator's own; one of the day that has passed is tomorrow's. */
export function parseWhen(text: string, now: number): When {
	const trimmed = text.trim();
	if (trimmed === '' || trimmed === 'now') {
		return {at: undefined};
	}

	const moment = parseTime(trimmed, {from: {ahead: now}, day: {after: now}, forms});
	return 'at' in moment && moment.at <= now ? {problem: `${utc(moment.at)} has passed`} : moment;
}
