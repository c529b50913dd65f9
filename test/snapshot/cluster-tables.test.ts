/** `history`, `topology` and `dsn` of a state. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {members} from '../../source/domain/cluster/members.ts';
import {dsnText, historyTable, topologyTable} from '../../source/snapshot/cluster-tables.ts';
import {healthyFacts, suites} from '../support/captures.ts';
import {lost} from '../support/known-outputs.ts';
import {Operator} from '../support/operator.ts';
import {RestOperator, restTarget, viewFact} from '../support/rest-cluster.ts';
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

	it('marks as text what no REST API confirms, and leaves it out elsewhere', () => {
		const healthy = new Session(target).at(0, ...healthyFacts('trixie'));
		// The leader still lists its standby.
		const standby = healthy.at(1, ...lost('patroni:pgdb2')).state;
		expect(topologyTable(standby, {isTree: true}).rows).toEqual([
			['pgdb1', '', '10.73.0.160:5432', 'Leader', 'running', 1, null],
			['+ pgdb2', 'pgdb1', '10.73.0.170:5432', 'Sync Standby', 'streaming?', '1?', '0?'],
		]);
		expect(topologyTable(standby, {isTree: false}).rows).toEqual([
			['pgdb1', '', '10.73.0.160:5432', 'Leader', 'running', 1, null],
			['pgdb2', 'pgdb1', '10.73.0.170:5432', 'Sync Standby', null, null, null],
		]);
		const both = healthy.at(2, ...lost('patroni:pgdb1')).state;
		expect(topologyTable(both, {isTree: true}).rows).toEqual([
			['pgdb1', '', '10.73.0.160:5432', 'Leader', 'running?', '1?', null],
			['+? pgdb2', 'pgdb1?', '10.73.0.170:5432', 'Sync Standby', 'streaming?', '1?', '0?'],
		]);
		expect(topologyTable(both, {isTree: false}).rows).toEqual([
			['pgdb1', '', '10.73.0.160:5432', 'Leader', null, null, null],
			['pgdb2', null, '10.73.0.170:5432', 'Sync Standby', null, null, null],
		]);
	});

	it('marks what only another member says', () => {
		const {state} = new RestOperator().hear(2).say(3, {}, {pgdb2: undefined});
		expect(topologyTable(state, {isTree: true}).rows).toEqual([
			['pgdb1', '', '10.73.0.160:5432', 'Leader', 'running', 3, null],
			['+ pgdb2', 'pgdb1', '10.73.0.170:5432', 'Sync Standby', 'streaming?', '3?', null],
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

	it('is not known by REST while no member that has it reaches the store', () => {
		const members = new RestOperator().hear(2);
		expect(historyTable(members.state)?.rows.length).toBe(1);
		const {state} = members.say(3, {}, {pgdb1: {silent: 120}, pgdb2: {silent: 120}});
		expect(historyTable(state)).toBeUndefined();
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

	it('is of a replica that is known to run, where there is one', () => {
		const two = new Session(anyNode).at(0, ...madeFacts({members: [{name: 'a'}, {name: 'b'}, {name: 'c'}]}));
		const ofReplica = () => dsnText(two.state, {role: 'replica', member: undefined});
		const [b, c] = ['b', 'c'].map(member => dsnText(two.state, {role: undefined, member}));
		expect(ofReplica()).toBe(b);
		two.at(1, ...lost('patroni:b'));
		expect(ofReplica()).toBe(c);
		two.at(2, ...lost('patroni:c'));
		expect(ofReplica()).toBe(b);
	});

	it('is not of a member that answers as primary, as a replica', () => {
		const past = new Operator();
		const {state} = past.after(1, past.leads('pgdb2'), past.says('pgdb1', {role: 'primary'}));
		expect(dsnText(state, {role: 'replica', member: undefined})).toBeUndefined();
	});
});
