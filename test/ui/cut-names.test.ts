/** Different names are never drawn alike in one table, however narrow it is. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import {shownSnapshot} from '../../source/state/state.ts';
import {cell, type Table} from '../../source/state/view/cells.ts';
import {etcdPane} from '../../source/state/view/etcd.ts';
import {membersPane} from '../../source/state/view/members.ts';
import {nodesPane} from '../../source/state/view/nodes.ts';
import {vipPane} from '../../source/state/view/vip.ts';
import {cutNames} from '../../source/ui/cut-names.ts';
import {layTable} from '../../source/ui/table-layout.ts';
import {Session, target} from '../support/session.ts';
import {madeFacts} from '../support/synthetic-cluster.ts';

const part = fc.constantFrom('pg', 'node', '-', '0', '1', '01', '数据', 'é', 'eu-central', '.');
const name = fc.array(part, {minLength: 1, maxLength: 12}).map(parts => parts.join(''));

describe('names that are cut', () => {
	it.each([
		[['node-production-01', 'node-production-02'], 9, ['node…n-01', 'node…n-02']],
		[['01-production-node', '02-production-node'], 9, ['01-p…node', '02-p…node']],
		[['short', 'node-production-02'], 9, ['short', 'node…n-02']],
		[['alpha', 'beta'], 9, ['alpha', 'beta']],
	])('%j in %i columns', (names, width, cut) => {
		expect([...cutNames(names, width).values()]).toEqual(cut);
	});

	it('stay different and fit, whatever they are', () => {
		fc.assert(
			fc.property(
				fc.array(name, {minLength: 1, maxLength: 12}),
				fc.integer({min: 3, max: 30}),
				(all, width) => {
					const cut = cutNames(all, width);
					const different = [...new Set(all)];
					expect(new Set(different.map(one => cut.get(one))).size).toBe(different.length);
					for (const shown of cut.values()) {
						expect(stringWidth(shown)).toBeLessThanOrEqual(width);
					}
				},
			),
		);
	});

	it('are different in each table of the screen, at any width', () => {
		const first = (table: Table | undefined, width: number) => {
			const laid = table && layTable(table, width);
			return (table?.rows ?? []).map(({id, cells}) => {
				const [shown = cell('')] = laid?.row({id, cells}) ?? [];
				return shown.text.trim();
			});
		};
		fc.assert(
			fc.property(
				fc.array(name, {minLength: 2, maxLength: 6}),
				fc.constantFrom('postgresql-production-eu-central-1-', ''),
				fc.constantFrom('-databases', ''),
				fc.integer({min: 30, max: 120}),
				(all, before, after, width) => {
					const names = [...new Set(all)].map(one => ({name: `${before}${one}${after}`}));
					const {state} = new Session({...target, nodes: []}).at(0, ...madeFacts({members: names}));
					const shown = shownSnapshot(state);
					for (const pane of [membersPane(shown), etcdPane(shown), vipPane(shown), nodesPane(shown)]) {
						const texts = first(pane.table, width);
						expect(new Set(texts).size).toBe(texts.length);
					}
				},
			),
			{numRuns: 40},
		);
	});
});
