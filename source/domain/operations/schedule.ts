/** When an operator wants something done: the few ways in which people write a time. */

export type When = {at: number | undefined} | {problem: string};

const forms = 'now, +10m, +2h, 14:30, 2026-11-24 02:00, or ISO 8601 with a zone';

/** Times without a zone are the operator's own; one of the day that has passed is tomorrow's. */
export function parseWhen(text: string, now: number): When {
	const trimmed = text.trim();
	if (trimmed === '' || trimmed === 'now') {
		return {at: undefined};
	}

	const at = relative(trimmed, now) ?? timeOfDay(trimmed, now) ?? dated(trimmed);
	if (at === undefined || Number.isNaN(at)) {
		return {problem: `"${trimmed}" is no time: ${forms}`};
	}

	return at <= now ? {problem: `${new Date(at).toISOString()} has passed`} : {at};
}

function relative(text: string, now: number): number | undefined {
	const [, amount, unit] = /^\+(\d{1,5})\s*(s|m|min|h|d)$/.exec(text) ?? [];
	const lengths: Readonly<Record<string, number>> = {
		s: 1000,
		m: 60_000,
		min: 60_000,
		h: 3_600_000,
		d: 86_400_000,
	};
	return amount === undefined ? undefined : now + Number(amount) * (lengths[unit ?? ''] ?? Number.NaN);
}

function timeOfDay(text: string, now: number): number | undefined {
	const [, hours, minutes, seconds = '0'] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text) ?? [];
	if (hours === undefined || minutes === undefined) {
		return undefined;
	}

	if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) {
		return Number.NaN;
	}

	const today = new Date(now);
	const at = new Date(today).setHours(Number(hours), Number(minutes), Number(seconds), 0);
	const next = at > now ? at : new Date(at).setDate(today.getDate() + 1);
	// An hour that the change to summer time leaves out.
	return new Date(next).getHours() === Number(hours) ? next : Number.NaN;
}

function dated(text: string): number | undefined {
	const [, date, time, zone = ''] =
		/^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?$/.exec(text) ?? [];
	if (date === undefined || time === undefined) {
		return undefined;
	}

	const offset = zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
	const at = Date.parse(`${date}T${time}${offset}`);
	return isInCalendar(at, offset, `${date}T${time.slice(0, 5)}`) ? at : Number.NaN;
}

/** Out of the 30th of February, and out of an hour that the change to summer time leaves out, Date makes another time. */
function isInCalendar(at: number, zone: string, written: string): boolean {
	const ahead =
		zone === '' ? -60_000 * new Date(at).getTimezoneOffset() : -Date.parse(`1970-01-01T00:00${zone}`);
	return !Number.isNaN(at) && new Date(at + ahead).toISOString().startsWith(written);
}
