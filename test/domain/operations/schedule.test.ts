/** The ways in which people write a time, and their values. */
import {afterEach, describe, expect, it} from 'vitest';
import {parseWhen} from '../../../source/lib/parse-time.ts';

/** A Monday, 10:15:30 UTC. */
const now = Date.UTC(2026, 10, 23, 10, 15, 30);
const zone = process.env.TZ;

afterEach(() => {
	process.env.TZ = zone;
});

function iso(text: string, at = now): string | undefined {
	const when = parseWhen(text, at);
	return 'problem' in when ? when.problem : when.at === undefined ? 'now' : new Date(when.at).toISOString();
}

describe('a time', () => {
	it.each([
		['', 'now'],
		['  now ', 'now'],
		['+10m', '2026-11-23T10:25:30.000Z'],
		['+ 10m', undefined],
		['+90s', '2026-11-23T10:17:00.000Z'],
		['+5 min', '2026-11-23T10:20:30.000Z'],
		['+2h', '2026-11-23T12:15:30.000Z'],
		['+1d', '2026-11-24T10:15:30.000Z'],
		['+0m', undefined],
		['+123456m', undefined],
		['14:30', '2026-11-23T14:30:00.000Z'],
		['9:05', '2026-11-24T09:05:00.000Z'],
		['10:15:30', '2026-11-24T10:15:30.000Z'],
		['10:15:31', '2026-11-23T10:15:31.000Z'],
		['24:00', undefined],
		['12:60', undefined],
		['2026-11-24 02:00', '2026-11-24T02:00:00.000Z'],
		['2026-11-24T02:00:05', '2026-11-24T02:00:05.000Z'],
		['2026-11-24 02:00Z', '2026-11-24T02:00:00.000Z'],
		['2026-11-24 02:00 +0130', '2026-11-24T00:30:00.000Z'],
		['2026-11-24T02:00:00.5-05:00', '2026-11-24T07:00:00.500Z'],
		['2026-11-23 10:15', undefined],
		['2025-01-01 00:00', undefined],
		['2026-13-01 00:00', undefined],
		['2026-02-30 10:00', undefined],
		['2027-02-30 10:00', undefined],
		['2027-06-31 10:00', undefined],
		['2026-11-24', undefined],
		['tomorrow', undefined],
		['2', undefined],
		['+10m; reboot', undefined],
	])('"%s" is %s', (text, expected) => {
		if (expected === undefined) {
			expect(parseWhen(text, now)).toHaveProperty('problem');
		} else {
			expect(iso(text)).toBe(expected);
		}
	});

	it('reports what is wrong with it', () => {
		expect(iso('tomorrow')).toMatch(/^"tomorrow" /);
		// With an example that has not passed.
		expect(iso('tomorrow')).toContain(', 2026-11-23 12:00, ');
		expect(iso('tomorrow', Date.UTC(2031, 4, 5, 6, 7))).toContain(', 2031-05-05 08:00, ');
		expect(iso('2026-11-23 10:15')).toBe('2026-11-23 10:15:00 UTC has passed');
	});

	it("without a zone is in the operator's time zone", () => {
		process.env.TZ = 'America/New_York';
		expect(iso('14:30')).toBe('2026-11-23T19:30:00.000Z');
		expect(iso('05:00')).toBe('2026-11-24T10:00:00.000Z');
		expect(iso('2026-11-24 02:00')).toBe('2026-11-24T07:00:00.000Z');
		expect(iso('2026-11-24 02:00Z')).toBe('2026-11-24T02:00:00.000Z');
	});

	it('keeps its hour over a change of daylight saving time', () => {
		process.env.TZ = 'Europe/Berlin';
		const evening = Date.UTC(2027, 2, 27, 20);
		expect(iso('14:30', evening)).toBe('2027-03-28T12:30:00.000Z');
		expect(iso('+1d', evening)).toBe('2027-03-28T20:00:00.000Z');
		expect(iso('14:30', Date.UTC(2026, 9, 24, 20))).toBe('2026-10-25T13:30:00.000Z');
	});

	it('that the clocks skip is refused, not moved', () => {
		process.env.TZ = 'Europe/Berlin';
		expect(parseWhen('2027-03-28 02:30', now)).toHaveProperty('problem');
		expect(parseWhen('02:30', Date.UTC(2027, 2, 27, 20))).toHaveProperty('problem');
	});
});
