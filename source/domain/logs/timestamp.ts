/** Parses the times of log lines, with their zones: offsets, abbreviations, and names of log_timezone. */

/** How the times of a node's lines are read. */
export type Zones = {
	/** Offset of the node's local time from UTC, minutes. */
	local: number;
	/** PostgreSQL's log_timezone; undefined if it is unknown. */
	logTimezone?: string | undefined;
};

const full =
	/^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))? ?(Z|[+-]\d\d:?(?:\d\d)?(?::?\d\d)?|[A-Za-z]{1,10})?$/;
const short = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)$/;
/** `%n`: seconds since 1970. */
const epoch = /^(\d{1,12})\.(\d{3,9})$/;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Unix time in µs; undefined if the time is invalid.
 * @param now ms; a time without a year is of the present year, or of the last one if it would be more than a day ahead
 */
export function parseTimestamp(stamp: string, zones: Zones, now: number): number | undefined {
	const seconds = epoch.exec(stamp);
	if (seconds) {
		return Number(seconds[1]) * 1_000_000 + microsecondsOf(seconds[2]);
	}

	const match = full.exec(stamp);
	if (match) {
		const [, year, month, day, hour, minute, second, fraction, where] = match;
		const local = Date.UTC(
			Number(year),
			Number(month) - 1,
			Number(day),
			Number(hour),
			Number(minute),
			Number(second),
		);
		return (local - minutesOf(where, local, zones) * 60_000) * 1000 + microsecondsOf(fraction);
	}

	const parts = short.exec(stamp);
	if (!parts) {
		return undefined;
	}

	const [, name = '', day, hour, minute, second] = parts;
	const month = months.indexOf(name);
	const year = new Date(now).getUTCFullYear();
	const inYear = (one: number) =>
		Date.UTC(one, month, Number(day), Number(hour), Number(minute), Number(second)) - zones.local * 60_000;
	const aDay = 86_400_000;
	const at = inYear(year) > now + aDay ? inYear(year - 1) : inYear(year);
	return month < 0 ? undefined : at * 1000;
}

function microsecondsOf(fraction = ''): number {
	return Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** Offset from UTC in minutes. @param local the time as if it were UTC, ms */
function minutesOf(where: string | undefined, local: number, {local: node, logTimezone}: Zones): number {
	const fixed = logTimezone === undefined ? undefined : posixZone(logTimezone);
	// With another name, the setting is newer than the line.
	if (fixed !== undefined && fixed.name === (where?.toUpperCase() ?? '')) {
		return fixed.minutes;
	}

	if (where === undefined) {
		return node;
	}

	const match = /^([+-])(\d\d):?(\d\d)?(?::?(\d\d))?$/.exec(where);
	if (match) {
		const [, sign, hours, minutes = 0, seconds = 0] = match;
		return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes) + Number(seconds) / 60);
	}

	const meant = abbreviations.get(where.toUpperCase()) ?? [];
	const candidates = logTimezone === undefined ? [] : minutesIn(logTimezone, local);
	// The abbreviation decides in the hour that a change of the clock repeats, and if the setting is newer than the line.
	return (
		meant.find(minutes => candidates.includes(minutes)) ??
		(meant.length === 1 ? meant[0] : undefined) ??
		candidates[0] ??
		(meant.includes(node) ? node : (meant[0] ?? node))
	);
}

/** Abbreviations of time zones, minutes from UTC; several where zones share one. */
const abbreviations: ReadonlyMap<string, readonly number[]> = new Map(
	Object.entries({
		Z: [0],
		UTC: [0],
		GMT: [0],
		WET: [0],
		WEST: [60],
		CET: [60],
		CEST: [120],
		EET: [120],
		EEST: [180],
		MSK: [180],
		MSD: [240],
		BST: [60, 360],
		IST: [330, 120, 60],
		IDT: [180],
		PKT: [300],
		WIB: [420],
		WITA: [480],
		WIT: [540],
		HKT: [480],
		JST: [540],
		KST: [540],
		SAST: [120],
		CAT: [120],
		EAT: [180],
		WAT: [60],
		NST: [-210],
		NDT: [-150],
		AST: [-240, 180],
		ADT: [-180],
		EST: [-300, 600],
		EDT: [-240, 660],
		CST: [-360, 480, -300, 570],
		CDT: [-300, -240],
		MST: [-420, 480],
		MDT: [-360],
		PST: [-480, 480],
		PDT: [-420],
		AKST: [-540],
		AKDT: [-480],
		HST: [-600],
		HDT: [-540],
		AEST: [600],
		AEDT: [660],
		ACST: [570],
		ACDT: [630],
		AWST: [480],
		NZST: [720],
		NZDT: [780],
		SST: [-660],
		CHST: [600],
	}),
);

/** PostgreSQL refuses more. */
const posixHoursMax = 167;

/**
 * `UTC+3`, `<+0330>-3:30` or a bare `3`: POSIX's form without daylight saving, which counts westwards. PostgreSQL takes a
 * zone without a name, and writes times without one (`pg_tzset` of `src/timezone/pgtz.c`).
 */
function posixZone(zone: string): {name: string; minutes: number} | undefined {
	const match = /^(?:<([^>]{0,20})>|([A-Za-z]{0,10}))([+-])?(\d{1,3})(?::(\d\d)(?::\d\d)?)?$/.exec(zone);
	const [, quoted, plain = '', sign, hours, minutes = 0] = match ?? [];
	if (hours === undefined || Number(hours) > posixHoursMax || Number(minutes) > 59) {
		return undefined;
	}

	return {
		name: (quoted ?? plain).toUpperCase(),
		minutes: (sign === '-' ? 1 : -1) * (Number(hours) * 60 + Number(minutes)),
	};
}

/** Undefined: no such zone. */
const formats = new Map<string, Intl.DateTimeFormat | undefined>();
/** The last answer of each zone, for the quarter of an hour of the local time: the lines of a log are in its order. */
const answers = new Map<string, {quarter: number; minutes: readonly number[]}>();
const quarterMs = 900_000;
/** Zones are of the nodes' settings: a few. */
const zonesMax = 100;

/** Offsets, in minutes, at which the zone has this local time: two in a repeated hour, the one before it in a gap. */
function minutesIn(zone: string, local: number): readonly number[] {
	const quarter = Math.floor(local / quarterMs);
	const last = answers.get(zone);
	if (last?.quarter === quarter) {
		return last.minutes;
	}

	const format = formatOf(zone);
	if (format === undefined || !Number.isFinite(local) || Math.abs(local) > 8e15) {
		return [];
	}

	const day = 86_400_000;
	const around = [...new Set([offsetAt(format, local - day), offsetAt(format, local + day)])];
	const fitting = around.filter(minutes => offsetAt(format, local - minutes * 60_000) === minutes);
	const minutes = fitting.length > 0 ? fitting : around.slice(0, 1);
	answers.set(zone, {quarter, minutes});
	return minutes;
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
	if (formats.has(zone)) {
		return formats.get(zone);
	}

	if (formats.size >= zonesMax) {
		formats.clear();
		answers.clear();
	}

	let format: Intl.DateTimeFormat | undefined;
	try {
		format = new Intl.DateTimeFormat('en-US', {
			timeZone: zone.replace(/^(?:posix|right)\//, ''),
			hourCycle: 'h23',
			year: 'numeric',
			month: 'numeric',
			day: 'numeric',
			hour: 'numeric',
			minute: 'numeric',
			second: 'numeric',
		});
	} catch (error) {
		if (!(error instanceof RangeError)) {
			throw error;
		}
	}

	formats.set(zone, format);
	return format;
}

function offsetAt(format: Intl.DateTimeFormat, utc: number): number {
	const parts = new Map(format.formatToParts(utc).map(({type, value}) => [type, Number(value)]));
	const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
	const there = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
	return (there - Math.floor(utc / 1000) * 1000) / 60_000;
}
