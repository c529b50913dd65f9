/** One parser for the times of every prompt: the calendar, zones, and daylight saving time. */
import * as fc from 'fast-check';
import {afterEach, describe, expect, it} from 'vitest';
import {exampleWhen, parseMoment, parseWhen, utc, writeTime} from '../../source/lib/parse-time.ts';
import {parsePromptTime} from '../../source/replay/playback-status.ts';

const zone = process.env.TZ;
const now = Date.UTC(2026, 10, 23, 10, 15, 30);
const far = Date.UTC(1990, 0, 1);
const prompts = {
	logs: (text: string) => parseMoment(text, now),
	schedule: (text: string) => parseWhen(text, far),
	replay: (text: string) => parsePromptTime(text, {time: now, endedAt: now}),
};

afterEach(() => {
	process.env.TZ = zone;
});

describe.each(Object.entries(prompts))('the prompt of %s', (_, parse) => {
	it.each([
		['2026-02-30 10:00', /2026-02-30 is not a date/],
		['2027-02-29 10:00', /2027-02-29 is not a date/],
		['2026-13-01 10:00', /2026-13-01 is not a date/],
		['2026-00-10 10:00', /2026-00-10 is not a date/],
		['2026-11-00 10:00Z', /2026-11-00 is not a date/],
		['2026-11-20 24:00', /24:00 is not a time of day/],
		['24:00', /24:00 is not a time of day/],
		['12:60', /12:60 is not a time of day/],
		['2026-11-20 10:00:60', /10:00:60 is not a time of day/],
		['2026-11-20 10:00+15:00', /\+15:00 is not a time zone/],
		['2026-11-20 10:00+02:60', /\+02:60 is not a time zone/],
		['2026-11-20', /is not a time/],
		['5m', /is not a time/],
		['--5m', /is not a time/],
		['- 5m', /is not a time/],
		['noon', /is not a time/],
	])('refuses %s', (text, problem) => {
		expect(parse(text)).toEqual({problem: expect.stringMatching(problem)});
	});

	it.each([
		['2024-02-29 10:00', Date.UTC(2024, 1, 29, 10)],
		['2026-11-20 04:14:03,799', Date.UTC(2026, 10, 20, 4, 14, 3, 799)],
		['2026-11-20T04:14:03.123456Z', Date.UTC(2026, 10, 20, 4, 14, 3, 123)],
		['2026-11-20 04:14:03 UTC', Date.UTC(2026, 10, 20, 4, 14, 3)],
		['2026-11-20 04:14 +0130', Date.UTC(2026, 10, 20, 2, 44)],
		['2026-11-20t04:14-05', Date.UTC(2026, 10, 20, 9, 14)],
	])('accepts %s', (text, at) => {
		expect(parse(text)).toEqual({at});
	});

	it('refuses a time that the clocks skip, and asks for the zone of one that comes twice', () => {
		process.env.TZ = 'Europe/Berlin';
		expect(parse('2026-03-29 02:30')).toEqual({
			problem: expect.stringMatching(/2026-03-29 02:30 does not exist/),
		});
		expect(parse('2026-10-25 02:30')).toEqual({
			problem: expect.stringContaining('write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00'),
		});
		expect(parse('2026-10-25T02:30:00+01:00')).toEqual({at: Date.UTC(2026, 9, 25, 1, 30)});
		expect(parse('2026-03-29 03:00')).toEqual({at: Date.UTC(2026, 2, 29, 1)});
	});

	it.each([
		'UTC',
		'Europe/Berlin',
		'America/New_York',
		'Asia/Kathmandu',
		'Australia/Lord_Howe',
		'Pacific/Kiritimati',
	])('parses %s', name => {
		process.env.TZ = name;
		fc.assert(
			fc.property(fc.integer({min: Date.UTC(1991, 0, 1), max: Date.UTC(2090, 0, 1)}), at => {
				expect(parse(writeTime(at))).toEqual({at});
				expect(parse(new Date(at).toISOString())).toEqual({at});
				expect(parse(utc(at))).toEqual({at: Math.floor(at / 1000) * 1000});
				// Without its offset it is the same, or reported as ambiguous.
				const local = parse(writeTime(at).slice(0, -6));
				expect('problem' in local ? local.problem.includes('is ambiguous') : local.at === at).toBe(true);
			}),
		);
	});
});

describe('relative times', () => {
	it("count from the prompt's time, in the prompt's direction", () => {
		expect(prompts.logs('-5m')).toEqual({at: now - 300_000});
		expect(prompts.logs('+5m')).toHaveProperty('problem');
		expect(prompts.replay('-5 min')).toEqual({at: now - 300_000});
		expect(prompts.replay('+30s')).toEqual({at: now + 30_000});
		expect(parseWhen('-5m', now)).toHaveProperty('problem');
	});
});

describe('the example of a time', () => {
	it.each([
		['UTC', '2026-11-23T10:15:30Z', '2026-11-23 12:00'],
		['UTC', '2026-11-23T10:00:00Z', '2026-11-23 11:00'],
		['UTC', '2026-12-31T22:30:00Z', '2027-01-01 00:00'],
		['Asia/Kolkata', '2026-11-23T10:15:30Z', '2026-11-23 17:00'],
		// 02:00 is there twice.
		['Europe/Berlin', '2026-10-24T23:30:00Z', '2026-10-25 03:00'],
	])('in %s at %s is a full hour ahead: %s', (timeZone, at, expected) => {
		process.env.TZ = timeZone;
		expect(exampleWhen(Date.parse(at))).toBe(expected);
	});

	it('is accepted whenever it is shown, an hour later, too', () => {
		process.env.TZ = 'Europe/Berlin';
		fc.assert(
			fc.property(fc.integer({min: Date.UTC(2026, 0, 1), max: Date.UTC(2030, 0, 1)}), at => {
				const when = parseWhen(exampleWhen(at), at);
				expect(when).toEqual({at: expect.any(Number)});
				expect('at' in when && (when.at ?? 0) - at).toBeGreaterThanOrEqual(3_600_000);
			}),
		);
	});
});
