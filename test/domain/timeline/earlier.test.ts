/** What was read of the time before the console started stands before what it has seen, and changes nothing of that. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {EarlierRead} from '../../../source/domain/events.ts';
import type {Entry} from '../../../source/domain/facts.ts';
import {withEarlier} from '../../../source/domain/timeline/earlier.ts';
import {foldIncidents} from '../../../source/domain/timeline/incidents.ts';
import {entriesMax, newEntries} from '../../../source/domain/timeline/timeline.ts';

const startedAt = 3_600_000;

function entryAt(at: number, more: Partial<Entry> = {}): Entry {
	return {at, kind: 'member', turn: 'worse', text: `at ${at}`, ...more};
}

function read(entries: readonly Entry[], more: Partial<EarlierRead> = {}): EarlierRead {
	return {
		type: 'history.read',
		by: ['logs'],
		since: 0,
		until: startedAt + 5000,
		entries,
		holds: {vips: []},
		missing: [],
		...more,
	};
}

const anyEntries = (from: number, to: number, maxLength: number) =>
	fc
		.array(fc.integer({min: from, max: to}), {maxLength})
		.map(times => times.sort((a, b) => a - b).map(at => entryAt(at)));
const anySeen = anyEntries(startedAt, 2 * startedAt, 30);
const anyPast = fc
	.array(fc.integer({min: 0, max: startedAt + 20_000}), {maxLength: 50})
	.map(times => times.map(at => entryAt(at)));

describe('what was read of the time before the start', () => {
	it('changes nothing that was seen, is in the order of time, and the same when it comes again', () => {
		fc.assert(
			fc.property(anySeen, anyPast, fc.array(fc.string(), {maxLength: 2}), (seen, past, missing) => {
				const event = read(past, {missing});
				const timeline = withEarlier(seen, event, startedAt);
				expect(timeline.slice(timeline.length - seen.length)).toEqual(seen);
				for (const [index, entry] of seen.entries()) {
					expect(timeline[timeline.length - seen.length + index]).toBe(entry);
				}

				const times = timeline.map(({at}) => at);
				expect(times).toEqual(times.toSorted((a, b) => a - b));
				const earlier = timeline.slice(0, timeline.length - seen.length);
				expect(earlier.filter(({about}) => about?.of === 'begin')).toHaveLength(missing.length === 0 ? 1 : 2);
				expect(earlier.at(-1)?.about).toEqual({of: 'begin', since: 0});
				expect(withEarlier(timeline, event, startedAt)).toEqual(timeline);
				expect(newEntries([], timeline)).toEqual(seen);
				expect(newEntries(seen, seen.length === 0 ? [] : timeline)).toEqual([]);
			}),
		);
	});

	it('takes no room from what was seen', () => {
		const seen = Array.from({length: entriesMax}, (_, index) => entryAt(startedAt + index));
		expect(withEarlier(seen, read([entryAt(1)]), startedAt)).toEqual(seen);
	});

	it('is no part of an incident that was seen, nor is the line between them', () => {
		const outage = {
			of: 'outage',
			port: 0,
			write: true,
			from: startedAt - 2000,
			to: undefined,
			stalled: undefined,
		} as const;
		const past = [entryAt(startedAt - 2000, {about: outage}), entryAt(startedAt - 1000)];
		const seen = [entryAt(startedAt + 1000), entryAt(startedAt + 2000)];
		const incidents = foldIncidents(withEarlier(seen, read(past, {missing: ['pgdb1: no']}), startedAt));
		expect(incidents.map(({entries}) => entries.map(({at}) => at - startedAt))).toEqual([
			[-2000, -1000],
			[0],
			[0],
			[1000, 2000],
		]);
	});

	it.each<[string, Entry[], string[], RegExp]>([
		['something', [entryAt(1)], [], /^— this console started; what is above was read from logs —$/],
		['nothing', [], [], /; the logs of the last 60 minutes show nothing —$/],
		['not all', [], ['pgdb1: no'], /; the logs of the last 60 minutes that could be read show nothing —$/],
	])('says that it found %s', (_, past, missing, text) => {
		expect(withEarlier([], read(past, {missing}), startedAt).at(-1)?.text).toMatch(text);
	});

	it('names all that could not be read in one entry', () => {
		const missing = ['pgdb1: its logs cannot be read: no route', 'pgdb2: dba may not read the journal'];
		expect(withEarlier([], read([], {missing}), startedAt).map(({text}) => text)).toEqual([
			`not all logs are read: ${missing.join('; ')}`,
			expect.stringMatching(/^— this console started/),
		]);
	});
});
