/** The records of `app load` and their evaluation: acknowledged writes, the longest outage, missing writes. */
import {describe, expect, test} from 'vitest';
import {writeSteadily} from '../../lab/app/load.ts';
import {compare, gapsIn, parseRecord, summaryOf, type Write} from '../../lab/app/record.ts';
import {NotAcknowledged} from '../../lab/app/wiki.ts';
import {LabError} from '../../lab/failure.ts';

const at = (milliseconds: number) => new Date(Date.UTC(2026, 10, 23, 4, 16, 20) + milliseconds).toISOString();
const acknowledged = (n: number, sent: number, ms = 100): Write => ({n, time: at(sent), ms, ok: true});
const refused = (n: number, sent: number, error: string): Write => ({
	...{n, time: at(sent), ms: 5, ok: false},
	error,
});

const outage = [
	acknowledged(1, 0),
	acknowledged(2, 250),
	refused(3, 500, 'connection lost'),
	refused(4, 750, 'connection lost'),
	acknowledged(5, 1000, 2600),
	acknowledged(6, 3600),
	refused(7, 3850, 'no answer within 5 s'),
	acknowledged(8, 8850),
];

test('an outage lasts from one acknowledgement to the next, late answers included', () => {
	expect(gapsIn(outage).map(gap => gap.ms)).toEqual([250, 3250, 100, 5250]);
	expect(gapsIn(outage.slice(0, 1))).toEqual([]);
});

test('prints the summary', () => {
	expect(summaryOf(outage)).toEqual([
		'8 writes: 5 acknowledged, 3 not',
		'  2 x connection lost',
		'  1 x no answer within 5 s',
		'latency: 100 ms in the middle, 100 ms for the slowest twentieth, 2600 ms at most',
		'longest time between acknowledged writes: 5.2s (04:16:23.700 to 04:16:28.950 UTC)',
		'  another of two seconds or more: 3.2s (04:16:20.350 to 04:16:23.600 UTC)',
	]);
	expect(summaryOf(outage.slice(0, 4)).at(-1)).toBe(
		'the last write was not acknowledged: the outage may go on',
	);
	expect(summaryOf([])).toEqual(['0 writes: 0 acknowledged, 0 not']);
});

describe('compared with what the wiki has', () => {
	test('everything acknowledged is there, and one more write, whose answer was lost', () => {
		expect(compare(outage, ['8', '6', '5', '4', '2', '1', 'someone else'])).toEqual({
			missing: [],
			text: 'all 5 acknowledged writes are there; of the 3 others 1 are there, too',
		});
	});

	test('a missing acknowledged write is named', () => {
		expect(compare(outage, ['8', '5', '2', '1'])).toMatchObject({
			missing: [6],
			text: expect.stringContaining('LOST: 1 of 5 acknowledged writes: 6'),
		});
	});
});

test('a record is read as it was written; anything else is refused with its line number', () => {
	const lines = [{page: 'Load 1'}, ...outage].map(line => JSON.stringify(line));
	expect(parseRecord(`${lines.join('\n')}\n`, 'load.ndjson')).toEqual({page: 'Load 1', writes: outage});
	const spoilt = [...lines.slice(0, 2), '{"n": 2, "tim'].join('\n');
	expect(() => parseRecord(spoilt, 'load.ndjson')).toThrow(/^load.ndjson, line 3: /);
	expect(() => parseRecord('', 'load.ndjson')).toThrow(/load.ndjson: empty/);
});

test('writes continue over a failure, each with its own number, until they are stopped', async () => {
	const stop = new AbortController();
	const edits: string[] = [];
	const edit = async (page: string, _text: string, summary: string) => {
		edits.push(`${page} ${summary}`);
		if (summary === '2') throw new NotAcknowledged('HTTP 500: no connection');
	};
	const noted: Write[] = [];
	const writes = await writeSteadily({edit}, 'Load 1', 0, stop.signal, write => {
		noted.push(write);
		if (write.n === 3) stop.abort();
	});
	expect(edits).toEqual(['Load 1 1', 'Load 1 2', 'Load 1 3']);
	expect(writes).toEqual(noted);
	expect(writes.map(({n, ok, error}) => ({n, ok, error}))).toEqual([
		{n: 1, ok: true, error: undefined},
		{n: 2, ok: false, error: 'HTTP 500: no connection'},
		{n: 3, ok: true, error: undefined},
	]);
});

test("an answer that is not the wiki's ends the load", async () => {
	const edit = async () => {
		throw new LabError('broken');
	};
	await expect(writeSteadily({edit}, 'Load 1', 0, new AbortController().signal, () => {})).rejects.toThrow(
		'broken',
	);
});
