/** A moment in the logs, as an operator writes it. */

export type Moment = {at: number} | {problem: string};

const units: Readonly<Record<string, number>> = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};

/** Times without a zone are the operator's own; one of the day that is still to come is yesterday's. */
export function parseMoment(text: string, now: number): Moment {
	const trimmed = text.trim();
	const at = ago(trimmed, now) ?? timeOfDay(trimmed, now) ?? dated(trimmed);
	return at === undefined || Number.isNaN(at)
		? {problem: `"${trimmed}" is no time: -5m, 04:14, 04:14:10.5, 2026-11-23 04:14`}
		: {at};
}

function ago(text: string, now: number): number | undefined {
	const [, amount, unit = ''] = /^-(\d{1,5}) ?([smhd])$/.exec(text) ?? [];
	return amount === undefined ? undefined : now - Number(amount) * (units[unit] ?? Number.NaN);
}

function timeOfDay(text: string, now: number): number | undefined {
	const [, hours, minutes, seconds = '0', fraction = '0'] =
		/^(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?$/.exec(text) ?? [];
	if (hours === undefined) {
		return undefined;
	}

	if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) {
		return Number.NaN;
	}

	const day = new Date(now);
	const at = day.setHours(Number(hours), Number(minutes), Number(seconds), Number(fraction.padEnd(3, '0')));
	return at <= now ? at : new Date(at).setDate(new Date(at).getDate() - 1);
}

function dated(text: string): number | undefined {
	const [, date, time, zone = ''] =
		/^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
	return date === undefined ? undefined : Date.parse(`${date}T${time}${zone}`);
}
