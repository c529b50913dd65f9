/** Generates the happenings of one simulated session: the tests' random events, and hostile variants of them. */
import fc from 'fast-check';
import type {Event, Fact} from '../../source/domain/events.ts';
import type {SourceId} from '../../source/domain/facts.ts';
import type {Target} from '../../source/domain/target.ts';
import {sanitize} from '../../source/lib/sanitize.ts';
import {endpoints, healthyFacts, suites} from '../../test/support/captures.ts';
import {type Happening, storms} from '../../test/support/random-events.ts';
import {renamedFacts, renamedTarget} from '../../test/support/renamed.ts';
import {start, target} from '../../test/support/session.ts';
import {madeFacts} from '../../test/support/synthetic-cluster.ts';
import {hostileNames, hostileText, mutate} from './mutators.ts';
import {parsers} from './parsers.ts';
import type {Random} from './random.ts';

export type Story = {target: Target; happenings: readonly Happening[]};

type Make = (random: Random, facts: readonly Event[]) => readonly Happening[];

const happens = (event: Event, seconds = 0): Happening => ({seconds, event: () => event});

const sources: readonly SourceId[] = [
	...endpoints.flatMap((endpoint): SourceId[] => [
		`dcs:${endpoint}`,
		`etcd:${endpoint}`,
		`watch:${endpoint}`,
	]),
	...['pgdb1', 'pgdb2', 'constructor'].flatMap((node): SourceId[] => [
		`patroni:${node}`,
		`vip:${node}`,
		`haproxy:${node}`,
		`units:${node}`,
		`disk:${node}`,
		`logs:${node}`,
	]),
	'probe:5000',
	'probe:5001',
];

/** Fields whose text any outside party can choose. */
const words =
	/^(?:name|member|leader|candidate|application|address|state|role|version|unit|active|sub|load|interface|ip|backend|server|status|mount|systemId|reason|checkStatus|checkDescription|path|node)$/;

const makers: readonly Make[] = [
	random => fc.sample(storms, {seed: random.next() | 0, numRuns: 1}).flat(),
	(random, facts) => [happens(random.pick(facts), random.below(3))],
	(_, facts) => facts.map(fact => happens(fact)),
	random => [happens(lossOf(random.pick(sources), random))],
	random => [happens({type: 'tick'}, random.pick([1, 4, 6, 30, 600, 90_000]))],
	// Sets the console's clock back and forth.
	random => [happens({type: 'tick'}, random.pick([-3600, -5, -0.5, 3600, 86_400]))],
	random => [
		happens({
			type: 'console.stalled',
			milliseconds: random.pick([501, 4000, 60_000]),
			...(random.oneIn(3) ? {port: 5000} : {}),
		}),
	],
	rebuilt,
	parsed,
	(random, facts) => [happens(hostile(random.pick(facts), random))],
	(random, facts) => [happens(numbered(random.pick(facts), random))],
	random => [happens(probed(random))],
	random => [happens({type: 'typed', text: `${random.pick(hostileNames)}${random.pick(hostileText)}`})],
	random => [happens({type: 'notice', text: random.pick(hostileText), tone: 'warn'})],
];

/** Generates a session of about `length` happenings. */
export function storyOf(random: Random, length: number): Story {
	const suite = random.pick(suites);
	const names = {pgdb1: hostileName(random), pgdb2: hostileName(random), etcd1: hostileName(random)};
	const areDistinct = new Set(Object.values(names)).size === 3;
	const scene = random.below(3);
	const [facts, where]: [readonly Event[], Target] =
		scene === 0 && areDistinct
			? [renamedFacts(suite, names).flat(), renamedTarget(names)]
			: scene === 1
				? [madeFacts({members: madeMembers(random)}), target]
				: [healthyFacts(suite), target];
	const happenings: Happening[] = facts.map(fact => happens(fact));
	while (happenings.length < length) {
		happenings.push(...random.pick(makers)(random, facts));
	}

	return {target: where, happenings};
}

/** A hostile name, also possible in a configuration. */
function hostileName(random: Random): string {
	return random.oneIn(2) ? sanitize(random.pick(hostileNames)) : `node${random.below(100)}`;
}

function madeMembers(random: Random) {
	return Array.from({length: 1 + random.below(12)}, (_, index) => ({
		name: random.oneIn(4) ? `${random.pick(hostileNames)}${index}` : `member${index}`,
		key: {
			state: random.pick(['running', 'streaming', 'stopped', 'starting', 'crashed', 'constructor']),
			timeline: random.pick([undefined, 1, 3, 4]),
			location: random.pick([undefined, 0, 1, Number.MAX_SAFE_INTEGER]),
		},
		...(random.oneIn(3) ? {rest: undefined} : {}),
	}));
}

function lossOf(source: SourceId, random: Random): Fact {
	return random.pick<Fact>([
		{type: 'source.lost', source, reason: `no answer ${random.pick(hostileText)}`},
		{type: 'source.lost', source, reason: 'a fault of pgha-top', fault: true},
		{type: 'source.lost', source, reason: '401', refused: true, remedy: random.pick(hostileNames)},
		{type: 'source.closed', source},
		{type: 'source.connecting', source},
		{type: 'source.alive', source},
	]);
}

/** etcd was rebuilt or restored: a later read has a lower revision. */
function rebuilt(random: Random, facts: readonly Event[]): readonly Happening[] {
	const snapshot = facts.find(({type}) => type === 'dcs.snapshot');
	if (snapshot?.type !== 'dcs.snapshot') {
		return [];
	}

	const lower = random.pick([1, 7, 99_000]);
	const kept = snapshot.entries.filter(() => !random.oneIn(5));
	const isOther = random.oneIn(3);
	return [
		{
			seconds: 1,
			event: (_, revision) => ({
				...snapshot,
				...(isOther ? {clusterId: '4711'} : {}),
				revision: lower,
				entries: kept.map((entry, index) => ({
					...entry,
					createRevision: Math.min(lower, index + 1),
					modRevision: Math.min(lower, index + 1),
				})),
				began: revision * 2,
				ended: revision * 2 + 1,
			}),
		},
	];
}

/** Facts that the sources' parsers make of a mutated answer, unless they refuse it. */
function parsed(random: Random): readonly Happening[] {
	const {seeds, read} = random.pick(Object.values(parsers));
	const {text} = mutate(random.pick(seeds), random);
	try {
		return read(text).map(fact => happens(fact));
	} catch {
		// The parser refused it; the simulated inputs test whether rightly.
		return [];
	}
}

function hostile(event: Event, random: Random): Event {
	const other = random.oneIn(2) ? random.pick(hostileNames) : `a${random.pick(hostileText)}b`;
	return replaced(event, (key, value) =>
		typeof value === 'string' && words.test(key) && random.oneIn(4) ? other : value,
	);
}

/** Replaces numbers by any integer that a checked answer may contain; times are checked as dates. */
function numbered(event: Event, random: Random): Event {
	const other = random.pick([0, 1, 65_535, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER]);
	return replaced(event, (key, value) =>
		typeof value === 'number' &&
		!/^(?:quorum|port|zone|since|startedAt|answeredAt)$/.test(key) &&
		random.oneIn(3)
			? other
			: value,
	);
}

function replaced(event: Event, by: (key: string, value: unknown) => unknown): Event {
	return {...(JSON.parse(JSON.stringify(event), by) as Event), ...fixed(event)};
}

/** Fields that are not mutated: another source would be another fact. */
function fixed(event: Event): object {
	return 'source' in event ? {type: event.type, source: event.source} : {type: event.type};
}

function probed(random: Random): Event {
	const port = random.pick([5000, 5001]);
	const purpose = port === 5000 ? ('write' as const) : ('read' as const);
	const startedAt = start + random.below(600_000);
	return random.oneIn(3)
		? {
				type: 'probe.failed',
				source: `probe:${port}`,
				port,
				purpose,
				startedAt,
				reason: random.pick(hostileNames),
			}
		: {
				type: 'probe.answered',
				source: `probe:${port}`,
				port,
				purpose,
				startedAt,
				answeredAt: startedAt + random.below(5000),
				server: random.pick(['10.73.0.160:5432', '[fd00::1]:5432', 'constructor:1', '']),
				inRecovery: random.oneIn(2),
				latency: random.below(5000),
				write: random.oneIn(2),
			};
}
