/** Who leads, where the DCS is not read: by what the members say alone. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {beliefs, restLeadership} from '../../../source/domain/cluster/beliefs.ts';
import {keyOf} from '../../../source/domain/cluster/cluster.ts';
import {dcsIsRead, dynamicConfig, leaderKey, syncStandbys} from '../../../source/domain/cluster/keys.ts';
import {members} from '../../../source/domain/cluster/members.ts';
import {freshForMs} from '../../../source/domain/cluster/source-kinds.ts';
import type {Fact} from '../../../source/domain/events.ts';
import {isPrimaryRole} from '../../../source/domain/facts.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {clusterView} from '../../../source/sources/cluster-view.ts';
import {subscriptions} from '../../../source/state/subscriptions.ts';
import {judgeCluster} from '../../../source/state/view/verdict.ts';
import {capture, captureText, patroniFact, type Suite, suites} from '../../support/captures.ts';
import {
	asPrimary,
	dynamic,
	originOf,
	ownFact,
	RestOperator,
	restTarget,
	viewFact,
} from '../../support/rest-cluster.ts';
import {Session, start} from '../../support/session.ts';

const knows = ({state: {cluster, now}}: Session) => restLeadership(cluster, now);
const ids = ({state: {cluster, target, now}}: Session) =>
	findFindings(cluster, target, now).map(({id, about}) => (about === undefined ? id : `${id} ${about}`));

describe('a cluster that is followed by REST alone', () => {
	it('is healthy, with its leader, roles, configuration and history', () => {
		const operator = new RestOperator().hear(2);
		const {cluster, now} = operator.state;
		expect(knows(operator)).toEqual({state: 'known', leader: 'pgdb1'});
		expect(leaderKey(cluster)?.member).toBe('pgdb1');
		expect(dcsIsRead(cluster, now)).toBe(true);
		expect(dynamicConfig(cluster)).toMatchObject({loopWait: 10, synchronousMode: 'on'});
		expect(keyOf(cluster, 'history', 'history')?.value.lines).toHaveLength(1);
		expect(syncStandbys(cluster)).toEqual(['pgdb2']);
		expect(members(cluster, now).map(({name, role, health, lag}) => [name, role, health, lag])).toEqual([
			['pgdb1', 'leader', 'well', undefined],
			['pgdb2', 'sync_standby', 'well', 0],
		]);
		expect(judgeCluster(operator.state).verdict).toBe('healthy');
		expect(ids(operator)).toEqual([]);
	});

	it('asks every member that the seed names, and the seed itself', () => {
		const asked = (session: Session) =>
			subscriptions(session.state).flatMap(one =>
				one.kind === 'view' ? [one.origin] : one.kind === 'patroni' ? [one.url] : [],
			);
		expect(asked(new Session({...restTarget, nodes: []}))).toEqual([originOf('pgdb1')]);
		expect(asked(new RestOperator())).toEqual([
			originOf('pgdb1'),
			originOf('pgdb2'),
			`${originOf('pgdb1')}/patroni`,
			`${originOf('pgdb2')}/patroni`,
		]);
	});

	it('sends nothing to a member on http where an address to begin with is https', () => {
		const session = new Session({
			...restTarget,
			rest: {store: 'consul', seeds: ['https://10.73.0.160:8008']},
			nodes: [],
		}).at(0, {...viewFact('pgdb1', {leader: 'pgdb1'}), source: 'view:https://10.73.0.160:8008'});
		expect(subscriptions(session.state).filter(({kind}) => kind === 'patroni')).toEqual([]);
		expect(ids(session)).toContain('address.withheld pgdb2');
	});

	it('finds the members also by a view that was handled too late to be of now', () => {
		const session = new Session(restTarget).at(20, {...viewFact('pgdb1', {leader: 'pgdb1'}), lateMs: 15_000});
		expect(members(session.state.cluster, session.state.now)).toHaveLength(2);
		expect(knows(session)).toEqual({state: 'unknown', why: 'silent'});
		expect(judgeCluster(session.state).verdict).toBe('unknown');
	});

	it('knows no leader before the named one has answered itself', () => {
		const session = new Session(restTarget).at(0, viewFact('pgdb1', {leader: 'pgdb1'}));
		expect(knows(session)).toMatchObject({state: 'unknown'});
		expect(leaderKey(session.state.cluster)).toBeUndefined();
		expect(members(session.state.cluster, session.state.now)).toHaveLength(2);
		expect(judgeCluster(session.state).verdict).toBe('unknown');
	});

	it.each([
		['answers as a replica', {role: 'replica'}, 'unconfirmed'],
		['has not reached the DCS for a minute', {...asPrimary('pgdb2'), silent: 60}, 'unconfirmed'],
		['does not report when it did', {...asPrimary('pgdb2'), dcsLastSeen: undefined}, 'unconfirmed'],
		['does not answer', undefined, 'unconfirmed'],
	])('does not know that the named member leads where it %s', (_, answer, why) => {
		const operator = new RestOperator().say(2, {}, {pgdb1: answer});
		expect(knows(operator)).toEqual({state: 'unknown', why});
		expect(ids(operator)).toContain('leader.unconfirmed pgdb1');
		expect(dcsIsRead(operator.state.cluster, operator.state.now)).toBe(false);
	});

	it('never says that there is no leader while REST is not reachable', () => {
		const operator = new RestOperator().say(
			2,
			{pgdb1: undefined, pgdb2: undefined},
			{pgdb1: undefined, pgdb2: undefined},
		);
		expect(knows(operator)).toEqual({state: 'unknown', why: 'silent'});
		expect(ids(operator)).not.toContain('leader.none');
		expect(leaderKey(operator.state.cluster)?.member).toBe('pgdb1');
		expect(judgeCluster(operator.state).verdict).toBe('unknown');
	});

	it('has no leader where the members that reach the DCS name none', () => {
		const none = {leader: undefined, extras: {config: dynamic}};
		const operator = new RestOperator().say(2, {pgdb1: none, pgdb2: none}, {pgdb1: {role: 'replica'}});
		expect(knows(operator)).toEqual({state: 'known', leader: undefined});
		expect(leaderKey(operator.state.cluster)).toBeUndefined();
		expect(ids(operator)).toContain('leader.none');
	});

	it('does not believe what members say that have lost the DCS', () => {
		const none = {leader: undefined};
		const operator = new RestOperator().say(
			20,
			{pgdb1: none, pgdb2: none},
			{pgdb1: {...asPrimary(), silent: 40}, pgdb2: {silent: 40}},
		);
		expect(knows(operator)).toEqual({state: 'unknown', why: 'cut-off'});
		expect(leaderKey(operator.state.cluster)?.member).toBe('pgdb1');
		expect(ids(operator)).toContain('rest.cut-off');
		expect(judgeCluster(operator.state).verdict).toBe('critical');
	});

	it('finds members that believe different things, critical where two are primary', () => {
		const operator = new RestOperator().say(2, {pgdb2: {leader: 'pgdb2'}});
		expect(ids(operator)).toContain('beliefs.differ');
		expect(knows(operator)).toEqual({state: 'known', leader: 'pgdb1'});
		operator.say(4, {}, {pgdb2: asPrimary()});
		expect(knows(operator)).toEqual({state: 'unknown', why: 'contradicted'});
		expect(ids(operator)[0]).toBe('leader.two');
		expect(judgeCluster(operator.state).verdict).toBe('critical');
	});

	it('follows a switchover, and logs it', () => {
		const operator = new RestOperator();
		const since = leaderKey(operator.state.cluster)?.createRevision ?? 0;
		operator
			.say(2, {}, {pgdb1: {...asPrimary('pgdb2'), state: 'stopping'}})
			.say(
				4,
				{pgdb1: {leader: undefined}, pgdb2: {leader: undefined}},
				{pgdb1: {role: 'replica', state: 'stopped'}},
			)
			.say(
				6,
				{pgdb1: {leader: 'pgdb2', timeline: 4}, pgdb2: {leader: 'pgdb2', timeline: 4}},
				{pgdb2: {...asPrimary(), timeline: 4}},
			);
		expect(leaderKey(operator.state.cluster)?.member).toBe('pgdb2');
		expect(leaderKey(operator.state.cluster)?.createRevision).toBeGreaterThan(since);
		const texts = operator.state.timeline.map(({text}) => text);
		expect(texts).toContain('no leader, as the members say; pgdb1 led before');
		expect(texts.some(text => text.startsWith('leader: pgdb1 → pgdb2'))).toBe(true);
		expect(texts.join('\n')).not.toMatch(/etcd|leader key/);
	});

	it('shows the beliefs of a seed that no member publishes, without believing it', () => {
		const seed = 'view:http://balancer:8008' as const;
		const session = new Session({...restTarget, rest: {seeds: ['http://balancer:8008']}}).at(0, {
			...viewFact('pgdb1', {leader: 'pgdb1'}),
			source: seed,
		});
		const [one] = beliefs(session.state.cluster, session.state.now);
		expect(one).toMatchObject({member: undefined, leader: 'pgdb1', counts: false});
		session.at(1, ownFact('pgdb1', 1, asPrimary('pgdb2')), viewFact('pgdb1', {leader: 'pgdb1'}));
		expect(knows(session)).toEqual({state: 'known', leader: 'pgdb1'});
	});

	it.each(suites)('reads what Patroni answered on %s', (suite: Suite) => {
		const {view} = clusterView(captureText(suite, 'pgdb1-cluster.json'));
		const at = (name: string): Fact => ({type: 'cluster.seen', source: `view:${originOf(name)}`, view});
		const own = (name: string): Fact => {
			const fact = patroniFact(suite, name, `${name}-patroni`);
			const serverTime = ((fact.status.dcsLastSeen ?? 0) + 2) * 1000;
			return {...fact, status: {...fact.status, serverTime}};
		};
		const session = new Session(restTarget).at(0, at('pgdb1'), own('pgdb1'), own('pgdb2'), at('pgdb2'));
		const leader = view.members.find(({role}) => role === 'leader')?.name;
		expect(knows(session)).toEqual({state: 'known', leader});
		expect(syncStandbys(session.state.cluster)).toEqual([leader === 'pgdb1' ? 'pgdb2' : 'pgdb1']);
		expect(members(session.state.cluster, session.state.now).map(({health}) => health)).toEqual([
			'well',
			'well',
		]);
	});

	it.each(suites)('reads a pause and a schedule of %s', (suite: Suite) => {
		const bodyOf = (name: string) => JSON.stringify((capture(suite, name) as {body: unknown}).body);
		expect(clusterView(bodyOf('cluster-paused')).view.pause).toBe(true);
		expect(clusterView(bodyOf('cluster-scheduled')).view.scheduled).toMatchObject({
			from: 'pgdb2',
			to: 'pgdb1',
		});
	});
});

const names = ['pgdb1', 'pgdb2', 'pgdb3'] as const;

/** Answers in any order, true or not. */
const events = fc.array(
	fc.record({
		seconds: fc.integer({min: 0, max: 8}),
		fact: fc.oneof(
			fc
				.record({
					by: fc.constantFrom(...names),
					leader: fc.constantFrom(...names, undefined),
					pause: fc.boolean(),
				})
				.map(
					({by, leader, pause}) =>
						(): Fact =>
							viewFact(by, {leader, names, pause}),
				),
			fc
				.record({
					name: fc.constantFrom(...names),
					role: fc.constantFrom('primary', 'replica', 'master', 'demoted'),
					silent: fc.constantFrom(0, 3, 14, 17, 40),
				})
				.map(
					({name, role, silent}) =>
						(seconds: number): Fact =>
							ownFact(name, seconds, {role, silent}),
				),
			fc
				.record({kind: fc.constantFrom('view' as const, 'patroni' as const), name: fc.constantFrom(...names)})
				.map(
					({kind, name}) =>
						(): Fact => ({
							type: 'source.lost',
							source: kind === 'view' ? `view:${originOf(name)}` : `patroni:${name}`,
							reason: 'no answer in time',
						}),
				),
		),
	}),
	{maxLength: 40},
);

describe('answers in any order', () => {
	it('show a leader only while it says so itself and a fresh member that reaches the DCS names it', () => {
		fc.assert(
			fc.property(events, happened => {
				const session = new Session(restTarget);
				let seconds = 0;
				for (const one of happened) {
					seconds += one.seconds;
					session.at(seconds, one.fact(seconds));
					const {cluster, now} = session.state;
					if (!dcsIsRead(cluster, now)) {
						expect(judgeCluster(session.state).verdict).not.toBe('healthy');
						continue;
					}

					const leader = leaderKey(cluster)?.member;
					const counted = beliefs(cluster, now).filter(({counts}) => counts);
					const fresh = (name: string) => {
						const known = cluster.patroni.get(name);
						const isSeen = cluster.sourceStatuses.get(`patroni:${name}`)?.state === 'seen';
						return isSeen && known !== undefined && now - known.at <= freshForMs ? known.value : undefined;
					};
					const primaries = names.filter(name => isPrimaryRole(fresh(name)?.role ?? ''));
					expect(counted.length).toBeGreaterThan(0);
					expect(primaries).toEqual(leader === undefined ? [] : [leader]);
					expect(counted.some(one_ => one_.leader === leader)).toBe(true);
				}

				expect(session.state.now).toBe(start + seconds * 1000);
			}),
			{numRuns: 60},
		);
	});

	it('give every key a revision that only grows', () => {
		fc.assert(
			fc.property(events, happened => {
				const session = new Session(restTarget);
				let seconds = 0;
				const last = new Map<string, number>();
				for (const one of happened) {
					seconds += one.seconds;
					session.at(seconds, one.fact(seconds));
					for (const [path, {modRevision, createRevision}] of session.state.cluster.keys) {
						expect(modRevision).toBeGreaterThanOrEqual(last.get(path) ?? 0);
						expect(createRevision).toBeLessThanOrEqual(modRevision);
						last.set(path, modRevision);
					}
				}
			}),
			{numRuns: 30},
		);
	});
});
