import fc from 'fast-check';
import {expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import {SteadyClock} from '../../source/lib/steady-clock.ts';
import {Runtime} from '../../source/runtime.ts';
import {initialState} from '../../source/state/state.ts';
import {target} from '../support/session.ts';

function made() {
	const at = {wall: 1_000_000, monotonic: 0, sinceBoot: 5000};
	const clock = new SteadyClock({
		clocks: {wall: () => at.wall, monotonic: () => at.monotonic, sinceBoot: () => at.sinceBoot},
	});
	/** @param set what the clock was set meanwhile */
	const pass = (milliseconds: number, {set = 0, suspended = 0} = {}) => {
		at.monotonic += milliseconds;
		at.sinceBoot += milliseconds + suspended;
		at.wall += milliseconds + suspended + set;
		return clock.now();
	};
	return {at, clock, pass};
}

it('keeps its pace when the clock is set back, so that silent sources age', () => {
	const {clock, pass} = made();
	const before = clock.now();
	expect(pass(2000, {set: -3_600_000}) - before).toBe(2000);
	expect(pass(10_000) - before).toBe(12_000);
	expect(clock.takeSet()).toEqual({type: 'clock.set', milliseconds: -3_600_000, aheadMs: 3_600_000});
	expect(clock.takeSet()).toBeUndefined();
});

it('follows the clock again once that is set forward again', () => {
	const {at, clock, pass} = made();
	pass(1000, {set: -3_600_000});
	pass(1000, {set: 3_600_000});
	expect(pass(1000)).toBe(at.wall);
	expect(clock.aheadMs).toBe(0);
});

it('follows a clock that is set forward, and reports it', () => {
	const {clock, pass} = made();
	const before = clock.now();
	expect(pass(1000, {set: 3_600_000}) - before).toBe(3_601_000);
	expect(clock.takeSet()).toEqual({type: 'clock.set', milliseconds: 3_600_000, aheadMs: 0});
});

it('counts the time of a suspended machine, and does not report a set clock', () => {
	const {clock, pass} = made();
	const before = clock.now();
	pass(1000, {set: -60_000});
	clock.takeSet();
	expect(pass(1000, {suspended: 3_600_000}) - before).toBe(3_602_000);
	expect(clock.takeSet()).toBeUndefined();
	expect(clock.aheadMs).toBe(60_000);
});

it('never goes back by more than an ordinary correction, and knows its lead', () => {
	fc.assert(
		fc.property(
			fc.array(fc.tuple(fc.nat(10_000), fc.integer({min: -10_000_000, max: 10_000_000}), fc.nat(100_000))),
			steps => {
				const {at, clock, pass} = made();
				let before = clock.now();
				for (const [milliseconds, set, suspended] of steps) {
					const after = pass(milliseconds, {set, suspended});
					expect(after - before).toBeGreaterThanOrEqual(milliseconds - 1000);
					expect(after - clock.aheadMs).toBe(at.wall);
					before = after;
				}
			},
		),
	);
});

it('reports the set clock before the next event', () => {
	const {at, clock} = made();
	const taken: Event[] = [];
	const runtime = new Runtime({
		state: initialState(target, clock.now()),
		now: clock.now,
		takeSet: clock.takeSet,
		perform: () => undefined,
	});
	runtime.observe(({stamped}) => {
		taken.push(stamped.event);
	});
	runtime.dispatch({type: 'tick'});
	at.wall -= 30_000;
	runtime.dispatch({type: 'tick'});
	expect(taken).toEqual([
		{type: 'tick'},
		{type: 'clock.set', milliseconds: -30_000, aheadMs: 30_000},
		{type: 'tick'},
	]);
	expect(runtime.state.cluster.clockSet).toMatchObject({milliseconds: -30_000, aheadMs: 30_000});
});
