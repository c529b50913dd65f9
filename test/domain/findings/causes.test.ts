/** Which findings are roots, and what is folded under each: in the faults of test/lab, in recordings, and by laws. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {type TourName, tour} from '../../../source/cli/commands/replay.ts';
import type {DcsValue} from '../../../source/domain/cluster/dcs.ts';
import {type Service, serviceIds} from '../../../source/domain/cluster/services.ts';
import type {Event} from '../../../source/domain/events.ts';
import type {ErrorCode, SourceId} from '../../../source/domain/facts.ts';
import type {FindingId} from '../../../source/domain/findings/advice.ts';
import {causeTable} from '../../../source/domain/findings/causes.ts';
import {makeContext} from '../../../source/domain/findings/context.ts';
import {type Finding, keyOfFinding, type Severity} from '../../../source/domain/findings/finding.ts';
import {findFindings, verdict} from '../../../source/domain/findings/findings.ts';
import {byRoot, foldCauses, worstFirst} from '../../../source/domain/findings/roots.ts';
import type {Operation} from '../../../source/domain/operations/types.ts';
import {openRecording} from '../../../source/recording/read/open.ts';
import {tourFile} from '../../../source/replay/command.ts';
import type {State} from '../../../source/state/state.ts';
import {machineStops} from '../../../source/state/update/operations.ts';
import {
	endpoints,
	etcdFacts,
	haproxyFact,
	healthyFacts,
	patroniFact,
	snapshotFact,
	unitsFact,
} from '../../support/captures.ts';
import {confirmed, Session, start, target} from '../../support/session.ts';

type Node = 'pgdb1' | 'pgdb2';

/** pgdb1 leads and holds the VIP. */
const healthy = () =>
	new Session({
		...target,
		operator: 'root',
		probe: {host: '10.73.0.172', ports: {write: 5000, read: 5001}, write: true},
	}).at(0, ...healthyFacts('trixie'));
const all = ({state}: Session) =>
	findFindings(state.cluster, state.target, state.now, machineStops(state), state.found.running);

const lost = (source: SourceId, code: ErrorCode = 'timeout'): Event => ({
	type: 'source.lost',
	source,
	reason: code === 'refused' ? 'connection refused' : 'no answer in time',
	code,
});
const gone = (path: string): Event => ({type: 'dcs.deleted', source: 'watch:a', path, revision: 900});
const put = (path: string, value: DcsValue): Event => ({
	type: 'dcs.put',
	source: 'watch:a',
	entry: {path, value, createRevision: 901, modRevision: 901, lease: undefined},
});
const noSync = put('sync', {kind: 'sync', leader: 'pgdb1', standbys: [], quorum: 0});
const endpointOf = {pgdb1: endpoints[0], pgdb2: endpoints[1], etcd1: endpoints[2]} as const;
const etcdOf = (node: Node | 'etcd1') =>
	[`etcd:${endpointOf[node]}`, `dcs:${endpointOf[node]}`] as const satisfies readonly SourceId[];
const sourcesOf = (node: Node): SourceId[] => [
	`vip:${node}`,
	`units:${node}`,
	`disk:${node}`,
	`haproxy:${node}`,
	`patroni:${node}`,
	...etcdOf(node),
];
const silent = (node: Node) => sourcesOf(node).map(source => lost(source));
/** It answers, and knows no raft leader: it is in touch with no quorum. */
const withoutRaftLeader = (endpoint: string): Event[] =>
	etcdFacts('trixie').flatMap(fact =>
		fact.type === 'etcd.status' && fact.endpoint === endpoint
			? [{...fact, status: {...fact.status, raftLeader: undefined}}]
			: [],
	);
const stopped = (node: string, service: Service, on: readonly Service[] = serviceIds): Event =>
	unitsFact(node, on, {service, active: 'inactive', sub: 'dead'});
const failing = (port: 5000 | 5001): Event => ({
	type: 'probe.failed',
	source: `probe:${port}`,
	port,
	purpose: port === 5000 ? 'write' : 'read',
	startedAt: start,
	reason: 'no connection in time',
	code: 'timeout',
});
const status = (member: Node, changed: object): Event => {
	const fact = patroniFact('trixie', member, `${member}-patroni`);
	return {...fact, status: {...fact.status, ...changed}};
};
const read = snapshotFact('trixie');

/** A fault, and all that is shown: each root with the kinds of its consequences. */
const faults: Record<string, readonly [() => Session, Readonly<Record<string, readonly FindingId[]>>]> = {
	'the power of the leader is cut': [
		() => healthy().at(3, ...silent('pgdb1'), failing(5000), failing(5001)),
		{
			'node.silent pgdb1': [
				'path.failing',
				'path.reads',
				'etcd.member-down',
				'ssh.blind',
				'vip.unknown',
				'rest.blind',
				'haproxy.blind',
			],
		},
	],
	'the power of the leader is cut, and its lease has run out': [
		() =>
			healthy().at(
				3,
				...silent('pgdb1'),
				gone('leader'),
				gone('members/pgdb1'),
				haproxyFact('trixie', 'pgdb2', 'nobody'),
				failing(5000),
			),
		{
			'node.silent pgdb1': [
				'leader.none',
				'path.failing',
				'etcd.member-down',
				'member.gone',
				'haproxy.nowhere',
				'ssh.blind',
				'vip.unknown',
				'haproxy.blind',
			],
		},
	],
	'the cable of the replica is cut': [
		() => healthy().at(3, ...silent('pgdb2'), noSync, failing(5001)),
		{
			'node.silent pgdb2': [
				'path.reads',
				'etcd.member-down',
				'sync.none',
				'ssh.blind',
				'rest.blind',
				'haproxy.blind',
			],
		},
	],
	'this console powered the replica off': [
		() =>
			confirmed(healthy(), {kind: 'poweroff', node: 'pgdb2'}, 1)
				.at(3, ...silent('pgdb2'), gone('members/pgdb2'), noSync)
				.at(4),
		{
			'node.off pgdb2': ['etcd.member-down', 'sync.none', 'member.gone', 'ssh.blind', 'haproxy.blind'],
		},
	],
	'this console powers the sync standby off, which tags itself nosync to be replaced': [
		() =>
			confirmed(healthy(), {kind: 'poweroff', node: 'pgdb2'}, 1)
				.at(2, status('pgdb2', {tags: {nosync: 'true', sync_priority: '0'}}), noSync)
				.at(3, lost('vip:pgdb2', 'refused'), lost('haproxy:pgdb2', 'refused'))
				.at(4),
		{'node.off pgdb2': ['sync.none', 'ssh.blind', 'haproxy.blind']},
	],
	'a machine with etcd is silent, and etcd ends its watches': [
		() =>
			healthy()
				.at(3, ...silent('pgdb2'))
				.at(4, lost('watch:a', 'closed')),
		{'node.silent pgdb2': ['etcd.member-down', 'ssh.blind', 'rest.blind', 'haproxy.blind', 'watch.lost']},
	],
	'one etcd member is stopped': [
		() =>
			healthy().at(
				3,
				...etcdOf('etcd1').map(one => lost(one, 'refused')),
				stopped('etcd1', 'etcd', ['etcd']),
			),
		{'service.down etcd1 etcd': ['etcd.member-down']},
	],
	'one etcd member accepts connections and never answers': [
		() => healthy().at(3, ...etcdOf('etcd1').map(one => lost(one))),
		{'etcd.member-down etcd1': []},
	],
	'etcd has no quorum': [
		() =>
			healthy().at(
				3,
				...[...etcdOf('etcd1'), ...etcdOf('pgdb2')].map(one => lost(one, 'refused')),
				lost(etcdOf('pgdb1')[1]),
				...withoutRaftLeader(endpointOf.pgdb1),
				stopped('etcd1', 'etcd', ['etcd']),
				stopped('pgdb2', 'etcd'),
				haproxyFact('trixie', 'pgdb1', 'nobody'),
				haproxyFact('trixie', 'pgdb2', 'nobody'),
				failing(5000),
			),
		{
			'etcd.no-quorum': ['vip.no-primary', 'path.failing', 'haproxy.nowhere', 'service.down', 'service.down'],
		},
	],
	'a machine is off and etcd on another one is stopped': [
		() =>
			healthy().at(
				3,
				...silent('pgdb2'),
				...etcdOf('etcd1').map(one => lost(one, 'refused')),
				lost(etcdOf('pgdb1')[1]),
				...withoutRaftLeader(endpointOf.pgdb1),
				stopped('etcd1', 'etcd', ['etcd']),
			),
		{
			'etcd.no-quorum': ['service.down'],
			'node.silent pgdb2': ['ssh.blind', 'rest.blind', 'haproxy.blind'],
		},
	],
	"a member's REST API is frozen": [() => healthy().at(3, lost('patroni:pgdb2')), {'rest.blind pgdb2': []}],
	'sshd is stopped on the node that holds the VIP': [
		() =>
			healthy().at(
				3,
				...(['vip:pgdb1', 'units:pgdb1', 'disk:pgdb1'] as const).map(one => lost(one, 'refused')),
			),
		{'ssh.blind pgdb1': ['vip.unknown']},
	],
	'HAProxy is stopped on the node that holds the VIP': [
		() => healthy().at(3, stopped('pgdb1', 'haproxy'), lost('haproxy:pgdb1', 'refused'), failing(5000)),
		{'vip.no-haproxy pgdb1': ['path.failing']},
	],
	'keepalived is stopped on both nodes, and no node holds the VIP': [
		() =>
			healthy().at(
				3,
				stopped('pgdb1', 'keepalived'),
				stopped('pgdb2', 'keepalived'),
				{
					type: 'addresses.removed',
					source: 'vip:pgdb1',
					node: 'pgdb1',
					address: {ip: '10.73.0.172', interface: 'host0'},
				},
				failing(5000),
			),
		{'vip.none': ['path.failing', 'keepalived.down', 'keepalived.down']},
	],
	"the console's own network is gone": [() => healthy().at(60), {'console.blind': []}],
	'Patroni is stopped on the replica': [
		() =>
			healthy().at(
				3,
				stopped('pgdb2', 'patroni'),
				lost('patroni:pgdb2', 'refused'),
				gone('members/pgdb2'),
				noSync,
			),
		{'service.down pgdb2 patroni': ['sync.none', 'member.gone']},
	],
	'Patroni is stopped on the leader': [
		() =>
			healthy().at(
				3,
				stopped('pgdb1', 'patroni'),
				lost('patroni:pgdb1', 'refused'),
				gone('leader'),
				gone('members/pgdb1'),
				haproxyFact('trixie', 'pgdb1', 'nobody'),
				haproxyFact('trixie', 'pgdb2', 'nobody'),
				failing(5000),
			),
		{
			'service.down pgdb1 patroni': [
				'leader.none',
				'vip.no-primary',
				'path.failing',
				'member.gone',
				'haproxy.nowhere',
			],
		},
	],
	'PostgreSQL is killed on the leader': [
		() => healthy().at(3, status('pgdb1', {state: 'crashed', replication: []}), failing(5000)),
		{'leader.not-writable pgdb1': ['path.failing']},
	],
	'a replica has diverged': [
		() =>
			healthy()
				.at(1, status('pgdb2', {received: 50_331_784 + 800}))
				.at(1.5, {...status('pgdb1', {replication: []}), tookMs: 10} as Event, noSync),
		{'member.diverged pgdb2': ['member.not-streaming', 'sync.none']},
	],
	'a replica does not stream': [
		() => healthy().at(3, status('pgdb1', {replication: []}), noSync, failing(5001)),
		{'member.not-streaming pgdb2': ['path.reads', 'sync.none']},
	],
	'etcd was rebuilt without its data': [
		() =>
			healthy()
				.at(1, {...read, began: 1, ended: 2})
				.at(2, {...read, revision: 7, entries: [], began: 3, ended: 4})
				.at(3, {...read, revision: 8, entries: [], began: 5, ended: 6}),
		{'etcd.rebuilt': ['dcs.none']},
	],
};

const rank: Record<Severity, number> = {critical: 0, degraded: 1, unknown: 2, notice: 3};
const sorted = (texts: readonly string[]) => [...texts].sort();

function holdLaws({cluster, target: of, now, ...state}: State): void {
	const {running = []} = state.found;
	const stops = machineStops({...state, target: of});
	const shown = findFindings(cluster, of, now, stops, running);
	const context = makeContext(cluster, of, now, stops, running);
	const bare = shown.map(({cause: _, ...finding}): Finding => finding);
	const keys = sorted(shown.map(keyOfFinding));
	const groups = byRoot(shown);
	// None is lost, and each is a root or is under the one root that it names.
	expect(sorted(groups.flatMap(({root, consequences}) => [root, ...consequences]).map(keyOfFinding))).toEqual(
		keys,
	);
	for (const {root, consequences} of groups) {
		expect(root.cause).toBeUndefined();
		expect(new Set(consequences.map(({cause}) => cause))).toEqual(
			new Set(consequences.length === 0 ? [] : [keyOfFinding(root)]),
		);
		// A root hides nothing that is worse, and claims nothing that is not seen now.
		expect(consequences.every(({severity}) => rank[severity] >= rank[root.severity])).toBe(true);
		expect(consequences.length === 0 || root.evidence.some(({fresh}) => fresh)).toBe(true);
	}

	expect(verdict(shown)).toBe(verdict([...bare].sort((a, b) => rank[a.severity] - rank[b.severity])));
	// Neither the order of findings nor another look changes what is folded under what.
	const causes = (found: readonly Finding[]) =>
		new Map(foldCauses(context, found).map(one => [keyOfFinding(one), one.cause]));
	expect(causes([...bare].reverse())).toEqual(causes(bare));
	expect(causes(bare)).toEqual(new Map(shown.map(one => [keyOfFinding(one), one.cause])));
	expect(worstFirst(shown)).toEqual(shown);
}

const rootsOf = (found: readonly Finding[]) =>
	Object.fromEntries(
		byRoot(found).map(({root, consequences}) => [keyOfFinding(root), sorted(consequences.map(({id}) => id))]),
	);

describe('of a fault on the lab', () => {
	it.each(Object.entries(faults))('%s', (_, [fault, shown]) => {
		const session = fault();
		const wanted = Object.entries(shown).map(([root, consequences]) => [root, sorted(consequences)]);
		expect(rootsOf(all(session))).toEqual(Object.fromEntries(wanted));
		holdLaws(session.state);
	});

	it('its root is as bad as the worst of what follows from it', () => {
		const found = all(faults['the power of the leader is cut']?.[0]() ?? healthy());
		expect(found[0]).toMatchObject({id: 'node.silent', severity: 'critical'});
		expect(verdict(found)).toBe('critical');
	});

	it('what is left after the root ended is shown on its own', () => {
		const session = faults['this console powered the replica off']?.[0]() ?? healthy();
		session.at(5, {type: 'source.alive', source: 'units:pgdb2'});
		expect(all(session).map(({id}) => id)).not.toContain('node.off');
		expect(all(session).find(({id}) => id === 'ssh.blind')?.cause).toBeUndefined();
		expect(all(session).find(({id}) => id === 'member.gone')?.cause).toBeUndefined();
	});
});

describe('a machine is called off', () => {
	const off = () => faults['this console powered the replica off']?.[0]() ?? healthy();

	it('with the operation, the operator and the time', () => {
		expect(all(off())[0]?.text).toMatch(/^pgdb2 is off \(power off by root, \d\d:\d\d:01\)$/);
	});

	it('only once nothing of it answers: before, it is shutting down', () => {
		const session = confirmed(healthy(), {kind: 'poweroff', node: 'pgdb2'}, 1).at(2, lost('vip:pgdb2'));
		expect(all(session)[0]?.text).toMatch(/^pgdb2 is shutting down \(power off by root, /);
	});

	it('only by an operation of this console: otherwise it is silent', () => {
		const session = healthy().at(3, ...silent('pgdb2'));
		expect(all(session)[0]?.text).toMatch(/^pgdb2 does not answer at all since \d\d:\d\d:00$/);
	});

	it('while its last services answer once more, which a shutdown stops only later', () => {
		const others = healthyFacts('trixie').filter(
			fact => !('source' in fact) || !sourcesOf('pgdb2').includes(fact.source),
		);
		const session = off().at(5, ...others, {type: 'source.alive', source: 'haproxy:pgdb2'});
		expect(all(session)[0]?.text).toMatch(/^pgdb2 is shutting down \(power off by root, /);
		session.at(7, ...others, lost('haproxy:pgdb2'));
		expect(all(session)[0]?.text).toMatch(/^pgdb2 is off \(power off by root, /);
	});

	it('no longer when it was heard again, also if it is silent once more', () => {
		const others = healthyFacts('trixie').filter(
			fact => !('source' in fact) || !sourcesOf('pgdb2').includes(fact.source),
		);
		const session = off().at(60, ...others, {type: 'source.alive', source: 'units:pgdb2'});
		expect(all(session).map(({id}) => id)).not.toContain('node.off');
		session.at(62, ...others, lost('units:pgdb2'));
		expect(all(session).map(({id}) => id)).toContain('node.silent');
		expect(all(session).map(({id}) => id)).not.toContain('node.off');
	});
});

describe('a machine is called silent', () => {
	it('not by one way of access alone', () => {
		const session = healthy().at(3, ...(['vip:pgdb2', 'units:pgdb2'] as const).map(one => lost(one)));
		expect(all(session).map(({id}) => id)).not.toContain('node.silent');
	});

	it('not while its PostgreSQL answers the probe', () => {
		const session = healthy().at(3, ...silent('pgdb2'), {
			type: 'probe.answered',
			source: 'probe:5001',
			port: 5001,
			purpose: 'read',
			startedAt: start,
			server: '10.73.0.170:5432',
			inRecovery: true,
			latency: 2,
			write: false,
		});
		expect(all(session).map(({id}) => id)).not.toContain('node.silent');
	});

	it('with other words where something refuses connections', () => {
		const session = healthy().at(3, ...sourcesOf('pgdb2').map(source => lost(source, 'refused')));
		expect(all(session)[0]?.text).toMatch(/^no service on pgdb2 answers since /);
	});
});

describe('the table of causes', () => {
	it('leads round in no circle', () => {
		const ids = Object.keys(causeTable) as FindingId[];
		const isOver = new Set<FindingId>();
		const visit = (id: FindingId, path: readonly FindingId[]): void => {
			expect(path, `${[...path, id].join(' ← ')}`).not.toContain(id);
			if (!isOver.has(id)) {
				for (const from of causeTable[id].follows.flatMap(link => link.from)) {
					visit(from, [...path, id]);
				}

				isOver.add(id);
			}
		};

		for (const id of ids) {
			visit(id, []);
		}
	});

	it('claims no cause by evidence that is old', () => {
		const {state} = faults['Patroni is stopped on the replica']?.[0]() ?? healthy();
		const context = makeContext(state.cluster, state.target, state.now, [], []);
		const found = all({state} as Session).map(({cause: _, ...finding}) => finding);
		const old = found.map(finding =>
			finding.id === 'service.down'
				? {...finding, evidence: finding.evidence.map(one => ({...one, fresh: false}))}
				: finding,
		);
		expect(foldCauses(context, found).some(({cause}) => cause === 'service.down pgdb2 patroni')).toBe(true);
		expect(foldCauses(context, old).some(({cause}) => cause === 'service.down pgdb2 patroni')).toBe(false);
	});
});

describe('whatever fails together', () => {
	const happenings: readonly (readonly Event[])[] = [
		silent('pgdb1'),
		silent('pgdb2'),
		...(['pgdb1', 'pgdb2'] as const).flatMap(node => [
			[stopped(node, 'patroni'), lost(`patroni:${node}`, 'refused')],
			[stopped(node, 'etcd'), ...etcdOf(node).map(one => lost(one, 'refused'))],
			[stopped(node, 'haproxy'), lost(`haproxy:${node}`, 'refused')],
			[stopped(node, 'keepalived')],
			[haproxyFact('trixie', node, 'nobody')],
			[haproxyFact('trixie', node, node)],
			[gone(`members/${node}`)],
			[status(node, {state: 'stopped', replication: []})],
			[status(node, {role: 'primary'})],
			[lost(`vip:${node}`)],
		]),
		[gone('leader')],
		[noSync],
		[...etcdOf('etcd1').map(one => lost(one))],
		endpoints.map(url => lost(`dcs:${url}`)),
		[failing(5000)],
		[failing(5001)],
		[{...read, revision: 7, entries: [], began: 3, ended: 4}],
		healthyFacts('trixie'),
	];

	it('no finding is lost, and each has one root', {timeout: 120_000}, () => {
		fc.assert(
			fc.property(
				fc.array(fc.tuple(fc.constantFrom(...happenings), fc.integer({min: 0, max: 4})), {
					minLength: 1,
					maxLength: 6,
				}),
				fc.constantFrom<Operation | undefined>(
					undefined,
					{kind: 'poweroff', node: 'pgdb2'},
					{kind: 'reboot', node: 'pgdb2'},
					{kind: 'switchover', leader: 'pgdb1', candidate: 'pgdb2', at: undefined},
					{kind: 'failover', candidate: 'pgdb2'},
					{kind: 'restart', member: 'pgdb1', role: 'primary', pendingOnly: false, at: undefined},
					{kind: 'service', node: 'pgdb1', service: 'patroni', pauseFirst: false},
				),
				fc.integer({min: 0, max: 3}),
				(list, operation, after) => {
					const session = healthy();

					let now = 0;
					for (const [index, [events, pause]] of list.entries()) {
						if (operation !== undefined && index === after) {
							confirmed(session, operation, now);
						}

						now += pause;
						session.at(now, ...events);
						holdLaws(session.state);
					}
				},
			),
			{numRuns: 150},
		);
	});
});

/** What a recording must show at each tick while the condition holds, and that it did hold. */
const recorded: Partial<Record<TourName, {root: FindingId; text: RegExp; consequences: number}>> = {
	switchover: {
		root: 'switchover.running',
		text: /^switchover pgdb\d → pgdb\d, running (for \d s|since \d\d:\d\d:\d\d)/,
		consequences: 3,
	},
	'power-off': {root: 'node.off', text: /^pgdb\d is (off|shutting down) \(power off/, consequences: 6},
	'power-cut': {
		root: 'node.silent',
		text: /^(pgdb\d does not answer at all|no service on pgdb\d answers) since /,
		consequences: 6,
	},
	'split-cable': {root: 'node.silent', text: /^pgdb\d does not answer at all since /, consequences: 6},
	'no-quorum': {root: 'etcd.no-quorum', text: /^etcd has no quorum: /, consequences: 3},
	'two-holders': {root: 'vip.two', text: /^two nodes hold the VIP /, consequences: 0},
};

describe.each(tour.map(({name}) => name))('the recording %s', name => {
	it('shows one root for what happened, at each tick', {timeout: 60_000}, async () => {
		const wanted = recorded[name];
		const recording = await openRecording(tourFile(name));
		let most = 0;
		let ticks = 0;
		for (const {stamped, after} of recording.replay()) {
			if (stamped.event.type !== 'tick') {
				continue;
			}

			holdLaws(after);
			const groups = byRoot(
				findFindings(after.cluster, after.target, after.now, machineStops(after), after.found.running),
			);
			const main = groups.find(({root}) => root.id === wanted?.root);
			if (main !== undefined && wanted !== undefined) {
				ticks++;
				most = Math.max(most, main.consequences.length);
				expect(main.root.text).toMatch(wanted.text);
				expect(groups.map(({root}) => keyOfFinding(root))).toEqual([keyOfFinding(main.root)]);
			}

			if (wanted === undefined || !wanted.root.startsWith('node.')) {
				expect(groups.filter(({root}) => root.id.startsWith('node.'))).toEqual([]);
			}
		}

		expect(ticks > 0).toBe(wanted !== undefined);
		expect(most).toBeGreaterThanOrEqual(wanted?.consequences ?? 0);
		recording.close();
	});
});
