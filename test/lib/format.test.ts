import {expect, it, onTestFinished, vi} from 'vitest';
import {age, bytes, scheduledTime, zones} from '../../source/lib/format.ts';

it.each([
	[-5, '0s'],
	[999, '0s'],
	[12_345, '12s'],
	[200_000, '3m 20s'],
	[599_999, '9m 50s'],
	[1_199_999, '19m'],
	[7_530_000, '2h 5m'],
	[273_600_000, '3d 4h'],
])('%d ms ago is %s', (milliseconds, words) => {
	expect(age(milliseconds)).toBe(words);
});

it.each([
	[0, '0 B'],
	[1023, '1023 B'],
	[16 * 1024 * 1024, '16 MiB'],
	[10_331_784, '9.8 MiB'],
])('%d bytes are %s', (count, words) => {
	expect(bytes(count)).toBe(words);
});

it.each([
	['UTC', '01:00:00 UTC', '01:00:00 UTC = 2026-11-23 01:00:00 UTC'],
	['Europe/Berlin', '02:00:00 CET = 01:00:00 UTC', '02:00:00 CET = 2026-11-23 01:00:00 UTC'],
	[
		'America/New_York',
		'2026-11-22 20:00:00 GMT-5 = 2026-11-23 01:00:00 UTC',
		'2026-11-22 20:00:00 GMT-5 = 2026-11-23 01:00:00 UTC',
	],
])('a time that Patroni keeps is shown in %s and in UTC', (zone, short, long) => {
	vi.stubEnv('TZ', zone);
	onTestFinished(() => {
		vi.unstubAllEnvs();
	});
	const at = '2026-11-23T02:00:00+01:00';
	// Noon of the 23rd in UTC.
	const now = Date.UTC(2026, 10, 23, 12);
	expect(scheduledTime(at, now)).toBe(short);
	expect(zones(Date.parse(at), now)).toBe(long);
	expect(scheduledTime('soon', now)).toBe('soon');
});
