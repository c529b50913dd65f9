/** A short simulation: hostile inputs for every parser, and random sessions; `npm run simulate` runs more of them. */
import {describe, expect, it} from 'vitest';
import {parsers} from '../../tools/simulate/parsers.ts';
import {type Failure, replay, simulate} from '../../tools/simulate/simulate.ts';
import {frameOf} from '../support/screen.tsx';

const seed = 1;
const words = ({at, input, error}: Failure) => `${at}: ${error.message}: ${input.slice(0, 500)}`;

describe('a simulation', () => {
	it('breaks no parser, state, screen or recording', () => {
		const inputs = 100 * Object.keys(parsers).length;
		const {totals, failures} = simulate({seed, inputs, events: 300, frameOf});
		expect(failures.map(words)).toEqual([]);
		expect(new Set(totals.inputs.values())).toEqual(new Set([100]));
		expect(totals.refused).toBeGreaterThan(100);
		expect(totals.events).toBeGreaterThanOrEqual(300);
		expect(totals.frames).toBeGreaterThan(5);
	});

	it('is the same for the same seed', () => {
		const run = () => {
			const {totals} = simulate({seed: 7, inputs: 240, events: 0, frameOf});
			return [totals.refused, [...totals.inputs]];
		};
		expect(run()).toEqual(run());
	});

	it('replays a failure by its seed', () => {
		const blank = () => '';
		const {failures} = simulate({seed, inputs: 0, events: 1, frameOf: blank});
		expect(failures).toHaveLength(1);
		const [failure] = failures;
		const again = replay(seed, failure?.at ?? '', blank);
		expect(again).toMatchObject({at: 'session:0', input: failure?.input});
		expect(again?.error.message).toContain('a frame has the height of the screen');
		// The smallest input that fails.
		expect(failure?.input.split('\n')).toHaveLength(1);
		expect(replay(seed, 'session:0', frameOf)).toBeUndefined();
	});
});
