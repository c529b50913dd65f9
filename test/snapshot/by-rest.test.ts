/** `--once` of a cluster that is followed by REST alone, as JSON and as text. */
import {describe, expect, it} from 'vitest';
import {snapshotJson} from '../../source/snapshot/json.ts';
import {snapshotSchema} from '../../source/snapshot/schema.ts';
import {snapshotText} from '../../source/snapshot/text.ts';
import {isSettled} from '../../source/state/subscriptions.ts';
import {ownFact, RestOperator, restTarget, viewFact} from '../support/rest-cluster.ts';
import {healthySession, Session} from '../support/session.ts';

describe('a snapshot by REST alone', () => {
	it('names the store, what each member believes, and nothing of etcd', () => {
		const json = snapshotJson(new RestOperator().hear(2).state);
		expect(() => snapshotSchema.strict().parse(json)).not.toThrow();
		expect(json).toMatchObject({
			verdict: 'healthy',
			leader: {member: 'pgdb1', lease_ttl: null},
			store: {
				kind: 'consul',
				through: 'rest',
				read: true,
				beliefs: [
					{member: 'pgdb1', leader: 'pgdb1', fresh: true, dcs: 'reached', dcs_silent_ms: 1000, timeline: 3},
					{member: 'pgdb2', leader: 'pgdb1', fresh: true, dcs: 'reached', dcs_silent_ms: 1000, timeline: 3},
				],
			},
			etcd: {read: false, revision: null, quorum: {voters: 0, state: 'unknown'}, members: []},
			sync: {standbys: ['pgdb2']},
		});
		expect(json.members.map(({witnesses}) => witnesses)).toEqual([
			{etcd: false, rest: true},
			{etcd: false, rest: true},
		]);
	});

	it('says that the leader is not known', () => {
		const {state} = new RestOperator().say(2, {}, {pgdb1: {role: 'replica'}});
		expect(snapshotJson(state).store).toMatchObject({read: false});
	});

	it('has the pane of the leader as text', async () => {
		const text = await snapshotText(new RestOperator().hear(2).state);
		expect(text).toMatch(/^postgres-cluster: HEALTHY$/m);
		expect(text).toMatch(/^ {2}Store {5}Consul, seen through Patroni's REST API$/m);
		expect(text).toMatch(/^ {2}pgdb2 +pgdb1 +≤ 5 s ago/m);
		expect(text).not.toContain('etcd leader key');
	});

	it('waits for the members that the seed names', () => {
		const session = new Session({...restTarget, vip: undefined, haproxy: undefined, nodes: []});
		session.at(0);
		expect(isSettled(session.state)).toBe(false);
		session.at(1, viewFact('pgdb1', {leader: 'pgdb1'}));
		expect(isSettled(session.state)).toBe(false);
		session.at(2, viewFact('pgdb2', {leader: 'pgdb1'}), ownFact('pgdb1', 2), ownFact('pgdb2', 2));
		expect(isSettled(session.state)).toBe(true);
	});
});

it('a snapshot by etcd names it as the store', () => {
	expect(snapshotJson(healthySession('trixie').state).store).toEqual({
		kind: 'etcd3',
		through: 'etcd',
		read: true,
		beliefs: [],
	});
});
