/** Which sources run for the facts of the captures and of this test. */
import {describe, expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import type {Target} from '../../source/domain/target.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {tourFile} from '../../source/replay/command.ts';
import type {State} from '../../source/state/state.ts';
import {hasSameSubscriptions, subscriptions} from '../../source/state/subscriptions.ts';
import {healthyFacts} from '../support/captures.ts';
import {confirmed, healthySession, Session, target} from '../support/session.ts';
import {sqlFact, sqlTarget} from '../support/sql-facts.ts';
import {madeFacts} from '../support/synthetic-cluster.ts';

const rest = (session: Session) =>
	subscriptions(session.state).flatMap(one => (one.kind === 'patroni' ? [`${one.member} ${one.url}`] : []));

describe("a member's REST API", () => {
	it('is asked at the address of its key', () => {
		expect(rest(healthySession('trixie'))).toEqual([
			'pgdb1 http://10.73.0.160:8008/patroni',
			'pgdb2 http://10.73.0.170:8008/patroni',
		]);
	});

	it('is asked only there, even if PostgreSQL has another address: two answers of one member would contradict each other', () => {
		const names = ['pgdb1', 'pgdb2'];
		const members = names.map((name, index) => ({
			name,
			key: {host: `192.0.2.${index + 1}`, apiUrl: `http://198.51.100.${index + 1}:8009/patroni`},
		}));
		expect(rest(new Session().at(0, ...madeFacts({members})))).toEqual([
			'pgdb1 http://198.51.100.1:8009/patroni',
			'pgdb2 http://198.51.100.2:8009/patroni',
		]);
	});

	it('is asked at the address of its node while the member has no key', () => {
		expect(rest(new Session())).toEqual([
			'pgdb1 http://10.73.0.160:8008/patroni',
			'pgdb2 http://10.73.0.170:8008/patroni',
		]);
	});
});

describe('the last words', () => {
	const read = ({state}: Session) =>
		subscriptions(state).flatMap(one => (one.kind === 'said' ? [one.plan] : []));
	const healthy = (changed: Partial<Target> = {}) =>
		new Session({...target, ...changed}).at(0, ...healthyFacts('trixie'));

	it('are read on each database node, where Patroni and PostgreSQL log', () => {
		expect(read(healthy())).toEqual(
			[
				{node: 'pgdb1', host: '10.73.0.160'},
				{node: 'pgdb2', host: '10.73.0.170'},
			].map(node => ({
				...node,
				units: [{name: 'patroni', unit: 'patroni'}],
				files: [{name: 'postgresql', path: undefined}],
			})),
		);
	});

	it('are read where the operator says that they are', () => {
		const logs = {
			database: [
				{name: 'patroni', file: '/var/log/patroni/patroni.log'},
				{name: 'cron', unit: 'cron'},
			],
		};
		expect(read(healthy({logs})).map(({units, files}) => [units, files])).toEqual([
			[[], [{name: 'patroni', path: '/var/log/patroni/patroni.log'}]],
			[[], [{name: 'patroni', path: '/var/log/patroni/patroni.log'}]],
		]);
		expect(read(healthy({logs: {database: [{name: 'cron', unit: 'cron'}]}}))).toEqual([]);
	});

	it('are not read twice while the logs are open', () => {
		const session = healthy();
		session.at(1, {type: 'command', command: 'log.open'});
		expect(subscriptions(session.state).some(({kind}) => kind === 'logs')).toBe(true);
		expect(read(session)).toEqual([]);
	});
});

describe("PostgreSQL's processes", () => {
	const listed = (session: Session) =>
		subscriptions(session.state).flatMap(one => (one.kind === 'processes' ? [one.node] : []));
	const lost: Event = {
		type: 'source.lost',
		source: 'patroni:pgdb2',
		reason: 'connection refused',
		code: 'refused',
	};
	const asked = () => new Session(sqlTarget).at(0, ...healthyFacts('trixie'), sqlFact('pgdb2', 'standby'));

	it('are not listed while Patroni answers', () => {
		expect(listed(asked())).toEqual([]);
	});

	it('are listed where neither Patroni nor SQL answers', () => {
		expect(listed(asked().at(1, lost))).toEqual([]);
		expect(listed(asked().at(8, lost))).toEqual(['pgdb2']);
		expect(listed(asked().at(8, lost, {...lost, source: 'vip:pgdb2'}))).toEqual([]);
	});

	it('are listed while an operation stops or promotes the member', () => {
		const operation = {kind: 'switchover', leader: 'pgdb1', candidate: 'pgdb2', at: undefined} as const;
		expect(listed(confirmed(asked(), operation, 1))).toEqual(['pgdb1', 'pgdb2']);
	});
});

describe('SQL', () => {
	const hosts = (session: Session) =>
		subscriptions(session.state).flatMap(one =>
			one.kind === 'sql' ? [`${one.member} ${one.host}:${one.port}`] : [],
		);

	it('is asked only where a user for it is configured', () => {
		expect(hosts(healthySession('trixie'))).toEqual([]);
		expect(hosts(new Session(sqlTarget).at(0, ...healthyFacts('trixie')))).toEqual([
			'pgdb1 10.73.0.160:5432',
			'pgdb2 10.73.0.170:5432',
		]);
	});

	it('is asked of a node whose member has no key, too: one that Patroni does not know of may run there', () => {
		const gone: Event = {type: 'dcs.deleted', source: 'watch:a', path: 'members/pgdb2', revision: 900_000};
		expect(hosts(new Session(sqlTarget).at(0, ...healthyFacts('trixie')).at(1, gone))).toEqual([
			'pgdb1 10.73.0.160:5432',
			'pgdb2 10.73.0.170:5432',
		]);
	});

	it('is asked once the leader was read, or cannot be', () => {
		expect(hosts(new Session(sqlTarget))).toEqual([]);
		const unread: Event = {
			type: 'source.lost',
			source: 'dcs:http://10.73.0.160:2379',
			reason: 'connection refused',
		};
		expect(hosts(new Session(sqlTarget).at(0, unread))).toEqual([
			'pgdb1 10.73.0.160:5432',
			'pgdb2 10.73.0.170:5432',
		]);
	});

	it('is asked for details more often while an operation runs', () => {
		const every = (session: Session) =>
			subscriptions(session.state).flatMap(one => (one.kind === 'details' ? [one.everyMs] : []));
		const session = new Session(sqlTarget).at(0, ...healthyFacts('trixie'));
		expect(every(session)).toEqual([60_000, 60_000]);
		expect(
			every(confirmed(session, {kind: 'switchover', leader: 'pgdb1', candidate: 'pgdb2', at: undefined}, 1)),
		).toEqual([5000, 5000]);
	});

	it('is not asked at an address that the operator did not configure', () => {
		const facts = madeFacts({
			members: [
				{name: 'pgdb1', key: {host: '192.0.2.66'}},
				{name: 'rogue', key: {host: '192.0.2.7'}},
			],
		});
		const session = new Session(sqlTarget).at(0, ...facts);
		expect(hosts(session).join()).not.toContain('192.0.2.7');
		// A configured name at another address is not the configured node.
		expect(hosts(session).join()).not.toContain('192.0.2.66');
		const own: Event = {
			type: 'addresses.snapshot',
			source: 'vip:pgdb1',
			node: 'pgdb1',
			addresses: [{ip: '192.0.2.66', interface: 'host0'}],
		};
		expect(hosts(session.at(1, own)).join()).toContain('pgdb1 192.0.2.66:5432');
	});
});

describe('the sources of a recorded cluster', () => {
	/** Whether the processes of a node are listed follows from what is lost, which is looked at once a second. */
	const atOnce = (state: State) => subscriptions(state).filter(({kind}) => kind !== 'processes');

	it.each(['calm', 'power-cut', 'switchover'])(
		'are listed anew only where %s may want others',
		async name => {
			const recording = await openRecording(tourFile(name));
			let listed = recording.segment(0).state;
			let spared = 0;
			let events = 0;
			for (const {after} of recording.replay()) {
				events++;
				if (hasSameSubscriptions(listed, after)) {
					spared++;
					expect(atOnce(after)).toEqual(atOnce(listed));
				} else {
					listed = after;
				}
			}

			// Else nothing is spared.
			expect(spared).toBeGreaterThan(events / 2);
			recording.close();
		},
	);

	it('are compared with each second', () => {
		const {state} = new Session().at(0, ...healthyFacts('trixie'));
		expect(hasSameSubscriptions(state, {...state})).toBe(true);
		expect(hasSameSubscriptions(state, {...state, now: state.now + 1000})).toBe(false);
	});
});
