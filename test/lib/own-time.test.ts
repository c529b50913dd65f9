import {describe, expect, it} from 'vitest';
import {askFairly, beatMs, OwnTime, ownTime, type Stall, within} from '../../source/lib/own-time.ts';

/** A machine with clocks that the test sets. */
class Machine {
	monotonic = 1000;
	wall = 5_000_000;
	sinceBoot = 90_000;
	readonly time: OwnTime;
	readonly stalls: Stall[] = [];
	readonly passed: string[] = [];
	readonly stop: () => void;

	constructor() {
		this.time = new OwnTime({
			monotonic: () => this.monotonic,
			wall: () => this.wall,
			sinceBoot: () => this.sinceBoot,
		});
		this.stop = this.time.onStall(stall => this.stalls.push(stall));
	}

	/** The program runs, or is stopped, for so long, and then its timer fires. */
	goes(milliseconds: number): this {
		this.monotonic += milliseconds;
		this.wall += milliseconds;
		this.sinceBoot += milliseconds;
		this.time.beat();
		return this;
	}

	runs(milliseconds: number): this {
		for (let left = milliseconds; left > 0; left -= beatMs) {
			this.goes(Math.min(left, beatMs));
		}

		return this;
	}

	suspends(milliseconds: number): this {
		this.wall += milliseconds;
		this.sinceBoot += milliseconds;
		return this.goes(beatMs);
	}

	setsClock(milliseconds: number): this {
		this.wall += milliseconds;
		return this.goes(beatMs);
	}
}

describe('the time of a question', () => {
	it('has in it how long this program did not run meanwhile, also in short pieces and while suspended', () => {
		const machine = new Machine();
		const timing = machine.time.startTiming();
		machine.runs(200);
		expect(timing()).toEqual({tookMs: 200, lateMs: 0});
		machine.goes(250);
		expect(timing()).toEqual({tookMs: 450, lateMs: 200});
		machine.goes(3050);
		expect(timing()).toEqual({tookMs: 3500, lateMs: 3200});
		machine.suspends(60_000);
		expect(timing()).toEqual({tookMs: 63_550, lateMs: 63_200});
		machine.setsClock(-5000);
		expect(timing().tookMs).toBe(63_600);
	});

	it('is counted once by each that asks where the loss is too short to be a stall', () => {
		const machine = new Machine();
		const [one, other] = [machine.time.countShortLosses(), machine.time.countShortLosses()];
		machine.goes(250).goes(350).goes(3050);
		expect(machine.stalls).toHaveLength(1);
		expect([one(), one()]).toEqual([500, 0]);
		machine.goes(250);
		expect([one(), other(), other()]).toEqual([200, 700, 0]);
		expect(machine.time.countShortLosses()()).toBe(0);
	});
});

/** Two turns of the event loop, in which queued answers are taken. */
async function drained(): Promise<void> {
	for (let turn = 0; turn < 4; turn++) {
		await new Promise(resolve => {
			setImmediate(resolve);
		});
	}
}

describe('a deadline in own time', () => {
	it('passes when the program has run for so long, and the waiting answers were taken', async () => {
		const machine = new Machine();
		machine.time.after(2000, () => machine.passed.push('late'));
		machine.runs(2000);
		expect(machine.passed).toEqual([]);
		await drained();
		expect(machine.passed).toEqual(['late']);
		machine.stop();
	});

	it('does not pass while the program is stopped, however long', async () => {
		const machine = new Machine();
		machine.time.after(2000, () => machine.passed.push('late'));
		machine.runs(1000).goes(3_600_000).runs(900);
		await drained();
		expect(machine.passed).toEqual([]);
		machine.runs(100);
		await drained();
		expect(machine.passed).toEqual(['late']);
		machine.stop();
	});

	it('does not pass if an answer from the queue cancels it', async () => {
		const machine = new Machine();
		const cancel = machine.time.after(100, () => machine.passed.push('late'));
		setImmediate(cancel);
		machine.goes(5000).runs(200);
		await drained();
		expect(machine.passed).toEqual([]);
		machine.stop();
	});

	it('stretches while each beat is late', async () => {
		const machine = new Machine();
		machine.time.after(1000, () => machine.passed.push('late'));
		for (let beat = 0; beat < 1000 / beatMs - 1; beat++) {
			machine.goes(400);
		}

		await drained();
		expect(machine.passed).toEqual([]);
		machine.goes(400);
		await drained();
		expect(machine.passed).toEqual(['late']);
		machine.stop();
	});
});

describe('a stall', () => {
	it('is reported from half a second on, with its length', () => {
		const machine = new Machine();
		machine.runs(1000).goes(500 + beatMs);
		expect(machine.stalls).toEqual([]);
		machine.goes(1200 + beatMs);
		expect(machine.stalls).toEqual([{milliseconds: 1200}]);
		machine.stop();
	});

	it('is also a time in which the machine was suspended', () => {
		const machine = new Machine();
		machine.runs(1000).suspends(60_000);
		expect(machine.stalls).toEqual([{milliseconds: 60_000}]);
		machine.runs(1000).suspends(7000);
		expect(machine.stalls[1]).toEqual({milliseconds: 7000});
		machine.stop();
	});

	it('is not a clock that was set', () => {
		const machine = new Machine();
		machine.runs(1000).setsClock(3_600_000).setsClock(-7_200_000).runs(1000);
		expect(machine.stalls).toEqual([]);
		machine.stop();
	});
});

/** Keeps the loop busy, as a machine without CPU does. */
function stall(milliseconds: number): void {
	const end = performance.now() + milliseconds;
	while (performance.now() < end) {
		// Nothing else runs.
	}
}

describe('an answer that comes while the program is stalled', () => {
	it('is accepted, though its deadline has passed', async () => {
		const answer = new Promise<string>(resolve => {
			setTimeout(resolve, 300, 'answer');
		});
		const asked = within(200, answer);
		stall(900);
		await expect(asked).resolves.toBe('answer');
	});

	it('is requested again if it was lost meanwhile', async () => {
		const stop = ownTime.onStall(() => undefined);
		let asked = 0;
		const answer = askFairly(async () => {
			asked++;
			if (asked === 1) {
				stall(700);
				throw new Error('connection reset');
			}

			return 'answer';
		});
		expect((await answer).answer).toBe('answer');
		asked = 1;
		await expect(
			askFairly(async () => {
				asked++;
				throw new Error('connection refused');
			}),
		).rejects.toThrow('connection refused');
		expect(asked).toBe(2);
		stop();
	});
});
