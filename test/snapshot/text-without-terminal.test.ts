import {expect, it, vi} from 'vitest';
import {snapshotText} from '../../source/snapshot/text.ts';
import {healthyFacts} from '../support/captures.ts';
import {Session, target} from '../support/session.ts';

vi.mock('string-width', () => ({
	default: (text: string) => {
		throw new Error(`measured: ${text}`);
	},
}));

it('measures nothing but the cells of tables where there is no terminal, which takes some ms', async () => {
	const {state} = new Session(target).at(0, ...healthyFacts('trixie'));
	expect(await snapshotText(state)).toMatch(/^ {2}Lease .*≥/m);
	await expect(snapshotText(state, 80)).rejects.toThrow('measured');
});
