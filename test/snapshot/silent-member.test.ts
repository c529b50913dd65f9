/**
 * Whole outputs of `--once` while a member's own REST API is silent: what it published before, or another member says of it, is
 * not printed as true now.
 */
import {describe, expect, it} from 'vitest';
import {healthyFacts} from '../support/captures.ts';
import {changes, lost, paneOf, print, samplesOf, valuesOf} from '../support/known-outputs.ts';
import {RestOperator} from '../support/rest-cluster.ts';
import {Session, target} from '../support/session.ts';

/** pgdb2 must be restarted. */
const facts = healthyFacts('trixie').map(fact =>
	fact.type === 'patroni.status' && fact.member === 'pgdb2'
		? {...fact, status: {...fact.status, pendingRestart: true}}
		: fact,
);
/** What the samples lose with pgdb2, whatever its key or the others say of it. */
const silentSamples = (timeline: number, pendingRestart: 0 | 1): string[] => [
	'pgha_member_info{member="pgdb2",role="sync_standby",state="streaming"}: 1 → -',
	'pgha_member_lag_bytes{member="pgdb2"}: 0 → -',
	`pgha_member_timeline{member="pgdb2"}: ${timeline} → -`,
	`pgha_member_pending_restart{member="pgdb2"}: ${pendingRestart} → -`,
	'pgha_member_rest_answers{member="pgdb2"}: 1 → 0',
];

/** The same of the values in json. */
const alwaysSilent: readonly string[] = [
	'members[pgdb2].state_is_now: true → false',
	'members[pgdb2].timeline_is_now: true → false',
	'members[pgdb2].lag_is_now: true → false',
	'members[pgdb2].pending_restart_is_now: true → false',
	'members[pgdb2].patroni: "4.0.7" → null',
	'members[pgdb2].witnesses.rest: true → false',
];

const silentValues = (all: readonly string[]) => ({
	common: all.filter(one => alwaysSilent.includes(one)),
	own: all.filter(one => !alwaysSilent.includes(one)),
});

const healthy = () => new Session(target).at(0, ...facts);

describe('a member whose REST API is silent, while etcd has its key', () => {
	const before = healthy().at(1).state;
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
		expect(changes(await samplesOf(before), await samplesOf(state))).toEqual(silentSamples(1, 1));
	});

	it('is marked in json', async () => {
		const {own, common} = silentValues(changes(await valuesOf(before), await valuesOf(state)));
		expect(common).toEqual(alwaysSilent);
		expect(own).toMatchInlineSnapshot(`
			[
			  "members[pgdb2].pending_restart: true → false",
			  "members[pgdb2].postgresql: "17.12" → null",
			  "members[pgdb2].takeover.state: "yes" → "unknown"",
			  "members[pgdb2].takeover.why: null → "no data from pgdb2 itself"",
			]
		`);
	});

	it('is marked in text as on the screen', async () => {
		expect(await paneOf(state, 'Members')).toMatchInlineSnapshot(`
			"Members (etcd, live)
			  Member   Host         Role          State       TL   Lag  Sources                                   Takeover  PostgreSQL  Patroni
			  pgdb1    10.73.0.160  Leader        running      1        etcd+rest                                           17.12       4.0.7
			  pgdb2 !  10.73.0.170  Sync Standby  streaming?  1?  0 B?  etcd, rest lost for 1s: no route to host  ?         17.12?      4.0.7?"
		`);
	});

	it('is the same where it is only stale', async () => {
		const others = facts.filter(fact => !('source' in fact && fact.source === 'patroni:pgdb2'));
		const later = (session: Session) => session.at(5, ...others).at(8).state;
		const [isLost, isStale] = [later(healthy().at(1, ...lost('patroni:pgdb2'))), later(healthy())];
		expect(changes(await samplesOf(isLost), await samplesOf(isStale))).toEqual([]);
		expect(changes(await valuesOf(isLost), await valuesOf(isStale))).toEqual([]);
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
		expect(changes(await samplesOf(before), await samplesOf(state))).toEqual(silentSamples(3, 0));
	});

	it('is marked in json', async () => {
		const {own, common} = silentValues(changes(await valuesOf(before), await valuesOf(state)));
		expect(common).toEqual(alwaysSilent);
		expect(own).toMatchInlineSnapshot(`
			[
			  "members[pgdb2].lag: 0 → "unknown"",
			  "members[pgdb2].postgresql: "17.5" → null",
			  "members[pgdb2].takeover.state: "yes" → "unknown"",
			  "members[pgdb2].takeover.why: null → "no data from pgdb2 itself"",
			  "store.beliefs[1].dcs: "reached" → "unknown"",
			  "store.beliefs[1].dcs_silent_ms: 1000 → null",
			  "store.beliefs[1].timeline: 3 → null",
			]
		`);
	});

	it('is marked in text as on the screen', async () => {
		expect(await paneOf(state, 'Members')).toMatchInlineSnapshot(`
			"Members (REST, live)
			  Member   Host         Role          State       TL      Lag  Sources                                     Takeover  PostgreSQL  Patroni
			  pgdb1    10.73.0.160  Leader        running      3           list+rest                                             17.5        4.0.7
			  pgdb2 !  10.73.0.170  Sync Standby  streaming?  3?  unknown  list, rest lost for 1s: connection refused  ?         17.5?       4.0.7?"
		`);
	});
});

it('a member that has no key and does not answer is known to be gone, and is no member', async () => {
	const before = healthy().at(1).state;
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
		  "members[pgdb2].host: "10.73.0.170" → null",
		  "members[pgdb2].port: 5432 → null",
		  "members[pgdb2].role_is_now: true → false",
		  "members[pgdb2].state: "streaming" → "gone"",
		  "members[pgdb2].timeline: 1 → null",
		  "members[pgdb2].timeline_is_now: true → false",
		  "members[pgdb2].lag: 0 → null",
		  "members[pgdb2].lag_is_now: true → false",
		  "members[pgdb2].pending_restart_is_now: true → false",
		  "members[pgdb2].postgresql: "17.12" → null",
		  "members[pgdb2].patroni: "4.0.7" → null",
		  "members[pgdb2].takeover.state: "yes" → "no"",
		  "members[pgdb2].takeover.rule: null → "unregistered"",
		  "members[pgdb2].takeover.why: null → "it has no key in etcd"",
		  "members[pgdb2].witnesses.etcd: true → false",
		  "members[pgdb2].witnesses.rest: true → false",
		]
	`);
});
