/** `history`, `topology` and `dsn` of a state. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {members} from '../../source/domain/cluster/members.ts';
import {dsnText, historyTable, topologyTable} from '../../source/snapshot/cluster-tables.ts';
import {healthyFacts, suites} from '../support/captures.ts';
import {restTarget, viewFact} from '../support/rest-cluster.ts';
import {Session, target} from '../support/session.ts';
import {madeFacts} from '../support/synthetic-cluster.ts';

const anyNode = {...target, nodes: []};
const names = ['a', 'b', 'c', 'd', 'e'];

describe('topology', () => {
	it('has each member once, whatever their tags say', () => {
		fc.assert(
			fc.property(fc.array(fc.constantFrom(...names, 'gone', ''), {minLength: 5, maxLength: 5}), tags => {
				const {state} = new Session(anyNode).at(
					0,
					...madeFacts({
						members: names.map((name, index) => ({name, key: {tags: {replicatefrom: tags[index] ?? ''}}})),
					}),
				);
				const {rows} = topologyTable(state, {isTree: false});
				expect(rows.map(([name]) => name).sort()).toEqual(names);
				// Below its upstream, or where they replicate from each other.
				for (const [name, above] of rows) {
					expect(above).not.toBe(name);
					expect([...names, '']).toContain(above);
				}
			}),
		);
	});

	it('is a tree as text', () => {
		const {state} = new Session(target).at(0, ...healthyFacts('trixie'));
		expect(topologyTable(state, {isTree: true}).rows).toEqual([
			['pgdb1', '', '10.73.0.160:5432', 'Leader', 'running', 1, null],
			['+ pgdb2', 'pgdb1', '10.73.0.170:5432', 'Sync Standby', 'streaming', 1, 0],
		]);
	});
});

describe('history', () => {
	it.each(suites)('has a row for each line of the key (%s)', suite => {
		const {state} = new Session(target).at(0, ...healthyFacts(suite));
		const table = historyTable(state);
		for (const row of table?.rows ?? []) {
			expect(row.length).toBe(table?.columns.length);
			expect(row.slice(0, 2).map(value => typeof value)).toEqual(['number', 'number']);
		}
	});

	it('is not known by REST until a member reports it', () => {
		const unread = new Session(restTarget).at(0, viewFact('pgdb1', {leader: 'pgdb1'}));
		expect(historyTable(unread.state)).toBeUndefined();
	});
});

describe('dsn', () => {
	const {state} = new Session(target).at(0, ...healthyFacts('trixie'));

	it.each([
		[{role: undefined, member: undefined}, 'host=10.73.0.160 port=5432'],
		[{role: 'leader', member: undefined}, 'host=10.73.0.160 port=5432'],
		[{role: 'primary', member: undefined}, 'host=10.73.0.160 port=5432'],
		[{role: 'replica', member: undefined}, 'host=10.73.0.170 port=5432'],
		[{role: 'standby', member: undefined}, 'host=10.73.0.170 port=5432'],
		[{role: 'any', member: undefined}, 'host=10.73.0.160 port=5432'],
		[{role: 'standby-leader', member: undefined}, undefined],
		[{role: undefined, member: 'pgdb2'}, 'host=10.73.0.170 port=5432'],
		[{role: undefined, member: 'pgdb3'}, undefined],
	])('%j', (wanted, text) => {
		expect(members(state.cluster, state.now).length).toBe(2);
		expect(dsnText(state, wanted)).toBe(text);
	});

	it('quotes a host that libpq would take apart', () => {
		const hostile = new Session(anyNode).at(
			0,
			...madeFacts({members: [{name: 'a', key: {host: "x' user=y\\"}}]}),
		);
		expect(dsnText(hostile.state, {role: 'any', member: undefined})).toMatch(
			/^host='x\\' user=y\\\\' port=\d+$/,
		);
	});
});
