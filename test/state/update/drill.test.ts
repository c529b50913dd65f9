/** A drill from the menu: what keys and events do, and what is sent: once, while it is recorded and nothing is missing. */
import {describe, expect, it} from 'vitest';
import type {Drill} from '../../../source/domain/drill/types.ts';
import {figuresOf, summarizeEarlier} from '../../../source/domain/drill/verdict.ts';
import type {Event} from '../../../source/domain/events.ts';
import {offersFor, subjectOf} from '../../../source/domain/operations/operation.ts';
import {operationKeys} from '../../../source/keymap/operations.ts';
import {operationContext} from '../../../source/state/selection.ts';
import {topOverlay} from '../../../source/state/state.ts';
import {subscriptions} from '../../../source/state/subscriptions.ts';
import {DrillingOperator, prepared, probed} from '../../support/drilling.ts';
import {target} from '../../support/session.ts';

describe('the question before a drill', () => {
	it('shows what it prepares, and the result of the preparation', () => {
		const operator = new DrillingOperator().asks('switchover', 'pgdb2');
		expect(operator.effects).toEqual([{type: 'drill.prepare', question: 1, kind: 'switchover'}]);
		expect(operator.dialog.drill?.prepared).toBeUndefined();
		expect(operator.blocked).toEqual(['not prepared yet: press again in a moment']);
		operator.prepares({question: 7});
		expect(operator.dialog.drill?.prepared).toBeUndefined();
		operator.prepares();
		expect(operator.dialog.drill?.prepared).toEqual(prepared);
		expect(operator.blocked).toEqual([]);
	});

	it('has the goals of the last drill, unless others are typed', () => {
		const earlier = summarizeEarlier([{measures: figuresOf([]), goals: {writes: 5000, vip: 2500}}]);
		const asked = () => new DrillingOperator().asks('switchover', 'pgdb2');
		expect(asked().prepares({prepared: {...prepared, earlier}}).dialog.drill?.goals).toBe('5s vip=2500ms');
		const own = asked()
			.focus('goal')
			.types('3s')
			.prepares({prepared: {...prepared, earlier}});
		expect(own.dialog.drill?.goals).toBe('3s');
		const blind = new DrillingOperator(target).asks('switchover', 'pgdb2');
		expect(blind.prepares({prepared: {...prepared, earlier}}).dialog.drill?.goals).toBe('vip=2500ms');
	});

	it.each([
		['speed=3s', 'the goal: unknown measure "speed": must be writes, leaderless, leader, vip or redundancy'],
		['5', 'the goal: must be a time with its unit, such as 5s or 500ms'],
		['5s 6s', 'the goal: two goals for writes'],
	])('does not accept %s as a goal', (typed, problem) => {
		const operator = new DrillingOperator().asks('switchover', 'pgdb2').prepares().focus('goal').types(typed);
		expect(operator.blocked).toEqual([problem]);
		operator.focus('cancel').press('dialog.yes');
		expect(operator.dialog.problem).toBe(`nothing was sent: ${problem}`);
		expect(operator.state.drill).toBeUndefined();
	});

	it('keeps the goal that Enter does not accept, and names what is wrong in it', () => {
		const operator = new DrillingOperator().asks('switchover', 'pgdb2').prepares().focus('goal');
		operator.types('5s leaderless=abc').press('dialog.enter');
		expect(operator.dialog.focus).toBe('goal');
		expect(operator.dialog.problem).toMatch(/^the goal: leaderless=abc: must be a time/);
		operator.press('text.clear').types('5s').press('dialog.enter');
		expect(operator.dialog.focus).toBe('reason');
		expect(operator.dialog.problem).toBeUndefined();
	});

	it('names what is missing in the cluster, in the menu as well', () => {
		const operator = new DrillingOperator();
		operator.after(11, operator.put('sync', {kind: 'sync', leader: 'pgdb1', standbys: [], quorum: 0}));
		const scene = operationContext(operator.state);
		const offer = offersFor(subjectOf(scene, 'pgdb1'), scene).find(({id}) => id === 'drill shutdown');
		expect(offer?.disabledReason).toBe('a drill needs full redundancy: no synchronous standby');
		operator.asks('shutdown', 'pgdb1').prepares();
		expect(operator.blocked).toContain(offer?.disabledReason);
	});

	it('names what cannot be measured, and accepts no goal for it', () => {
		const operator = new DrillingOperator(target).asks('switchover', 'pgdb2').prepares();
		expect(operator.checks.map(({text}) => text)).toContain(
			'no probe is configured: the write outage cannot be measured',
		);
		operator.focus('goal').types('5s');
		expect(operator.blocked).toEqual(['no probe is configured: the write outage can have no goal']);
	});

	it('requires the name of the machine, for a shutdown and for a power cut', () => {
		for (const kind of ['shutdown', 'power-cut'] as const) {
			const operator = new DrillingOperator().asks(kind, 'pgdb1').prepares().press('dialog.yes');
			expect(operator.state.drill).toBeUndefined();
			operator.types('pgdb2').press('dialog.enter');
			expect(operator.dialog.problem).toBe('type pgdb1 to confirm; nothing was sent');
		}
	});

	it('goes back to its menu on Esc, and leaves nothing else behind', () => {
		const operator = new DrillingOperator().asks('switchover', 'pgdb2').prepares().press('dismiss');
		expect(operator.state.view.overlays.map(({kind}) => kind)).toEqual(['menu']);
		expect(operator.state.drill).toBeUndefined();
		expect(operator.sent).toEqual([]);
	});

	it.each([
		[{...probed, operations: 'disabled'} as const, 'read-only: no operation is offered'],
		[
			{...probed, operations: 'dry-run'} as const,
			'dry run, nothing was sent: POST http://10.73.0.160:8008/switchover {"leader":"pgdb1","candidate":"pgdb2"}',
		],
	])('starts nothing with operations $operations', (scene, notice) => {
		const operator = new DrillingOperator(scene).select('pgdb2');
		if (scene.operations === 'dry-run') {
			operator.choose('drill switchover').prepares().press('dialog.yes');
		} else {
			operator.press('menu.open');
		}

		expect(operator.state.view.notice?.text).toBe(notice);
		expect(operator.state.drill).toBeUndefined();
		expect(operator.effects.filter(({type}) => type !== 'drill.prepare')).toEqual([]);
	});

	it('is not asked on a frozen screen', () => {
		const operator = new DrillingOperator().select('pgdb2').press('freeze.toggle', 'menu.open');
		expect(operator.state.view.notice?.text).toMatch(/the screen is frozen/);
		expect(operator.effects).toEqual([]);
	});
});

describe('a confirmed drill', () => {
	it('is recorded first, and sends its request when it begins', () => {
		const operator = new DrillingOperator().agrees('switchover', 'pgdb2', '5s leader=4s');
		const drill: Drill = {kind: 'switchover', target: 'pgdb2', goal: 5000, goals: {leader: 4000}};
		expect(operator.effects.slice(1)).toEqual([{type: 'drill.begin', drill, prepared, reason: ''}]);
		expect(operator.state.drill).toMatchObject({drill, recording: {file: prepared.file, own: true}});
		expect(topOverlay(operator.state.view)?.kind).toBe('drill');
		operator.after(13, {type: 'drill.stage', stage: 'baseline'}).after(15, {type: 'drill.begun', drill});
		expect(operator.sent).toMatchObject([{url: 'http://10.73.0.160:8008/switchover'}]);
		expect(operator.audit).toEqual(['confirmed']);
		expect(operator.state.drill?.question).toBeUndefined();
		operator.after(16, {type: 'drill.begun', drill});
		expect(operator.sent).toHaveLength(1);
	});

	it('writes under its own number while it runs', () => {
		const operator = new DrillingOperator();
		const probes = () => subscriptions(operator.state).filter(({kind}) => kind === 'probe');
		const usual = probes();
		operator.agrees('switchover', 'pgdb2');
		expect(probes()).toEqual([{...usual[0], drill: prepared.id}]);
		operator.ends('met');
		expect(probes()).toEqual(usual);
	});

	it('continues the running recording, which cannot end before the drill', () => {
		const operator = new DrillingOperator();
		operator.after(11, {type: 'recording.begun', file: '/tmp/all-day.ndjson.gz'});
		operator.agrees('switchover', 'pgdb2');
		expect(operator.state.drill?.recording).toEqual({file: '/tmp/all-day.ndjson.gz', own: false});
		operator.press('record.toggle');
		expect(operator.effects.filter(({type}) => type === 'record')).toEqual([]);
		expect(operator.state.view.notice?.text).toMatch(/^a drill is running: /);
		operator.ends('met').press('record.toggle');
		expect(operator.effects.at(-1)).toEqual({type: 'record', on: false});
	});

	it.each<[string, (operator: DrillingOperator) => Event[], RegExp]>([
		[
			'the leader moved',
			operator => [operator.leads('pgdb2')],
			/since the question was asked: the leader is pgdb2 now/,
		],
		[
			'the standby was lost',
			operator => [operator.put('sync', {kind: 'sync', leader: 'pgdb1', standbys: [], quorum: 0})],
			/nothing was sent: /,
		],
		['the picture was frozen', () => [{type: 'command', command: 'freeze.toggle'}], /the screen is frozen/],
	])('is not sent if %s meanwhile', (_, meanwhile, words) => {
		const operator = new DrillingOperator().agrees('switchover', 'pgdb2');
		operator.after(13, ...meanwhile(operator)).begins();
		expect(operator.sent).toEqual([]);
		expect(operator.state.drill?.ended).toMatchObject({result: 'failed', text: expect.stringMatching(words)});
		expect(operator.state.timeline.at(-1)?.text).toMatch(/^the drill has ended: /);
	});

	it('asks the operator to pull the plug, and sends nothing', () => {
		const operator = new DrillingOperator()
			.asks('power-cut', 'pgdb1')
			.prepares()
			.types('pgdb1')
			.press('dialog.enter');
		operator
			.begins()
			.after(
				16,
				{type: 'drill.stage', stage: 'plug'},
				{type: 'drill.asked', text: 'pull the plug of pgdb1 now'},
			);
		expect(operator.sent).toEqual([]);
		expect(operator.state.runs).toEqual([]);
		expect(operator.state.drill?.hand).toBe('pull the plug of pgdb1 now');
		operator.after(17, {type: 'drill.stage', stage: 'taken'});
		expect(operator.state.drill?.hand).toBeUndefined();
	});

	it('is hidden and shown again, and is shown at its end unless another overlay is open', () => {
		const drill = (operator: DrillingOperator) => topOverlay(operator.state.view)?.kind;
		const hidden = () => new DrillingOperator().agrees('switchover', 'pgdb2').begins().press('dismiss');
		expect(drill(hidden())).toBeUndefined();
		expect(drill(hidden().press('drill.open'))).toBe('drill');
		expect(drill(hidden().ends('met'))).toBe('drill');
		const reading = hidden().press('help.toggle').ends('not met');
		expect(drill(reading)).toBe('help');
		expect(reading.state.drill?.seen).toBe(false);
		expect(reading.press('drill.open').state.drill?.seen).toBe(true);
		expect(new DrillingOperator().press('drill.open').state.view.notice?.text).toBe(
			'no drill in this session',
		);
	});

	it('is aborted by the same key twice, and by quitting twice', () => {
		const operator = new DrillingOperator().agrees('switchover', 'pgdb2').begins().press('drill.stop');
		const stops = () => operator.effects.filter(({type}) => type === 'drill.stop' || type === 'quit');
		expect(operator.state.view.notice?.text).toMatch(/press again to abort it/);
		operator.press('select.down', 'drill.stop');
		expect(stops()).toEqual([]);
		operator.press('drill.stop');
		expect(stops()).toEqual([{type: 'drill.stop'}]);
		operator.press('quit');
		expect(stops()).toHaveLength(1);
		operator.press('quit');
		expect(stops()).toEqual([{type: 'drill.stop'}, {type: 'quit'}]);
		operator.ends('unknown').press('drill.stop');
		expect(stops()).toHaveLength(2);
	});

	it('blocks another one until it has ended', () => {
		const operator = new DrillingOperator().agrees('switchover', 'pgdb2').press('dismiss');
		operator.asks('shutdown', 'pgdb2').prepares();
		expect(operator.blocked).toContain('drill: switchover to pgdb2 is running');
		operator.ends('failed');
		expect(operator.blocked).not.toContain('drill: switchover to pgdb2 is running');
	});
});

it('is read from a recording of an older pgha-top drill', () => {
	const operator = new DrillingOperator();
	operator.after(11, {type: 'drill.begun', drill: {kind: 'power-cut', target: 'pgdb1', goal: undefined}});
	expect(operator.state.drill).toMatchObject({drill: {kind: 'power-cut'}, prepared: undefined});
	expect(operator.ends('met').state.drill?.ended?.result).toBe('met');
});

it('has no key without operations', () => {
	const keys = operationKeys.filter(({command}) => command.startsWith('drill.'));
	expect(keys.map(({isOperation}) => isOperation)).toEqual([true, true]);
});
