/**
 * Whole outputs of `--once` while a source is lost: nothing that it said before is printed as true now. A cluster is printed with
 * and without that source, and each difference is named.
 */
import {describe, expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import {watchText} from '../../source/snapshot/watch.ts';
import {diskFact, endpoints, haproxyFact, healthyFacts, unitsFact} from '../support/captures.ts';
import {changes, lost, print, samplesOf, valuesOf} from '../support/known-outputs.ts';
import {Operator} from '../support/operator.ts';
import {Session, start, target} from '../support/session.ts';
import {addressesFact} from '../support/vip.ts';

/** etcd1 is the raft leader in the captures. */
const raftLeaderEndpoint = 'http://10.73.0.171:2379';
/** A cluster with all kinds of sources. */
const probe = {host: '10.73.0.172', ports: {write: 5000}, write: true} as const;
const answered: Event = {
	type: 'probe.answered',
	source: 'probe:5000',
	port: 5000,
	purpose: 'write',
	startedAt: start,
	server: '10.73.0.160:5432',
	inRecovery: false,
	latency: 3,
	write: true,
};
const whole = (...more: readonly Event[]) =>
	new Session({...target, probe})
		.at(
			0,
			...healthyFacts('trixie'),
			haproxyFact('trixie', 'pgdb1', 'pgdb1'),
			unitsFact('pgdb1', ['haproxy', 'keepalived', 'patroni', 'etcd']),
			diskFact('pgdb1'),
			answered,
		)
		.at(1, answered, ...more).state;

describe.each<[string, readonly Event[]]>([
	['etcd', lost(...endpoints.map(endpoint => `dcs:${endpoint}` as const))],
	['the etcd member that leads', lost(`etcd:${raftLeaderEndpoint}`, `dcs:${raftLeaderEndpoint}`)],
	['the addresses of the VIP holder', lost('vip:pgdb1')],
	['the addresses of another node', lost('vip:pgdb2')],
	['HAProxy', lost('haproxy:pgdb1')],
	['systemd and file systems', lost('units:pgdb1', 'disk:pgdb1')],
	[
		'the probe',
		[
			{
				type: 'probe.failed',
				source: 'probe:5000',
				port: 5000,
				purpose: 'write',
				startedAt: start,
				reason: 'connection refused',
			},
		],
	],
])('lost: %s', (_, losses) => {
	it('has no samples of it', async () => {
		expect(changes(await samplesOf(whole()), await samplesOf(whole(...losses)))).toMatchSnapshot();
	});

	it('is missing or marked in json', async () => {
		expect(changes(await valuesOf(whole()), await valuesOf(whole(...losses)))).toMatchSnapshot();
	});
});

/** All sources are lost, and the last that they reported differs: pgdb2 led, paused, with a switchover scheduled. */
describe('where no source answers', () => {
	const silent = (past: Operator) => past.blind(...past.state.cluster.sourceStatuses.keys()).state;
	const one = silent(new Operator('trixie'));
	const past = new Operator('trixie');
	const other = silent(
		past.after(
			1,
			past.leads('pgdb2'),
			past.configured({pause: true}),
			past.put('sync', {kind: 'sync', leader: 'pgdb2', standbys: ['pgdb1', 'pgdb9'], quorum: 0}),
			past.put('failover', {
				kind: 'failover',
				leader: 'pgdb2',
				candidate: 'pgdb1',
				scheduledAt: '2026-11-24T03:00:00+00:00',
			}),
			past.member('pgdb1', {state: 'stopped', timeline: 7, pendingRestart: true, location: 1}),
			past.says('pgdb1', {state: 'stopped', timeline: 7, pendingRestart: true, serverVersion: 160_004}),
			past.says('pgdb2', {role: 'primary', timeline: 7}),
			addressesFact('pgdb1', '10.73.0.160'),
			addressesFact('pgdb2', '10.73.0.170', '10.73.0.172'),
			haproxyFact('trixie', 'pgdb1', 'pgdb2'),
			unitsFact('pgdb1', ['haproxy', 'keepalived', 'patroni', 'etcd'], {active: 'inactive', sub: 'dead'}),
		),
	);
	const withoutVerdict = (text: string) => text.replaceAll(/\t(?:critical|degraded|unknown)\t/g, '\t');

	it('prints the same, whatever was reported before', async () => {
		expect(changes(await samplesOf(one), await samplesOf(other))).toEqual([]);
		expect(withoutVerdict(await print(other, 'tsv'))).toBe(withoutVerdict(await print(one, 'tsv')));
		for (const state of [one, other]) {
			expect(await print(state, 'nagios')).not.toContain('|');
		}
	});

	it('has in json only marked values of what was reported before', async () => {
		const marked = new Map(
			[...(await valuesOf(other))].filter(([path]) => /_is_now$|^store\.read$/.test(path)),
		);
		expect([...new Set(marked.values())]).toEqual(['false']);
		const differ = changes(await valuesOf(one), await valuesOf(other));
		// What a change of leader has cost is of the moment that it names.
		expect(differ.filter(path => !path.startsWith('losses['))).toMatchInlineSnapshot(`
			[
			  "members[pgdb1].role: "leader" → "sync_standby"",
			  "members[pgdb1].state: "running" → "stopped"",
			  "members[pgdb1].timeline: 1 → 7",
			  "members[pgdb1].lag: null → 50331783",
			  "members[pgdb1].pending_restart: false → true",
			  "members[pgdb2].role: "sync_standby" → "leader"",
			  "members[pgdb2].state: "streaming" → "running"",
			  "members[pgdb2].lag: 0 → null",
			  "sync.standbys[0]: "pgdb2" → "pgdb1"",
			  "sync.standbys[1]: - → "pgdb9"",
			]
		`);
	});
	it('marks all of it in text, and in the lines of --watch', async () => {
		expect(await print(other, 'text')).toMatchInlineSnapshot(`
			"postgres-cluster: UNKNOWN
			  unknown: no source can be reached: check this machine's own network

			Members (etcd LOST since 00:00:01: no answer in time)
			  PAUSED?: no automatic failover
			  SWITCHOVER SCHEDULED? at 2026-11-24 03:00:00 UTC: pgdb2 → pgdb1
			  Member  Host         Role           State     TL      Lag  Sources                                                   Takeover  Restart   PostgreSQL  Patroni
			  pgdb1   10.73.0.160  Sync Standby?  stopped?  7?  48 MiB?  etcd 1s ago, rest lost since 00:00:01: no answer in time  ?         pending?  16.4?       4.0.7?
			  pgdb2   10.73.0.170  Leader?        running?  1?           etcd 1s ago, rest lost since 00:00:01: no answer in time  ?                   17.12?      4.0.7?

			etcd leader key (etcd LOST since 00:00:01: no answer in time)
			  Holder    pgdb2?  as read 1s ago
			  Lease     not read yet
			  Switchover pgdb2 → pgdb1? at 2026-11-24 03:00:00 UTC
			  Quorum    unknown: no endpoint answers
			  Watch     lost: polling every 2 s
			  etcd   Health                   Raft     Version       DB
			  etcd1  LOST: no answer in time  leader?  3.5.16?  36 KiB?
			  pgdb1  LOST: no answer in time           3.5.16?  36 KiB?
			  pgdb2  LOST: no answer in time           3.5.16?  36 KiB?

			VIP 10.73.0.172 (SSH LOST since 00:00:01: no answer in time)
			  Holder    pgdb2? (no data)
			  Client    no probe: pass --probe
			  Node   VIP     Writers  Services by SSH          Readers  Checks             Sync  Async
			  pgdb1  ?       pgdb2?   LOST: no answer in time  pgdb1?   no answer in time  LOST  LOST
			  pgdb2  holds?  pgdb1?   LOST: no answer in time  pgdb2?   no answer in time  LOST  LOST
			"
		`);
		expect(watchText(other, 'text')).toMatchInlineSnapshot(`
			"2026-11-23T00:00:01Z postgres-cluster: UNKNOWN  Leader pgdb2?   VIP pgdb2?   Sync pgdb1, pgdb9?   pgdb1 stopped?  pgdb2 running?
			  unknown: no source can be reached: check this machine's own network
			"
		`);
	});
});
