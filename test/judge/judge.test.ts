/** Constructed oracle and console data: each lie, miss and false alarm in it is found, and nothing else. */
import path from 'node:path';
import {describe, expect, it, vi} from 'vitest';
import type {ChaosLine} from '../../lab/chaos/log.ts';
import type {Header, Look} from '../../lab/oracle/look.ts';
import type {Event} from '../../source/domain/events.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import type {Claim} from '../../tools/judge/claim.ts';
import type {Screen} from '../../tools/judge/claims.ts';
import {Comparison, type Verdict} from '../../tools/judge/compare.ts';
import {cut} from '../../tools/judge/cut.ts';
import {FaultTimes} from '../../tools/judge/fault-times.ts';
import {type Judgement, judge, oracleTime} from '../../tools/judge/judge.ts';
import {Series} from '../../tools/judge/series.ts';
import {subjectsOf, truthsOf} from '../../tools/judge/truth.ts';
import {endpoints, healthyFacts} from '../support/captures.ts';
import {temporaryFolder} from '../support/folder.ts';
import type {Happening} from '../support/random-events.ts';
import {happening, live, record} from '../support/recorded.ts';
import {Session, start} from '../support/session.ts';

const folder = temporaryFolder('judge');
let files = 0;

const header: Header = {
	oracle: 1,
	startedAt: start,
	suite: 'trixie',
	profile: 'fast',
	intervalMs: 100,
	scope: 'postgres-cluster',
	vip: '10.73.0.172',
	nodes: [
		{name: 'pgdb1', address: '10.73.0.160', roles: ['etcd', 'db']},
		{name: 'pgdb2', address: '10.73.0.170', roles: ['etcd', 'db']},
		{name: 'etcd1', address: '10.73.0.171', roles: ['etcd']},
	],
	patroni: {ttl: 20, loop_wait: 5, retry_timeout: 5},
	haproxy: {inter: 1000, fastinter: 500, fall: 2, rise: 1},
};

const leader = 'pgdb1';
const up = (one: string) => ({
	pgdb1: one === 'pgdb1' ? 'UP' : 'DOWN',
	pgdb2: one === 'pgdb2' ? 'UP' : 'DOWN',
});

/** As the captures of a healthy cluster have it: pgdb1 leads and holds the VIP, pgdb2 is its synchronous standby. */
function healthyLook(node: string, at: number): Look {
	const database = node !== 'etcd1';
	const leads = node === leader;
	return {
		node,
		at,
		ms: 10,
		on: true,
		frozen: false,
		cable: 'in',
		addresses: leads ? ['10.73.0.160', '10.73.0.172'] : ['10.73.0.170'],
		units: {
			etcd: 'active/running',
			ssh: 'active/running',
			...(database
				? {patroni: 'active/running', haproxy: 'active/running', keepalived: 'active/running'}
				: {}),
		},
		etcd: {
			leader: {member: leader, lease: '1', createRevision: 1, modRevision: 1},
			sync: {leader, standbys: ['pgdb2']},
			paused: false,
			revision: 100,
			clusterId: '1',
			memberId: '1',
			raftTerm: 2,
		},
		quorum: true,
		...(database
			? {
					postgres: {
						running: true,
						status: 'ready',
						sql: {
							inRecovery: !leads,
							readOnly: !leads,
							timeline: timelines[node] ?? 1,
							lsn: '0/1',
							receiver: leads ? null : 'streaming',
							senders: leads ? [{name: 'pgdb2', state: 'streaming', sync: 'sync'}] : [],
							syncNames: '',
						},
					},
					haproxy: {
						primary: up('pgdb1'),
						replicas: up('pgdb2'),
						synchronous: up('pgdb2'),
						asynchronous: up('none'),
					},
				}
			: {}),
	};
}

/** Of the captures. */
const timelines: Record<string, number> = {};
for (const fact of healthyFacts('trixie')) {
	if (fact.type === 'patroni.status' && fact.status.timeline !== undefined)
		timelines[fact.member] = fact.status.timeline;
}

const seconds = 40;

/** The truth, ten times a second; `change` makes a difference. */
function truth(change: (look: Look, second: number) => Look = look => look) {
	const looks = Array.from({length: seconds * 10}, (_, tenth) =>
		header.nodes.map(({name}) => change(healthyLook(name, start + tenth * 100), tenth / 10)),
	).flat();
	return {header, looks};
}

/** A console that polls all sources every two seconds; `change` sets the answers. */
async function consoleThat(change: (event: Event, second: number) => readonly Event[] = event => [event]) {
	const happenings = Array.from({length: seconds}, (_, second): Happening[] => [
		...(second % 2 === 0 ? healthyFacts('trixie').flatMap(fact => change(fact, second)) : []).map(event =>
			happening(event),
		),
		happening({type: 'tick'}, 1),
	]).flat();
	// Each event takes some of its time: the next tick ends the second.
	const file = path.join(folder, `${++files}.ndjson.gz`);
	await record(file, [...live(new Session().state, spread(happenings))]);
	return openRecording(file);
}

const made = new Map<string, ReturnType<typeof consoleThat>>();

/** The same console for several tests, recorded and played once. */
async function sameConsole(
	name: string,
	change?: (event: Event, second: number) => readonly Event[],
): ReturnType<typeof consoleThat> {
	const before = made.get(name) ?? playedOnce(consoleThat(change));
	made.set(name, before);
	return before;
}

async function playedOnce(
	recorded: ReturnType<typeof consoleThat>,
): Promise<Awaited<ReturnType<typeof consoleThat>>> {
	const recording = await recorded;
	const moments = [...recording.replay()];
	vi.spyOn(recording, 'replay').mockImplementation(function* () {
		yield* moments;
	});
	return recording;
}

/** A linearizable read that was answered. */
const isRead = (event: Event): event is Event & {type: 'dcs.snapshot' | 'source.alive'} =>
	'source' in event && event.source.startsWith('dcs:');

/** `live` lets each event take 10 ms. */
function spread(happenings: readonly Happening[]): Happening[] {
	let since = 0;
	return happenings.map(one => {
		if (one.seconds === 0) {
			since += 10;
			return one;
		}

		const left = Math.max(0, 1000 - since - 10);
		since = 0;
		return {...one, seconds: left / 1000};
	});
}

async function judged(
	oracle: ReturnType<typeof truth>,
	recording: Awaited<ReturnType<typeof consoleThat>>,
	faults: readonly ChaosLine[] = [],
): Promise<Judgement> {
	return judge(oracle, recording, new FaultTimes(faults));
}

const inShort = ({kind, subject}: Verdict) => `${kind} ${subject}`;
const kinds = ({verdicts}: Pick<Judgement, 'verdicts'>) => [...new Set(verdicts.map(inShort))].sort();

const withSql = (look: Look, changed: object): Look =>
	look.postgres !== undefined &&
	'sql' in look.postgres &&
	look.postgres.sql !== undefined &&
	'inRecovery' in look.postgres.sql
		? {...look, postgres: {...look.postgres, sql: {...look.postgres.sql, ...changed}}}
		: look;

const withKeys = (look: Look, changed: object): Look =>
	look.etcd !== undefined && 'leader' in look.etcd ? {...look, etcd: {...look.etcd, ...changed}} : look;

describe('a console that shows the truth', () => {
	it('is confirmed', async () => {
		const {counts, verdicts} = await judged(truth(), await sameConsole('true'));
		expect(verdicts).toEqual([]);
		expect(counts.moments).toBeGreaterThan(200);
		// Leader, sync, two rows of three, VIP, etcd and its quorum, routes, services.
		expect(counts.claims / counts.moments).toBeGreaterThan(15);
	});

	it('is not compared with what the oracle did not read', async () => {
		const blind = truth(({node, at, on}) => ({node, at, ms: 0, on, error: 'its sampler starts'}));
		expect((await judged(blind, await sameConsole('true'))).verdicts).toEqual([]);
	});

	it('may be late by the delay of its sources', async () => {
		// The VIP moves away at 20 s; the console learns it at 22 s.
		const moved = truth((look, second) =>
			second < 20.1
				? look
				: {
						...look,
						addresses: (look.addresses ?? [])
							.filter(ip => ip !== header.vip)
							.concat(look.node === 'pgdb2' ? [header.vip] : []),
					},
		);
		const recording = await consoleThat((event, second) => [second >= 22 ? moveVip(event) : event]);
		const {verdicts, counts} = await judged(moved, recording);
		expect(verdicts.filter(({kind}) => kind !== 'false alarm')).toEqual([]);
		expect(counts.judged).toBe(2);
	});
});

function moveVip(event: Event): Event {
	if (event.type !== 'addresses.snapshot') return event;
	const others = event.addresses.filter(({ip}) => ip !== header.vip);
	return {
		...event,
		addresses: event.node === 'pgdb2' ? [...others, {ip: header.vip, interface: 'eth0'}] : others,
	};
}

describe('a lie', () => {
	it('is a former leader, shown for longer than its source may be old', async () => {
		const other = truth((look, second) =>
			second < 15
				? look
				: withKeys(look, {leader: {member: 'pgdb2', lease: '2', createRevision: 9, modRevision: 9}}),
		);
		const found = await judged(other, await sameConsole('true'));
		expect(kinds(found)).toContain('lie leader');
		const lie = found.verdicts.find(one => inShort(one) === 'lie leader');
		expect(lie).toMatchObject({shown: 'pgdb1', actual: 'pgdb2'});
		expect((lie?.from ?? 0) - start).toBeGreaterThan(15_000 + (lie?.boundMs ?? 0) - 500);
	});

	it('is a key shown as read while no etcd has a quorum', async () => {
		const alone = truth((look, second) =>
			second < 15 ? look : {...look, quorum: {error: 'no answer for 4000 ms'}},
		);
		expect(kinds(await judged(alone, await sameConsole('true')))).toEqual(
			expect.arrayContaining(['lie leader', 'lie etcd:pgdb1', 'lie quorum']),
		);
	});

	it.each([
		['timeline:pgdb2', (look: Look) => (look.node === 'pgdb2' ? withSql(look, {timeline: 99}) : look)],
		['state:pgdb2', (look: Look) => (look.node === 'pgdb2' ? {...look, postgres: {running: false}} : look)],
		['vip:pgdb1', (look: Look) => ({...look, addresses: []})],
		[
			'unit:pgdb1:keepalived',
			(look: Look) => ({...look, units: {...look.units, keepalived: 'inactive/dead'}}),
		],
		[
			'route:pgdb1:primary',
			(look: Look) =>
				look.haproxy === undefined ? look : {...look, haproxy: {...look.haproxy, primary: up('pgdb2')}},
		],
		['role:pgdb2', (look: Look) => withKeys(look, {sync: {leader, standbys: []}})],
	])('is found in %s', async (subject, change) => {
		const found = await judged(
			truth((look, second) => (second < 15 ? look : (change(look) as Look))),
			await sameConsole('true'),
		);
		expect(kinds(found)).toContain(`lie ${subject}`);
	});

	it('is a quorum that is called lost while it stands', async () => {
		const recording = await consoleThat((event, second) => {
			if (second < 20) return [event];
			if (isRead(event)) return [{type: 'source.lost', source: event.source, reason: 'no answer in time'}];

			return event.type === 'etcd.status'
				? [{...event, status: {...event.status, raftLeader: undefined}}]
				: [event];
		});
		expect(kinds(await judged(truth(), recording))).toEqual(
			expect.arrayContaining(['lie etcd:pgdb1', 'lie quorum']),
		);
	});

	it('is a lag that no two positions of that time have between them', async () => {
		const behind = truth(look =>
			look.node === leader ? withSql(look, {lsn: '0/5000000'}) : withSql(look, {lsn: '0/4000000'}),
		);
		expect(kinds(await judged(behind, await sameConsole('true')))).toEqual(['lie lsn:pgdb2']);
	});

	it.each([
		['paused', (look: Look) => withKeys(look, {paused: true})],
		[
			'rest:pgdb2',
			(look: Look) =>
				look.node === 'pgdb2' ? {...look, units: {...look.units, patroni: 'inactive/dead'}} : look,
		],
	] as const)('is %s that ended longer ago than its source may be old', async (subject, changed) => {
		const recording = await sameConsole('true');
		const found = await judged(
			truth((look, second) => (second < 10 ? look : changed(look))),
			recording,
		);
		expect(kinds(found)).toContain(`lie ${subject}`);
	});

	it('is not a silence of linearizable reads, which is shown as one', async () => {
		const recording = await consoleThat((event, second) => (second >= 20 && isRead(event) ? [] : [event]));
		const {verdicts} = await judged(truth(), recording);
		expect(verdicts.filter(({kind}) => kind === 'lie').map(inShort)).toEqual([]);
	});

	it('is not a value that is marked as stale', async () => {
		const dead = truth((look, second) =>
			second < 15 || look.node !== 'pgdb2' ? look : {node: look.node, at: look.at, ms: 0, on: false},
		);
		const recording = await consoleThat((event, second) =>
			second < 16 || !('source' in event) || !/pgdb2|10\.73\.0\.170/.test(event.source)
				? [event]
				: [{type: 'source.lost', source: event.source, reason: 'no answer in time'}],
		);
		const lies = (await judged(dead, recording)).verdicts.filter(({kind}) => kind === 'lie');
		expect(lies.map(inShort)).toEqual([]);
	});
});

describe('a miss', () => {
	it('is a change that a fresh source could see and the screen did not show in time', async () => {
		const changed = truth((look, second) =>
			second < 20
				? look
				: {
						...look,
						units: {...look.units, keepalived: look.node === 'pgdb1' ? 'failed/failed' : 'active/running'},
					},
		);
		const found = await judged(changed, await sameConsole('true'));
		const miss = found.verdicts.find(({kind}) => kind === 'miss');
		expect(miss).toMatchObject({
			subject: 'unit:pgdb1:keepalived',
			actual: 'active → failed',
			changedAt: start + 20_000,
		});
		expect(miss?.lateMs).toBeUndefined();
	});

	it('is not counted while the console did not run', async () => {
		const changed = truth((look, second) =>
			second < 20 ? look : {...look, units: {...look.units, keepalived: 'failed/failed'}},
		);
		const stopped: ChaosLine[] = [
			{at: start + 19_000, number: 1, kind: 'console-stopped', phase: 'do', nodes: []},
			{at: start + 60_000, number: 1, kind: 'console-stopped', phase: 'undone', nodes: []},
		];
		expect((await judged(changed, await sameConsole('true'), stopped)).verdicts).toEqual([]);
	});

	it('is not counted while the node is cut off', async () => {
		const changed = truth((look, second) =>
			second < 20 || look.node !== 'pgdb1'
				? look
				: {...look, cable: 'out', units: {...look.units, keepalived: 'failed/failed'}},
		);
		expect(kinds(await judged(changed, await sameConsole('true')))).not.toContain(
			'miss unit:pgdb1:keepalived',
		);
	});
});

describe('a false alarm', () => {
	const lost = async () =>
		sameConsole('lost', (event, second) =>
			second >= 20 && 'source' in event && event.source === `etcd:${endpoints[2]}`
				? [{type: 'source.lost', source: event.source, reason: 'no answer in time'}]
				: [event],
		);

	it('is a finding without a cause', async () => {
		expect(kinds(await judged(truth(), await lost()))).toEqual(['false alarm etcd.member-down etcd1']);
	});

	it('is not the end of an etcd that stops, which still serves the connection of the oracle', async () => {
		const stopping = truth((look, second) =>
			second >= 19 && look.node === 'etcd1'
				? {...look, units: {...look.units, etcd: 'deactivating/stop-sigterm'}}
				: look,
		);
		expect(kinds(await judged(stopping, await lost()))).not.toContain('false alarm etcd.member-down etcd1');
	});

	it('is not reported if its cause was there', async () => {
		const down = truth((look, second) =>
			second >= 19 && look.node === 'etcd1'
				? {...look, etcd: {error: 'connect ECONNREFUSED'}, quorum: {error: 'connect ECONNREFUSED'}}
				: look,
		);
		expect(kinds(await judged(down, await lost()))).toEqual([]);
	});

	it('is not reported where the screen says for how long this console did not run, and the cause ended meanwhile', () => {
		const kind = 'etcd.member-down etcd1';
		const away = (text: string, unheardMs: number): Screen => ({
			claims: [],
			findings: [
				{
					id: 'etcd.member-down',
					severity: 'degraded',
					about: 'etcd1',
					text,
					evidence: [],
					since: 0,
					flaps: undefined,
					until: undefined,
					unheardMs,
				},
			],
		});
		const off = truthsOf(
			truth((look, second) =>
				look.node === 'etcd1' && second < 10
					? {...look, etcd: {error: 'connect ECONNREFUSED'}, quorum: {error: 'connect ECONNREFUSED'}}
					: look,
			),
		);
		const alarms = (unheardMs: number) => {
			const comparison = new Comparison(off, new FaultTimes([]), {loopWaitMs: 0, intervalMs: 100});
			comparison.take(start + 40_000, away('silent', unheardMs));
			return kinds({verdicts: comparison.verdicts()});
		};
		expect(alarms(0)).toEqual([`false alarm ${kind}`]);
		expect(alarms(30_000)).toEqual([]);
	});

	it('is not reported during a fault that the oracle cannot see', async () => {
		const loss: ChaosLine[] = [
			{at: start + 18_000, number: 1, kind: 'loss', phase: 'do', nodes: ['etcd1'], detail: '60 % in'},
		];
		expect(kinds(await judged(truth(), await lost(), loss))).toEqual([]);
	});
});

describe('servers of HAProxy that change between two samples of the oracle', () => {
	/** Both change at 20 s; the console's screen has `shown` at that moment. */
	const verdicts = (before: string, after: string, shown: string) => {
		const subject = 'route:pgdb1:replicas';
		const series = new Series();
		series.add(start, before);
		series.add(start + 20_000, after);
		const truths = {...truthsOf(truth()), series: new Map([[subject, series]])};
		const comparison = new Comparison(truths, new FaultTimes([]), {loopWaitMs: 0, intervalMs: 100});
		const common = {subject, source: 'haproxy:pgdb1', boundMs: 1000, changeMs: 60_000} as const;
		const claim: Claim = {...common, shown, accepts: new Set([shown]), isSet: true};
		comparison.take(start + 20_200, {claims: [claim], findings: []});
		return kinds({verdicts: comparison.verdicts()});
	};

	it.each([
		['pgdb1 pgdb2', '', 'pgdb2'],
		['pgdb1', 'pgdb2', ''],
		['pgdb1', 'pgdb2', 'pgdb1 pgdb2'],
		['pgdb1 pgdb3', 'pgdb2 pgdb3', 'pgdb3'],
	])('%j → %j: may be seen as %j', (before, after, shown) => {
		expect(verdicts(before, after, shown)).toEqual([]);
	});

	it.each([
		['pgdb1 pgdb3', 'pgdb2 pgdb3', 'pgdb1'],
		['pgdb1', '', 'pgdb2'],
		['off', 'pgdb1 pgdb2', 'pgdb1'],
		['pgdb1 pgdb2', 'off', 'pgdb2'],
	])('%j → %j: is a lie as %j', (before, after, shown) => {
		expect(verdicts(before, after, shown)).toEqual(['lie route:pgdb1:replicas']);
	});
});

describe.each([
	['member.gone', 'the key'],
	['sync.gone', 'the key'],
	['rest.blind', 'REST'],
] as const)('%s, seen by %s,', (id, from) => {
	/** From 20 s on pgdb2's Patroni does not answer; in the first two cases its key is gone, too. */
	const seen = async () =>
		sameConsole(from, (event, second) => {
			if (second < 20) {
				return [event];
			}

			if ('source' in event && event.source === 'patroni:pgdb2') {
				return [{type: 'source.lost', source: event.source, reason: 'no answer in time', code: 'timeout'}];
			}

			return event.type === 'dcs.snapshot' && from === 'the key'
				? [{...event, entries: event.entries.filter(({path: key}) => key !== 'members/pgdb2')}]
				: [event];
		});
	const alarm = `false alarm ${id} pgdb2`;
	const fault = (kind: string, node: string, at: number, undoneAt?: number): ChaosLine[] => [
		{at: start + at * 1000, number: 1, kind, phase: 'do', nodes: [node]},
		...(undoneAt === undefined
			? []
			: [{at: start + undoneAt * 1000, number: 1, kind, phase: 'undone' as const, nodes: [node]}]),
	];

	it('is a false alarm while the member runs and streams', async () => {
		expect(kinds(await judged(truth(), await seen()))).toContain(alarm);
	});

	it.each<readonly [string, (look: Look) => Look]>([
		['Patroni is stopped', look => ({...look, units: {...look.units, patroni: 'inactive/dead'}})],
		[
			'the machine is off',
			({node, at}) => ({node, at, ms: 10, on: false, frozen: false, cable: 'in'}) as Look,
		],
		[
			'PostgreSQL does not run',
			look => ({...look, postgres: {running: false, status: 'no response'}}) as Look,
		],
	])('has a cause where %s there', async (_, change) => {
		const changed = truth((look, second) => (second >= 18 && look.node === 'pgdb2' ? change(look) : look));
		expect(kinds(await judged(changed, await seen()))).not.toContain(alarm);
	});

	it.runIf(from === 'the key')('has a cause while an etcd member is frozen', async () => {
		const changed = truth((look, second) =>
			second >= 5 && look.node === 'etcd1' ? {...look, frozen: true} : look,
		);
		expect(kinds(await judged(changed, await seen()))).not.toContain(alarm);
	});

	it('has none where Patroni is stopped on another node', async () => {
		const changed = truth((look, second) =>
			second >= 18 && look.node === 'pgdb1'
				? {...look, units: {...look.units, patroni: 'inactive/dead'}}
				: look,
		);
		expect(kinds(await judged(changed, await seen()))).toContain(alarm);
	});

	it('has a cause while Patroni is frozen there, which the oracle does not see', async () => {
		const recording = await seen();
		for (const kind of ['patroni-frozen', 'patroni-main-frozen']) {
			expect(kinds(await judged(truth(), recording, fault(kind, 'pgdb2', 5)))).not.toContain(alarm);
		}
	});

	// Any fault may delay an answer of REST.
	it.skipIf(id === 'rest.blind')('has none where Patroni is frozen on another node', async () => {
		expect(kinds(await judged(truth(), await seen(), fault('patroni-frozen', 'pgdb1', 5)))).toContain(alarm);
	});

	it('has none by a fault that ended long before', async () => {
		const over = fault('patroni-frozen', 'pgdb2', -100, -60);
		expect(kinds(await judged(truth(), await seen(), over))).toContain(alarm);
	});
});

it('cuts a small recording around a verdict, and it shows the same', async () => {
	const changed = truth((look, second) =>
		second < 25 ? look : {...look, units: {...look.units, keepalived: 'failed/failed'}},
	);
	const recording = await sameConsole('true');
	const {verdicts} = await judged(changed, recording);
	const [first] = await cut(recording, verdicts.slice(0, 1), path.join(folder, 'cut'));
	const small = await openRecording(first ?? '');
	expect(small.events).toBeGreaterThan(0);
	expect(small.events).toBeLessThan(recording.events);
	expect(small.header.reason).toBe(`miss: ${verdicts[0]?.subject}`);
	expect(kinds(await judged(changed, small))).toContain(`miss ${verdicts[0]?.subject}`);
});

describe('the truth', () => {
	it('is a value from its time on, and unknown before the first', () => {
		const series = new Series();
		series.add(10, 'a');
		series.add(20, 'a');
		series.add(30, 'b');
		series.add(40, undefined);
		series.add(50, 'b');
		expect([...series.between(12, 29)]).toEqual(['a']);
		expect([...series.between(12, 30)]).toEqual(['a', 'b']);
		expect([...series.between(0, 10)]).toEqual([undefined, 'a']);
		expect([...series.between(35, 60)]).toEqual(['b', undefined]);
		expect(series.at(39)).toBe('b');
		// Not from what was not seen.
		expect(series.changes(5)).toEqual([{at: 30, from: 'a', to: 'b'}]);
		expect(series.changes(15)).toEqual([]);
	});

	it('is read from the etcd member that has a quorum and the highest revision', () => {
		const stale = withKeys(
			{...healthyLook('pgdb1', 0), quorum: {error: 'no answer for 9000 ms'}},
			{leader: null, revision: 500},
		);
		const world = new Map([
			['pgdb1', stale],
			['pgdb2', healthyLook('pgdb2', 0)],
			[
				'etcd1',
				withKeys(healthyLook('etcd1', 0), {
					leader: {member: 'pgdb2', lease: '2', createRevision: 1, modRevision: 1},
					revision: 101,
				}),
			],
		]);
		expect(subjectsOf(world, header).get('leader')).toBe('pgdb2');
		expect(subjectsOf(world, header).get('etcd:pgdb1')).toBe('no quorum');
		expect(subjectsOf(world, header).get('quorum')).toBe('held');
	});

	it('is a quorum that stands while one member serves a linearizable read', () => {
		const closed = (node: string): Look => ({
			...healthyLook(node, 0),
			etcd: {error: 'connect ECONNREFUSED'},
			quorum: {error: 'connect ECONNREFUSED'},
		});
		const world = (last: Look) =>
			new Map([last, closed('pgdb1'), closed('etcd1')].map(look => [look.node, look]));
		expect(subjectsOf(world(healthyLook('pgdb2', 0)), header).get('quorum')).toBe('held');
		const silent = {...healthyLook('pgdb2', 0), quorum: {error: 'no answer for 9000 ms'}};
		expect(subjectsOf(world(silent), header).get('quorum')).toBe('lost');
		const slow = {...healthyLook('pgdb2', 0), quorum: {error: 'no answer for 300 ms'}};
		expect(subjectsOf(world(slow), header).get('quorum')).toBeUndefined();
	});

	it('is unknown for a slow part, and known for one that has not answered for long', () => {
		const slow = (ms: number) =>
			new Map([['pgdb1', {...healthyLook('pgdb1', 0), haproxy: {error: `no answer for ${ms} ms`}}]]);
		expect(subjectsOf(slow(400), header).get('route:pgdb1:primary')).toBeUndefined();
		expect(subjectsOf(slow(4000), header).get('route:pgdb1:primary')).toBe('hung');
	});
});

describe('a standby whose WAL receiver still believes that it streams', () => {
	const standby = healthyLook('pgdb2', 0);
	const stateBeside = (leader: Look | undefined) =>
		subjectsOf(
			new Map([
				['pgdb1', leader],
				['pgdb2', standby],
			]),
			header,
		).get('state:pgdb2');
	const listing = (...senders: {name: string; state: string; sync: string}[]) =>
		stateBeside(withSql(healthyLook('pgdb1', 0), {senders}));

	it('streams while a node sends to it', () => {
		expect(listing({name: 'pgdb2', state: 'streaming', sync: 'sync'})).toBe('streaming');
		expect(listing({name: 'pgdb2', state: 'catchup', sync: 'async'})).toBe('streaming');
	});

	it('is sent nothing if its leader is off, or lists others only', () => {
		expect(listing()).toBe('unsent');
		expect(listing({name: 'backup', state: 'streaming', sync: 'async'})).toBe('unsent');
		expect(listing({name: 'pgdb2', state: 'startup', sync: 'async'})).toBe('unsent');
		expect(stateBeside({node: 'pgdb1', at: 0, ms: 1, on: false})).toBe('unsent');
	});

	it('is believed where the leader was not sampled', () => {
		expect(stateBeside(undefined)).toBe('streaming');
		expect(stateBeside({...healthyLook('pgdb1', 0), error: 'its sampler starts'})).toBe('streaming');
	});
});

describe('an address on the screen that no sample of the oracle has', () => {
	const verdictsFor = (subject: string, moments: number) => {
		const comparison = new Comparison(truthsOf(truth()), new FaultTimes([]), {
			loopWaitMs: 0,
			intervalMs: 100,
		});
		const claims: Claim[] = [
			{
				subject,
				shown: 'elsewhere',
				accepts: new Set(['elsewhere']),
				source: 'vip:pgdb2',
				boundMs: 5000,
				changeMs: 2000,
			},
		];
		for (let moment = 0; moment < moments; moment++) {
			comparison.take(start + 20_000 + moment * 100, {claims, findings: []});
		}

		return [kinds({verdicts: comparison.verdicts()}), comparison.counts.brief];
	};

	it('is a lie once it stays for more than one sample', () => {
		expect(verdictsFor('vip:pgdb2', 2)).toEqual([[], 1]);
		expect(verdictsFor('vip:pgdb2', 3)).toEqual([['lie vip:pgdb2'], 0]);
	});

	it('has no such excuse where it is another value', () => {
		expect(verdictsFor('leader', 1)).toEqual([['lie leader'], 0]);
	});
});

it('knows the time of an event by a clock that is never set', () => {
	const timeOf = oracleTime();
	const set = (milliseconds: number, aheadMs: number) =>
		({type: 'clock.set', milliseconds, aheadMs}) as const;
	const times = [
		{at: 1000, event: {type: 'tick'} as const},
		// Set forward by 57 s, then back: the session's time stays ahead.
		{at: 59_000, event: set(57_000, 0)},
		{at: 60_000, event: {type: 'tick'} as const},
		{at: 61_000, event: set(-57_000, 57_000)},
		{at: 62_000, event: {type: 'tick'} as const},
	].map(timeOf);
	expect(times).toEqual([1000, 2000, 3000, 4000, 5000]);
});
