/** Before the first answers: what was never read is neither missing nor as last known. */
import {expect, it} from 'vitest';
import {healthProblem} from '../../../source/domain/cluster/health.ts';
import {members} from '../../../source/domain/cluster/members.ts';
import type {Fact} from '../../../source/domain/events.ts';
import {shownSnapshot} from '../../../source/state/state.ts';
import {membersPane} from '../../../source/state/view/members.ts';
import {clusterSummary} from '../../../source/state/view/verdict.ts';
import {healthyFacts, patroniFact} from '../../support/captures.ts';
import {Session} from '../../support/session.ts';

const summary = (session: Session) =>
	clusterSummary(session.state)
		.map(({text}) => text)
		.join('');
const row = (session: Session) =>
	membersPane(shownSnapshot(session.state), 200).table?.rows[0]?.cells.map(({text}) => text) ?? [];

it('nothing is called missing before anything was read', () => {
	expect(summary(new Session())).toBe('nothing read yet');
});

it('a member that answered and was lost before etcd was read has neither role nor state', () => {
	const session = new Session().at(0, patroniFact('trixie', 'pgdb1', 'pgdb1-patroni'));
	expect(summary(session)).toMatch(/^Leader not read yet +VIP not read yet +pgdb1 running/);
	session.at(1, {type: 'source.lost', source: 'patroni:pgdb1', reason: 'connection refused'});
	expect(summary(session)).toMatch(/^Leader not read yet +VIP not read yet +pgdb1 not read yet/);
	expect(row(session)).toContain('not read yet');
	expect(row(session).join(' ')).not.toMatch(/gone|Replica|Leader/);
});

it('after a read of etcd, what it does not hold is missing', () => {
	const read = healthyFacts('trixie').find(({type}) => type === 'dcs.snapshot');
	const session = new Session().at(0, {...read, entries: []} as Fact);
	expect(summary(session)).toMatch(/^Leader NONE/);
});

it('the state `unknown` that Patroni reports is a state, not a lack of one', () => {
	const fact = patroniFact('trixie', 'pgdb1', 'pgdb1-patroni');
	const session = new Session()
		.at(0, ...healthyFacts('trixie'))
		.at(1, {...fact, status: {...fact.status, state: 'unknown'}});
	expect(summary(session)).toMatch(/pgdb1 unknown/);
	expect(row(session).slice(2, 4)).toEqual(['Leader', 'unknown']);
	const one = members(session.state.cluster, session.state.now).find(({name}) => name === 'pgdb1');
	expect(one?.health).toBe('unwell');
	expect(one && healthProblem(one)).toBe('pgdb1 is unknown');
});
