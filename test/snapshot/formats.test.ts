/** `--once --format`: the same snapshot in each format, and nothing that is not known now. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {parse} from 'yaml';
import type {Event, Fact} from '../../source/domain/events.ts';
import type {SourceId} from '../../source/domain/facts.ts';
import type {snapshotFormats} from '../../source/snapshot/format-names.ts';
import {formatSnapshot, safeSnapshot} from '../../source/snapshot/formats.ts';
import {nagiosProblem} from '../../source/snapshot/nagios.ts';
import {watchText} from '../../source/snapshot/watch.ts';
import type {State} from '../../source/state/state.ts';
import {diskFact, endpoints, haproxyFact, healthyFacts, suites, unitsFact} from '../support/captures.ts';
import {checkResultOf, samplesOf} from '../support/monitoring.ts';
import {Session, target} from '../support/session.ts';
import {madeFacts} from '../support/synthetic-cluster.ts';
import {acknowledged, probedTarget} from '../support/write-probe.ts';

const lost = (source: SourceId): Event => ({type: 'source.lost', source, reason: 'no route to host'});
const healthy = () =>
	new Session(target).at(
		0,
		...healthyFacts('trixie'),
		haproxyFact('trixie', 'pgdb1', 'pgdb1'),
		unitsFact('pgdb1', ['haproxy', 'keepalived', 'patroni', 'etcd']),
		diskFact('pgdb1'),
	);
const silent = () =>
	healthy().at(
		60,
		...endpoints.flatMap(endpoint => [lost(`dcs:${endpoint}`), lost(`etcd:${endpoint}`)]),
		...['pgdb1', 'pgdb2'].flatMap(name => [
			lost(`patroni:${name}`),
			lost(`vip:${name}`),
			lost(`units:${name}`),
		]),
		lost('haproxy:pgdb1'),
		lost('disk:pgdb1'),
	);
const unread = () =>
	new Session(target).at(0, ...endpoints.map(endpoint => lost(`dcs:${endpoint}`)), lost('patroni:pgdb1'));

const print = async (state: State, format: (typeof snapshotFormats)[number]) =>
	formatSnapshot(state, format, undefined);

const names = (samples: ReadonlyMap<string, number>) =>
	new Set([...samples.keys()].map(key => key.split('{')[0]));

describe('yaml', () => {
	it('is the snapshot of json, for parsers of YAML 1.1 and 1.2', async () => {
		for (const {state} of [healthy(), silent(), unread()]) {
			const json: unknown = JSON.parse(await print(state, 'json'));
			const yaml = await print(state, 'yaml');
			expect(parse(yaml, {version: '1.1'})).toEqual(json);
			expect(parse(yaml, {version: '1.2'})).toEqual(json);
		}
	});
});

describe('a profile', () => {
	const ofProfile = (profile: string) =>
		new Session({...target, profile}).at(0, ...healthyFacts('trixie')).state;

	it('is named where a reader and a script look for it', async () => {
		const state = ofProfile('prod');
		expect(await print(state, 'text')).toMatch(/^\[prod\] postgres-cluster: HEALTHY\n/);
		expect(await print(state, 'nagios')).toMatch(/^PGHA_TOP OK - \[prod\] postgres-cluster: leader pgdb1/);
		expect(watchText(state, 'text')).toMatch(/^\S+Z \[prod\] postgres-cluster: HEALTHY {2}/);
		expect(JSON.parse(await print(state, 'json'))).toMatchObject({profile: 'prod'});
		expect(parse(await print(state, 'yaml'))).toMatchObject({profile: 'prod'});
		expect(JSON.parse(watchText(state, 'json'))).toMatchObject({profile: 'prod'});
	});

	it('is named nowhere without one', async () => {
		const {state} = healthy();
		expect(await print(state, 'text')).toMatch(/^postgres-cluster: HEALTHY\n/);
		expect(JSON.parse(await print(state, 'json'))).toMatchObject({profile: null});
		expect(await print(state, 'openmetrics')).not.toContain('profile=');
	});

	it('has series of its own, though the cluster of another profile has the same name', async () => {
		const [one, other] = await Promise.all(
			['prod', 'test'].map(async name => samplesOf(await print(ofProfile(name), 'openmetrics'))),
		);
		const all = new Map([...(one ?? []), ...(other ?? [])]);
		expect(all.get('pgha_has_leader{scope="postgres-cluster",profile="prod"}')).toBe(1);
		expect(all.size).toBe((one?.size ?? 0) * 2);
	});
});

describe('tsv', () => {
	it('has a line for each member', async () => {
		expect(await print(healthy().state, 'tsv')).toMatchInlineSnapshot(`
			"scope	verdict	member	host	port	role	state	timeline	lag	pending_restart
			postgres-cluster	healthy	pgdb1	10.73.0.160	5432	leader	running	1		false
			postgres-cluster	healthy	pgdb2	10.73.0.170	5432	sync_standby	streaming	1	0	false
			"
		`);
	});

	it('is empty where nothing is known now', async () => {
		const [head = '', ...rows] = (await print(silent().state, 'tsv')).replace(/\n$/, '').split('\n');
		expect(rows.map(line => line.split('\t').length)).toEqual(rows.map(() => head.split('\t').length));
		for (const row of rows) {
			expect(row).toMatch(/^postgres-cluster\t(?:unknown|critical)\tpgdb\d\t*$/);
		}
	});
});

describe('nagios', () => {
	it('is one line with performance data', async () => {
		expect(await print(healthy().state, 'nagios')).toMatchInlineSnapshot(`
			"PGHA_TOP OK - postgres-cluster: leader pgdb1, 2 members | members=2 has_leader=1 role_leader=1 role_sync_standby=1 state_running=1 state_streaming=1 sync_replica=1 is_in_maintenance=0 scheduled_switchover=0 pgdb1_timeline=1 pgdb2_lag=0B;;;0 pgdb2_timeline=1
			"
		`);
	});

	it('has the findings, and no data of what is not known', async () => {
		const text = await print(silent().state, 'nagios');
		expect(text).toMatch(/^PGHA_TOP (?:UNKNOWN|CRITICAL) - postgres-cluster: [^|]*\n$/);
		expect(await print(unread().state, 'nagios')).toMatch(/^PGHA_TOP UNKNOWN - [^|]*\n$/);
	});

	it('has no | or line end in its text, and quotes labels', async () => {
		const session = new Session({...target, nodes: []}).at(
			0,
			...madeFacts({members: [{name: "a|b 'c"}, {name: 'd'}]}),
		);
		const text = await print(session.state, 'nagios');
		expect(text).toContain("'a/b _c_timeline'=");
		expect([...checkResultOf(text).perfdata.keys()]).toContain('a/b _c_timeline');
		expect(nagiosProblem('a\nb | c')).toBe('PGHA_TOP UNKNOWN - a b / c\n');
	});
});

describe('openmetrics', () => {
	it('has what is known of a healthy cluster', async () => {
		const samples = samplesOf(await print(healthy().state, 'openmetrics'));
		expect(Object.fromEntries(samples)).toMatchInlineSnapshot(`
			{
			  "pgha_etcd_member_answers{scope="postgres-cluster",member="etcd1"}": 1,
			  "pgha_etcd_member_answers{scope="postgres-cluster",member="pgdb1"}": 1,
			  "pgha_etcd_member_answers{scope="postgres-cluster",member="pgdb2"}": 1,
			  "pgha_etcd_member_db_size_bytes{scope="postgres-cluster",member="etcd1"}": 36864,
			  "pgha_etcd_member_db_size_bytes{scope="postgres-cluster",member="pgdb1"}": 36864,
			  "pgha_etcd_member_db_size_bytes{scope="postgres-cluster",member="pgdb2"}": 36864,
			  "pgha_etcd_quorum{scope="postgres-cluster"}": 1,
			  "pgha_filesystem_read_only{scope="postgres-cluster",node="etcd1",mount="/"}": 0,
			  "pgha_filesystem_read_only{scope="postgres-cluster",node="pgdb1",mount="/"}": 0,
			  "pgha_filesystem_read_only{scope="postgres-cluster",node="pgdb2",mount="/"}": 0,
			  "pgha_filesystem_used_ratio{scope="postgres-cluster",node="etcd1",mount="/"}": 0.28,
			  "pgha_filesystem_used_ratio{scope="postgres-cluster",node="pgdb1",mount="/"}": 0.28,
			  "pgha_filesystem_used_ratio{scope="postgres-cluster",node="pgdb2",mount="/"}": 0.28,
			  "pgha_findings{scope="postgres-cluster",severity="critical"}": 0,
			  "pgha_findings{scope="postgres-cluster",severity="degraded"}": 0,
			  "pgha_findings{scope="postgres-cluster",severity="notice"}": 0,
			  "pgha_findings{scope="postgres-cluster",severity="unknown"}": 0,
			  "pgha_haproxy_server_up{scope="postgres-cluster",node="pgdb1",backend="primary",server="pgdb1"}": 1,
			  "pgha_haproxy_server_up{scope="postgres-cluster",node="pgdb1",backend="primary",server="pgdb2"}": 0,
			  "pgha_haproxy_server_up{scope="postgres-cluster",node="pgdb1",backend="replicas",server="pgdb1"}": 0,
			  "pgha_haproxy_server_up{scope="postgres-cluster",node="pgdb1",backend="replicas",server="pgdb2"}": 1,
			  "pgha_haproxy_server_up{scope="postgres-cluster",node="pgdb2",backend="primary",server="pgdb1"}": 1,
			  "pgha_haproxy_server_up{scope="postgres-cluster",node="pgdb2",backend="primary",server="pgdb2"}": 0,
			  "pgha_haproxy_server_up{scope="postgres-cluster",node="pgdb2",backend="replicas",server="pgdb1"}": 0,
			  "pgha_haproxy_server_up{scope="postgres-cluster",node="pgdb2",backend="replicas",server="pgdb2"}": 1,
			  "pgha_has_leader{scope="postgres-cluster"}": 1,
			  "pgha_leader{scope="postgres-cluster",member="pgdb1"}": 1,
			  "pgha_member_info{scope="postgres-cluster",member="pgdb1",role="leader",state="running"}": 1,
			  "pgha_member_info{scope="postgres-cluster",member="pgdb2",role="sync_standby",state="streaming"}": 1,
			  "pgha_member_lag_bytes{scope="postgres-cluster",member="pgdb2"}": 0,
			  "pgha_member_pending_restart{scope="postgres-cluster",member="pgdb1"}": 0,
			  "pgha_member_pending_restart{scope="postgres-cluster",member="pgdb2"}": 0,
			  "pgha_member_rest_answers{scope="postgres-cluster",member="pgdb1"}": 1,
			  "pgha_member_rest_answers{scope="postgres-cluster",member="pgdb2"}": 1,
			  "pgha_member_timeline{scope="postgres-cluster",member="pgdb1"}": 1,
			  "pgha_member_timeline{scope="postgres-cluster",member="pgdb2"}": 1,
			  "pgha_members{scope="postgres-cluster"}": 2,
			  "pgha_paused{scope="postgres-cluster"}": 0,
			  "pgha_service_active{scope="postgres-cluster",node="etcd1",service="etcd",unit="etcd.service"}": 1,
			  "pgha_service_active{scope="postgres-cluster",node="pgdb1",service="etcd",unit="etcd.service"}": 1,
			  "pgha_service_active{scope="postgres-cluster",node="pgdb1",service="haproxy",unit="haproxy.service"}": 1,
			  "pgha_service_active{scope="postgres-cluster",node="pgdb1",service="keepalived",unit="keepalived.service"}": 1,
			  "pgha_service_active{scope="postgres-cluster",node="pgdb1",service="patroni",unit="patroni.service"}": 1,
			  "pgha_service_active{scope="postgres-cluster",node="pgdb2",service="etcd",unit="etcd.service"}": 1,
			  "pgha_service_active{scope="postgres-cluster",node="pgdb2",service="haproxy",unit="haproxy.service"}": 1,
			  "pgha_service_active{scope="postgres-cluster",node="pgdb2",service="keepalived",unit="keepalived.service"}": 1,
			  "pgha_service_active{scope="postgres-cluster",node="pgdb2",service="patroni",unit="patroni.service"}": 1,
			  "pgha_snapshot_timestamp_seconds{scope="postgres-cluster"}": 1795392000,
			  "pgha_store_read{scope="postgres-cluster"}": 1,
			  "pgha_switchover_scheduled{scope="postgres-cluster"}": 0,
			  "pgha_sync_standbys{scope="postgres-cluster"}": 1,
			  "pgha_verdict{scope="postgres-cluster",verdict="critical"}": 0,
			  "pgha_verdict{scope="postgres-cluster",verdict="degraded"}": 0,
			  "pgha_verdict{scope="postgres-cluster",verdict="healthy"}": 1,
			  "pgha_verdict{scope="postgres-cluster",verdict="unknown"}": 0,
			  "pgha_vip_holders{scope="postgres-cluster",vip="10.73.0.172"}": 1,
			  "pgha_vip_holder{scope="postgres-cluster",vip="10.73.0.172",node="pgdb1"}": 1,
			}
		`);
	});

	it('has the probes in base units', async () => {
		const {state} = new Session(probedTarget).at(0, ...healthyFacts('trixie'), acknowledged);
		const samples = samplesOf(await print(state, 'openmetrics'));
		const labels = '{scope="postgres-cluster",purpose="write",port="5000"}';
		expect(samples.get(`pgha_probe_success${labels}`)).toBe(1);
		expect(samples.get(`pgha_probe_latency_seconds${labels}`)).toBe(0.003);
	});

	it('has no sample of what was known, and is not known now', async () => {
		const samples = samplesOf(await print(silent().state, 'openmetrics'));
		expect([...names(samples)].sort()).toMatchInlineSnapshot(`
			[
			  "pgha_etcd_member_answers",
			  "pgha_finding",
			  "pgha_findings",
			  "pgha_member_rest_answers",
			  "pgha_snapshot_timestamp_seconds",
			  "pgha_source_lost",
			  "pgha_store_read",
			  "pgha_verdict",
			]
		`);
		expect(samples.get('pgha_store_read{scope="postgres-cluster"}')).toBe(0);
	});

	it('has nothing but the verdict where nothing was read', async () => {
		const samples = samplesOf(await print(unread().state, 'openmetrics'));
		const ofKeys = [
			'pgha_has_leader',
			'pgha_members',
			'pgha_paused',
			'pgha_sync_standbys',
			'pgha_etcd_quorum',
		];
		expect(ofKeys.filter(name => names(samples).has(name))).toEqual([]);
		expect(samples.get('pgha_verdict{scope="postgres-cluster",verdict="unknown"}')).toBe(1);
	});

	it('escapes names', async () => {
		const session = new Session({...target, nodes: []}).at(
			0,
			...madeFacts({members: [{name: 'a"b\\c'}, {name: 'd'}]}),
		);
		const samples = samplesOf(await print(session.state, 'openmetrics'));
		expect([...samples.keys()]).toContain(
			'pgha_member_rest_answers{scope="postgres-cluster",member="a\\"b\\\\c"}',
		);
	});
});

const statuses = {healthy: 'OK', degraded: 'WARNING', critical: 'CRITICAL', unknown: 'UNKNOWN'};

describe.each(suites)('every format, whatever is known so far (%s)', suite => {
	const losses = [
		...endpoints.map((endpoint): Fact => ({type: 'source.lost', source: `dcs:${endpoint}`, reason: 'gone'})),
		{type: 'source.lost', source: 'patroni:pgdb1', reason: 'gone'} satisfies Fact,
	];

	it('is valid, and says the same as json', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.subarray([...healthyFacts(suite), ...losses]),
				fc.integer({min: 0, max: 30}),
				async (facts, later) => {
					const {state} = new Session().at(0, ...facts).at(later);
					const json = safeSnapshot(state);
					const isRead = json.store?.read === true;
					const nagios = await print(state, 'nagios');
					const {status, perfdata} = checkResultOf(nagios);
					expect(statuses[json.verdict]).toBe(status);
					expect(perfdata.has('has_leader')).toBe(isRead);
					const samples = samplesOf(await print(state, 'openmetrics'));
					const hasLeader = samples.get(`pgha_has_leader{scope="${json.scope}"}`);
					expect(hasLeader).toBe(isRead ? Number(json.leader !== null) : undefined);
					expect(names(samples).has('pgha_members')).toBe(isRead);
					for (const {name, witnesses} of json.members) {
						const lag = samples.get(`pgha_member_lag_bytes{scope="${json.scope}",member="${name}"}`);
						expect(lag === undefined || isRead || witnesses.rest).toBe(true);
					}

					expect(parse(await print(state, 'yaml'))).toEqual(JSON.parse(JSON.stringify(json)));
					const [line = '', ...more] = watchText(state, 'json').split('\n');
					expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(json)));
					expect(more).toEqual(['']);
				},
			),
			{numRuns: 40},
		);
	});
});
