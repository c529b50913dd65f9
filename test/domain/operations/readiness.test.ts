/** Standing readiness: each of Patroni's rules fails once, and nothing is claimed without a fresh source. */
import {describe, expect, it} from 'vitest';
import type {DynamicConfig, MemberKey} from '../../../source/domain/cluster/dcs.ts';
import {members} from '../../../source/domain/cluster/members.ts';
import type {Event} from '../../../source/domain/events.ts';
import type {PatroniStatus, SourceId} from '../../../source/domain/facts.ts';
import {
	failoverPreconditions,
	switchoverPreconditions,
} from '../../../source/domain/operations/catalog/switchover.ts';
import {
	checkPatroniStops,
	machineNamed,
} from '../../../source/domain/operations/preconditions/machine-stops.ts';
import {
	ifItDied,
	readinessOf,
	takeoverSeconds,
} from '../../../source/domain/operations/preconditions/readiness.ts';
import {successors} from '../../../source/domain/operations/preconditions/successors.ts';
import {operationContext} from '../../../source/state/selection.ts';
import {shownSnapshot} from '../../../source/state/state.ts';
import {detailsPane} from '../../../source/state/view/details.ts';
import {etcdDetails} from '../../../source/state/view/etcd.ts';
import {membersPane} from '../../../source/state/view/members.ts';
import {etcdFacts} from '../../support/captures.ts';
import {Operator} from '../../support/operator.ts';
import {frameOf} from '../../support/screen.tsx';
import {pressAt, Session, target} from '../../support/session.ts';
import {detailsFact, sqlDetails, sqlFacts, sqlTarget} from '../../support/sql-facts.ts';
import {madeFacts} from '../../support/synthetic-cluster.ts';

type Made = {
	config?: Partial<DynamicConfig>;
	sync?: readonly string[];
	key?: Partial<MemberKey>;
	rest?: Partial<PatroniStatus> | undefined;
	leader?: Partial<PatroniStatus>;
};

/** pgdb1 leads, pgdb2 follows. */
function made({config = {}, sync, key = {}, rest = {}, leader = {}}: Made = {}): Session {
	return new Session({
		...target,
		nodes: ['pgdb1', 'pgdb2'].map((name, index) => ({
			name,
			host: `10.73.1.${index + 1}`,
			roles: ['database'],
		})),
	}).at(
		0,
		...madeFacts({
			members: [
				{name: 'pgdb1', rest: leader},
				{name: 'pgdb2', key, rest},
			],
			config,
			...(sync === undefined ? {} : {sync}),
		}),
	);
}

const readiness = (session: Session, name = 'pgdb2') => {
	const context = operationContext(session.state);
	const one = members(context.cluster, context.now).find(member => member.name === name);
	if (one === undefined) {
		throw new Error(`${name} is not known`);
	}

	return readinessOf(one, context);
};

const lost = (source: SourceId): Event => ({type: 'source.lost', source, reason: 'no answer in time'});

const behind = 50_331_784 - 2_000_000;

const rules: readonly (readonly [string, Made, string])[] = [
	['state', {key: {state: 'stopped'}, rest: {state: 'stopped'}}, 'it is stopped'],
	['nofailover', {key: {tags: {nofailover: 'true'}}}, 'it is tagged nofailover'],
	['watchdog', {rest: {watchdogFailed: true}}, 'its watchdog is required and cannot be used'],
	[
		'lag',
		{key: {location: behind}, rest: {received: behind, replayed: behind}},
		'it is 1.9 MiB behind, more than maximum_lag_on_failover (1 MiB)',
	],
	['sync', {config: {synchronousMode: 'on'}, sync: []}, 'it is not in the sync key'],
	['paused', {config: {pause: true}}, 'the cluster is paused'],
];

describe('a member', () => {
	it('that leads has nothing to take over', () => {
		expect(readiness(made(), 'pgdb1')).toEqual({state: 'leads'});
	});

	it.each<[string, Made]>([
		['an asynchronous one', {}],
		['a synchronous one', {config: {synchronousMode: 'on'}, sync: ['pgdb2']}],
	])('could take over: %s', (_, how) => {
		expect(readiness(made(how))).toEqual({state: 'yes', concern: undefined});
	});

	it.each(rules)('could not take over by the rule %s, in its words', (rule, how, text) => {
		expect(readiness(made(how))).toEqual({state: 'no', rule, text});
	});

	it.each(rules.filter(([rule]) => rule !== 'paused' && rule !== 'state'))(
		'that could not by the rule %s is refused as a candidate, too, and is no successor',
		(_, how) => {
			const context = operationContext(made(how).state);
			const asked = {kind: 'switchover', leader: 'pgdb1', candidate: 'pgdb2', at: undefined} as const;
			expect(switchoverPreconditions(asked, context).some(({level}) => level === 'blocking')).toBe(true);
			expect(successors(context, ['pgdb1'])).toEqual([]);
		},
	);

	it('is not known to be able to without an answer of its own, but a rule by keys alone holds', () => {
		expect(readiness(made().at(1, lost('patroni:pgdb2')))).toEqual({
			state: 'unknown',
			text: 'no data from pgdb2 itself',
		});
		const tagged = made({key: {tags: {nofailover: 'true'}}}).at(1, lost('patroni:pgdb2'));
		expect(readiness(tagged)).toMatchObject({state: 'no', rule: 'nofailover'});
	});

	it('is not known to be able to while etcd is not read, whatever a rule said', () => {
		for (const how of [{}, ...rules.map(([, one]) => one)]) {
			expect(readiness(made(how).at(60))).toMatchObject({state: 'unknown', text: 'etcd is not read'});
		}
	});

	it('that does not stream could, at a risk', () => {
		const {state} = readiness(
			made({key: {replicationState: undefined}, rest: {replicationState: undefined}}),
		);
		expect(state).toBe('yes');
	});
});

describe('if a machine died now', () => {
	/** A trixie cluster ten seconds on: pgdb1 leads and holds the VIP, pgdb2 is the synchronous standby. */
	const healthy = () => new Operator().after(10);
	const lines = (session: Session, node: string) =>
		ifItDied(node, operationContext(session.state)).map(({level, text}) => `${level}: ${text}`);

	const secondsOf = (session: Session) => {
		const context = operationContext(session.state);
		const machine = machineNamed(context, 'pgdb1');
		return machine && takeoverSeconds(machine, context);
	};
	/** All members of etcd report that this one leads them. */
	const leads = (name: string): Event[] => {
		const facts = etcdFacts('trixie');
		const id = facts
			.flatMap(fact => (fact.type === 'etcd.members' ? fact.members : []))
			.find(one => one.name === name)?.id;
		return facts.map(fact =>
			fact.type === 'etcd.status' ? {...fact, status: {...fact.status, raftLeader: id}} : fact,
		);
	};

	it('that has the leader and the VIP: who takes over, when, what is lost, where the VIP goes, and etcd', () => {
		const operator = healthy();
		const said = lines(operator, 'pgdb1');
		expect(said).toContain('ok: could take over: pgdb2');
		expect(said.join('\n')).toContain('takes the leader key after 15 to 23 s (ttl, loop_wait)');
		expect(said).toContain('ok: nothing acknowledged would be lost: a synchronous standby takes over');
		expect(said.join('\n')).toMatch(/pgdb1 holds the VIP: it would go to pgdb2/);
		expect(said.join('\n')).toMatch(/etcd keeps its quorum without pgdb1 \(2 of 3 needed\)/);
	});

	it.each(['off', 'local'])('that has the leader, whose commits wait for no standby: %s', commit => {
		const operator = new Operator('trixie', sqlTarget);
		operator.after(
			10,
			...sqlFacts(),
			detailsFact('pgdb1', sqlDetails('primary', {settings: {synchronous_commit: commit}})),
		);
		expect(lines(operator, 'pgdb1').join('\n')).toContain('warning: could be lost: ');
		expect(lines(operator, 'pgdb1').join('\n')).not.toContain('nothing acknowledged');
		// A failover is for a leader that is gone.
		operator.after(11, operator.gone('leader'));
		const said = failoverPreconditions(
			{kind: 'failover', candidate: 'pgdb2'},
			operationContext(operator.state),
		).map(({level, text}) => `${level}: ${text}`);
		expect(said).toContain(
			`warning: commits on pgdb1 do not wait for pgdb2 (synchronous_commit is ${commit}): transactions that were acknowledged but have not reached it are LOST`,
		);
	});

	it('that follows: no takeover, no seconds', () => {
		const said = lines(healthy(), 'pgdb2').join('\n');
		expect(said).toContain('ok: pgdb2 does not lead');
		expect(said).not.toContain('leader key after');
	});

	it('says nothing of what holds up only an orderly stop', () => {
		const session = made({
			leader: {
				replication: [{application: 'cdc', address: '10.73.1.9', state: 'streaming', syncState: 'async'}],
			},
		});
		const context = operationContext(session.state);
		const machine = machineNamed(context, 'pgdb1');
		const stops = machine === undefined ? [] : checkPatroniStops(machine, context);
		expect(stops.map(({text}) => text).join('\n')).toMatch(/stays in "stopping".*not checked by SQL/s);
		expect(lines(session, 'pgdb1').join('\n')).not.toMatch(/stopping|by SQL/);
	});

	it('takes from ttl without a loop to ttl and what etcd and a poll need', () => {
		expect(secondsOf(healthy().at(11, ...leads('etcd1')))).toEqual({from: 15, to: 23});
	});

	it('takes ttl and an election of unknown length where it leads etcd as well', () => {
		const operator = healthy().at(11, ...leads('pgdb1'));
		expect(secondsOf(operator)).toEqual({from: 20, to: undefined});
		expect(lines(operator, 'pgdb1').join('\n')).toContain(
			'after 20 s or more (pgdb1 leads etcd as well: after an election, whose timeout is not known here, the next one restarts the lease)',
		);
	});

	it('has no upper limit while it is not seen who leads etcd', () => {
		const operator = healthy().at(11, ...leads('none of them'));
		expect(secondsOf(operator)).toEqual({from: 15, to: undefined});
		expect(lines(operator, 'pgdb1').join('\n')).toContain(
			'after 15 s or more (which member leads etcd is not known)',
		);
	});

	it('may follow at once where the leader does not answer', () => {
		expect(secondsOf(healthy().at(11, ...leads('etcd1'), lost('patroni:pgdb1')))).toEqual({from: 0, to: 23});
	});

	it('does not say that nothing runs where no member has a key', () => {
		const session = healthy().at(11, {
			type: 'dcs.deleted',
			source: 'watch:a',
			path: 'members/pgdb2',
			revision: 900,
		});
		expect(lines(session, 'pgdb2').join('\n')).toContain(
			'unknown: what runs on pgdb2: no member there has a key in etcd',
		);
		expect(lines(session, 'etcd1')).toContain('ok: no PostgreSQL on etcd1');
	});

	it('says how much WAL no successor has, of now, or that it is not known', () => {
		const received = 50_331_784 - 3000;
		const how = {
			key: {location: received},
			rest: {received, replayed: received},
			leader: {location: 50_331_784},
		};
		expect(lines(made(how), 'pgdb1').join('\n')).toContain(
			'could be lost: 2.9 KiB of WAL that no successor has, by the last answers, and what is written from now on; at most 1 MiB (maximum_lag_on_failover) and the writes of the last 10 s (loop_wait)',
		);
		expect(lines(made(how).at(1, lost('patroni:pgdb1')), 'pgdb1').join('\n')).toContain(
			'unknown: what could be lost',
		);
	});

	it('says that none takes over where none may, or the cluster is paused', () => {
		for (const how of [{key: {tags: {nofailover: 'true'}}}, {config: {pause: true}}]) {
			expect(lines(made(how), 'pgdb1')).toContain(
				'blocking: pgdb1 is not replaced: writes stop until it is back',
			);
		}
	});

	it('claims nothing of the leader while etcd is not read', () => {
		const said = lines(made().at(60), 'pgdb1').join('\n');
		expect(said).toContain('unknown: whether pgdb1 leads: etcd is not read');
		expect(said).not.toContain('could take over');
	});
});

describe('the screen', () => {
	const size = {width: 160, height: 50};

	it('has a column from 120 columns on, and not below', () => {
		const shown = shownSnapshot(made().state);
		const titles = (width: number) => membersPane(shown, width).table?.columns.map(({title}) => title);
		expect(titles(120)).toContain('Takeover');
		expect(titles(119)).not.toContain('Takeover');
		expect(frameOf(made().state, size)).toMatch(/Takeover[\s\S]*pgdb2.*\byes\b/);
		expect(frameOf(made({key: {tags: {nofailover: 'true'}}}).state, size)).toMatch(/pgdb2.*no: nofailover/);
	});

	it('has the rule and what would follow in the details of a member', () => {
		const session = pressAt(made({key: {tags: {nofailover: 'true'}}}), 0, 'select.down', 'details.open');
		const frame = frameOf(session.state, size);
		expect(frame).toMatch(/could take over\s+no: it is tagged nofailover/);
		expect(frame).toContain('if pgdb2 died now');
		const text = detailsPane(shownSnapshot(session.state), 'pgdb2')
			.lines.flat()
			.map(cell => cell.text)
			.join('\n');
		expect(text).toContain('pgdb2 does not lead');
	});

	it('has it of a machine without PostgreSQL in the details of etcd', () => {
		const text = etcdDetails(shownSnapshot(new Operator().after(10).state))
			.lines.map(line => line.map(cell => cell.text).join(''))
			.join('\n');
		expect(text).toContain('if etcd1 died now');
		expect(text).not.toContain('if pgdb1 died now');
	});
});
