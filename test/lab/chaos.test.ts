/** Ten minutes of faults by a seed: no lie, no miss, no false alarm. */
import {expect, it} from 'vitest';
import {judgedChaos} from '../support/judged-chaos.ts';

it('shows what is so through ten minutes of chaos', {timeout: 1_800_000}, async () => {
	const {counts, verdicts} = await judgedChaos(11, 10);
	expect(verdicts).toEqual([]);
	expect(counts.judged).toBeGreaterThan(10);
});
