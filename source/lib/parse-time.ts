/** Parses times that an operator types. */
export type Moment = {at: number} | {problem: string};

export type TimeInput = {
	/** Base of -5m and of +5m; undefined if the prompt does not accept it. */
	from: {back?: number; ahead?: number};
	/** Day of a time without a date: the latest up to `until`, or the first after `after`. */
	day: {until: number} | {after: number};
	/** Accepted forms, for the error. */
	forms: () => string;
};

const units: Readonly<Record<string, number>> = {
	s: 1000,
	m: 60_000,
	min: 60_000,
	h: 3_600_000,
	d: 86_400_000,
};
const dayLength = 86_400_000;

/** Parses a time; without a zone it is in the operator's. */
export function parseTime(typed: string, input: TimeInput): Moment {
	const text = typed.trim();
	return (
		relative(text, input.from) ??
		timeOfDay(text, input.day) ??
		parseDate(text) ?? {problem: `"${text}" is not a time: ${input.forms()}`}
	);
}

/** ISO 8601 in the operator's zone, with its offset; parses back to the same time. */
export function writeTime(at: number): string {
	const offset = -new Date(at).getTimezoneOffset();
	const local = new Date(at + offset * 60_000).toISOString().slice(0, -1);
	const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map(part =>
		String(part).padStart(2, '0'),
	);
	return `${local.replace(/\.000$/, '')}${offset < 0 ? '-' : '+'}${hours}:${minutes}`;
}

function relative(text: string, {back, ahead}: TimeInput['from']): Moment | undefined {
	const [, sign, amount, unit = ''] = /^([+-])(\d{1,5}) ?(s|m|min|h|d)$/.exec(text) ?? [];
	const start = sign === '-' ? back : ahead;
	if (amount === undefined || start === undefined) {
		return undefined;
	}

	return {at: start + (sign === '-' ? -1 : 1) * Number(amount) * (units[unit] ?? Number.NaN)};
}

const clockForm = String.raw`(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?`;
const timeForm = new RegExp(`^${clockForm}$`);
const dateForm = new RegExp(
	String.raw`^(\d{4})-(\d\d)-(\d\d)(?:T| +)${clockForm} ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$`,
	'i',
);

type Clock = {hours: number; minutes: number; seconds: number; ms: number};
type Day = {year: number; month: number; day: number};

function clockOf([hours, minutes, seconds = '0', fraction = '0']: readonly (string | undefined)[]):
	| Clock
	| {problem: string} {
	const clock = {
		hours: Number(hours),
		minutes: Number(minutes),
		seconds: Number(seconds),
		ms: Math.floor(Number(`0.${fraction}`) * 1000 + 1e-6),
	};
	return clock.hours > 23 || clock.minutes > 59 || clock.seconds > 59
		? {
				problem: `${hours}:${minutes}${seconds === '0' ? '' : `:${seconds}`} is not a time of day: 00:00 to 23:59:59`,
			}
		: clock;
}

function timeOfDay(text: string, day: TimeInput['day']): Moment | undefined {
	const parts = timeForm.exec(text);
	if (parts === null) {
		return undefined;
	}

	const clock = clockOf(parts.slice(1));
	if ('problem' in clock) {
		return clock;
	}

	const [origin, wanted] =
		'until' in day
			? [day.until, (at: number) => at <= day.until]
			: [day.after, (at: number) => at > day.after];
	const step = 'until' in day ? -1 : 1;
	const start = new Date(origin);
	for (const days of [0, step]) {
		const date = new Date(Date.UTC(start.getFullYear(), start.getMonth(), start.getDate() + days));
		const found = onClock(dayOf(date), clock);
		if ('problem' in found || wanted(found.at)) {
			return found;
		}
	}

	return {problem: `"${text}" matches neither day: write the date too`};
}

function dayOf(date: Date): Day {
	return {year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate()};
}

function parseDate(text: string): Moment | undefined {
	const parts = dateForm.exec(text);
	if (parts === null) {
		return undefined;
	}

	const [year = 0, month = 0, day = 0] = parts.slice(1, 4).map(Number);
	const date = new Date(wall({year, month, day}));
	if (date.getUTCMonth() + 1 !== month || date.getUTCDate() !== day) {
		return {problem: `${parts.slice(1, 4).join('-')} is not a date`};
	}

	const clock = clockOf(parts.slice(4, 8));
	if ('problem' in clock) {
		return clock;
	}

	const zone = parts[8];
	if (zone === undefined) {
		return onClock({year, month, day}, clock);
	}

	const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
	if (Number(hours) > 14 || Number(minutes) > 59) {
		return {problem: `${zone} is not a time zone: Z, or -12:00 to +14:00`};
	}

	const ahead = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
	return {at: wall({year, month, day}, clock) - ahead};
}

/** The date and time as if in UTC, Unix ms. */
function wall(
	{year, month, day}: Day,
	{hours, minutes, seconds, ms}: Clock = {hours: 0, minutes: 0, seconds: 0, ms: 0},
): number {
	const date = new Date(0);
	// Date.UTC would map the years 0 to 99 to 1900 to 1999.
	date.setUTCFullYear(year, month - 1, day);
	return date.setUTCHours(hours, minutes, seconds, ms);
}

/** Daylight saving time skips an hour in spring, and repeats one in autumn. */
function onClock(day: Day, clock: Clock): Moment {
	const shown = wall(day, clock);
	const offsets = [-dayLength, dayLength].map(days => -new Date(shown + days).getTimezoneOffset() * 60_000);
	const [first, second] = [...new Set(offsets)]
		.map(offset => shown - offset)
		.filter(at => at - new Date(at).getTimezoneOffset() * 60_000 === shown)
		.sort((a, b) => a - b);
	const text = new Date(shown).toISOString().slice(0, 16).replace('T', ' ');
	if (first === undefined) {
		return {problem: `${text} does not exist: the clocks were set forward over it`};
	}

	return second === undefined
		? {at: first}
		: {
				problem: `${text} is ambiguous, the clocks were set back: write ${writeTime(first)} or ${writeTime(second)}`,
			};
}

/** Parses a time in the past, by default in the operator's zone; a time of day later than now is yesterday's. */
export function parseMoment(text: string, now: number): Moment {
	return parseTime(text, {
		from: {back: now},
		day: {until: now},
		forms: () => '-5m, 04:14, 04:14:10.5, 2026-11-23 04:14',
	});
}

export type When = {at: number | undefined} | {problem: string};

const hour = 3_600_000;

/** A date and time that `parseWhen` takes now: the first full hour of the operator's zone that is at least an hour ahead. */
export function exampleWhen(now: number): string {
	const next = new Date(now + 2 * hour - 1);
	next.setMinutes(0, 0, 0);
	const text = writeTime(next.getTime()).slice(0, 16).replace('T', ' ');
	// Where the clocks are set back, an hour has two times.
	return 'problem' in parseWhen(text, now) ? exampleWhen(now + hour) : text;
}

/** Parses a time in the future, by default in the operator's zone; a time of day that has passed is tomorrow's. */
export function parseWhen(text: string, now: number): When {
	const trimmed = text.trim();
	if (trimmed === '' || trimmed === 'now') {
		return {at: undefined};
	}

	const moment = parseTime(trimmed, {
		from: {ahead: now},
		day: {after: now},
		forms: () => `now, +10m, +2h, 14:30, ${exampleWhen(now)}, or ISO 8601 with a zone`,
	});
	return 'at' in moment && moment.at <= now ? {problem: `${utc(moment.at)} has passed`} : moment;
}

/** `2026-11-24 03:00:00 UTC`, from Unix ms or Patroni's ISO 8601 time; unchanged if invalid. */
export function utc(time: number | string): string {
	const at = typeof time === 'number' ? time : Date.parse(time);
	return Number.isNaN(at) ? String(time) : `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Whether the text begins as a time or a span does, as `04:14:10` and `-5m` do. */
export function isTimeLike(text: string): boolean {
	return /^\s*[+-]?\d/.test(text);
}
