/** Formats times, sizes, versions and hosts, the same on the screen and in `--once`; and how wide a text is. */
import prettyMs from 'pretty-ms';
import stringWidth from 'string-width';
import {memoByText} from './memo.ts';

/** Steps of an age: finer ones add nothing, and would redraw the line every second. */
const steps = [
	{upTo: 60_000, step: 1000},
	{upTo: 600_000, step: 10_000},
	{upTo: Number.POSITIVE_INFINITY, step: 60_000},
] as const;

/** How long ago, at most two units: `0s`, `12s`, `3m 20s`, `19m`, `2h 5m`. */
export function age(milliseconds: number): string {
	const {step} = steps.find(({upTo}) => milliseconds < upTo) ?? steps[2];
	const whole = Math.max(0, Math.floor(milliseconds / step)) * step;
	return whole === 0 ? '0s' : prettyMs(whole, {unitCount: 2, secondsDecimalDigits: 0});
}

/** `for 12s`; in the first second since when, because `for 0s` says nothing. */
export function forAge(since: number, now: number): string {
	return now - since < 1000 ? `since ${clock(since, now)}` : `for ${age(now - since)}`;
}

/** ` 12s`, to stand behind a word; empty in the first second. */
export function agePart(since: number, now: number): string {
	return now - since < 1000 ? '' : ` ${age(now - since)}`;
}

export const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes with a binary unit: `0 B`, `16 MiB`. */
export function bytes(count: number): string {
	const unit = count < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
	return `${Math.floor((count / 1024 ** unit) * 10) / 10} ${units[unit]}`;
}

/** A WAL location as PostgreSQL writes it: `0/3018128`. */
export function lsn(location: number): string {
	return `${Math.floor(location / 2 ** 32).toString(16)}/${(location % 2 ** 32).toString(16)}`.toUpperCase();
}

/** Two sizes that are compared: to the byte where they look the same otherwise. */
export function comparedBytes(one: number, other: number): readonly [string, string] {
	const words = [bytes(one), bytes(other)] as const;
	return one !== other && words[0] === words[1] ? [`${one} bytes`, `${other} bytes`] : words;
}

/** How long something took, to be compared: `340 ms`, `2.16 s`, `20.4 s`, `3m 20s`. */
export function duration(milliseconds: number): string {
	if (milliseconds < 1000) {
		return `${Math.round(milliseconds)} ms`;
	}

	return milliseconds < 60_000
		? `${(milliseconds / 1000).toFixed(milliseconds < 9995 ? 2 : 1)} s`
		: prettyMs(milliseconds, {unitCount: 2, secondsDecimalDigits: 0});
}

/**
 * `2.5 ms`, `48 ms`, `1.83 s`, `20.4 s`.
 * @param isMark whether the value is round and needs no decimals
 */
export function latencyText(milliseconds: number, isMark = false): string {
	if (milliseconds < 999.5) {
		const whole = Math.round(milliseconds * 10) / 10;
		return `${isMark ? whole : milliseconds < 9.95 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
	}

	const seconds = milliseconds / 1000;
	return `${isMark ? seconds : seconds < 9.995 ? seconds.toFixed(2) : seconds.toFixed(1)} s`;
}

/** A time that was seen by polling, so no finer than a tenth: `2.4 s`. */
export function tenths(milliseconds: number): string {
	return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Local time of day, `23:43:42`; with the date if it is not today. */
export function clock(at: number, now: number): string {
	const date = new Date(at);
	const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
	return date.toDateString() === new Date(now).toDateString()
		? time
		: `${[date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-')} ${time}`;
}

/** The same to the millisecond, `23:43:42.204`, as the timeline and the logs show it. */
export function clockMs(at: number, now: number): string {
	return `${clock(at, now)}.${String(Math.floor(at) % 1000).padStart(3, '0')}`;
}

/** A time in the operator's zone and in UTC. */
export function zones(at: number, now: number): string {
	const utc = new Date(at)
		.toISOString()
		.replace('T', ' ')
		.replace(/\.\d+Z$/, ' UTC');
	return `${clock(at, now)} ${zoneOf(at)} = ${utc}`;
}

function zoneOf(at: number): string {
	const parts = new Intl.DateTimeFormat('en-GB', {timeZoneName: 'short'}).formatToParts(at);
	return parts.find(({type}) => type === 'timeZoneName')?.value ?? 'local time';
}

/** The same for Patroni's ISO 8601 time, without repeating an equal date; unchanged if invalid. */
export function scheduledTime(text: string, now: number): string {
	const at = Date.parse(text);
	if (Number.isNaN(at)) {
		return text;
	}

	const local = `${clock(at, now)} ${zoneOf(at)}`;
	const [day = '', time = ''] = new Date(at).toISOString().split('T');
	const date = new Date(at);
	const sameDay = day === [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
	return date.getTimezoneOffset() === 0
		? local
		: `${local} = ${sameDay ? '' : `${day} `}${time.slice(0, 8)} UTC`;
}

/** `07`, for dates and times. */
/** ISO 8601 in UTC; null without a valid time. */
export function isoTime(at: number | undefined): string | null {
	return at === undefined || !(Math.abs(at) <= 8.64e15) ? null : new Date(at).toISOString();
}

export function twoDigits(number: number): string {
	return String(number).padStart(2, '0');
}

export function byName({name: a}: {name: string}, {name: b}: {name: string}): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares versions; undefined if the version is unknown. */
export function isAtLeast(version: string | undefined, least: string): boolean | undefined {
	if (version === undefined || !/^\d/.test(version)) {
		return undefined;
	}

	const [is, needed] = [version, least].map(text =>
		text.split('.').map(part => Number.parseInt(part, 10) || 0),
	);
	for (let part = 0; part < 3; part++) {
		const difference = (is?.[part] ?? 0) - (needed?.[part] ?? 0);
		if (difference !== 0) {
			return difference > 0;
		}
	}

	return true;
}

/** The host of a URL; undefined if invalid. */
export function hostOf(url: string | undefined): string | undefined {
	return url === undefined ? undefined : hostOfUrl(url);
}

const hostOfUrl = memoByText((url: string) => {
	const host = URL.parse(url)?.hostname;
	return host === undefined ? undefined : plainHost(host);
}, 1000);

/** Removes the brackets that an IPv6 address has in a URL. */
export function plainHost(host: string): string {
	return host.replace(/^\[|\]$/g, '');
}

/** Adds the brackets that an IPv6 address needs in a URL. */
export function bracketHost(host: string): string {
	return host.includes(':') ? `[${host}]` : host;
}

/** UTF-16 code units of a text whose width is kept. */
const keptMaxLength = 500;
/** Each frame measures the same few texts that are not ASCII, each several times. */
const keptWidth = memoByText((text: string) => stringWidth(text), 2000);

/** The width of a text in columns of the terminal. */
export function textWidth(text: string): number {
	if (!/[^ -~]/.test(text)) {
		return text.length;
	}

	return text.length > keptMaxLength ? stringWidth(text) : keptWidth(text);
}
