/** What a change of leader has cost is said only as far as it is known. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {followsShutdown, forkOf, judgeLoss, type LossFacts} from '../../../source/domain/cluster/loss.ts';
import {describeLoss} from '../../../source/domain/cluster/loss-text.ts';
import type {SqlStatus} from '../../../source/domain/cluster/postgres.ts';
import {makeContext} from '../../../source/domain/findings/context.ts';
import {lossFindings} from '../../../source/domain/findings/rules/losses.ts';
import {LeaderStory} from '../../support/leader-story.ts';
import {start} from '../../support/session.ts';
import {detailsFact, sqlDetails, sqlStatus, statusFact} from '../../support/sql-facts.ts';

const at = (seconds: number) => start + seconds * 1000;

/** pgdb1 loses power at 2 s; pgdb2 leads at 20 s, on timeline 4. */
function powerCut(story: LeaderStory): LeaderStory {
	return story.after(20).expire('pgdb1').after(0.5).lead('pgdb2');
}

describe('a power cut', () => {
	it('has cost acknowledged writes where one is beyond the fork, from the first to the last of them', () => {
		const story = new LeaderStory();
		story
			.after(1)
			.write('pgdb1', 1_000_100)
			.after(0.1)
			.write('pgdb1', 1_000_200)
			.after(0.1)
			.write('pgdb1', 1_000_300);
		powerCut(story);
		expect(story.loss).toBeUndefined();
		story.promote('pgdb2', 4, 1_000_250).history([3, 1_000_200, 'pgdb2']);
		expect(story.loss).toEqual({
			kind: 'lost',
			since: at(1) - 10,
			from: at(1.1),
			to: at(1.2),
			bytes: 100,
			isAll: false,
		});
		expect(story.entries.at(-1)).toMatch(
			/^pgdb1 → pgdb2: acknowledged writes are lost, the first between .*:00\.990 and .*\.100, the last at .*\.200 or later, at least 100 B of WAL$/,
		);
		// The old leader is back, and says twice where its WAL ends.
		for (const _ of [1, 2]) {
			story.after(1).answer('pgdb1', {timeline: 3, received: 1_000_100, replayed: 1_000_700});
		}

		expect(story.loss).toMatchObject({kind: 'lost', bytes: 500, isAll: true});
		expect(story.changes.map(change => describeLoss(change, at(30)))).toEqual([
			expect.stringMatching(/\.200 or later, 500 B of WAL$/),
		]);
	});

	it('is not known to have cost nothing where each known write is before the fork: others may have come', () => {
		const story = new LeaderStory().after(1).write('pgdb1', 1_000_100);
		powerCut(story).promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']);
		expect(story.loss).toEqual({kind: 'unknown', why: 'end', beyond: undefined, since: at(1) - 10});
	});

	it('takes what the old leader answered by SQL, too; of a standby, REST alone', () => {
		const bySql = (story: LeaderStory, changed: Partial<SqlStatus>) =>
			story.after(1).emit(statusFact('pgdb1', sqlStatus('primary', {timeline: 3, ...changed})));
		const story = bySql(new LeaderStory(), {location: 1_000_500});
		powerCut(story).promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']);
		expect(story.loss).toMatchObject({kind: 'unknown', beyond: 300});
		for (const _ of [1, 2]) {
			bySql(story, {inRecovery: true, location: undefined, received: 1_000_400, replayed: 1_000_400});
		}

		expect(story.loss).toMatchObject({kind: 'unknown', beyond: 300});
	});

	it('says how much of what the old leader had written is gone, without a write of the probe', () => {
		const story = new LeaderStory().after(1).answer('pgdb1', {role: 'primary', location: 1_000_500});
		powerCut(story).promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']);
		expect(story.loss).toEqual({kind: 'unknown', why: 'end', beyond: 300, since: at(0) - 3000});
	});

	it('has cost nothing where a synchronous standby took over', () => {
		const story = new LeaderStory({sync: ['pgdb2']}).after(1).write('pgdb1', 1_000_100);
		powerCut(story).promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']);
		expect(story.loss).toEqual({kind: 'nothing', proof: 'sync'});
		expect(story.entries.at(-1)).toBe(
			'pgdb1 → pgdb2: nothing acknowledged is lost: pgdb2 was a synchronous standby, if commits waited for it',
		);
	});

	/** pgdb1 says its `synchronous_commit`, and writes; a synchronous standby takes over. */
	const withCommit = (synchronousCommit: string) => {
		const story = new LeaderStory({sync: ['pgdb2']}).after(1);
		story.emit(
			detailsFact('pgdb1', sqlDetails('primary', {settings: {synchronous_commit: synchronousCommit}})),
		);
		// The source ends with the member key.
		story.write('pgdb1', 1_000_100).emit({type: 'source.closed', source: 'sql:pgdb1'});
		return powerCut(story).promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']);
	};

	it.each(['on', 'remote_write', 'remote_apply'])('has cost nothing where commits waited: %s', commit => {
		expect(withCommit(commit).entries.at(-1)).toBe(
			'pgdb1 → pgdb2: nothing acknowledged is lost: pgdb2 was a synchronous standby',
		);
	});

	it.each([
		['local', at(1) - 10, /does not say where its WAL ended; all acknowledged before .* is there$/],
		['off', undefined, /: commits on pgdb1 did not wait for its disk \(synchronous_commit is off\)$/],
	])('is not known to have cost nothing where commits did not wait: %s', (commit, since, words) => {
		const story = withCommit(commit);
		expect(story.loss).toEqual({kind: 'unknown', why: 'end', beyond: undefined, since});
		expect(story.entries.at(-1)).toMatch(words);
	});

	it('has no limit by positions where commits did not wait for the disk', () => {
		const facts = {writes: [], positions: [], published: undefined, proof: undefined, isUnflushed: true};
		expect([
			judgeLoss({...facts, fork: {kind: 'own', location: undefined}, end: undefined}).kind,
			judgeLoss({...facts, fork: {kind: 'line', location: 10}, end: 20}).kind,
		]).toEqual(['unknown', 'unknown']);
	});

	it.each([
		['another member was the synchronous standby', ['pgdb3'] as const, (story: LeaderStory) => story],
		[
			'it was none any more',
			['pgdb2'] as const,
			(story: LeaderStory) => story.put('sync', {kind: 'sync', leader: 'pgdb1', standbys: [], quorum: 0}),
		],
		[
			'only a part of a quorum confirms each commit',
			['pgdb2'] as const,
			(story: LeaderStory) =>
				story.put('sync', {kind: 'sync', leader: 'pgdb1', standbys: ['pgdb2', 'pgdb3'], quorum: 1}),
		],
	])('is not known to have cost nothing where %s', (_, sync, change) => {
		const story = change(new LeaderStory({sync})).after(1).write('pgdb1', 1_000_100);
		powerCut(story).promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']);
		expect(story.loss).toMatchObject({kind: 'unknown'});
	});

	it('has cost writes in synchronous mode, too, where one is beyond the fork', () => {
		const story = new LeaderStory({sync: ['pgdb2']}).after(1).write('pgdb1', 1_000_200);
		powerCut(story).promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']);
		expect(story.loss).toMatchObject({kind: 'lost'});
	});

	it('has cost at most what the old leader has beyond the fork when it is back, once it says so twice', () => {
		const story = new LeaderStory().after(1).write('pgdb1', 1_000_100);
		powerCut(story).promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']);
		const back = () =>
			story.after(1).answer('pgdb1', {timeline: 3, received: 1_000_100, replayed: 1_000_700});
		expect(back().loss).toMatchObject({kind: 'unknown'});
		expect(back().loss).toEqual({kind: 'at-most', bytes: 500});
		expect(story.entries.at(-1)).toBe('pgdb1 → pgdb2: at most 500 B of WAL lost');
	});

	it('counts a write that an isolated old leader acknowledges after the change', () => {
		const story = new LeaderStory({sync: ['pgdb2']}).after(1).write('pgdb1', 1_000_100);
		powerCut(story).promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']);
		story.after(1).write('pgdb1', 1_000_400);
		expect(story.loss).toMatchObject({kind: 'lost', from: at(22.5), to: at(22.5)});
	});

	it('has no write of the new leader', () => {
		const story = new LeaderStory({sync: ['pgdb2']}).after(1).write('pgdb1', 1_000_100);
		powerCut(story).promote('pgdb2', 4, 1_000_300).write('pgdb2', 1_000_900).history([3, 1_000_200, 'pgdb2']);
		story.after(1).write('pgdb2', 1_001_900);
		expect(story.loss).toEqual({kind: 'nothing', proof: 'sync'});
	});

	it('proves nothing while it is not known whose a write is', () => {
		const story = new LeaderStory({sync: ['pgdb2']});
		story.after(1).emit({
			type: 'probe.answered',
			source: 'probe:5000',
			port: 5000,
			purpose: 'write',
			startedAt: at(0.9),
			server: '10.73.0.172:5432',
			serverStartedAt: 77,
			inRecovery: false,
			latency: 10,
			write: true,
			location: 1_000_900,
		});
		powerCut(story).promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']);
		expect(story.loss).toMatchObject({kind: 'unknown'});
		// The old leader's answer has the time of its start.
		story.answer('pgdb1', {timeline: 3, role: 'demoted', postmasterStartTime: new Date(77).toISOString()});
		expect(story.loss).toMatchObject({kind: 'lost'});
	});
});

describe('a clean stop', () => {
	const stopped = (fork: number, {gap = 0} = {}) => {
		const story = new LeaderStory().after(1).write('pgdb1', 1_000_100).after(1).publish(1_000_400).after(gap);
		return story.delete('leader').lead('pgdb2').promote('pgdb2', 4, 1_000_900).history([3, fork, 'pgdb2']);
	};

	it('has cost nothing where the new timeline begins right after the shutdown checkpoint', () => {
		expect(stopped(1_000_520).loss).toEqual({kind: 'nothing', proof: 'stop'});
	});

	it('does not prove it where it begins elsewhere, where the key ran out, or was published before', () => {
		expect(stopped(1_000_512).loss).toMatchObject({kind: 'unknown'});
		expect(stopped(1_000_520, {gap: 3}).loss).toMatchObject({kind: 'unknown'});
		const story = new LeaderStory().after(1).publish(1_000_400).delete('members/pgdb1').delete('leader');
		story.lead('pgdb2').promote('pgdb2', 4, 1_000_900).history([3, 1_000_520, 'pgdb2']);
		expect(story.loss).toMatchObject({kind: 'unknown'});
	});

	it('is seen after the switch of a segment, too', () => {
		const segment = 16 * 2 ** 20;
		expect(followsShutdown(5 * segment + 160, 4 * segment + 0x28)).toBe(true);
		expect(followsShutdown(5 * segment + 168, 4 * segment + 0x28)).toBe(false);
		expect(followsShutdown(5 * segment + 160, 6 * segment)).toBe(false);
	});
});

describe('history', () => {
	it('of the time before the change says nothing of it, and none for a minute is reported', () => {
		const story = new LeaderStory({sync: ['pgdb2']}).history([2, 900_000, 'pgdb1']);
		powerCut(story).promote('pgdb2', 4, 1_000_300).after(59);
		story.session.at(story.seconds);
		expect(story.loss).toBeUndefined();
		const ids = () => {
			const {cluster, target, now} = story.session.state;
			return lossFindings(makeContext(cluster, target, now, [], [])).map(({id}) => id);
		};
		expect(ids()).not.toContain('wal.unknown');
		story.session.at(story.seconds + 2);
		expect(ids()).toContain('wal.unknown');
		story.history([2, 900_000, 'pgdb1'], [3, 1_000_200, 'pgdb2']);
		expect(story.loss).toEqual({kind: 'nothing', proof: 'sync'});
	});

	it('without the timeline may have been cut, or be the old leader’s own', () => {
		const from = {leader: 'pgdb2', timeline: 4, begin: 1_000_200};
		expect(forkOf([{timeline: 5, location: 2_000_000, leader: 'pgdb1'}], from)).toBeUndefined();
		expect(forkOf([{timeline: 3, location: 1_000_200, leader: 'pgdb2'}], from)).toBeUndefined();
		expect(forkOf([{timeline: 3, location: 1_100_000, leader: 'pgdb1'}], from)).toEqual({
			kind: 'left',
			location: 1_000_200,
		});
		expect(forkOf([], from)).toEqual({kind: 'left', location: 1_000_200});
		expect(forkOf([], {...from, timeline: 1})).toBeUndefined();
	});
});

describe('a leader that comes back and takes the lock by force', () => {
	/** pgdb2 leads on timeline 4 from 1,000,200 on, and writes; then pgdb1 has the key again. */
	const stolen = () => {
		const story = new LeaderStory().after(1).write('pgdb1', 1_000_100);
		powerCut(story).promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']);
		return story
			.after(1)
			.write('pgdb2', 1_000_400)
			.after(1)
			.write('pgdb2', 1_000_500)
			.delete('leader')
			.lead('pgdb1');
	};

	it('on its own timeline has cost what the other one wrote, and nothing of its own', () => {
		const story = stolen().promote('pgdb1', 3, 1_000_900).history();
		expect(story.changes.map(({loss}) => loss)).toEqual([
			{kind: 'nothing', proof: 'own'},
			{kind: 'lost', since: undefined, from: at(22.5), to: at(23.5), bytes: 300, isAll: false},
		]);
	});

	it('on a new one of the same number, too', () => {
		const story = stolen().promote('pgdb1', 4, 1_000_900).history([3, 1_000_700, 'pgdb1']);
		expect(story.changes.map(({loss}) => loss?.kind)).toEqual(['nothing', 'lost']);
	});

	it('on a new one of the same number, which Patroni does not write to `history`', () => {
		const story = stolen();
		expect(story.loss).toBeUndefined();
		story.promote('pgdb1', 4, 1_000_900);
		const losses = () => story.changes.map(({loss}) => loss);
		expect(losses()).toEqual([
			{kind: 'nothing', proof: 'own'},
			{kind: 'lost', since: undefined, from: at(22.5), to: at(23.5), bytes: 300, isAll: false},
		]);
		// The other one is copied from the second one.
		for (const _ of [1, 2]) {
			story.after(1).answer('pgdb2', {timeline: 4, received: 1_009_000, replayed: 1_009_000});
		}

		expect(story.loss).toMatchObject({kind: 'lost', bytes: 300});
		// What follows on the second one proves nothing of the first.
		story.after(20).expire('pgdb1').lead('pgdb3').promote('pgdb3', 5, 1_001_000);
		story.history([3, 1_000_200, 'pgdb2'], [4, 1_000_950, 'pgdb3']);
		expect(losses().map(loss => loss?.kind)).toEqual(['nothing', 'lost', 'unknown']);
	});

	it('on a new one has not kept all where it had written more than that has', () => {
		const story = new LeaderStory().after(1).answer('pgdb1', {role: 'primary', location: 1_002_000});
		story.after(20).expire('pgdb1').lead('pgdb2').after(1).delete('leader').lead('pgdb1');
		story.promote('pgdb1', 4, 1_001_100).history([3, 1_001_000, 'pgdb1']);
		expect(story.changes[0]?.loss).toEqual({kind: 'unknown', why: 'end', beyond: 1000, since: undefined});
		expect(story.changes.slice(0, 1).map(change => describeLoss(change, at(30)))).toEqual([
			'not known what was lost: pgdb1 began its next timeline before the end of what it had written; at least 1000 B that pgdb1 had written are gone',
		]);
	});

	it.each([
		{positions: [{location: 2000, at: 5}], published: undefined, beyond: 1000},
		{positions: [], published: 3000, beyond: 2000},
		{positions: [{location: 1000, at: 5}], published: 1000, beyond: undefined},
	])('has kept all only up to the place where its new one begins: %o', ({positions, published, beyond}) => {
		const facts = {writes: [], positions, published, end: undefined, proof: undefined, isUnflushed: false};
		expect(judgeLoss({...facts, fork: {kind: 'own', location: 1000}})).toEqual(
			beyond === undefined
				? {kind: 'nothing', proof: 'own'}
				: {kind: 'unknown', why: 'end', beyond, since: undefined},
		);
	});

	it('is not judged by the key of its earlier leadership', () => {
		const story = new LeaderStory().after(1);
		story.delete('leader').lead('pgdb2').promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']);
		story.after(1).write('pgdb2', 1_000_400).delete('leader').lead('pgdb1');
		expect(story.loss).toBeUndefined();
		story.promote('pgdb1', 5, 1_000_900).history([3, 1_000_200, 'pgdb2'], [4, 1_000_800, 'pgdb1']);
		expect(story.loss).toMatchObject({kind: 'unknown'});
	});

	it('and leads on without a restart: what it then writes is of its new leadership', () => {
		const story = stolen().promote('pgdb1', 3, 1_000_900).history().after(1).write('pgdb1', 1_001_000);
		expect(story.changes[0]?.loss).toEqual({kind: 'nothing', proof: 'own'});
		story
			.after(20)
			.expire('pgdb1')
			.lead('pgdb3')
			.promote('pgdb3', 4, 1_000_950)
			.history([3, 1_000_950, 'pgdb3']);
		expect(story.loss).toMatchObject({kind: 'lost', to: at(24.5)});
	});
});

it('follows each of several changes in a row', () => {
	const story = new LeaderStory({sync: ['pgdb2']}).after(1).write('pgdb1', 1_000_100);
	powerCut(story).promote('pgdb2', 4, 1_000_300);
	story
		.after(1)
		.write('pgdb2', 1_000_500)
		.after(20)
		.expire('pgdb2')
		.lead('pgdb3')
		.promote('pgdb3', 5, 1_000_600);
	story.history([3, 1_000_200, 'pgdb2'], [4, 1_000_450, 'pgdb3']);
	expect(story.changes.map(({loss}) => loss?.kind)).toEqual(['nothing', 'lost']);
});

it('is not judged where the same member takes the key again', () => {
	const story = new LeaderStory().after(1).delete('leader').after(1).lead('pgdb1');
	expect(story.changes).toEqual([]);
});

describe('the law: an acknowledged write beyond the fork is never called kept', () => {
	const position = fc.integer({min: 1, max: 40});
	const writes = fc.array(fc.record({location: position, startedAt: position, at: position}), {maxLength: 8});
	const facts: fc.Arbitrary<LossFacts> = fc.record({
		fork: fc.oneof(
			fc.record({kind: fc.constant('line' as const), location: position}),
			fc.record({kind: fc.constant('own' as const), location: fc.option(position, {nil: undefined})}),
			fc.record({kind: fc.constant('left' as const), location: fc.option(position, {nil: undefined})}),
		),
		writes,
		positions: fc.array(fc.record({location: position, at: position}), {maxLength: 4}),
		published: fc.option(position, {nil: undefined}),
		end: fc.option(position, {nil: undefined}),
		proof: fc.constantFrom('sync' as const, 'stop' as const, undefined),
		isUnflushed: fc.boolean(),
	});

	it('whatever else is known', () => {
		fc.assert(
			fc.property(facts, all => {
				const loss = judgeLoss(all);
				const {fork} = all;
				const isLost = all.writes.some(
					({location}) => fork.kind === 'left' || location >= (fork.location ?? Number.POSITIVE_INFINITY),
				);
				expect(loss.kind === 'lost').toBe(isLost);
				// Nothing is lost only by a proof, and never of a timeline that was left.
				expect(loss.kind === 'nothing' && fork.kind === 'left').toBe(false);
				expect(loss.kind === 'nothing' && fork.kind === 'line' && all.proof === undefined).toBe(false);
				const known = Math.max(all.published ?? 0, all.end ?? 0, ...all.positions.map(one => one.location));
				const isBefore = fork.kind === 'own' && known > (fork.location ?? Number.POSITIVE_INFINITY);
				expect(loss.kind === 'nothing' && isBefore).toBe(false);
			}),
		);
	});

	it('through the events of a session, in any order of writes, answers, keys and history', () => {
		const step = fc.constantFrom(
			'write1',
			'write2',
			'answer1',
			'publish',
			'release',
			'expire',
			'lead2',
			'history',
		);
		fc.assert(
			fc.property(fc.array(step, {minLength: 4, maxLength: 14}), fc.boolean(), (steps, isSync) => {
				const story = new LeaderStory(isSync ? {sync: ['pgdb2']} : {});
				let location = 1_000_000;
				const fork = 1_000_500;
				let beyond = false;
				for (const one of steps) {
					story.after(0.3);
					location += 120;
					switch (one) {
						case 'write1': {
							story.write('pgdb1', location);
							beyond ||= location >= fork;
							break;
						}

						case 'write2': {
							story.write('pgdb2', location);
							break;
						}

						case 'answer1': {
							story.answer('pgdb1', {role: 'primary', location});
							break;
						}

						case 'publish': {
							story.publish(fork - 120);
							break;
						}

						case 'release': {
							story.delete('leader');
							break;
						}

						case 'expire': {
							story.expire('pgdb1');
							break;
						}

						case 'lead2': {
							story.lead('pgdb2').promote('pgdb2', 4, location);
							break;
						}

						case 'history': {
							story.history([3, fork, 'pgdb2']);
						}
					}
				}

				const [first] = story.changes;
				expect(beyond && first?.loss?.kind === 'nothing').toBe(false);
				// By then no key of a leader that came back is awaited.
				story.after(6).answer('pgdb2', {});
				const [last] = story.changes;
				expect(beyond && last?.loss?.kind === 'nothing').toBe(false);
				expect(last?.fork !== undefined && beyond && last.loss?.kind !== 'lost').toBe(false);
			}),
			{numRuns: 150},
		);
	}, 60_000);
});
