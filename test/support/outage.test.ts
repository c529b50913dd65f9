/** How tests read the console's outages, and compare them with an application's. */
import {describe, expect, it} from 'vitest';
import {attemptsTable} from './attempts.ts';
import {apartMs, isWritten, longestGap, longestOf, outagesOnScreen} from './outage.ts';

const slow = '│ 08:00:01.000 + write outage through :5000 ended after 1.02 s';
const switched =
	'│ 08:00:12.251 + write outage through :5000 ended after 3.33 s at 08:00:11.100, of which this console was stalled for 0.6 s; cause: …';

describe('the outages on the screen', () => {
	it('are those that have ended since an earlier screen', () => {
		expect(outagesOnScreen(slow, slow)).toEqual([]);
		expect(outagesOnScreen(`${slow}\n${switched}`, slow)).toEqual([{lengthMs: 3330, stalledMs: 600}]);
	});

	it('are compared by the longest one', () => {
		expect(longestOf(outagesOnScreen(`${slow}\n${switched}`))).toMatchObject({lengthMs: 3330});
		expect(longestOf([])).toBeUndefined();
	});

	it('are over once the new leader acknowledges writes', () => {
		expect(isWritten('│ Writes    ok 4.5 ms pgdb1 ▁▁ │', 'pgdb2')).toBe(false);
		expect(isWritten('│ Writes    FAILING for 2s: timeout │ pgdb2 ', 'pgdb2')).toBe(false);
		expect(isWritten('│ Writes    ok 4.5 ms pgdb2 ▁▁ │', 'pgdb2')).toBe(true);
	});
});

describe("the application's outage", () => {
	const attempts = [
		{began: 0, ended: 10, server: 'a'},
		{began: 2000, ended: 2010, server: 'a'},
		{began: 2050, ended: 2060, error: 'shutting down'},
		{began: 3000, ended: 3010, server: 'b'},
	];

	it('is the longest time between two acknowledgements, failed attempts between them or not', () => {
		expect(longestGap(attempts, 0)).toBe(2000);
		expect(longestGap(attempts, 2020)).toBe(1000);
	});

	it("may be shorter than the console's by the time in which the console did not run", () => {
		expect(apartMs({lengthMs: 3300, stalledMs: 0}, 2671)).toBe(629);
		expect(apartMs({lengthMs: 3300, stalledMs: 600}, 2671)).toBe(29);
		expect(apartMs({lengthMs: 3300, stalledMs: 600}, 3500)).toBe(200);
	});

	it("is printed beside the console's attempts, by their ends", () => {
		const console = [{began: 2030, ended: 2055, error: 'closed'}];
		expect(attemptsTable({console, app: attempts}, 2020, 3000)).toBe(
			[
				'   -20 →    -10  app      acknowledged by a',
				'    10 →     35  console  closed',
				'    30 →     40  app      shutting down',
			].join('\n'),
		);
	});
});
