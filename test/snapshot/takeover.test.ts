/** Who could take over, and what changes of leader have cost, in the JSON of a snapshot. */
import {describe, expect, it} from 'vitest';
import {snapshotJson} from '../../source/snapshot/json.ts';
import {type Snapshot, snapshotSchema} from '../../source/snapshot/schema.ts';
import type {State} from '../../source/state/state.ts';
import {LeaderStory} from '../support/leader-story.ts';
import {Operator} from '../support/operator.ts';
import {start} from '../support/session.ts';

const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();

/** As printed, which is checked against the schema. */
function printed(state: State): Snapshot {
	return snapshotSchema.strict().parse(JSON.parse(JSON.stringify(snapshotJson(state))));
}

describe('each member', () => {
	const takeovers = ({state}: Operator) =>
		Object.fromEntries(printed(state).members.map(({name, takeover}) => [name, takeover]));

	it('leads, or could take over', () => {
		expect(takeovers(new Operator('trixie'))).toEqual({
			pgdb1: {state: 'leads', rule: null, why: null},
			pgdb2: {state: 'yes', rule: null, why: null},
		});
	});

	it('could not, by a rule of Patroni', () => {
		const operator = new Operator('trixie');
		operator.after(1, operator.member('pgdb2', {tags: {nofailover: 'true'}}));
		expect(takeovers(operator).pgdb2).toEqual({
			state: 'no',
			rule: 'nofailover',
			why: 'it is tagged nofailover',
		});
		operator.after(1, operator.configured({pause: true}));
		expect(takeovers(operator).pgdb2).toEqual({
			state: 'no',
			rule: 'paused',
			why: 'the cluster is paused',
		});
	});

	it('is not known to be able to where it does not answer, or etcd is not read', () => {
		const operator = new Operator('trixie').blind('patroni:pgdb2').after(2);
		expect(takeovers(operator).pgdb2).toEqual({
			state: 'unknown',
			rule: null,
			why: 'no data from pgdb2 itself',
		});
		const blind = operator.blind(...operator.state.cluster.sourceStatuses.keys()).after(3);
		expect(Object.values(takeovers(blind)).map(one => one?.state)).toEqual(['unknown', 'unknown']);
	});
});

describe('a change of leader', () => {
	const powerCut = (story: LeaderStory) => story.after(20).expire('pgdb1').after(0.5).lead('pgdb2');
	const losses = (story: LeaderStory) => printed(story.session.state).losses;
	const none = {kept_until: null, first_lost: null, last_lost: null};

	it('is not there before one was seen, and none is claimed where they are not followed', () => {
		const story = new LeaderStory();
		expect(losses(story)).toEqual([]);
		const {state} = story.session;
		expect(printed({...state, cluster: {...state.cluster, leaders: undefined}}).losses).toBeNull();
	});

	it('has cost nothing with a synchronous standby; not known before the history shows it', () => {
		const story = powerCut(new LeaderStory({sync: ['pgdb2']}));
		expect(losses(story)).toMatchObject([
			{...none, from: 'pgdb1', to: 'pgdb2', at: at(20.5), kind: 'unknown', bytes: null, bytes_are: null},
		]);
		story.promote('pgdb2', 4, 1_000_250).history([3, 1_000_200, 'pgdb2']);
		expect(losses(story)).toMatchObject([
			{
				...none,
				...{kind: 'nothing', bytes: 0, bytes_are: 'exact'},
				text: expect.stringContaining('pgdb2 was a synchronous standby'),
			},
		]);
	});

	it('has cost writes, of at least so many bytes, until the old leader says how many', () => {
		const story = new LeaderStory().after(1).write('pgdb1', 1_000_100).after(0.1).write('pgdb1', 1_000_300);
		powerCut(story).promote('pgdb2', 4, 1_000_250).history([3, 1_000_200, 'pgdb2']);
		const lost = {
			...{kind: 'lost', kept_until: at(0.99), first_lost: at(1.1), last_lost: at(1.1)},
			text: expect.stringMatching(/^acknowledged writes are lost/),
		};
		expect(losses(story)).toMatchObject([{...lost, bytes: 100, bytes_are: 'at_least'}]);
		for (const _ of [1, 2]) {
			story.after(1).answer('pgdb1', {timeline: 3, received: 1_000_100, replayed: 1_000_700});
		}

		expect(losses(story)).toMatchObject([{...lost, bytes: 500, bytes_are: 'exact'}]);
	});

	it('has cost at most what the old leader has beyond the fork; where it does not say so, that is not known', () => {
		const story = powerCut(new LeaderStory().after(1).write('pgdb1', 1_000_100))
			.promote('pgdb2', 4, 1_000_300)
			.history([3, 1_000_200, 'pgdb2']);
		expect(losses(story)).toMatchObject([
			{...none, kind: 'unknown', kept_until: at(0.99), bytes: null, bytes_are: null},
		]);
		for (const _ of [1, 2]) {
			story.after(1).answer('pgdb1', {timeline: 3, received: 1_000_100, replayed: 1_000_260});
		}

		expect(losses(story)).toMatchObject([{...none, kind: 'at_most', bytes: 60, bytes_are: 'at_most'}]);
	});
});
