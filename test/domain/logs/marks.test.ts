/** Marks of the timeline between the lines, and lines that HAProxy writes twice. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {defaultLogFilter, FilteredLines} from '../../../source/domain/logs/filtered-lines.ts';
import {emptyLogBuffer, insertLines, type LogLine, levels} from '../../../source/domain/logs/log-buffer.ts';
import {
	emptyLogs,
	foldLogs,
	type Logs,
	markSourceStatus,
	markTimeline,
} from '../../../source/domain/logs/logs.ts';
import {logLine, logLinesEvent} from '../../support/log-lines.ts';
import {start} from '../../support/session.ts';

const bounds = {lines: 10_000, bytes: 1_000_000};
const read = (logs: Logs, node: string, ...lines: readonly LogLine[]) =>
	foldLogs(logs, logLinesEvent(node, ...lines), bounds, start);
const marked = (logs: Logs, second: number, text: string) =>
	markTimeline(logs, [{at: start + second * 1000, kind: 'leader', turn: 'news', text}], bounds);
const texts = ({ring}: Logs, choice = {}) =>
	new FilteredLines(ring, {...defaultLogFilter, ...choice}).all().map(({text}) => text);

describe('marks of the timeline', () => {
	it('are shown exactly between the first and the last line of a node, whichever way the lines are walked', () => {
		const second = fc.integer({min: 0, max: 60});
		fc.assert(
			fc.property(fc.array(second), fc.array(second), second, (lines, marks, from) => {
				let logs: Logs = {...emptyLogs, ring: emptyLogBuffer};
				for (const at of marks) {
					logs = marked(logs, at, `mark ${at}`);
				}

				logs = {
					...logs,
					ring: insertLines(
						logs.ring,
						lines.map(at => logLine(at, `line ${at}`)),
						bounds,
					),
				};
				const all = new FilteredLines(logs.ring, defaultLogFilter);
				const shown = all.all();
				const isWithin = (at: number) =>
					lines.length > 0 && at > Math.min(...lines) && at < Math.max(...lines);
				const outside = shown.filter(
					({node, at}, index) =>
						node === undefined && (index === 0 || index === shown.length - 1 || at === 0),
				);
				expect(outside).toEqual([]);
				expect(marks.filter(isWithin).every(at => shown.some(({text}) => text === `mark ${at}`))).toBe(true);
				expect(shown.filter(({node}) => node !== undefined)).toHaveLength(lines.length);
				const order = (start + from * 1000) * 1000;
				expect(all.before(order, 200)).toEqual(shown.filter(line => line.order <= order));
				expect(all.after(order, 200)).toEqual(shown.filter(line => line.order > order));
				expect(all.count(order)).toEqual({
					lines: shown.filter(line => line.order > order).length,
					complete: true,
				});
			}),
		);
	});

	it('are in a part of their own in a split view, and what concerns a stream in the part of its node', () => {
		let logs = read(emptyLogs, 'pgdb1', logLine(1, 'first'), logLine(9, 'last'));
		logs = read(logs, 'pgdb2', logLine(2, 'other', {node: 'pgdb2'}));
		logs = marked(logs, 5, 'leader key: pgdb1');
		logs = markSourceStatus(logs, 'logs:pgdb2', 'log lost: no answer', true, bounds, start + 6000);
		expect(texts(logs, {nodes: ['pgdb1'], marks: 'without'})).toEqual(['first', 'last']);
		expect(texts(logs, {nodes: ['pgdb2'], marks: 'without'})).toEqual([
			'other',
			'pgdb2: log lost: no answer',
		]);
		expect(texts(logs, {marks: 'only'})).toEqual(['leader key: pgdb1']);
		expect(texts(logs)).toEqual([
			'first',
			'other',
			'leader key: pgdb1',
			'pgdb2: log lost: no answer',
			'last',
		]);
	});

	it('of a stream are shown though no line was read', () => {
		const logs = markSourceStatus(emptyLogs, 'logs:pgdb2', 'log not available', true, bounds, start);
		expect(texts(marked(logs, 60, 'leader key: pgdb1'))).toEqual(['pgdb2: log not available']);
	});
});

describe('two equal lines of HAProxy', () => {
	const down = (second: number, more: Partial<LogLine> = {}) =>
		logLine(second, 'Server a/pgdb1 is DOWN', {service: 'haproxy', level: 5, word: 'notice', ...more});
	const warning = {level: levels.warning, word: 'WARNING'};
	const lines = ({ring}: Logs) => new FilteredLines(ring, defaultLogFilter).all();

	it('within a second are one, with the worst level, and counted; in one batch or in two', () => {
		const together = read(emptyLogs, 'pgdb1', down(1, warning), logLine(1, 'between'), down(1.2));
		const apart = read(
			read(emptyLogs, 'pgdb1', down(1)),
			'pgdb1',
			logLine(1.1, 'between'),
			down(1.2, warning),
		);
		for (const logs of [together, apart]) {
			expect(lines(logs).map(({text, times, word}) => [text, times, word])).toEqual([
				['Server a/pgdb1 is DOWN', 2, 'WARNING'],
				['between', undefined, 'INFO'],
			]);
		}
	});

	it('are two if they are later, of another node, another service, or not equal', () => {
		const logs = [
			down(1),
			down(3),
			down(3, {node: 'pgdb2'}),
			down(3, {service: 'patroni'}),
			down(3, {text: 'Server a/pgdb2 is DOWN'}),
		].reduce((sum, line) => read(sum, line.node ?? '', line), emptyLogs);
		expect(lines(logs)).toHaveLength(5);
		expect(lines(logs).filter(({times}) => times !== undefined)).toEqual([]);
	});
});
