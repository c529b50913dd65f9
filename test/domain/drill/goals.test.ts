/** Goals as they are typed, and how measures meet them. */
import {describe, expect, it} from 'vitest';
import type {Measure} from '../../../source/domain/drill/types.ts';
import {
	drillEntry,
	drillVerdict,
	goalsOf,
	goalsText,
	heldGoals,
	isMet,
	parseGoals,
} from '../../../source/domain/drill/verdict.ts';
import {start} from '../../support/session.ts';

describe('goals', () => {
	it.each([
		[[], {}],
		[['5s'], {writes: 5000}],
		[['writes=5s', 'redundancy=1.5m'], {writes: 5000, redundancy: 90_000}],
		[
			['leaderless=250ms', '2s', 'vip=3s', 'leader=4s'],
			{leaderless: 250, writes: 2000, vip: 3000, leader: 4000},
		],
	])('%j are %j, and are printed as they are parsed', (typed, goals) => {
		expect(parseGoals(typed)).toEqual({goals});
		expect(parseGoals(goalsText(goals).split(' ').filter(Boolean))).toEqual({goals});
		expect(goalsOf(heldGoals(goals))).toEqual(goals);
	});

	it.each([
		['5', 'must be a time with its unit, such as 5s or 500ms'],
		['0s', 'must be a time with its unit, such as 5s or 500ms'],
		['vip=soon', 'vip=soon: must be a time with its unit, such as 5s or 500ms'],
		['lost=1s', 'unknown measure "lost": must be writes, leaderless, leader, vip or redundancy'],
		['=1s', 'unknown measure "": must be writes, leaderless, leader, vip or redundancy'],
	])('%s is refused: %s', (typed, problem) => {
		expect(parseGoals([typed])).toEqual({problem});
	});

	it('are refused with the wrong part among several', () => {
		const problem = 'leaderless=abc: must be a time with its unit, such as 5s or 500ms';
		expect(parseGoals(['5s', 'leaderless=abc'])).toEqual({problem});
		expect(parseGoals(['5', 'vip=3s'])).toEqual({problem: problem.replace('leaderless=abc', '5')});
	});

	it("are all in the timeline entry of the drill's start", () => {
		const drill = {kind: 'switchover', target: 'pgdb2', goal: 5000, goals: {redundancy: 60_000}} as const;
		expect(drillEntry({type: 'drill.begun', drill}, start).text).toBe(
			'drill: switchover to pgdb2; goal: write outage 5 s, time until full redundancy 60 s',
		);
	});
});

const ms = {unit: 'ms', exact: true, note: undefined, text: ''} as const;
const measures: Measure[] = [
	{...ms, id: 'writes', value: 2204},
	{...ms, id: 'leaderless', value: 239},
	{...ms, id: 'leader', value: undefined, note: 'pgdb1 stayed the leader', idle: true},
	{...ms, id: 'vip', value: 900, exact: false},
	{...ms, id: 'redundancy', value: undefined, note: 'not known'},
];
const verified = {acknowledged: 200, lost: [], problem: undefined};

describe('a measure', () => {
	it.each([
		['writes', 2204, true],
		['writes', 2203, false],
		// No member had to take over.
		['leader', 1, true],
		['vip', 900, true],
		// It is an upper bound: the real value may be lower.
		['vip', 800, undefined],
		['redundancy', 60_000, undefined],
	] as const)('%s with a goal of %d ms', (id, goal, met) => {
		const measure = measures.find(one => one.id === id);
		expect(measure && isMet(measure, {[id]: goal})).toBe(met);
	});

	it('that is an upper bound is one in the verdict, too', () => {
		const stalled = measures.map(one => ({...one, exact: false}));
		const drill = {kind: 'switchover', target: 'pgdb2', goals: {writes: 5000, leaderless: 100}} as const;
		expect(drillVerdict({...drill, goal: undefined}, stalled, verified).text).toBe(
			'write outage ≤ 2.20 s, goal 5.00 s; time without a leader not known, goal 100 ms',
		);
	});

	it.each([
		[{}, 'met', 'write outage 2.20 s; no goal was set'],
		[{writes: 5000}, 'met', 'write outage 2.20 s, goal 5.00 s'],
		[
			{writes: 5000, leaderless: 300, leader: 2000},
			'met',
			'write outage 2.20 s, goal 5.00 s; 2 more goals met',
		],
		[
			{writes: 5000, leaderless: 200},
			'not met',
			'write outage 2.20 s, goal 5.00 s; time without a leader 239 ms, goal 200 ms',
		],
		[
			{redundancy: 60_000, leader: 2000},
			'unknown',
			'write outage 2.20 s; time until full redundancy not known (not known), goal 1m; one more goal met',
		],
		[
			{writes: 1000, redundancy: 60_000},
			'not met',
			'write outage 2.20 s, goal 1.00 s; time until full redundancy not known (not known), goal 1m',
		],
	] as const)('judged by %j is %s', (goals, result, text) => {
		const drill = {kind: 'switchover', target: 'pgdb2', ...heldGoals(goals)} as const;
		expect(drillVerdict(drill, measures, verified)).toEqual({result, text});
		expect(drillVerdict(drill, measures, {...verified, lost: [3]})).toMatchObject({
			result: 'not met',
			text: `1 acknowledged write is LOST; ${text}`,
		});
	});
});
