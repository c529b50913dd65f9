/**
 * Whole outputs of `--once` while a source is silent: nothing that it said before is printed as true now. A healthy cluster is
 * printed with and without that source, and each difference is named.
 */
import {describe, expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import type {SourceId} from '../../source/domain/facts.ts';
import {formatSnapshot} from '../../source/snapshot/formats.ts';
import type {State} from '../../source/state/state.ts';
import {healthyFacts} from '../support/captures.ts';
import {changes, flat} from '../support/known-outputs.ts';
import {RestOperator} from '../support/rest-cluster.ts';
import {Session, target} from '../support/session.ts';

const lost = (...sources: readonly SourceId[]): Event[] =>
	sources.map(source => ({type: 'source.lost', source, reason: 'no route to host'}));
/** pgdb2 must be restarted. */
const facts = healthyFacts('trixie').map(fact =>
	fact.type === 'patroni.status' && fact.member === 'pgdb2'
		? {...fact, status: {...fact.status, pendingRestart: true}}
		: fact,
);
const healthy = () => new Session(target).at(0, ...facts);

const print = async (state: State, format: Parameters<typeof formatSnapshot>[1]) =>
	formatSnapshot(state, format, undefined);
/** What JSON has, without findings and the time. */
const valuesOf = async (state: State) =>
	new Map(
		[...flat(JSON.parse(await print(state, 'json')))].filter(
			([path]) => !/^(at$|verdict|findings|lost)|^store\.beliefs\.\d\.at$/.test(path),
		),
	);
/** What OpenMetrics has, without findings and the time. */
const samplesOf = async (state: State) =>
	new Map(
		(await print(state, 'openmetrics'))
			.split('\n')
			.filter(line => !/^(#|$|pgha_(finding|verdict|snapshot|source_lost))/.test(line))
			.map(line => [
				line.slice(0, line.lastIndexOf(' ')).replace('scope="postgres-cluster",', ''),
				line.slice(line.lastIndexOf(' ') + 1),
			]),
	);
/** From the name of a pane to the next empty line. */
const paneOf = async (state: State, title: string) =>
	(await print(state, 'text')).split('\n\n').find(pane => pane.startsWith(title));

describe('a member whose REST API is silent, while etcd has its key', () => {
	const before = healthy().state;
	const {state} = healthy().at(1, ...lost('patroni:pgdb2'));

	it('has neither state nor timeline, lag or pending restart in tsv', async () => {
		expect(await print(before, 'tsv')).toMatchInlineSnapshot(`
			"scope	verdict	member	host	port	role	state	timeline	lag	pending_restart
			postgres-cluster	degraded	pgdb1	10.73.0.160	5432	leader	running	1		false
			postgres-cluster	degraded	pgdb2	10.73.0.170	5432	sync_standby	streaming	1	0	true
			"
		`);
		expect(await print(state, 'tsv')).toMatchInlineSnapshot(`
			"scope	verdict	member	host	port	role	state	timeline	lag	pending_restart
			postgres-cluster	unknown	pgdb1	10.73.0.160	5432	leader	running	1		false
			postgres-cluster	unknown	pgdb2	10.73.0.170	5432	sync_standby				
			"
		`);
	});

	it('has no number of members in a state, and no timeline, in nagios', async () => {
		expect(await print(state, 'nagios')).toMatchInlineSnapshot(`
			"PGHA_TOP UNKNOWN - postgres-cluster: pgdb2: no answer from its REST API: no route to host; its key in etcd exists | members=2 has_leader=1 role_leader=1 role_sync_standby=1 sync_replica=1 is_in_maintenance=0 scheduled_switchover=0 pgdb1_timeline=1
			"
		`);
	});

	it('has no samples but that it does not answer', async () => {
		expect(changes(await samplesOf(before), await samplesOf(state))).toMatchInlineSnapshot(`
			[
			  "pgha_member_info{member="pgdb2",role="sync_standby",state="streaming"}: 1 → -",
			  "pgha_member_lag_bytes{member="pgdb2"}: 0 → -",
			  "pgha_member_timeline{member="pgdb2"}: 1 → -",
			  "pgha_member_pending_restart{member="pgdb2"}: 1 → -",
			  "pgha_member_rest_answers{member="pgdb2"}: 1 → 0",
			]
		`);
	});

	it('is marked in json', async () => {
		expect(changes(await valuesOf(before), await valuesOf(state))).toMatchInlineSnapshot(`
			[
			  "members.1.state_is_now: true → false",
			  "members.1.timeline_is_now: true → false",
			  "members.1.lag_is_now: true → false",
			  "members.1.pending_restart: true → false",
			  "members.1.pending_restart_is_now: true → false",
			  "members.1.witnesses.rest: true → false",
			]
		`);
	});

	it('is marked in text as on the screen', async () => {
		expect(await paneOf(state, 'Members')).toMatchInlineSnapshot(`
			"Members (etcd, live)
			  Member   Host         Role          State       TL   Lag  Sources                                   PostgreSQL  Patroni
			  pgdb1    10.73.0.160  Leader        running      1        etcd+rest                                 17.12       4.0.7
			  pgdb2 !  10.73.0.170  Sync Standby  streaming?  1?  0 B?  etcd, rest lost for 1s: no route to host  17.12       4.0.7"
		`);
	});

	it('is the same where it is only stale', async () => {
		const stale = healthy().at(
			6,
			...facts.filter(fact => !('source' in fact && fact.source === 'patroni:pgdb2')),
		);
		expect(changes(await samplesOf(state), await samplesOf(stale.state))).toEqual([]);
		expect(changes(await valuesOf(state), await valuesOf(stale.state))).toMatchInlineSnapshot(`[]`);
	});
});

describe('a member whose REST API is silent, while the others list it', () => {
	const before = new RestOperator().hear(2).state;
	const {state} = new RestOperator().hear(2).say(3, {}, {pgdb2: undefined});

	it('has neither state nor timeline, lag or pending restart in tsv', async () => {
		expect(await print(state, 'tsv')).toMatchInlineSnapshot(`
			"scope	verdict	member	host	port	role	state	timeline	lag	pending_restart
			postgres-cluster	degraded	pgdb1	10.73.0.160	5432	leader	running	3		false
			postgres-cluster	degraded	pgdb2	10.73.0.170	5432	sync_standby				
			"
		`);
	});

	it('has no number of members in a state, and no timeline, in nagios', async () => {
		expect(await print(state, 'nagios')).toMatchInlineSnapshot(`
			"PGHA_TOP WARNING - postgres-cluster: pgdb2: lag unknown; pgdb2: no answer from its REST API: connection refused; the members list it | members=2 has_leader=1 role_leader=1 role_sync_standby=1 sync_replica=1 is_in_maintenance=0 scheduled_switchover=0 pgdb1_timeline=3
			"
		`);
	});

	it('has no samples but that it does not answer', async () => {
		expect(changes(await samplesOf(before), await samplesOf(state))).toMatchInlineSnapshot(`
			[
			  "pgha_member_info{member="pgdb2",role="sync_standby",state="streaming"}: 1 → -",
			  "pgha_member_lag_bytes{member="pgdb2"}: 0 → -",
			  "pgha_member_timeline{member="pgdb2"}: 3 → -",
			  "pgha_member_pending_restart{member="pgdb2"}: 0 → -",
			  "pgha_member_rest_answers{member="pgdb2"}: 1 → 0",
			]
		`);
	});

	it('is marked in json', async () => {
		expect(changes(await valuesOf(before), await valuesOf(state))).toMatchInlineSnapshot(`
			[
			  "members.1.state_is_now: true → false",
			  "members.1.timeline_is_now: true → false",
			  "members.1.lag: 0 → "unknown"",
			  "members.1.lag_is_now: true → false",
			  "members.1.pending_restart_is_now: true → false",
			  "members.1.witnesses.rest: true → false",
			  "store.beliefs.1.dcs: "reached" → "unknown"",
			  "store.beliefs.1.dcs_silent_ms: 1000 → null",
			]
		`);
	});

	it('is marked in text as on the screen', async () => {
		expect(await paneOf(state, 'Members')).toMatchInlineSnapshot(`
			"Members (REST, live)
			  Member   Host         Role          State       TL      Lag  Sources                                     PostgreSQL  Patroni
			  pgdb1    10.73.0.160  Leader        running      3           list+rest                                   17.5        4.0.7
			  pgdb2 !  10.73.0.170  Sync Standby  streaming?  3?  unknown  list, rest lost for 1s: connection refused  17.5        4.0.7"
		`);
	});
});

it('a member that has no key and does not answer is known to be gone, and is no member', async () => {
	const before = healthy().state;
	const {state} = healthy().at(1, ...lost('patroni:pgdb2'), {
		type: 'dcs.deleted',
		source: 'watch:a',
		path: 'members/pgdb2',
		revision: 900,
	});
	expect(await print(state, 'tsv')).toMatchInlineSnapshot(`
		"scope	verdict	member	host	port	role	state	timeline	lag	pending_restart
		postgres-cluster	degraded	pgdb1	10.73.0.160	5432	leader	running	1		false
		postgres-cluster	degraded	pgdb2				gone			
		"
	`);
	expect(await print(state, 'nagios')).toMatchInlineSnapshot(`
		"PGHA_TOP WARNING - postgres-cluster: pgdb2: its key in etcd is gone | members=1 has_leader=1 role_leader=1 state_gone=1 state_running=1 sync_replica=1 is_in_maintenance=0 scheduled_switchover=0 pgdb1_timeline=1
		"
	`);
	expect(changes(await samplesOf(before), await samplesOf(state))).toMatchInlineSnapshot(`
		[
		  "pgha_members{scope="postgres-cluster"}: 2 → 1",
		  "pgha_member_info{member="pgdb2",role="sync_standby",state="streaming"}: 1 → -",
		  "pgha_member_lag_bytes{member="pgdb2"}: 0 → -",
		  "pgha_member_timeline{member="pgdb2"}: 1 → -",
		  "pgha_member_pending_restart{member="pgdb2"}: 1 → -",
		  "pgha_member_rest_answers{member="pgdb2"}: 1 → 0",
		]
	`);
	expect(changes(await valuesOf(before), await valuesOf(state))).toMatchInlineSnapshot(`
		[
		  "members.1.host: "10.73.0.170" → null",
		  "members.1.port: 5432 → null",
		  "members.1.role_is_now: true → false",
		  "members.1.state: "streaming" → "gone"",
		  "members.1.timeline: 1 → null",
		  "members.1.timeline_is_now: true → false",
		  "members.1.lag: 0 → null",
		  "members.1.lag_is_now: true → false",
		  "members.1.pending_restart_is_now: true → false",
		  "members.1.witnesses.etcd: true → false",
		  "members.1.witnesses.rest: true → false",
		]
	`);
});
