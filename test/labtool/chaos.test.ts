/** The seed determines the chaos, and its table has every kind of fault. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {faults} from '../../lab/chaos/faults.ts';
import type {ChaosLine} from '../../lab/chaos/log.ts';
import {each, plan, type Step} from '../../lab/chaos/plan.ts';
import {waitForRest} from '../../lab/chaos/postgres-faults.ts';
import {FaultTimes} from '../../tools/judge/fault-times.ts';

function first(seed: number, count: number): Step[] {
	const steps: Step[] = [];
	for (const step of plan(seed, faults)) {
		if (steps.push(step) === count) break;
	}

	return steps;
}

const inShort = ({fault, ...step}: Step) => ({kind: fault.kind, ...step});

describe('a plan', () => {
	it('is the same for the same seed, and within the bounds of each fault', () => {
		fc.assert(
			fc.property(fc.nat(), seed => {
				const steps = first(seed, 50);
				expect(first(seed, 50).map(inShort)).toEqual(steps.map(inShort));
				for (const {fault, place, strength, holdMs, quietMs} of steps) {
					expect(fault.places).toContain(place);
					expect(strength).toBeGreaterThanOrEqual(0);
					expect(strength).toBeLessThanOrEqual(1);
					expect(holdMs).toBeGreaterThanOrEqual(fault.holdSeconds[0] * 1000);
					expect(holdMs).toBeLessThanOrEqual(fault.holdSeconds[1] * 1000);
					expect(quietMs).toBeGreaterThan(0);
				}
			}),
		);
	});

	it('differs for another seed', () => {
		expect(first(1, 20).map(inShort)).not.toEqual(first(2, 20).map(inShort));
	});

	it('reaches every fault', () => {
		const kinds = new Set(first(1, 1000).map(({fault}) => fault.kind));
		expect([...kinds].sort()).toEqual(faults.map(({kind}) => kind).sort());
	});

	it('has each fault once with --each', () => {
		expect([...each(5, faults)].map(({fault}) => fault.kind)).toEqual(faults.map(({kind}) => kind));
	});
});

it('names each fault once', () => {
	const kinds = faults.map(({kind}) => kind);
	expect(new Set(kinds).size).toBe(kinds.length);
});

it('is in force from its start until it is undone, and its effects a while longer', () => {
	const line = (at: number, number: number, phase: ChaosLine['phase'], nodes: string[]): ChaosLine => ({
		at,
		number,
		kind: number === 1 ? 'loss' : 'pause',
		phase,
		nodes,
	});
	const times = new FaultTimes([
		line(1000, 1, 'do', ['pgdb1']),
		line(2000, 1, 'done', ['pgdb1']),
		line(9000, 1, 'undo', ['pgdb1']),
		line(10_000, 1, 'undone', ['pgdb1']),
		line(12_000, 1, 'whole', ['pgdb1']),
		line(50_000, 2, 'do', ['pgdb2']),
	]);
	expect(times.between(0, 999)).toEqual([]);
	expect(times.between(5000, 6000).map(({kind}) => kind)).toEqual(['loss']);
	expect(times.impair('pgdb1', 12_000, 12_000)).toBe(true);
	expect(times.impair('pgdb2', 5000, 6000)).toBe(false);
	expect(times.anyBetween(40_000, 45_000)).toBe(false);
	expect(times.anyBetween(60_000, 60_000, 'pgdb2')).toBe(true);
	expect(times.anyBetween(60_000, 60_000, 'pgdb1')).toBe(false);
	// It is still in force when the file ends.
	expect(times.wereDone(['pause'], 90_000, 95_000)).toBe(true);
	expect(times.impair('pgdb2', 90_000, 95_000)).toBe(false);
});

describe('the undo that makes a member a copy again', () => {
	it('waits until its REST API listens', async () => {
		let asked = 0;
		await waitForRest('pgdb2', async () => ++asked === 3);
		expect(asked).toBe(3);
	});

	it('says where it does not listen, after a while', async () => {
		await expect(waitForRest('pgdb2', async () => false, 0)).rejects.toThrow(
			"pgdb2: Patroni's REST API does not listen on port 8008 after 0 s: see journalctl --unit patroni there",
		);
	});
});
