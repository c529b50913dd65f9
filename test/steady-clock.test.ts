import fc from 'fast-check';
import {expect, it} from 'vitest';
import {steadyClock} from '../source/steady-clock.ts';

function made() {
	const at = {wall: 1_000_000, monotonic: 0};
	const now = steadyClock(
		() => at.wall,
		() => at.monotonic,
	);
	const pass = (milliseconds: number, set = 0) => {
		at.monotonic += milliseconds;
		at.wall += milliseconds + set;
		return now();
	};
	return {at, now, pass};
}

it('goes on at its pace when the clock is set back, so that what falls silent grows old', () => {
	const {now, pass} = made();
	const before = now();
	expect(pass(2000, -3_600_000) - before).toBe(2000);
	expect(pass(10_000) - before).toBe(12_000);
});

it('is the clock again once that is set forward again', () => {
	const {at, pass} = made();
	pass(1000, -3_600_000);
	pass(1000, 3_600_000);
	expect(pass(1000)).toBe(at.wall);
});

it('believes a clock that is set forward: the machine may have been suspended', () => {
	const {now, pass} = made();
	const before = now();
	expect(pass(1000, 3_600_000) - before).toBe(3_601_000);
});

it('never goes back by more than an ordinary correction', () => {
	fc.assert(
		fc.property(
			fc.array(fc.tuple(fc.nat(10_000), fc.integer({min: -10_000_000, max: 10_000_000}))),
			steps => {
				const {now, pass} = made();
				let before = now();
				for (const [milliseconds, set] of steps) {
					const after = pass(milliseconds, set);
					expect(after - before).toBeGreaterThanOrEqual(milliseconds - 1000);
					before = after;
				}
			},
		),
	);
});
