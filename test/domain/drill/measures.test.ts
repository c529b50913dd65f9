/** Measures of events: each from its documented start to its documented end. */
import {describe, expect, it} from 'vitest';
import {findEpisodes} from '../../../source/domain/drill/episodes.ts';
import {measuresOf} from '../../../source/domain/drill/measures.ts';
import {Observations} from '../../../source/domain/drill/observations.ts';
import type {MeasureId} from '../../../source/domain/drill/types.ts';
import {drillVerdict, isMet} from '../../../source/domain/drill/verdict.ts';
import {LeaderStory} from '../../support/leader-story.ts';
import type {Live} from '../../support/recorded.ts';
import {powerCut, probed, RecordingOperator, switchoverDrill} from '../../support/report-session.ts';
import {start} from '../../support/session.ts';

function observe(moments: readonly Live[]): Observations {
	const observations = new Observations();
	for (const {before, after, stamped} of moments) {
		observations.take(before, after, stamped);
	}

	return observations;
}

function measured(observations: Observations, from: number, id: MeasureId) {
	const all = measuresOf(observations, {from: start + from * 1000, to: Infinity, exact: true}, undefined);
	const {value, exact, note} = all.find(one => one.id === id) ?? {};
	return {value, exact, note};
}

describe('measures', () => {
	it('have the write outage from the last acknowledgement to the next one', () => {
		const observations = observe(switchoverDrill().moments);
		// 10.5 s + 3 ms, 12.7 s + 7 ms.
		expect(measured(observations, 10.02, 'writes')).toMatchObject({value: 2204});
		expect(measured(observations, 14, 'writes')).toMatchObject({value: 0});
	});

	it('have no value for an outage without an end', () => {
		const operator = new RecordingOperator('trixie').at(0);
		expect(measured(observe(operator.moments), 0, 'writes')).toEqual({
			value: undefined,
			exact: true,
			note: 'no probe succeeded',
		});
		const cut = powerCut();
		const short = observe(cut.moments.filter(({stamped}) => stamped.at < start + 20_000));
		expect(measured(short, 9, 'writes')).toEqual({
			value: undefined,
			exact: true,
			note: 'not ended: no connection in time',
		});
		expect(measured(short, 9, 'leader').note).toBe('pgdb1 stayed the leader');
	});

	it('keep counting while a write hangs and the probe reports nothing', () => {
		const operator = new RecordingOperator('trixie', probed).at(0);
		operator.writes(1, 10, '10.73.0.160').fails(11.5, 11.5, 'a write is not acknowledged in time');
		for (let second = 12; second < 22; second++) {
			operator.after(second);
		}

		operator.writes(22, 24, '10.73.0.160');
		const [from, to] = [10, 22].map(second => start + second * 1000 + 3 + ((second * 70) % 5)) as [
			number,
			number,
		];
		expect(measured(observe(operator.moments), 9, 'writes')).toMatchObject({
			value: to - from,
			note: 'a write is not acknowledged in time',
		});
		expect(operator.state.cluster.probes.get(5000)?.outages).toMatchObject([{from, to}]);
	});

	it('do not count a stall of the probe as an outage, and report one within an outage', () => {
		const stalled = {type: 'console.stalled', milliseconds: 1500, port: 5000} as const;
		const alone = new RecordingOperator('trixie', probed).at(0);
		alone.writes(1, 10, '10.73.0.160').after(11.5, stalled).writes(11.6, 13, '10.73.0.160');
		expect(measured(observe(alone.moments), 5, 'writes')).toMatchObject({value: 0, exact: true});
		const unknown = new RecordingOperator('trixie', probed).at(0);
		unknown.writes(1, 10, '10.73.0.160').writes(11.6, 13, '10.73.0.160');
		expect(measured(observe(unknown.moments), 5, 'writes').value).toBeGreaterThan(1000);
		const within = new RecordingOperator('trixie', probed).at(0);
		within.writes(1, 10, '10.73.0.160').fails(10.5, 10.5, 'connection refused');
		within.after(12, stalled).writes(12.1, 14, '10.73.0.160');
		const observations = observe(within.moments);
		expect(observations.outages).toMatchObject([{stalled: 1500}]);
		expect(measured(observations, 5, 'writes')).toMatchObject({
			exact: false,
			note: 'connection refused; this console was stalled for 1.5 s of it',
		});
		expect(within.state.cluster.probes.get(5000)?.outages).toMatchObject([
			{stalled: 1500, from: observations.outages[0]?.from, to: observations.outages[0]?.to},
		]);
	});

	it('are upper bounds right after a stall of the console', () => {
		const {moments} = switchoverDrill();
		const exact = measured(observe(moments), 10.02, 'leader');
		expect(exact.exact).toBe(true);
		const taken = start + 10_020 + (exact.value ?? 0);
		const index = moments.findIndex(({stamped}) => stamped.at >= taken);
		const before = moments[index]?.before;
		if (before === undefined) {
			throw new Error('no member took the leader key');
		}

		const stall: Live = {
			before,
			after: before,
			stamped: {at: taken, event: {type: 'console.stalled', milliseconds: 800}},
		};
		expect(measured(observe(moments.toSpliced(index, 0, stall)), 10.02, 'leader')).toEqual({
			value: exact.value,
			exact: false,
			note: `${exact.note}; this console was stalled for 0.8 s of it`,
		});
	});

	it('distinguish a stopped console from a write outage', () => {
		const operator = switchoverDrill();
		operator.writes(60, 62, '10.73.0.170');
		expect(measured(observe(operator.moments), 20, 'writes')).toMatchObject({value: 0});
	});

	it('date a power cut by the last answer of any source of the machine', () => {
		const observations = observe(powerCut().moments);
		expect(observations.absences).toEqual([{node: 'pgdb1', since: start + 12_500, until: undefined}]);
		expect(measured(observations, 10, 'vip')).toEqual({value: 500, exact: false, note: 'pgdb1 → pgdb2'});
		expect(measured(observations, 10, 'leaderless')).toMatchObject({value: 800});
	});

	it('end when nothing is missing, and name what still is', () => {
		expect(measured(observe(switchoverDrill().moments), 10.02, 'redundancy')).toMatchObject({value: 8080});
		expect(measured(observe(powerCut().moments), 10, 'redundancy').note).toMatch(
			/^still missing: pgdb1: does not answer, no synchronous standby, etcd 2 of 3/,
		);
	});

	it('name the lost acknowledged writes, or why they were not verified', () => {
		const window = {from: start, to: Infinity, exact: true};
		const lost = (numbers: readonly number[], problem?: string) =>
			measuresOf(new Observations(), window, {acknowledged: 1200, lost: numbers, problem}).at(-1);
		expect(lost([])).toMatchObject({value: 0, note: 'of 1,200 that were acknowledged'});
		expect(lost([17, 18])).toMatchObject({value: 2, note: 'of 1,200 that were acknowledged: number 17, 18'});
		expect(lost([], 'no table')).toMatchObject({value: undefined, note: 'not verified: no table'});
	});
});

describe('episodes', () => {
	it('are operations of this console, and what had another cause', () => {
		const asked = switchoverDrill();
		const runs = asked.state.runs;
		const end = start + 30_000;
		expect(findEpisodes(observe(asked.moments), runs, undefined, end)).toMatchObject([
			{what: 'switchover pgdb1 → pgdb2', cause: 'operation', from: start + 10_020, exact: true},
		]);
		expect(findEpisodes(observe(asked.moments), [], undefined, end)).toMatchObject([
			{what: 'leader pgdb1 → pgdb2', cause: 'unasked', from: start + 10_503, exact: false},
		]);
		expect(findEpisodes(observe(powerCut().moments), [], undefined, start + 35_500)).toMatchObject([
			{what: 'pgdb1 went away', cause: 'unasked', from: start + 10_003},
		]);
	});

	it('end with the consequences of their operation: what begins later is one of its own', () => {
		const operator = switchoverDrill();
		operator.writes(24.1, 40, '10.73.0.170').fails(40.2, 42, 'connection refused');
		operator.writes(42.5, 44, '10.73.0.170');
		const {runs} = operator.state;
		const found = findEpisodes(observe(operator.moments), runs, undefined, start + 44_000);
		expect(found).toMatchObject([
			{what: 'switchover pgdb1 → pgdb2', cause: 'operation', to: start + 18_100},
			{what: 'write outage', cause: 'unasked', from: start + 40_003, to: start + 42_503},
		]);
	});

	it('of an operation do not have what was missing before it', () => {
		const observations = new Observations();
		const at = (seconds: number) => start + seconds * 1000;
		observations.missing.push(
			{at: at(0), value: []},
			{at: at(10), value: ['pgdb3: stopped']},
			{at: at(42), value: ['pgdb3: stopped', 'pgdb1: starting']},
			{at: at(60), value: ['pgdb3: stopped']},
		);
		const runs = switchoverDrill().state.runs.map(run => ({...run, confirmedAt: at(40), steps: []}));
		const found = findEpisodes(observations, runs, undefined, at(80));
		expect(found.map(({cause, from, to}) => [cause, from, to])).toEqual([
			['unasked', at(10), at(80)],
			['operation', at(40), at(60)],
		]);
	});

	it('begin with a leader change of its own, while redundancy of an operation is still missing', () => {
		const observations = new Observations();
		const at = (seconds: number) => start + seconds * 1000;
		observations.missing.push(
			{at: at(0), value: []},
			{at: at(11), value: ['pgdb1: stopped']},
			{at: at(80), value: []},
		);
		observations.leader.push(
			{at: at(0), value: 'pgdb1'},
			{at: at(11), value: undefined},
			{at: at(12), value: 'pgdb2'},
			{at: at(50), value: undefined},
			{at: at(52), value: 'pgdb3'},
		);
		const runs = switchoverDrill().state.runs.map(run => ({
			...run,
			confirmedAt: at(10),
			outcome: undefined,
			steps: [{id: 'taken', text: '', essential: true, at: at(12)}],
		}));
		const found = findEpisodes(observations, runs, undefined, at(100));
		expect(found.map(({what, cause, from, to}) => [what, cause, from, to])).toEqual([
			['switchover pgdb1 → pgdb2', 'operation', at(10), at(50)],
			['leader pgdb2 → pgdb3', 'unasked', at(50), at(80)],
		]);
		// A leader that is lost while the operation's steps are still seen is its consequence.
		const longer = runs.map(run => ({
			...run,
			steps: [...run.steps, {id: 'follows', text: '', essential: false, at: at(48)}],
		}));
		expect(
			findEpisodes(observations, longer, undefined, at(100)).map(({cause, from, to}) => [cause, from, to]),
		).toEqual([['operation', at(10), at(80)]]);
	});

	it('are empty in a calm session', () => {
		const calm = switchoverDrill().moments.filter(({stamped}) => stamped.at < start + 10_000);
		expect(findEpisodes(observe(calm), [], undefined, start + 10_000)).toEqual([]);
	});
});

describe('WAL lost with the leader', () => {
	const wal = (story: LeaderStory) => {
		const observations = new Observations();
		const {state} = story.session;
		observations.take(new LeaderStory().session.state, state, {at: state.now, event: {type: 'tick'}});
		const window = {from: start, to: state.now, exact: true};
		return measuresOf(observations, window, undefined).find(({id}) => id === 'wal');
	};
	const cut = (story: LeaderStory) =>
		story
			.after(1)
			.expire('pgdb1')
			.lead('pgdb2')
			.promote('pgdb2', 4, 1_000_300)
			.history([3, 1_000_200, 'pgdb2']);

	it('is no measure where the leader stayed', () => {
		expect(wal(new LeaderStory().after(1).write('pgdb1', 1_000_100))).toBeUndefined();
	});

	it('is nothing, at most so much, not known, or acknowledged writes, whatever the goals', () => {
		const back = {timeline: 3, received: 1_000_100, replayed: 1_000_700};
		expect(wal(cut(new LeaderStory({sync: ['pgdb2']})))).toMatchObject({value: 0, exact: true});
		expect(wal(cut(new LeaderStory()).answer('pgdb1', back).answer('pgdb1', back))).toMatchObject({
			value: 500,
			exact: false,
			note: 'at most 500 B of WAL lost',
		});
		const unknown = wal(cut(new LeaderStory()));
		expect(unknown).toMatchObject({
			value: undefined,
			note: expect.stringMatching(/^not known what was lost/),
		});
		expect(unknown && isMet(unknown, {})).toBeUndefined();
		const lost = wal(cut(new LeaderStory().after(1).write('pgdb1', 1_000_300)));
		expect(lost).toMatchObject({value: undefined, isLost: true});
		expect(lost && isMet(lost, {})).toBe(false);
		const verified = {acknowledged: 0, lost: [], problem: undefined};
		expect(
			drillVerdict({kind: 'power-cut', target: 'pgdb1', goal: undefined}, lost ? [lost] : [], verified),
		).toMatchObject({result: 'not met', text: expect.stringMatching(/^acknowledged writes are LOST; /)});
	});

	it('is of the worst of several changes', () => {
		const story = cut(new LeaderStory({sync: ['pgdb2']}))
			.after(1)
			.write('pgdb2', 1_000_900);
		story.expire('pgdb2').lead('pgdb3').promote('pgdb3', 5, 1_000_700);
		story.history([3, 1_000_200, 'pgdb2'], [4, 1_000_600, 'pgdb3']);
		expect(wal(story)).toMatchObject({isLost: true, note: expect.stringMatching(/^pgdb2 → pgdb3: /)});
	});
});
