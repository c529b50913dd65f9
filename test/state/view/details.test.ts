import {describe, expect, it} from 'vitest';
import {snapshotJson} from '../../../source/snapshot/json.ts';
import {snapshotText} from '../../../source/snapshot/text.ts';
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

describe('a configuration that Patroni reads in another way than it is written', () => {
	const notices = [
		'a.yml, line 1: scope: put the value in quotes',
		'a.yml, line 2: name: put the value in quotes',
	];
	const {state} = new Session({...target, notices}).at(0, ...healthyFacts('trixie'));

	it('is counted in the title, and listed in the snapshot', async () => {
		expect(titleLine(state)).toContainEqual(
			expect.objectContaining({text: '  2 notices on the configuration: --print-config', tone: 'warn'}),
		);
		expect(await snapshotText(state)).toContain(
			'\n  notice: a.yml, line 1: scope: put the value in quotes\n',
		);
		expect(snapshotJson(state)).toMatchObject({verdict: 'healthy', warnings: notices});
	});
});
