/** Times as they are written in log files, in µs; without a zone they are the node's local time. */

const full =
	/^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))? ?(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?|[A-Z]{2,5})?$/;
const short = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * @param zone minutes that the node's local time is ahead of UTC; also for zones that are told by their letters.
 * @param now ms; a time without a year is the last one before it.
 */
export function parseTimestamp(stamp: string, zone: number, now: number): number | undefined {
	const match = full.exec(stamp);
	if (match) {
		const [, year, month, day, hour, minute, second, fraction = '', where] = match;
		const utc = Date.UTC(
			Number(year),
			Number(month) - 1,
			Number(day),
			Number(hour),
			Number(minute),
			Number(second),
		);
		return (utc - minutesOf(where, zone) * 60_000) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
	}

	const parts = short.exec(stamp);
	if (!parts) {
		return undefined;
	}

	const [, name = '', day, hour, minute, second] = parts;
	const month = months.indexOf(name);
	const year = new Date(now).getUTCFullYear();
	const inYear = (one: number) =>
		Date.UTC(one, month, Number(day), Number(hour), Number(minute), Number(second)) - zone * 60_000;
	const aDay = 86_400_000;
	const at = inYear(year) > now + aDay ? inYear(year - 1) : inYear(year);
	return month < 0 ? undefined : at * 1000;
}

function minutesOf(where: string | undefined, zone: number): number {
	if (where === 'Z' || where === 'UTC' || where === 'GMT') {
		return 0;
	}

	const match = where === undefined ? undefined : /^([+-])(\d\d):?(\d\d)?$/.exec(where);
	return match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) : zone;
}
