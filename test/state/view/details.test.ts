import {describe, expect, it} from 'vitest';
import {snapshotJson} from '../../../source/snapshot/json.ts';
import {snapshotText} from '../../../source/snapshot/look.ts';
import {titleLine} from '../../../source/state/view/verdict.ts';
import {healthyFacts} from '../../support/captures.ts';
import {Session, target} from '../../support/session.ts';

const warning = 'TLS to Patroni is NOT verified (ctl.insecure)';

describe('a configuration that verifies less', () => {
	const {state} = new Session({...target, warnings: [warning]}).at(0, ...healthyFacts('trixie'));

	it('is in the title, as a warning', () => {
		expect(titleLine(state)).toContainEqual(expect.objectContaining({text: `  ${warning}`, tone: 'warn'}));
	});

	it('is in the snapshot as text and JSON, and does not change the verdict', async () => {
		expect(await snapshotText(state)).toMatch(
			/^postgres-cluster: HEALTHY\n {2}warning: TLS to Patroni is NOT verified \(ctl\.insecure\)\n/,
		);
		expect(snapshotJson(state)).toMatchObject({verdict: 'healthy', warnings: [warning]});
	});
});
