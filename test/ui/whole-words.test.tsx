/** What matters is on the screen whole: the keys of a view, the quorum, a number with its unit; and no key that cannot be used. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import type {Event} from '../../source/domain/events.ts';
import {keymap} from '../../source/keymap/keymap.ts';
import {mode} from '../../source/state/state.ts';
import {fields} from '../../source/state/update/dialog.ts';
import {cell} from '../../source/state/view/cells.ts';
import {wrapLine} from '../../source/ui/table-layout.ts';
import {endpoints, etcdFacts, healthyFacts} from '../support/captures.ts';
import {Operator} from '../support/operator.ts';
import {frameOf, sizes} from '../support/screen.tsx';
import {healthySession, pressAt} from '../support/session.ts';

const wide = sizes.filter(({width}) => width >= 120);

describe('the help', () => {
	it.each<[string, readonly Command[]]>([
		['the panes', []],
		['the findings', ['findings.toggle']],
		['a member', ['details.open']],
		['the menu', ['menu.open']],
		['the logs', ['log.open']],
		['the timeline', ['log.entries']],
	])('over %s has its keys on one screen from 120x40 on', (_, commands) => {
		const below = pressAt(healthySession('trixie'), 1, ...commands);
		const works = keymap.filter(({modes}) => modes === undefined || modes.includes(mode(below.state)));
		const {state} = pressAt(below, 1, 'help.toggle');
		for (const size of wide) {
			const frame = frameOf(state, size);
			const before = frame.slice(0, frame.indexOf('── In other views ──'));
			// A text may be wrapped in its column.
			expect(works.filter(({help}) => !before.includes(help.slice(0, 24)))).toEqual([]);
			expect(before).toContain('Signs');
		}
	});

	it('shows at every size how many lines are below', () => {
		const {state} = pressAt(healthySession('trixie'), 1, 'help.toggle');
		for (const size of sizes) {
			expect(frameOf(state, size)).toMatch(/… \d+ more below/);
		}
	});
});

describe('the footer', () => {
	const footer = (operator: Operator, size = {width: 120, height: 40}) =>
		frameOf(operator.state, size).split('\n').at(-1);
	const asked = () => new Operator('trixie').after(10).select('pgdb2').press('operation.switchover');

	it('offers yes for a question that can be sent', () => {
		for (const size of sizes) {
			expect(footer(asked(), size)).toContain('y yes');
		}
	});

	it('does not where the question is blocked, in the moment in which it becomes so', () => {
		const operator = asked();
		operator.after(11, operator.leads('pgdb2'));
		for (const size of sizes) {
			expect(frameOf(operator.state, size)).toContain('blocked: nothing can be sent');
			expect(footer(operator, size)).not.toContain('yes');
		}
	});

	it('does not while a text field has the focus, or where a name has to be typed', () => {
		expect(footer(asked().focus('reason'))).not.toContain('yes');
		const failover = new Operator('trixie').after(10).select('pgdb2').press('operation.failover');
		expect(fields(failover.dialog, failover.state)).not.toContain('send');
		expect(footer(failover)).not.toContain('yes');
	});
});

describe('the quorum', () => {
	const kinds = ['healthy', 'unread', 'refused', 'timeout', 'no raft leader'] as const;
	const facts = (endpoint: string, kind: (typeof kinds)[number]): Event[] => {
		const status = etcdFacts('trixie').find(
			fact => fact.type === 'etcd.status' && fact.endpoint === endpoint,
		);
		if (status?.type !== 'etcd.status') throw new Error(`no status of ${endpoint} in the captures`);
		const code = kind === 'refused' ? 'refused' : 'timeout';
		const lost = (source: 'etcd' | 'dcs'): Event => ({
			type: 'source.lost',
			source: `${source}:${endpoint}`,
			reason: 'no answer in time',
			code,
		});
		switch (kind) {
			case 'healthy': {
				return [status, {type: 'source.alive', source: `dcs:${endpoint}`}];
			}

			case 'unread': {
				return [status, lost('dcs')];
			}

			case 'no raft leader': {
				return [{...status, status: {...status.status, raftLeader: undefined}}, lost('dcs')];
			}

			case 'refused':
			case 'timeout': {
				return [lost('etcd'), lost('dcs')];
			}
		}
	};

	it('is never cut at the sizes of the tests, whatever its members do', () => {
		fc.assert(
			fc.property(fc.tuple(...endpoints.map(() => fc.constantFrom(...kinds))), fc.nat(90), (all, seconds) => {
				const session = healthySession('trixie').at(
					seconds,
					...healthyFacts('trixie').filter(fact => !/^(etcd|dcs):/.test(fact.source)),
					...endpoints.flatMap((endpoint, index) => facts(endpoint, all[index] ?? 'healthy')),
				);
				for (const size of sizes) {
					const lines = frameOf(session.state, size).split('\n');
					const first = lines.findIndex(line => line.startsWith('│ Quorum'));
					const words = lines.slice(first, first + 2).map(line => line.slice(0, line.indexOf('│', 1)));
					expect(first).toBeGreaterThan(0);
					expect(words[0]).not.toContain('…');
					expect(words[1]).not.toMatch(/may fail.*…|lost.*…/);
				}
			}),
			{numRuns: 40},
		);
	});
});

describe('a line that is wrapped', () => {
	const values = ['6.8 ms', '1.83 s', '40 KiB', '0 B', '1.9 MiB', '≥ 15 s', '≥ 2m 10s', '2m 10s', '3h 5m'];

	it('breaks never between a number and its unit', () => {
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom(...values, 'clients', 'write', 'in', 'no', 'gap', 'for', 'the'), {
					minLength: 1,
				}),
				fc.integer({min: 12, max: 60}),
				(words, width) => {
					const lines = wrapLine([cell(words.join(' '))], width).map(line =>
						line
							.map(({text}) => text)
							.join('')
							.trim(),
					);
					expect(lines.join(' ')).toBe(words.join(' '));
					const ends = lines.map(line => values.reduce((rest, value) => rest.replaceAll(value, 'V'), line));
					expect(ends.filter(line => /\d|≥/.test(line))).toEqual([]);
				},
			),
		);
	});

	it('keeps the latency of clients together in the verdict', () => {
		expect(
			wrapLine(
				[cell('HEALTHY  pgdb2 leads, pgdb1 could take over without loss; clients write in 6.8 ms')],
				78,
			).map(line => line.map(({text}) => text).join('')),
		).toEqual(['HEALTHY  pgdb2 leads, pgdb1 could take over without loss; clients write in', '  6.8 ms']);
	});
});
