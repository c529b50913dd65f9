/** Each rule of Patroni's that a member can break, and each thing that hangs on one that stops: what is said of it, and of what. */
import {describe, expect, it} from 'vitest';
import type {DynamicConfig} from '../../../source/domain/dcs.ts';
import {successors} from '../../../source/domain/operations/checks/successors.ts';
import {checksOf} from '../../../source/domain/operations/checks.ts';
import {candidates} from '../../../source/domain/operations/offers.ts';
import type {Operation} from '../../../source/domain/operations/types.ts';
import type {Replication} from '../../../source/domain/patroni.ts';
import {sceneOf} from '../../../source/state/scene.ts';
import {madeFacts} from '../../support/made.ts';
import {Session, target} from '../../support/session.ts';

type Made = Parameters<typeof madeFacts>[0];
type Members = Made['members'];

const [a, b, c] = [{name: 'a'}, {name: 'b'}, {name: 'c'}];
const scene = (made: Made) =>
	new Session({
		...target,
		vip: undefined,
		nodes: made.members.map(({name}, index) => ({
			name,
			host: `10.73.1.${index + 1}`,
			roles: ['database'] as const,
		})),
	}).at(0, ...madeFacts(made));

function said(operation: Operation, made: Made): string[] {
	return checksOf(operation, sceneOf(scene(made).state)).map(({level, text, rule}) =>
		[level, text, rule].filter(Boolean).join(' | '),
	);
}

const switchover = (candidate = 'b'): Operation => ({
	kind: 'switchover',
	leader: 'a',
	candidate,
	at: undefined,
});
const failover = (candidate = 'b'): Operation => ({kind: 'failover', candidate});
const restart = (member: string, role: 'primary' | 'replica'): Operation => ({
	kind: 'restart',
	member,
	role,
	pendingOnly: false,
	at: undefined,
});
const reinitialize = (member: string, fromLeader = false): Operation => ({
	kind: 'reinitialize',
	member,
	force: true,
	fromLeader,
});
const reboot = (node: string): Operation => ({kind: 'reboot', node});
const poweroff = (node: string): Operation => ({kind: 'poweroff', node});
const service = (node: string): Operation => ({
	kind: 'service',
	node,
	service: 'patroni',
	pauseFirst: false,
});

const on: Partial<DynamicConfig> = {synchronousMode: 'on'};
const strict: Partial<DynamicConfig> = {...on, synchronousModeStrict: true};
const quorum: Partial<DynamicConfig> = {synchronousMode: 'quorum'};
const streams = (...names: readonly string[]): Replication[] =>
	names.map(application => ({application, address: undefined, state: 'streaming', syncState: 'async'}));
const tagged = (name: string, tags: Record<string, string>, version = '4.1.0') => ({
	name,
	key: {tags, version},
});

describe('Patroni refuses', () => {
	it.each<[string, Operation, Made, RegExp]>([
		[
			'a priority of 0',
			switchover(),
			{members: [a, tagged('b', {failover_priority: '0'})]},
			/^blocking \| b is tagged failover_priority 0, which is nofailover \| no good candidates/,
		],
		[
			'a negative priority',
			failover(),
			{members: [a, tagged('b', {failover_priority: '-3'})]},
			/^blocking \| b is tagged failover_priority -3, which is nofailover/,
		],
		[
			'a watchdog that cannot be used',
			switchover(),
			{members: [a, {name: 'b', rest: {watchdogFailed: true}}]},
			/^blocking \| b's watchdog is required and cannot be used \| .*not watchdog capable/,
		],
		[
			'a tag that only the member itself says by now',
			switchover(),
			{members: [a, {name: 'b', rest: {tags: {nofailover: 'true'}}}]},
			/^blocking \| b is tagged nofailover/,
		],
		[
			'a tag that only its key says any more',
			switchover(),
			{members: [a, {name: 'b', key: {tags: {nofailover: 'true'}}, rest: {tags: {}}}]},
			/^blocking \| b is tagged nofailover/,
		],
		[
			'a lag, by what the member says now',
			switchover(),
			{members: [a, {name: 'b', rest: {received: 40_000_000, replayed: 40_000_000}}]},
			/^blocking \| b is 10331784 bytes behind, more than maximum_lag_on_failover \(1048576\)/,
		],
		[
			'in quorum commit, one that is not in the sync key',
			switchover('c'),
			{members: [a, b, c], config: quorum, sync: ['b']},
			/^blocking \| c is not in the sync key \(b\) \| the HA loop hands over to a synchronous standby alone/,
		],
	])('%s', (_, operation, made, expected) => {
		expect(said(operation, made)).toContainEqual(expect.stringMatching(expected));
	});

	it('no priority that its Patroni does not know', () => {
		const all = said(switchover(), {members: [a, tagged('b', {failover_priority: '0'}, '3.0.2')]});
		expect(all.filter(text => text.startsWith('blocking'))).toEqual([]);
	});

	it('no lag that was made good since the key was written', () => {
		const all = said(switchover(), {members: [a, {name: 'b', key: {location: 40_000_000}}]});
		expect(all.filter(text => text.startsWith('blocking'))).toEqual([]);
	});

	it('nothing of lag where no leader answers: a failover is what is left then', () => {
		const members: Members = [
			{name: 'a', rest: undefined},
			{name: 'b', key: {location: 40_000_000}, rest: {received: 40_000_000, replayed: 40_000_000}},
		];
		expect(said(failover(), {members})).toContainEqual(
			expect.stringMatching(/^warning \| b is 10331784 bytes behind.*Patroni lets it take over all the same/),
		);
		const isBlocked = (made: Made) => said(failover(), made).some(text => text.startsWith('blocking'));
		expect(isBlocked({members})).toBe(false);
	});

	it.each([
		[undefined, 'blocking'],
		[4, undefined],
	] as const)(
		'a timeline of %s where check_timeline is set and the history is on 4: %s',
		(timeline, level) => {
			const session = scene({members: [a, {name: 'b', rest: {timeline}}], config: {checkTimeline: true}}).at(
				1,
				{
					type: 'dcs.put',
					source: 'watch:a',
					entry: {
						path: 'history',
						value: {
							kind: 'history',
							lines: [{timeline: 3, location: 1, reason: '', at: undefined, leader: undefined}],
						},
						createRevision: 900,
						modRevision: 900,
						lease: undefined,
					},
				},
			);
			const check = checksOf(switchover(), sceneOf(session.state)).find(({rule}) =>
				rule?.startsWith('check_timeline'),
			);
			expect(check?.level).toBe(level);
		},
	);

	it('with quorum before 4.0 as if there were no synchronous mode', () => {
		const members = [tagged('a', {}, '3.3.2'), tagged('b', {}, '3.3.2')];
		const old = said(switchover(), {members, config: quorum, sync: ['x']});
		expect(old.filter(text => text.includes('sync key'))).toEqual([]);
	});
});

describe('a warning of', () => {
	it.each<[string, Operation, Made, RegExp]>([
		[
			'replay that is paused',
			switchover(),
			{members: [a, {name: 'b', rest: {replayPaused: true, replayed: 50_331_000}}]},
			/^warning \| replay of WAL is paused on b: 784 bytes must be replayed/,
		],
		[
			'a standby that is to follow the old leader',
			switchover(),
			{members: [a, b, tagged('c', {replicatefrom: 'a'})]},
			/^warning \| c replicates from a \(replicatefrom\)/,
		],
		[
			'a cascade on a standby that is restarted',
			restart('b', 'replica'),
			{members: [a, {name: 'b', rest: {replication: streams('c')}}, tagged('c', {replicatefrom: 'b'})]},
			/^warning \| c replicates from b \(replicatefrom\)/,
		],
		[
			'a copy that breaks off',
			restart('a', 'primary'),
			{members: [a, b, {name: 'c', key: {state: 'creating replica'}, rest: {state: 'creating replica'}}]},
			/^warning \| c is being copied now, perhaps from a/,
		],
		[
			'a source of copies that is not well',
			reinitialize('c'),
			{
				members: [
					{name: 'a', rest: {replication: streams('c')}},
					tagged('b', {clonefrom: 'true'}),
					{name: 'c'},
				],
			},
			/^warning \| it is copied from b \(tag clonefrom\): b is running, but streams from no member/,
		],
		[
			'strict synchronous mode',
			restart('b', 'replica'),
			{members: [a, b], config: strict, sync: ['b']},
			/^warning \| synchronous_mode_strict: WRITES WAIT until b is back: it is the only synchronous standby/,
		],
		[
			'strict synchronous mode where the other is tagged nosync',
			reboot('b'),
			{members: [a, b, tagged('c', {nosync: 'true'})], config: strict, sync: ['b']},
			/^warning \| synchronous_mode_strict: WRITES WAIT until b is back/,
		],
		[
			'an old leader that may not be synchronous',
			switchover(),
			{members: [tagged('a', {nosync: 'true'}), b], config: on, sync: ['b']},
			/^warning \| after it there is no synchronous standby: a is tagged nosync$/,
		],
		[
			'an old leader that does not stream',
			switchover(),
			{members: [tagged('a', {nostream: 'true'}), b], config: strict, sync: ['b']},
			/^warning \| after it there is no synchronous standby: a is tagged nostream: WRITES WAIT/,
		],
	])('%s', (_, operation, made, expected) => {
		expect(said(operation, made)).toContainEqual(expect.stringMatching(expected));
	});

	it('nothing strict where another can be synchronous', () => {
		const all = said(restart('b', 'replica'), {members: [a, b, c], config: strict, sync: ['b']});
		expect(all.filter(text => text.includes('WRITES WAIT'))).toEqual([]);
	});
});

describe('a receiver of WAL that is no member', () => {
	const cdc: Replication = {
		application: 'debezium',
		user: 'cdc',
		address: '10.73.0.9',
		state: 'streaming',
		syncState: 'async',
	};
	const named =
		/^warning \| debezium \(user cdc, from 10\.73\.0\.9, streaming\) receives WAL and is no member: ([ab]) stays in "stopping"/;
	const onLeader: Members = [{name: 'a', rest: {replication: [...streams('b'), cdc]}}, b];
	const onReplica: Members = [a, {name: 'b', rest: {replication: [cdc]}}];

	it.each<[Operation, Members]>([
		[switchover(), onLeader],
		[failover(), onLeader],
		[restart('a', 'primary'), onLeader],
		[restart('b', 'replica'), onReplica],
		[reinitialize('b'), onReplica],
		[service('a'), onLeader],
		[service('b'), onReplica],
		[reboot('a'), onLeader],
		[reboot('b'), onReplica],
		[poweroff('a'), onLeader],
		[poweroff('b'), onReplica],
	])('is named before %j', (operation, members) => {
		expect(said(operation, {members})).toContainEqual(expect.stringMatching(named));
	});

	it.each<[Operation, Members]>([
		[switchover(), onReplica],
		[restart('b', 'replica'), onLeader],
		[reboot('b'), onLeader],
		[{kind: 'reload', member: 'a'}, onLeader],
	])('is not named where it is not in the way: %j', (operation, members) => {
		expect(said(operation, {members}).filter(text => text.includes('debezium'))).toEqual([]);
	});

	it('is killed after primary_stop_timeout, of a leader in synchronous mode alone', () => {
		const config = {...on, primaryStopTimeout: 60};
		const bounded = (operation: Operation, made: Made) =>
			said(operation, made).some(text => text.includes('after 60 s it is killed'));
		expect(bounded(switchover(), {members: onLeader, config, sync: ['b']})).toBe(true);
		expect(bounded(switchover(), {members: onLeader, config: {primaryStopTimeout: 60}})).toBe(false);
		expect(bounded(restart('b', 'replica'), {members: onReplica, config, sync: ['b']})).toBe(false);
	});
});

describe('who could take over', () => {
	const names = (made: Made) =>
		successors(sceneOf(scene(made).state), ['a']).map(({member, doubt}) =>
			doubt === undefined ? member.name : `${member.name}?`,
		);

	it('comes by priority, those that stream first', () => {
		const members = [a, tagged('b', {failover_priority: '1'}), tagged('c', {failover_priority: '7'})];
		expect(names({members})).toEqual(['c', 'b']);
		expect(candidates(sceneOf(scene({members}).state))).toEqual(['c', 'b']);
		const [leader, ...others] = members;
		const onlyB = [{...leader, name: 'a', rest: {replication: streams('b')}}, ...others];
		expect(names({members: onlyB})).toEqual(['b', 'c?']);
	});

	it('is not one tagged nofailover, without a watchdog, stopped, or too far behind', () => {
		expect(
			names({
				members: [
					a,
					tagged('b', {nofailover: 'true'}),
					{name: 'c', rest: {watchdogFailed: true}},
					{name: 'd', rest: {state: 'stopped'}},
					{name: 'e', rest: {received: 1, replayed: 1}},
				],
			}),
		).toEqual([]);
	});

	it('is in doubt where quorum commit does not find its votes', () => {
		const made = (quorumOf: number): Made => ({
			members: [a, b, {name: 'c', rest: {state: 'stopped'}}],
			config: quorum,
			sync: ['b', 'c'],
			quorum: quorumOf,
		});
		expect(names(made(0))).toEqual(['b']);
		expect(names(made(1))).toEqual(['b?']);
		expect(said(reboot('a'), made(1))).toContainEqual(
			expect.stringMatching(
				/^warning \| .*quorum commit needs 2 of the sync key \(b, c\), 1 could take part/,
			),
		);
	});
});
