/** The layer of trends: a bar was known in its column, its bounds are those of the values, and keys change its time. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {State} from '../../../source/state/state.ts';
import {topOverlay} from '../../../source/state/state.ts';
import {barOf} from '../../../source/state/view/chart.ts';
import {sqlTrendsPane} from '../../../source/state/view/sql-trends.ts';
import {start} from '../../support/session.ts';
import {monitoredOperator, statusOf} from '../../support/sessions.ts';

const bucketMs = 5000;
const buckets = 120;
/** Before the chart: the label and the name. */
const left = 'Replay lag pgdb1 '.length;
const values = 30;
const width = 4 + left + buckets + values;

const sessionsOf = (total: number) => ({total, active: 0, idle: total, idleInTransaction: 0, waiting: 0});

const textOf = (state: State, span: 'minutes' | 'hour' | 'whole' = 'minutes') =>
	sqlTrendsPane(state, span, width).lines.map(line => line.map(({text}) => text).join(''));

describe('a row of the trends', () => {
	it('has a bar in each column in which a value was known, and none in another', () => {
		const step = fc.record({
			gap: fc.integer({min: 1, max: 25}),
			total: fc.option(fc.integer({min: 0, max: 700}), {nil: undefined}),
		});
		fc.assert(
			fc.property(fc.array(step, {minLength: 1, maxLength: 60}), steps => {
				const operator = monitoredOperator();
				const known = new Map<number, number[]>();
				let second = 0;
				for (const {gap, total} of steps) {
					second += gap;
					if (total === undefined) {
						operator.at(second, {type: 'source.lost', source: 'sql:pgdb1', reason: 'no answer in time'});
						continue;
					}

					operator.at(second, statusOf('pgdb1', [], {sessions: sessionsOf(total)}));
					const number = Math.floor((start + second * 1000) / bucketMs);
					known.set(number, [...(known.get(number) ?? []), total]);
				}

				const end = Math.floor((start + second * 1000) / bucketMs) + 1;
				const within = [...known].filter(([number]) => number >= end - buckets);
				const row = textOf(operator.state).find(line => line.startsWith('Sessions'));
				expect(row === undefined).toBe(within.length === 0);
				if (row === undefined) {
					return;
				}

				const bars = [...row.slice(left, left + buckets)];
				expect(bars.map(bar => (bar === '·' ? ' ' : bar)).join('')).toBe(
					Array.from({length: buckets}, (_, index) => {
						const all = known.get(end - buckets + index);
						return all === undefined ? ' ' : barOf(Math.max(...all), [5, 10, 20, 50, 100, 200, 500]);
					}).join(''),
				);
				const all = within.flatMap(([, totals]) => totals);
				const [min, max] = row
					.slice(left + buckets)
					.trim()
					.split(/\s+/);
				expect([min, max]).toEqual([String(Math.min(...all)), String(Math.max(...all))]);
			}),
			{numRuns: 60},
		);
	});

	it('marks a last value that is not known now', () => {
		const operator = monitoredOperator().after(
			2,
			statusOf('pgdb2', [], {replayLagMs: 40, sessions: sessionsOf(7)}),
		);
		const rowOf = (label: string) => textOf(operator.state).find(line => line.startsWith(label));
		expect(rowOf('Replay lag')).toMatch(/ 40 ms$/);
		// It leads now: the lag that it had as a standby is none of its own any more.
		operator.after(4, statusOf('pgdb2', [], {inRecovery: false, sessions: sessionsOf(8)}));
		expect(rowOf('Replay lag')).toMatch(/ 40 ms\?$/);
		expect(rowOf('Sessions')).toMatch(/ 8$/);
		operator.blind('sql:pgdb2');
		expect(rowOf('Sessions')).toMatch(/ 8\?$/);
		expect(textOf(operator.state).join('\n')).toContain('pgdb2  SQL LOST');
	});

	it('keeps what the whole session began with, also while nothing is reported', () => {
		const operator = monitoredOperator().at(2, statusOf('pgdb1', [], {sessions: sessionsOf(600)}));
		operator.at(8 * 3600);
		expect(textOf(operator.state).join('\n')).toContain('nothing known in this time');
		expect(textOf(operator.state, 'hour').join('\n')).toContain('nothing known in this time');
		const row = textOf(operator.state, 'whole').find(line => line.startsWith('Sessions')) ?? '';
		expect(row.slice(left, left + buckets).trim()).toMatch(/^·*█$/);
		expect(row).toMatch(/600 +600 +600\?$/);
		expect(sqlTrendsPane(operator.state, 'whole', width).title).toBe('Trends, whole session since 00:00:02');
	});
});

describe('the layer', () => {
	it('opens with ten minutes, continues with the hour and to all, and begins again', () => {
		const operator = monitoredOperator().after(2).press('trends.toggle');
		const span = () => {
			const top = topOverlay(operator.state.view);
			return top?.kind === 'trends' ? top.span : undefined;
		};
		for (const shown of ['minutes', 'hour', 'whole', 'minutes']) {
			expect(span()).toBe(shown);
			operator.press('trends.span');
		}

		operator.press('trends.toggle');
		expect(span()).toBeUndefined();
	});
});
