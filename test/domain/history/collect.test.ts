/** What logs say is the same whether they are read together, line by line in the order of time, or one after the other. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {LogCollector, type PastLine} from '../../../source/domain/history/collect.ts';
import {type LogLine, levels} from '../../../source/domain/logs/log-buffer.ts';

const node = 'pgdb1';

function line(at: number, service: string, text: string): LogLine {
	return {at: at * 1000, order: at * 1000, node, service, level: levels.info, word: '', text};
}

function past(at: number, service: string, text: string, boot: string | undefined = 'one'): PastLine {
	const from = boot === undefined ? `${service} log of ${node}` : `journal of ${node}`;
	return {at, uncertainMs: 1, from, boot, line: line(at, service, text)};
}

function collect(lines: readonly PastLine[], max = 1000) {
	const collector = new LogCollector({all: max, routine: max});
	for (const one of lines) {
		collector.take(one);
	}

	return collector.finish();
}

const texts = [
	['keepalived', '(VI_1) Entering MASTER STATE'],
	['keepalived', '(VI_1) Entering BACKUP STATE'],
	['patroni', 'no action. I am (pgdb1), the leader with the lock'],
	['patroni', 'something else'],
] as const;

const anyLog = fc
	.array(fc.record({at: fc.integer({min: 1000, max: 100_000}), what: fc.constantFrom(...texts)}), {
		minLength: 1,
		maxLength: 30,
	})
	.map(all => all.toSorted((a, b) => a.at - b.at));

describe('what logs say', () => {
	it('does not depend on the order in which the logs are read', () => {
		fc.assert(
			fc.property(anyLog, anyLog, (some, others) => {
				// Between 50 ms the same counts once.
				const journal = some.map(({at, what: [service, text]}) => past(at * 100, service, text));
				const file = others.map(({at, what: [service, text]}) =>
					past(at * 100 + 50, service, text, undefined),
				);
				const together = [...journal, ...file].toSorted((a, b) => a.at - b.at);
				expect(collect([...journal, ...file]).events).toEqual(collect(together).events);
			}),
		);
	});

	it('has the end of a journal that no shutdown explains', () => {
		const lines = [
			past(1000, 'system', 'x'),
			past(2000, 'patroni', 'y'),
			past(9000, 'kernel', 'Linux version 6', 'two'),
		];
		const {events, coverage} = collect(lines);
		expect(events.map(({at, said}) => [at, said.kind])).toEqual([
			[2000, 'node.silent'],
			[9000, 'kernel.boot'],
		]);
		expect(coverage.get(node)).toEqual([
			{from: 1000, to: 2000, boot: 'one'},
			{from: 9000, to: 9000, boot: 'two'},
		]);
		const clean = [lines[0], past(2000, 'system', 'Journal stopped'), lines[2]].filter(
			one => one !== undefined,
		);
		expect(collect(clean).events.map(({said}) => said.kind)).toEqual(['kernel.boot']);
	});

	it('is bounded, and says so', () => {
		const lines = [
			past(1000, 'keepalived', '(VI_1) Entering MASTER STATE'),
			past(2000, 'keepalived', '(VI_1) Entering BACKUP STATE'),
		];
		expect(collect(lines, 1)).toMatchObject({isCut: true, counts: {lines: 2, understood: 2}});
		expect(collect(lines, 1).events).toHaveLength(1);
		expect(collect(lines, 2).isCut).toBe(false);
	});
});
