import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {DcsValue} from '../../../source/domain/cluster/dcs.ts';
import {fullest} from '../../../source/domain/cluster/haproxy.ts';
import {sqlRowsMax} from '../../../source/domain/cluster/postgres.ts';
import type {ServiceUnit} from '../../../source/domain/cluster/services.ts';
import {freshForMs, traitsOf} from '../../../source/domain/cluster/source-kinds.ts';
import type {Event, Fact} from '../../../source/domain/events.ts';
import type {ErrorCode, SourceId} from '../../../source/domain/facts.ts';
import {advice, type FindingId} from '../../../source/domain/findings/advice.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {worstFirst} from '../../../source/domain/findings/roots.ts';
import {shownSnapshot} from '../../../source/state/state.ts';
import type {Line} from '../../../source/state/view/cells.ts';
import {findingsPane} from '../../../source/state/view/findings.ts';
import {membersPane} from '../../../source/state/view/members.ts';
import {clientsNow, judgeCluster, verdictLine} from '../../../source/state/view/verdict.ts';
import {
	diskFact,
	endpoints,
	etcdFacts,
	haproxyFact,
	healthyFacts,
	patroniFact,
	snapshotFact,
	unitsFact,
} from '../../support/captures.ts';
import {statsFact} from '../../support/haproxy.ts';
import {LeaderStory} from '../../support/leader-story.ts';
import {asPrimary, RestOperator, restTarget} from '../../support/rest-cluster.ts';
import {confirmed, Session, start, target} from '../../support/session.ts';
import {detailsFact, sqlDetails, sqlFact, sqlTarget} from '../../support/sql-facts.ts';
import {madeFacts} from '../../support/synthetic-cluster.ts';
import {withoutVip} from '../../support/vip.ts';
import {postgresSaid, walRemoved} from '../../support/words.ts';

const all = ({state}: Session) =>
	findFindings(state.cluster, state.target, state.now, state.found.stops, state.found.running);
const healthy = () => new Session({...target, operator: 'dba'}).at(0, ...healthyFacts('trixie'));
const made = (...args: Parameters<typeof madeFacts>) =>
	new Session({...target, vip: undefined, nodes: []}).at(0, ...madeFacts(...args));
const healthyRead = snapshotFact('trixie');
const two = [{name: 'pgdb1'}, {name: 'pgdb2'}] as const;

const gone = (path: string): Event => ({type: 'dcs.deleted', source: 'watch:a', path, revision: 900});
const put = (path: string, value: DcsValue, modRevision = 900): Event => ({
	type: 'dcs.put',
	source: 'watch:a',
	entry: {path, value, createRevision: modRevision, modRevision, lease: undefined},
});
const lost = (source: SourceId, reason = 'no answer in time', code: ErrorCode = 'timeout'): Event => ({
	type: 'source.lost',
	source,
	reason,
	code,
});
/** The endpoint's member reports that it has no raft leader. */
function withoutLeader(endpoint: string): Event {
	const fact = etcdFacts('trixie').find(one => one.type === 'etcd.status' && one.endpoint === endpoint);
	if (fact?.type !== 'etcd.status') throw new Error(`no status of ${endpoint} in the captures`);
	return {...fact, status: {...fact.status, raftLeader: undefined}};
}

const vip = {ip: '10.73.0.172', interface: 'host0'};
/** HAProxy's statistics with this number of sessions. */
function crowded(node: string, sessions: Readonly<Record<string, number>>): Fact {
	const fact = haproxyFact('trixie', node);
	return fact.type === 'haproxy.stats'
		? {
				...fact,
				frontends: fact.frontends.map(one => ({...one, sessions: sessions[one.name] ?? one.sessions})),
			}
		: fact;
}

const services = ['patroni', 'etcd', 'haproxy', 'keepalived'] as const;
const stopped = (node: string, service: ServiceUnit['service']): Event =>
	unitsFact(node, services, {service, active: 'inactive', sub: 'dead'});
const status = (member: 'pgdb1' | 'pgdb2', changed: object): Event => {
	const fact = patroniFact('trixie', member, `${member}-patroni`);
	return {...fact, status: {...fact.status, ...changed}};
};

const probed = () => {
	const session = new Session({
		...target,
		probe: {host: '10.73.0.172', ports: {write: 5000, read: 5001}, write: true},
	});
	return session.at(0, ...healthyFacts('trixie')).at(0, ...served);
};
const served = ([5000, 5001] as const).map(
	(port): Event => ({
		type: 'probe.answered',
		source: `probe:${port}`,
		port,
		purpose: port === 5000 ? 'write' : 'read',
		startedAt: start,
		server: '10.73.0.160:5432',
		inRecovery: false,
		latency: 3,
		write: port === 5000,
	}),
);
const unserved = (port: number, reason: string, code: ErrorCode): Event => ({
	type: 'probe.failed',
	source: `probe:${port}`,
	port,
	purpose: port === 5000 ? 'write' : 'read',
	startedAt: start,
	reason,
	code,
});

const optime = 50_331_784;

/** etcd is read and has no key of this scope. */
const nowhere = (scopes?: readonly string[]) =>
	new Session().at(
		0,
		...healthyFacts('trixie').flatMap((fact): Event[] =>
			fact.type === 'dcs.snapshot'
				? [{...fact, entries: [], ...(scopes && {scopes})}]
				: fact.type === 'patroni.status'
					? []
					: [fact],
		),
	);

const sourcesOf = (node: 'pgdb1' | 'pgdb2'): SourceId[] => [
	`vip:${node}`,
	`units:${node}`,
	`haproxy:${node}`,
	`patroni:${node}`,
	`etcd:${endpoints[node === 'pgdb1' ? 0 : 1]}`,
	`dcs:${endpoints[node === 'pgdb1' ? 0 : 1]}`,
];
const silent = (node: 'pgdb1' | 'pgdb2') => sourcesOf(node).map(source => lost(source));

/** Both members answer by SQL; pgdb1 leads. */
const asked = (...events: readonly Event[]) =>
	new Session(sqlTarget)
		.at(0, ...healthyFacts('trixie'))
		.at(
			1,
			sqlFact('pgdb1', 'primary'),
			sqlFact('pgdb2', 'standby'),
			detailsFact('pgdb1', sqlDetails('primary')),
			detailsFact('pgdb2', sqlDetails('primary')),
		)
		.at(2, ...events);
/** pgdb2 takes over on a timeline that begins at 1,000,200. */
const powerCut = (story: LeaderStory) =>
	story.expire('pgdb1').lead('pgdb2').promote('pgdb2', 4, 1_000_300).history([3, 1_000_200, 'pgdb2']);

/** Events, and the finding that they must make: severity and text. */
const scenes: Record<FindingId, readonly [() => Session, RegExp]> = {
	'postgres.outside': [
		() =>
			asked(
				gone('members/pgdb2'),
				lost('patroni:pgdb2', 'connection refused', 'refused'),
				sqlFact('pgdb2', 'primary', {
					timeline: 2,
					applications: [
						{application: 'Patroni restapi', user: 'postgres', address: '127.0.0.1', sessions: 1},
						{application: 'psql', user: 'app', address: '10.73.0.1', sessions: 2},
					],
				}),
			),
		/^critical: pgdb2: its PostgreSQL takes writes beside the leader pgdb1, outside Patroni's control, on timeline 2; 2 client sessions are on it: 2 of app \(psql\) from 10\.73\.0\.1$/,
	],
	'postgres.system': [
		() => asked(sqlFact('pgdb2', 'standby', {systemId: '7'})),
		/^critical: pgdb2: its PostgreSQL belongs to another cluster: system identifier 7, not \d+$/,
	],
	'postgres.denied': [
		() =>
			asked({
				type: 'source.lost',
				source: 'sql:pgdb2',
				reason: 'password authentication failed for user "monitor"',
				code: 'denied',
				refused: true,
			}),
		/^notice: pgdb2: no SQL as monitor: password authentication failed for user "monitor"$/,
	],
	'postgres.rights': [
		() => asked(sqlFact('pgdb2', 'standby', {seesAll: false})),
		/^notice: monitor may not see the sessions of others: GRANT pg_monitor TO monitor$/,
	],
	'slot.lost': [
		() =>
			asked(
				sqlFact('pgdb1', 'primary', {
					slots: [
						{
							name: 'cdc',
							type: 'logical',
							active: false,
							walStatus: 'lost',
							failover: false,
							synced: false,
							temporary: false,
						},
					],
				}),
			),
		/^degraded: slot cdc on pgdb1 has lost WAL that its consumer needs$/,
	],
	'sessions.refused': [
		() => healthy().at(1, postgresSaid('pgdb1', 1, 'FATAL', 'sorry, too many clients already')),
		/^degraded: pgdb1 refuses connections: too many clients$/,
	],
	'postgres.no-space': [
		() =>
			healthy().at(
				1,
				postgresSaid(
					'pgdb1',
					1,
					'PANIC',
					'could not write to file "pg_wal/xlogtemp.1": No space left on device',
				),
			),
		/^critical: pgdb1: PostgreSQL finds no space: could not write to file "pg_wal\/xlogtemp\.1": No space left on device$/,
	],
	'sessions.full': [
		() =>
			asked(
				sqlFact('pgdb1', 'primary', {
					sessions: {total: 91, active: 1, idle: 90, idleInTransaction: 0, waiting: 0, limit: 100},
				}),
			),
		/^degraded: pgdb1: 91 client sessions of at most 100 \(max_connections\)$/,
	],
	'transaction.old': [
		() =>
			asked(
				sqlFact('pgdb1', 'primary', {
					transactions: [
						{
							pid: 42,
							user: 'app',
							application: 'psql',
							address: undefined,
							state: 'idle in transaction',
							ageMs: 7_200_000,
						},
					],
				}),
			),
		/^notice: pgdb1: a transaction of app is 2h old \(idle in transaction, pid 42\)$/,
	],
	'prepared.old': [
		() => asked(sqlFact('pgdb1', 'primary', {prepared: {count: 2, oldestMs: 3_600_000}})),
		/^notice: pgdb1: 2 prepared transactions, the oldest 1h old$/,
	],
	'archiver.failing': [
		() =>
			asked(
				sqlFact('pgdb1', 'primary', {
					archiver: {
						lastAt: start - 9000,
						lastWal: 'a',
						failedAt: start,
						failedWal: '0000000100000000000000A1',
					},
				}),
			),
		/^degraded: pgdb1: archiving of WAL fails: 0000000100000000000000A1, last at \d\d:\d\d:00$/,
	],
	'settings.lower': [
		() =>
			asked(
				detailsFact(
					'pgdb2',
					sqlDetails('primary', {settings: {max_connections: '50', shared_preload_libraries: ''}}),
				),
			),
		/^degraded: pgdb2: max_connections is 50, the leader has 100: it stops replaying WAL, or does not start$/,
	],
	'extension.missing': [
		() => asked(detailsFact('pgdb1', sqlDetails('primary', {extensions: {plpgsql: '1.0', postgis: '3.5'}}))),
		/^degraded: pgdb2 does not have what the leader uses: postgis \(not installed\); what needs it fails after a takeover$/,
	],
	'glibc.differs': [
		() =>
			asked(
				detailsFact('pgdb1', sqlDetails('primary', {libcDatabases: ['app', 'wiki']})),
				diskFact('pgdb1'),
				diskFact('pgdb2', {}, '2.36'),
			),
		/^degraded: pgdb2 has glibc 2\.36, the leader pgdb1 has 2\.41: indexes on text may be wrong on one of them \(app, wiki\)$/,
	],
	'collation.changed': [
		() =>
			asked(
				detailsFact(
					'pgdb2',
					sqlDetails('primary', {collations: [{database: 'app', recorded: '2.36', actual: '2.41'}]}),
				),
			),
		/^degraded: pgdb2: the collation version of database app was 2\.36, and is 2\.41: its indexes may be wrong$/,
	],
	'node.off': [
		() =>
			confirmed(healthy(), {kind: 'poweroff', node: 'pgdb2'}, 1)
				.at(3, ...silent('pgdb2'))
				.at(4),
		/^degraded: pgdb2 is off \(power off by dba, \d\d:\d\d:01\)$/,
	],
	'node.rebooting': [
		() =>
			confirmed(healthy(), {kind: 'reboot', node: 'pgdb2'}, 1)
				.at(3, ...silent('pgdb2'))
				.at(4),
		/^degraded: pgdb2 is rebooting \(reboot by dba, \d\d:\d\d:01\)$/,
	],
	'node.silent': [
		() => healthy().at(3, ...silent('pgdb2')),
		/^degraded: pgdb2 does not answer at all since \d\d:\d\d:00$/,
	],
	'switchover.running': [
		() =>
			confirmed(healthy(), {kind: 'switchover', leader: 'pgdb1', candidate: 'pgdb2', at: undefined}, 1).at(3),
		/^notice: switchover pgdb1 → pgdb2, running for 2 s$/,
	],
	'restart.running': [
		() =>
			confirmed(
				healthy(),
				{kind: 'restart', member: 'pgdb2', role: 'replica', pendingOnly: false, at: undefined},
				1,
			).at(3),
		/^notice: restart PostgreSQL on pgdb2, running for 2 s$/,
	],
	'reinitialize.running': [
		() =>
			confirmed(healthy(), {kind: 'reinitialize', member: 'pgdb2', force: true, fromLeader: false}, 1).at(3),
		/^notice: reinitialize pgdb2, running for 2 s$/,
	],
	'service.restarting': [
		() =>
			confirmed(healthy(), {kind: 'service', node: 'pgdb2', service: 'haproxy', pauseFirst: false}, 1).at(3),
		/^notice: restart haproxy on pgdb2, running for 2 s$/,
	],
	'leader.none': [
		() => healthy().at(2, gone('leader')).at(4),
		/^critical: no leader: no leader key since 00:00:02 \(TTL 20 s\)$/,
	],
	'leader.no-lease': [
		() => healthy().at(1, put('leader', {kind: 'leader', member: 'pgdb1'})),
		/^degraded: the leader key has no lease/,
	],
	'leader.lease-short': [
		() => {
			const session = healthy();
			const lease = session.state.cluster.keys.get('leader')?.lease ?? '';
			return session.at(1, {
				type: 'lease.read',
				source: `etcd:${endpoints[0]}`,
				lease,
				ttl: 6,
				grantedTtl: 20,
			});
		},
		/^degraded: pgdb1 does not renew its lease: 6 s left of 20 s$/,
	],
	'leader.not-writable': [
		() => healthy().at(1, status('pgdb1', {state: 'starting'})),
		/^critical: pgdb1 holds the leader key but takes no writes: starting$/,
	],
	'leader.two': [
		() => healthy().at(1, {...status('pgdb2', {role: 'primary'}), tookMs: 50} as Event),
		/^critical: two primaries: pgdb1 and pgdb2$/,
	],
	'leader.denied': [
		() => healthy().at(1, {...status('pgdb2', {role: 'primary'}), tookMs: 50} as Event),
		/^critical: pgdb2 reports that it is primary, but the leader in etcd is pgdb1$/,
	],
	'wal.lost': [
		() => powerCut(new LeaderStory().after(1).write('pgdb1', 1_000_300)).session,
		/^critical: pgdb1 → pgdb2: acknowledged writes are lost, the first between .* and \d\d:\d\d:01\.000, the last at \d\d:\d\d:01\.000 or later, at least 100 B of WAL$/,
	],
	'wal.at-most': [
		() => {
			const story = powerCut(new LeaderStory());
			const back = {timeline: 3, received: 1_000_100, replayed: 1_000_700};
			return story.answer('pgdb1', back).answer('pgdb1', back).session;
		},
		/^degraded: pgdb1 → pgdb2: at most 500 B of WAL lost$/,
	],
	'wal.unknown': [
		() => powerCut(new LeaderStory()).session,
		/^notice: pgdb1 → pgdb2: not known what was lost: pgdb1 does not say where its WAL ended; all acknowledged before .* is there$/,
	],
	'failsafe.active': [
		() => healthy().at(1, status('pgdb1', {failsafeModeIsActive: true})),
		/^degraded: failsafe mode: pgdb1 continues without the DCS$/,
	],
	'standby.none': [
		() => made({members: [{name: 'pgdb1'}]}),
		/^degraded: no standby: pgdb1 is the only member$/,
	],
	'node.no-member': [
		() =>
			new Session().at(
				0,
				...healthyFacts('trixie').flatMap((fact): Event[] =>
					fact.type === 'dcs.snapshot'
						? [{...fact, entries: fact.entries.filter(({path}) => path !== 'members/pgdb2')}]
						: fact.source === 'patroni:pgdb2'
							? []
							: [fact],
				),
			),
		/^degraded: pgdb2 is configured, but no member is known there$/,
	],
	'member.gone': [
		() => healthy().at(1, gone('members/pgdb2'), lost('patroni:pgdb2')),
		/^degraded: pgdb2: its key in etcd is gone$/,
	],
	'member.unregistered': [
		() => healthy().at(1, gone('members/pgdb2')),
		/^degraded: pgdb2 answers, but its key in etcd is gone$/,
	],
	'member.state': [
		() =>
			made({
				members: [
					two[0],
					{name: 'pgdb2', key: {state: 'start failed', replicationState: undefined}, rest: undefined},
				],
			}),
		/^degraded: pgdb2: start failed$/,
	],
	'member.not-streaming': [
		() => healthy().at(1, status('pgdb1', {replication: []})),
		/^degraded: pgdb2 is running, but streams from no member \(pgdb1 does not list it\)$/,
	],
	'member.cannot-follow': [
		() => healthy().at(1, status('pgdb1', {replication: []}), postgresSaid('pgdb2', 1, 'FATAL', walRemoved)),
		/^degraded: the leader no longer has the WAL that pgdb2 needs$/,
	],
	'member.stopping': [
		() =>
			healthy()
				.at(
					1,
					status('pgdb1', {
						replication: [
							{application: 'pgdb2', address: '10.73.0.170', state: 'streaming', syncState: 'sync'},
							{
								application: 'debezium',
								user: 'cdc',
								address: '10.73.0.9',
								state: 'streaming',
								syncState: 'async',
							},
						],
					}),
				)
				.at(2, status('pgdb1', {state: 'stopping', replication: []}))
				.at(12.5, status('pgdb1', {state: 'stopping', replication: []}), {
					type: 'source.alive',
					source: `dcs:${endpoints[0]}`,
				}),
		/^critical: pgdb1: stopping since 00:00:02; last WAL receivers: debezium \(user cdc, from 10\.73\.0\.9, streaming\)$/,
	],
	'member.watchdog': [
		() => healthy().at(1, status('pgdb2', {watchdogFailed: true})),
		/^degraded: pgdb2: the required watchdog cannot be used: it cannot lead$/,
	],
	'member.replay-paused': [
		() => healthy().at(1, status('pgdb2', {replayPaused: true})),
		/^degraded: pgdb2: WAL replay is paused$/,
	],
	'member.log-lost': [
		() => healthy().at(1, status('pgdb2', {logLost: 7})),
		/^notice: pgdb2: Patroni has lost 7 lines of its log$/,
	],
	'sync.blocked': [
		() => made({members: two, config: {synchronousMode: 'on', synchronousModeStrict: true}, sync: []}),
		/^critical: no synchronous standby with synchronous_mode_strict: writes wait$/,
	],
	'config.timing': [
		() => made({members: two, config: {ttl: 60, loopWait: 10, retryTimeout: 27}}),
		/^notice: loop_wait 10 \+ 2 x retry_timeout 27 exceeds ttl 60: Patroni uses loop_wait 6 instead$/,
	],
	'member.diverged': [
		() =>
			healthy()
				.at(1, status('pgdb2', {received: optime + 800}))
				.at(1.5, {...status('pgdb1', {}), tookMs: 10} as Event),
		/^critical: pgdb2 has 800 B of WAL on timeline 1 that the leader does not have$/,
	],
	'member.lag': [
		() =>
			made({
				members: [
					two[0],
					{
						name: 'pgdb2',
						key: {location: optime - 2_000_000},
						rest: {received: optime - 2_000_000, replayed: optime - 2_000_000},
					},
				],
			}),
		/^degraded: pgdb2: lag 1\.9 MiB exceeds maximum_lag_on_failover \(1 MiB\)$/,
	],
	'member.lag-unknown': [
		() => made({members: [two[0], {name: 'pgdb2', key: {location: undefined}, rest: undefined}]}),
		/^degraded: pgdb2: lag unknown$/,
	],
	'member.timeline': [
		() => made({members: [two[0], {name: 'pgdb2', key: {timeline: 2}, rest: {timeline: 2}}]}),
		/^degraded: pgdb2 is on timeline 2, the leader on 3$/,
	],
	'member.pending-restart': [
		() =>
			made({
				members: [
					{
						name: 'pgdb1',
						key: {pendingRestart: true, pendingRestartReason: {max_connections: ['100', '120']}},
						rest: {pendingRestart: true},
					},
				],
			}),
		/^degraded: pgdb1: restart pending: max_connections 100 → 120$/,
	],
	'member.restart-scheduled': [
		() =>
			made({
				members: [
					{
						name: 'pgdb1',
						key: {scheduledRestart: '2026-11-24T03:00:00+00:00'},
						rest: {scheduledRestart: '2026-11-24T03:00:00+00:00'},
					},
				],
			}),
		/^notice: pgdb1: restart scheduled at 2026-11-24 03:00:00 UTC$/,
	],
	'restart.dropped': [
		() => {
			const key = healthy().state.cluster.keys.get('members/pgdb2')?.value;
			const published = (scheduledRestart: string | undefined, revision: number) =>
				put(
					'members/pgdb2',
					key?.kind === 'member'
						? {...key, data: {...key.data, scheduledRestart}}
						: {kind: 'other', problem: ''},
					revision,
				);
			return healthy()
				.at(1, published(new Date(start + 2000).toISOString(), 900))
				.at(4, published(undefined, 901))
				.at(
					10,
					...healthyFacts('trixie').filter(({type}) => type !== 'dcs.snapshot' && type !== 'patroni.status'),
				)
				.at(10, status('pgdb1', {}), status('pgdb2', {}), {
					type: 'source.alive',
					source: `dcs:${endpoints[0]}`,
				});
		},
		/^degraded: pgdb2: the restart scheduled at 2026-11-23 00:00:02 UTC did not happen$/,
	],
	'slot.holds-wal': [
		() => healthy().at(1, put('status', {kind: 'status', optime: 2 ** 31, slots: {analytics: 2 ** 20}})),
		/^degraded: slot analytics holds 1\.9 GiB of WAL$/,
	],
	'sync.none': [
		() => healthy().at(1, put('sync', {kind: 'sync', leader: 'pgdb1', standbys: [], quorum: 0})),
		/^degraded: no synchronous standby in synchronous mode$/,
	],
	'sync.gone': [
		() => healthy().at(1, put('sync', {kind: 'sync', leader: 'pgdb1', standbys: ['pgdb9'], quorum: 0})),
		/^degraded: the sync key names pgdb9, whose key in etcd is gone$/,
	],
	'version.differs': [
		() => made({members: [two[0], {name: 'pgdb2', key: {version: '4.1.5'}}]}),
		/^notice: Patroni versions differ: pgdb1 4\.0\.7, pgdb2 4\.1\.5$/,
	],
	'clock.apart': [
		() => healthy().at(1, status('pgdb2', {serverTime: start + 61_000})),
		/^degraded: pgdb2: its clock is 60 s ahead of this machine's$/,
	],
	'address.local': [
		() => made({members: [two[0], {name: 'pgdb2', key: {host: '127.0.0.1'}}]}),
		/^degraded: pgdb2: its connect_address 127\.0\.0\.1 is local to each machine$/,
	],
	'address.same': [
		() =>
			made({
				members: [
					{name: 'pgdb1', key: {host: 'db'}},
					{name: 'pgdb2', key: {host: 'db'}},
				],
			}),
		/^degraded: pgdb1 and pgdb2 publish the same address$/,
	],
	'address.other': [
		() => healthy().at(1, status('pgdb2', {name: 'pgdb1'})),
		/^degraded: pgdb2: pgdb1 answers at its REST address$/,
	],
	'address.withheld': [
		() =>
			new Session({...target, trust: {restTls: 'ctl.cacert', etcdUser: false, haproxyUser: false}}).at(
				0,
				...healthyFacts('trixie'),
			),
		/^unknown: pgdb1: nothing is sent to its REST API http:\S+: it is http, while TLS is configured \(ctl\.cacert\)$/,
	],
	'dcs.none': [
		() => nowhere(),
		/^critical: no such cluster in etcd: the scope postgres-cluster does not exist below \/service$/,
	],
	'dcs.citus': [
		() => made({members: two.map(one => ({...one, rest: undefined})), below: '0/'}),
		/^unknown: this is a Citus cluster with groups 0: choose one with --group$/,
	],
	'dcs.key': [
		() => healthy().at(1, put('history', {kind: 'other', problem: 'history is not JSON'})),
		/^unknown: etcd's key history is not JSON$/,
	],
	'dcs.config': [() => healthy().at(1, gone('config')), /^unknown: dynamic configuration not known$/],
	'cluster.paused': [
		() => made({members: two, config: {pause: true}}),
		/^degraded: paused: Patroni does not fail over$/,
	],
	'switchover.scheduled': [
		() =>
			healthy().at(
				1,
				put('failover', {
					kind: 'failover',
					leader: 'pgdb1',
					candidate: 'pgdb2',
					scheduledAt: '2026-11-24T03:00:00+00:00',
				}),
			),
		/^notice: switchover scheduled at 2026-11-24 03:00:00 UTC: pgdb1 → pgdb2$/,
	],
	'switchover.dropped': [
		() =>
			healthy()
				.at(
					1,
					put('failover', {
						kind: 'failover',
						leader: 'pgdb1',
						candidate: 'pgdb2',
						scheduledAt: new Date(start + 2000).toISOString(),
					}),
				)
				.at(4, gone('failover')),
		/^degraded: the switchover scheduled at 2026-11-23 00:00:02 UTC did not happen$/,
	],
	'etcd.connecting': [() => new Session().at(0), /^unknown: connecting to etcd$/],
	'etcd.unreachable': [
		() => healthy().at(1, ...endpoints.flatMap(url => [lost(`etcd:${url}`), lost(`dcs:${url}`)])),
		/^unknown: no etcd endpoint answers/,
	],
	'etcd.refused': [
		() =>
			healthy().at(
				1,
				...endpoints.map(
					(url): Event => ({
						type: 'source.lost',
						source: `dcs:${url}`,
						reason: 'the etcd user has no permission for this',
						refused: true,
					}),
				),
			),
		/^unknown: etcd answers, but cannot be read: the etcd user has no permission for this$/,
	],
	'etcd.no-quorum': [
		() => healthy().at(1, ...endpoints.flatMap(url => [lost(`dcs:${url}`), withoutLeader(url)])),
		/^critical: etcd has no quorum: 3 of 3 answer, none reaches a majority of 2$/,
	],
	'etcd.member-down': [
		() => healthy().at(1, lost(`etcd:${endpoints[2]}`), lost(`dcs:${endpoints[2]}`)),
		/^degraded: etcd etcd1 does not answer: no answer in time; without it, one more loss and the quorum is lost$/,
	],
	'etcd.rebuilt': [
		() =>
			healthy()
				.at(1, {...healthyRead, began: 1, ended: 2})
				.at(2, {...healthyRead, revision: 7, entries: [], began: 3, ended: 4})
				.at(18, {...healthyRead, revision: 8, entries: [], began: 5, ended: 6}),
		/^notice: etcd was rebuilt or restored: revision \d+ → 7, 16 s ago$/,
	],
	'etcd.split': [
		() =>
			healthy()
				.at(1, {...healthyRead, began: 1, ended: 2})
				.at(2, {...healthyRead, source: `dcs:${endpoints[2]}`, revision: 7, entries: [], began: 3, ended: 4})
				.at(3, {...healthyRead, began: 5, ended: 6}),
		/^critical: etcd endpoints hold different stores: etcd1 answers for another one; this screen shows the store of pgdb1, pgdb2$/,
	],
	'etcd.unseen': [
		() =>
			healthy().at(
				1,
				...etcdFacts('trixie').flatMap(fact =>
					fact.type === 'etcd.members'
						? [
								{
									...fact,
									members: [
										...fact.members,
										{id: '99', name: 'etcd4', clientUrls: ['http://localhost:2379'], learner: false},
									],
								},
							]
						: [],
				),
			),
		/^notice: etcd etcd4 is not watched: it publishes no address that can be reached from here$/,
	],
	'etcd.alone': [
		() => {
			const session = healthy();
			const member = session.state.cluster.etcd.members?.value.find(({clientUrls}) =>
				clientUrls.includes(endpoints[0]),
			);
			const others = healthyFacts('trixie').filter(
				fact => fact.type !== 'etcd.members' && !endpoints.slice(1).some(url => fact.source.endsWith(url)),
			);
			return new Session({...target, endpoints: [endpoints[0]]}).at(0, ...others, {
				type: 'etcd.members',
				source: `etcd:${endpoints[0]}`,
				members: member ? [member] : [],
				alarms: [],
			});
		},
		/^notice: etcd has only 1 voting member: the quorum survives no failure$/,
	],
	'etcd.alarm': [
		() => {
			const session = healthy();
			const members = session.state.cluster.etcd.members?.value ?? [];
			return session.at(1, {
				type: 'etcd.members',
				source: `etcd:${endpoints[0]}`,
				members,
				alarms: [{memberId: members[0]?.id ?? '', alarm: 'NOSPACE'}],
			});
		},
		/^critical: etcd \w+: alarm NOSPACE$/,
	],
	'console.stalled': [
		() => healthy().at(1, {type: 'console.stalled', milliseconds: 1234}),
		/^notice: this console was stalled for 1\.2 s$/,
	],
	'console.clock': [
		() => healthy().at(1, {type: 'clock.set', milliseconds: -30_000, aheadMs: 30_000}),
		/^notice: this machine's clock was set back by 30 s, 0 s ago: times here are 30 s ahead of that clock$/,
	],
	'console.fault': [
		() =>
			healthy().at(1, {
				type: 'source.lost',
				source: 'patroni:pgdb2',
				reason: 'a fault of pgha-top',
				fault: true,
			}),
		/^unknown: patroni:pgdb2: a fault of pgha-top$/,
	],
	'console.blind': [() => healthy().at(60), /^unknown: no source can be reached/],
	'watch.lost': [
		() => healthy().at(1, lost(`watch:${endpoints[0]}`)),
		/^notice: no watch on etcd: changes are polled every 2 s$/,
	],
	'rest.connecting': [() => new Session(restTarget).at(0), /^unknown: connecting to Patroni's REST API$/],
	'rest.unreachable': [
		() => new Session(restTarget).at(0, lost('view:http://10.73.0.160:8008')),
		/^unknown: no member answers GET \/cluster: no answer in time; who leads is not known$/,
	],
	'rest.cut-off': [
		() => new RestOperator().say(20, {}, {pgdb1: {...asPrimary(), silent: 40}, pgdb2: {silent: 40}}),
		/^critical: no member that answers reaches Consul: who leads is not known$/,
	],
	'rest.apart': [
		() => new RestOperator().say(20, {}, {pgdb2: {silent: 40}}),
		/^degraded: pgdb2 has not reached Consul for 40 s$/,
	],
	'beliefs.differ': [
		() => new RestOperator().say(2, {pgdb2: {leader: 'pgdb2'}}),
		/^degraded: members believe in different leaders: pgdb1: pgdb1, pgdb2: pgdb2$/,
	],
	'leader.unconfirmed': [
		() => new RestOperator().say(2, {}, {pgdb1: {role: 'replica', state: 'starting'}}),
		/^critical: pgdb1 is named as leader, but answers: replica, starting$/,
	],
	'rest.blind': [
		() => healthy().at(1, lost('patroni:pgdb2')),
		/^unknown: pgdb2: no answer from its REST API: no answer in time; its key in etcd exists$/,
	],
	'ssh.blind': [
		() => healthy().at(1, lost('vip:pgdb2')),
		/^unknown: pgdb2: no data on its addresses: no answer in time$/,
	],
	'ssh.services': [
		() => healthy().at(1, lost('units:etcd1')),
		/^notice: etcd1: no data on services and disks: no answer in time$/,
	],
	'vip.none': [
		() => healthy().at(1, {type: 'addresses.removed', source: 'vip:pgdb1', node: 'pgdb1', address: vip}),
		/^critical: no node holds the VIP 10\.73\.0\.172$/,
	],
	'vip.two': [
		() => healthy().at(1, {type: 'addresses.added', source: 'vip:pgdb2', node: 'pgdb2', address: vip}),
		/^critical: two nodes hold the VIP 10\.73\.0\.172: pgdb1 and pgdb2$/,
	],
	'vip.not-leader': [
		() =>
			new Session({...target, vips: [{address: vip.ip, manager: 'vip-manager', follows: 'leader'}]}).at(
				0,
				...healthyFacts('trixie'),
				{type: 'addresses.removed', source: 'vip:pgdb1', node: 'pgdb1', address: vip},
				{type: 'addresses.added', source: 'vip:pgdb2', node: 'pgdb2', address: vip},
			),
		/^critical: pgdb2 holds the VIP 10\.73\.0\.172, but the leader is pgdb1$/,
	],
	'vip.unknown': [
		() => healthy().at(1, lost('vip:pgdb1')),
		/^unknown: holder of the VIP 10\.73\.0\.172 not known$/,
	],
	'vip.elsewhere': [
		() =>
			new Session({...target, nodes: []}).at(
				0,
				...madeFacts({members: two}),
				...withoutVip('pgdb1', 'pgdb2'),
			),
		/^unknown: holder of the VIP 10\.73\.0\.172 not known: no watched node runs keepalived; another machine may hold the VIP$/,
	],
	'vip.no-haproxy': [
		() =>
			healthy().at(1, stopped('pgdb1', 'haproxy'), lost('haproxy:pgdb1', 'connection refused', 'refused')),
		/^critical: pgdb1 holds the VIP, but its HAProxy is down$/,
	],
	'vip.no-primary': [
		() => healthy().at(1, haproxyFact('trixie', 'pgdb1', 'nobody')),
		/^critical: pgdb1 holds the VIP, but its HAProxy has no primary for writers$/,
	],
	'haproxy.wrong': [
		() => healthy().at(1, haproxyFact('trixie', 'pgdb1', 'pgdb2')),
		/^critical: pgdb1: HAProxy sends writers to pgdb2, but the leader is pgdb1$/,
	],
	'haproxy.nowhere': [
		() => healthy().at(1, haproxyFact('trixie', 'pgdb2', 'nobody')),
		/^degraded: pgdb2: HAProxy has no primary for writers$/,
	],
	'haproxy.differ': [
		() => healthy().at(1, haproxyFact('trixie', 'pgdb2', 'pgdb2')),
		/^degraded: HAProxy instances differ: pgdb1 sends writers to pgdb1, pgdb2 sends writers to pgdb2$/,
	],
	'haproxy.full': [
		() => healthy().at(1, crowded('pgdb2', {primary: 130, replicas: 30})),
		/^degraded: pgdb2: HAProxy is nearly full: 161 of 200 sessions$/,
	],
	'haproxy.unnamed': [
		() =>
			healthy().at(1, {
				type: 'haproxy.stats',
				source: 'haproxy:pgdb2',
				node: 'pgdb2',
				servers: [],
				frontends: [],
			}),
		/^unknown: pgdb2: HAProxy shows no server in any backend$/,
	],
	'haproxy.unknown': [
		() => healthy().at(1, statsFact('pgdb2', {primary: ['+node1', 'node2']})),
		/^unknown: pgdb2: it is not known which members HAProxy's servers node1, node2 are; set haproxy\.servers: \{node1: MEMBER, node2: MEMBER\}$/,
	],
	'haproxy.servers': [
		() =>
			new Session({...target, haproxy: {backends: {}, servers: {'replicas/pgdb2': 'pgdb9'}}}).at(
				0,
				...healthyFacts('trixie'),
				haproxyFact('trixie', 'pgdb1'),
			),
		/^notice: haproxy\.servers names members that do not exist: pgdb2: pgdb9$/,
	],
	'haproxy.blind': [
		() => healthy().at(1, lost('haproxy:pgdb2')),
		/^unknown: pgdb2: no HAProxy statistics: no answer in time$/,
	],
	'haproxy.down': [
		() => healthy().at(1, stopped('pgdb2', 'haproxy')),
		/^degraded: pgdb2: HAProxy is inactive$/,
	],
	'keepalived.down': [
		() => healthy().at(1, stopped('pgdb2', 'keepalived')),
		/^degraded: pgdb2: keepalived is inactive: it cannot take the VIP over$/,
	],
	'service.down': [() => healthy().at(1, stopped('pgdb2', 'etcd')), /^degraded: pgdb2: etcd is inactive$/],
	'service.unknown': [
		() =>
			healthy().at(
				1,
				unitsFact('pgdb2', services, {
					service: 'keepalived',
					unit: 'keepalived.service',
					load: 'not-found',
					active: 'inactive',
				}),
			),
		/^notice: pgdb2: systemd has no unit keepalived\.service$/,
	],
	'disk.full': [
		() => healthy().at(1, diskFact('pgdb1', {usedPercent: 93})),
		/^degraded: pgdb1: \/ is 93 % full$/,
	],
	'disk.read-only': [
		() => healthy().at(1, diskFact('pgdb1', {readOnly: true})),
		/^critical: pgdb1: \/ is mounted read-only; it holds postgresql and etcd$/,
	],
	'path.failing': [
		() => probed().at(3, unserved(5000, 'connection refused', 'refused')),
		/^critical: writes through 10\.73\.0\.172:5000 fail since 00:00:00: connection refused$/,
	],
	'path.reads': [
		() => probed().at(3, unserved(5001, 'connection refused', 'refused')),
		/^degraded: queries through 10\.73\.0\.172:5001 fail since 00:00:00: connection refused$/,
	],
	'path.refused': [
		() => probed().at(3, unserved(5000, 'password authentication failed for user "app"', 'denied')),
		/^unknown: writes through 10\.73\.0\.172:5000 fail since 00:00:00: password authentication failed/,
	],
	'path.port': [
		() =>
			new Session({
				...target,
				probe: {host: '10.73.0.172', ports: {write: 5000}, write: false, assumed: ['write']},
			}).at(0, ...healthyFacts('trixie'), {
				type: 'probe.failed',
				source: 'probe:5000',
				port: 5000,
				purpose: 'write',
				startedAt: start,
				reason: 'connection refused',
			}),
		/^unknown: no answer on 10\.73\.0\.172:5000, the default port; set probe\.port$/,
	],
	'path.silent': [
		() => probed().at(8, ...healthyFacts('trixie')),
		/^unknown: no probe through :5000 since 00:00:00$/,
	],
};

describe('every finding', () => {
	it.each(Object.entries(scenes))('%s', (id, [scene, sentence]) => {
		const session = scene();
		const found = all(session).find(finding => finding.id === id);
		expect(found === undefined ? all(session) : `${found.severity}: ${found.text}`).toMatch(sentence);
		expect(advice[id as FindingId].remedy).toMatch(/[.?]$/);
	});

	it('is not found in the case of another finding', () => {
		// A setting that is missing in one place makes one finding.
		for (const id of [
			'cluster.paused',
			'disk.full',
			'keepalived.down',
			'vip.two',
			'clock.apart',
			'haproxy.full',
		] as const) {
			expect(all(scenes[id][0]()).map(finding => finding.id)).toEqual([id]);
		}
	});
});

describe("HAProxy's room", () => {
	const front = (sessions: number | undefined, limit?: number) => ({
		name: 'one',
		ports: [],
		status: 'OPEN',
		sessions,
		...(limit === undefined ? {} : {limit}),
	});

	it.each([
		[
			'is one for all frontends that share a limit',
			[front(10, 400), front(20, 400)],
			{sessions: 30, limit: 400},
		],
		[
			'is that of the fullest where they have their own',
			[front(90, 100), front(200, 400)],
			{sessions: 90, limit: 100},
		],
		['is unknown if it was not reported', [front(90), front(20)], undefined],
		[
			'leaves out a frontend of unknown sessions',
			[front(undefined, 100), front(20, 400)],
			{sessions: 20, limit: 400},
		],
	])('%s', (_, frontends, room) => {
		expect(fullest({servers: [], frontends})).toEqual(room);
	});
});

describe('a scope that is mistyped', () => {
	const textsOf = (session: Session) => all(session).map(({severity, text}) => `${severity}: ${text}`);

	it('is reported as missing, with the scopes that etcd has', () => {
		expect(textsOf(nowhere(['main', 'orders']))).toEqual([
			'critical: no such cluster in etcd: the scope postgres-cluster does not exist; existing scopes: main, orders',
		]);
	});

	it('is not reported as a dead cluster, whatever scope the members report', () => {
		expect(
			textsOf(nowhere().at(1, status('pgdb1', {scope: 'main'}), status('pgdb2', {scope: 'main'}))),
		).toEqual([
			'critical: no such cluster in etcd: the scope postgres-cluster does not exist; existing scopes: main',
		]);
	});
});

describe('of findings of equal severity', () => {
	it('those that affect clients now come first, causes before their effects', () => {
		const degraded = (id: FindingId) => ({id, severity: 'degraded', text: id, evidence: []}) as const;
		const found = [degraded('etcd.member-down'), degraded('haproxy.wrong'), degraded('path.reads')];
		expect(
			worstFirst([...found, {...degraded('leader.none'), severity: 'critical'}]).map(({id}) => id),
		).toEqual(['leader.none', 'haproxy.wrong', 'path.reads', 'etcd.member-down']);
	});

	it('those that can wait for an operator come after lost redundancy, and before those that are past', () => {
		const degraded = (id: FindingId, until?: number) =>
			({id, severity: 'degraded', text: id, evidence: [], until}) as const;
		const found = [
			degraded('etcd.alone', 1),
			degraded('member.pending-restart'),
			degraded('version.differs'),
			degraded('haproxy.down'),
			degraded('member.gone'),
			degraded('path.reads'),
		];
		expect(worstFirst(found).map(({id}) => id)).toEqual([
			'path.reads',
			'haproxy.down',
			'member.gone',
			'member.pending-restart',
			'version.differs',
			'etcd.alone',
		]);
	});
});

describe('a server outside the control of Patroni', () => {
	it('is found by its processes where neither Patroni nor SQL answers', () => {
		const session = healthy()
			.at(
				6,
				lost('patroni:pgdb2', 'connection refused', 'refused'),
				...healthyFacts('trixie').filter(({source}) => !source.endsWith(':pgdb2')),
			)
			.at(7, {
				type: 'processes.snapshot',
				source: 'processes:pgdb2',
				node: 'pgdb2',
				servers: [
					{
						pid: 7,
						dataDir: '/srv/pg',
						isMembers: true,
						ageMs: 60_000,
						state: 'primary',
						titles: ['walwriter', 'app app 10.73.0.1(5555) idle'],
						timeline: 3,
					},
				],
				tookMs: 20,
			});
		expect(all(session).find(({id}) => id === 'postgres.outside')).toMatchObject({
			severity: 'critical',
			text: "pgdb2: its PostgreSQL takes writes beside the leader pgdb1, outside Patroni's control, on timeline 3; 1 client session is on it: app app 10.73.0.1(5555) idle",
		});
	});

	it('is not the former leader, by an answer to a question before the switchover', () => {
		const before = asked();
		const given = put('leader', {kind: 'leader', member: 'pgdb2'}, 90_000_000);
		expect(
			all(before.at(3, given, {...sqlFact('pgdb1', 'primary'), tookMs: 500})).map(({id}) => id),
		).not.toContain('postgres.outside');
		expect(
			all(before.at(5, {...sqlFact('pgdb1', 'primary'), tookMs: 500}, lost('patroni:pgdb1'))).map(
				({id}) => id,
			),
		).toContain('postgres.outside');
	});

	it('has at least the clients of a list that may be cut', () => {
		const one = {application: 'psql', user: 'app', sessions: 1};
		const applications = Array.from({length: sqlRowsMax}, (_, index) => ({
			...one,
			address: `10.73.1.${index}`,
		}));
		const session = asked(
			gone('members/pgdb2'),
			lost('patroni:pgdb2', 'connection refused', 'refused'),
			sqlFact('pgdb2', 'primary', {applications}),
		);
		expect(all(session).find(({id}) => id === 'postgres.outside')?.text).toContain(
			'; 64 or more client sessions are on it: 1 of app (psql) from 10.73.1.0, ',
		);
	});
});

describe('evidence', () => {
	const bursts = fc.array(
		fc.record({
			after: fc.integer({min: 0, max: 30}),
			scene: fc.constantFrom(...(Object.keys(scenes) as FindingId[])),
			facts: fc.subarray([...healthyFacts('trixie')]),
		}),
		{minLength: 1, maxLength: 4},
	);

	it('is never fresh when its source is silent or lost', () => {
		fc.assert(
			fc.property(bursts, list => {
				const session = scenes[list[0]?.scene ?? 'vip.two'][0]();
				let now = 10;
				for (const {after, facts} of list) {
					now += after;
					session.at(now, ...facts);
					for (const finding of all(session)) {
						for (const {source, at, fresh, text} of finding.evidence) {
							const sight = source && session.state.cluster.sourceStatuses.get(source);
							const old =
								at === undefined ||
								session.state.now - at > (source === undefined ? freshForMs : traitsOf(source).freshForMs);
							// The finding of a lost source is itself fresh; a dropped switchover is in the past, and dated.
							const isSight =
								sight === undefined || sight.state === 'lost' || /^(silent|connecting)/.test(text);
							const isPast = finding.id === 'switchover.dropped';
							// Its silence says that nothing has changed, or that nothing more was said.
							const isQuiet = source !== undefined && traitsOf(source).isQuietWhenHealthy;
							expect(fresh && old && !isSight && !isPast && !isQuiet, `${finding.id}: ${text}`).toBe(false);
						}
					}
				}
			}),
			{numRuns: 60},
		);
	});
});

describe('a leader that takes no writes', () => {
	const replica = status('pgdb1', {role: 'replica'});
	const wrote = served.slice(0, 1);
	const ids = (session: Session) => all(session).map(({id}) => id);

	it('is not reported by an answer that is older than a write that it acknowledged', () => {
		const session = probed().at(1, replica);
		expect(ids(session)).toContain('leader.not-writable');
		expect(ids(session.at(1.4, ...wrote))).not.toContain('leader.not-writable');
		expect(ids(session.at(2, ...wrote, replica))).toContain('leader.not-writable');
	});

	it('is reported although another member acknowledged a write, or the last attempt failed', () => {
		const other = wrote.map(answer => ({...answer, server: '10.73.0.170:5432'}) as Event);
		expect(
			ids(
				probed()
					.at(1, replica)
					.at(1.4, ...other),
			),
		).toContain('leader.not-writable');
		const failed = unserved(5000, 'connection refused', 'refused');
		expect(
			ids(
				probed()
					.at(1, replica)
					.at(1.4, ...wrote, failed),
			),
		).toContain('leader.not-writable');
	});
});

describe('a finding that comes and goes', () => {
	const vipOn = (node: string, removed: boolean): Event => ({
		type: removed ? 'addresses.removed' : 'addresses.added',
		source: `vip:${node}`,
		node,
		address: vip,
	});

	const others = healthyFacts('trixie').filter(({type}) => type !== 'addresses.snapshot');
	const seen = ['pgdb1', 'pgdb2'].map((node): Event => ({type: 'source.alive', source: `vip:${node}`}));

	it('appears at once, and stays a while after the third time', () => {
		const session = healthy();
		const shown = () => judgeCluster(shownSnapshot(session.state)).findings.map(({id, flaps}) => [id, flaps]);
		for (const second of [1, 3, 5]) {
			session.at(second, ...others, ...seen, vipOn('pgdb2', false));
			expect(shown()).toEqual([['vip.two', second === 5 ? 3 : undefined]]);
			session.at(second + 1, vipOn('pgdb2', true));
			expect(shown()).toEqual(second === 5 ? [['vip.two', 3]] : []);
		}

		session.at(20, ...others, ...seen);
		expect(shown()).toEqual([['vip.two', 3]]);
		session.at(22, ...others, ...seen);
		expect(shown()).toEqual([]);
	});

	it('is not shown as of now while it stays', () => {
		const session = healthy();
		for (const second of [1, 3, 5]) {
			session.at(second, ...others, ...seen, vipOn('pgdb2', false));
			session.at(second + 1, vipOn('pgdb2', true));
		}

		session.at(9, ...others, ...seen);
		const judgement = judgeCluster(shownSnapshot(session.state));
		expect(judgement).toMatchObject({
			verdict: 'degraded',
			findings: [{id: 'vip.two', severity: 'degraded', until: start + 5000}],
		});
		expect(judgement.findings[0]?.evidence.map(({fresh}) => fresh)).toEqual([false, false]);
		const text = (line: Line) => line.map(one => one.text).join('');
		expect(text(verdictLine(session.state))).toBe(
			'DEGRADED  two nodes hold the VIP 10.73.0.172: pgdb1 and pgdb2, until 4s ago',
		);
		expect(findingsPane(shownSnapshot(session.state)).lines.map(text)).toContain(
			`${' '.repeat(10)}not now; flapping: 3 times in a minute`,
		);
	});

	it('of a member does not mark its row while it stays, nor say what clients feel', () => {
		const session = probed();
		const failing = unserved(5000, 'connection refused', 'refused');
		for (const second of [1, 3, 5]) {
			session.at(second, ...healthyFacts('trixie'), status('pgdb2', {state: 'starting'}), failing);
			session.at(second + 1, ...healthyFacts('trixie'), ...served);
		}

		session.at(8, ...healthyFacts('trixie'), ...served);
		const {state} = session;
		const {findings} = judgeCluster(shownSnapshot(state));
		expect(findings.map(({id, until}) => [id, until])).toContainEqual(['member.state', start + 5000]);
		expect(clientsNow(shownSnapshot(state))).toBe('clients not affected');
		const names = membersPane(shownSnapshot(state), 120).table?.rows.map(({cells}) => cells[0]?.text);
		expect(names).toEqual(['pgdb1', 'pgdb2']);
	});

	it('leaves to the probe what clients have, and claims no more than its last answer', () => {
		const critical = probed().at(2, vipOn('pgdb2', false));
		expect(clientsNow(shownSnapshot(critical.state))).toBe('last write acknowledged 2s ago');
		const old = probed().at(2, status('pgdb1', {replication: []}));
		expect(clientsNow(shownSnapshot(old.state))).toBe(
			'readers there see old rows, and it may be unable to take over',
		);
		const apart = probed().at(2, status('pgdb2', {logLost: 7}));
		expect(clientsNow(shownSnapshot(apart.state))).toBe('clients not affected');
	});

	it('has the time since when it holds', () => {
		const session = healthy().at(2, vipOn('pgdb2', false)).at(4);
		expect(judgeCluster(shownSnapshot(session.state)).findings).toMatchObject([
			{id: 'vip.two', since: start + 2000},
		]);
	});
});

describe('a stop of Patroni whose REST API no longer answers', () => {
	const deactivating = unitsFact('pgdb1', services, {
		service: 'patroni',
		active: 'deactivating',
		sub: 'stop-sigterm',
	});
	const receivers = [
		{application: 'pgdb2', address: '10.73.0.170', state: 'streaming', syncState: 'sync'},
		{
			application: 'pg_receivewal',
			user: 'backup',
			address: '10.73.0.9',
			state: 'streaming',
			syncState: 'async',
		},
	];
	const alive: readonly Event[] = (['dcs:http://10.73.0.160:2379', 'units:pgdb1'] as const).map(source => ({
		type: 'source.alive',
		source,
	}));
	const stops = () =>
		healthy()
			.at(1, status('pgdb1', {replication: receivers}))
			.at(2, deactivating, lost('patroni:pgdb1', 'connection refused', 'refused'));
	const stopping = (session: Session) => all(session).filter(({id}) => id === 'member.stopping');

	it('is reported by systemd, with the last WAL receivers, once it exceeds loop_wait', () => {
		expect(stopping(stops().at(5, ...alive))).toEqual([]);
		expect(stopping(stops().at(13, ...alive))).toMatchObject([
			{
				about: 'pgdb1',
				text: 'pgdb1: Patroni is stopping since 00:00:02; last WAL receivers: pg_receivewal (user backup, from 10.73.0.9, streaming)',
				evidence: [
					{text: 'patroni.service: deactivating (stop-sigterm)', source: 'units:pgdb1'},
					{source: 'patroni:pgdb1', fresh: false},
				],
			},
		]);
	});

	it('is also reported when its key in etcd has expired', () => {
		expect(stopping(stops().at(13, ...alive, gone('members/pgdb1')))).toHaveLength(1);
	});

	it('ends with the unit, and is unknown while SSH is lost', () => {
		const over = unitsFact('pgdb1', services, {service: 'patroni', active: 'inactive', sub: 'dead'});
		expect(stopping(stops().at(13, ...alive, over))).toEqual([]);
		expect(stopping(stops().at(13, ...alive, lost('units:pgdb1')))).toEqual([]);
	});
});

describe('the lease of the leader key', () => {
	it.each([
		[9, 0, false],
		[9, 4, false],
		[6, 0, true],
		[6, 6, true],
		[6, 8, false],
	])('read with %d of 20 s left, %d s ago: it is not renewed: %s', (ttl, age, isShort) => {
		const session = healthy();
		const lease = session.state.cluster.keys.get('leader')?.lease ?? '';
		session.at(1, {type: 'lease.read', source: `etcd:${endpoints[0]}`, lease, ttl, grantedTtl: 20});
		session.at(1 + age, healthyRead);
		expect(all(session).some(({id}) => id === 'leader.lease-short')).toBe(isShort);
	});
});
