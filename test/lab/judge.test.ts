/** Two minutes of faults by a fixed seed: no lie, no miss, no false alarm. */
import {expect, it} from 'vitest';
import {judgedChaos} from '../support/judged-chaos.ts';

it('shows what is so through two minutes of chaos', {timeout: 900_000}, async () => {
	const {counts, verdicts} = await judgedChaos(36, 2);
	expect(verdicts).toEqual([]);
	expect(counts.claims).toBeGreaterThan(1000);
});
