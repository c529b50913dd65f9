/** Asks each source once, as the console does, and the accesses that operations and logs need; diagnoses what fails. */
import type {Config} from '../config/config.ts';
import type {Settings} from '../config/settings.ts';
import type {Connections} from '../connections/connections.ts';
import type {Service} from '../domain/cluster/services.ts';
import {kindOf, sourceName} from '../domain/cluster/source-kinds.ts';
import type {SourceId, SourceKind} from '../domain/facts.ts';
import {advice, type FindingId} from '../domain/findings/advice.ts';
import {type Subscription, sourcesOf} from '../domain/subscription.ts';
import {bracketHost, hostOf, plainHost} from '../lib/format.ts';
import type {State} from '../state/state.ts';
import {isInSnapshot, subscriptions} from '../state/subscriptions.ts';
import {judgeCluster} from '../state/view/verdict.ts';
import {type Answers, askSources, isSeen, problemOf} from './ask.ts';
import {type Check, diagnose, type Failure} from './diagnosis.ts';
import {accessChecks, lookAtNode, type OnNode} from './on-node.ts';

export type Examination = {
	checks: readonly Check[];
	/** Settings that the nodes' own files gave. */
	found: Config['found'];
	/** Neither the DCS nor any member's REST API answers: the console has nothing to show. */
	isBlind: boolean;
};

type Port = {host: string; port: number; service: Service};

const uses: Readonly<Record<SourceKind, string>> = {
	etcd: 'health and quorum of etcd',
	dcs: 'leader key, members, configuration',
	watch: 'changes at once',
	patroni: 'state, role and lag; operations',
	view: 'leader, members, configuration, by REST',
	vip: 'the holder of the VIP',
	haproxy: 'where HAProxy sends clients',
	units: 'services',
	disk: 'disk space',
	probe: 'what clients feel',
	processes: 'a PostgreSQL that does not answer',
	sql: 'sessions, transactions, replication',
	details: 'settings, extensions, archiving',
	sessions: 'the list of sessions, while it is open',
	logs: 'logs',
	said: "each member's last decision",
};

const asks: Readonly<Record<SourceKind, Failure['asked']>> = {
	etcd: 'etcd',
	dcs: 'etcd',
	watch: 'etcd',
	patroni: 'rest',
	view: 'rest',
	vip: 'ssh',
	haproxy: 'haproxy',
	units: 'ssh',
	disk: 'ssh',
	probe: 'probe',
	processes: 'ssh',
	sql: 'sql',
	details: 'sql',
	sessions: 'sql',
	logs: 'ssh',
	said: 'ssh',
};

/** Findings about the set-up, not about the cluster's state. */
const ofSetUp: readonly FindingId[] = [
	'clock.apart',
	'console.clock',
	'address.local',
	'address.same',
	'address.other',
	'address.withheld',
	'dcs.citus',
	'dcs.none',
	'haproxy.unnamed',
	'haproxy.unknown',
	'haproxy.servers',
	'service.unknown',
];

/** @param options `timeoutMs`: for all sources together; without `settings` nothing is looked for on the nodes */
export async function examine(
	given: Config,
	connections: Connections,
	options: {timeoutMs: number; settings?: Settings | undefined},
): Promise<Examination> {
	const {state, answers, config} = await askSources(given, connections, options);
	const nodes = subscriptions(state)
		.filter(one => one.kind === 'units')
		.filter(({node}) => isSeen(state, `units:${node}`));
	const onNodes = new Map(
		await Promise.all(
			nodes.map(async ({node, host}) => {
				const own = (state.cluster.units.get(node)?.value ?? []).map(({service}) => service);
				return [node, await lookAtNode(connections, {node, host}, own, config)] as const;
			}),
		),
	);
	return {
		checks: checksOf(state, {answers, onNodes}, config),
		found: config.found,
		isBlind: !subscriptions(state)
			.flatMap(sourcesOf)
			.some(source => ['dcs', 'patroni', 'view'].includes(kindOf(source)) && isSeen(state, source)),
	};
}

/** What is known besides the state: the time until the first answer of each source, ms, and what logins show. */
type Known = {answers: Answers; onNodes: ReadonlyMap<string, OnNode>};

export function checksOf(
	state: State,
	{answers, onNodes}: Known,
	config: Pick<Config, 'haproxy' | 'probe' | 'monitor' | 'operations'>,
): Check[] {
	const asked = subscriptions(state).filter(isInSnapshot);
	const nodes = asked.filter(one => one.kind === 'units');
	const checkOf = (subscription: Subscription, source: SourceId): Check => {
		const {address, port} = placeOf(state, subscription, config);
		const kind = asks[kindOf(source)];
		const problem = problemOf(state, source);
		const node = port === undefined ? undefined : nodeAt(nodes, port.host);
		const look = onNodes.get(node ?? '');
		return {
			asked: kind,
			name: sourceName(source),
			address,
			use: uses[kindOf(source)],
			ms: problem === undefined ? answers.get(source) : undefined,
			failure:
				problem &&
				diagnose({
					asked: kind,
					node: node ?? (port?.host === state.target.vip ? 'the holder of the VIP' : undefined),
					host: port?.host ?? hostIn(subscription),
					port: port?.port,
					...problem,
					unit: port === undefined ? undefined : unitOf(state, node, port.service),
					listeners: look === undefined ? undefined : (look.listeners.get(port?.port ?? 0) ?? []),
					login: loginFor(kind, config),
				}),
		};
	};
	return [
		...asked.flatMap(subscription => sourcesOf(subscription).map(source => checkOf(subscription, source))),
		...nodes.flatMap(({node, host}) => {
			const look = onNodes.get(node);
			return look === undefined ? [] : accessChecks(node, host, look, config);
		}),
		...setUpChecks(state),
	];
}

function loginFor(
	asked: Failure['asked'],
	{probe, monitor}: Pick<Config, 'probe' | 'monitor'>,
): Failure['login'] {
	const login = asked === 'sql' ? monitor : probe;
	return login && {user: login.user, database: login.database};
}

/** How a subscription's sources are reached, and the port that they need. */
function placeOf(
	{cluster}: Pick<State, 'cluster'>,
	subscription: Subscription,
	config: Pick<Config, 'haproxy' | 'probe'>,
): {address: string; port?: Port} {
	switch (subscription.kind) {
		case 'etcd': {
			const {endpoint} = subscription;
			return {address: endpoint, ...portOf(endpoint, 'etcd')};
		}

		case 'patroni': {
			const {url} = subscription;
			return {address: url, ...portOf(url, 'patroni')};
		}

		case 'view': {
			const {origin} = subscription;
			return {address: `${origin}/cluster`, ...portOf(origin, 'patroni')};
		}

		case 'haproxy': {
			const by = cluster.haproxy.get(subscription.node)?.by;
			if (by === 'socket') {
				return {address: `ssh ${subscription.host}, HAProxy's socket`};
			}

			if (by !== undefined) {
				return {address: by.replace(/;csv$/, ''), ...portOf(by, 'haproxy')};
			}

			// Several pages are tried if none is configured; the first is named.
			const {port = 7000, path = '/'} = config.haproxy;
			const url = `http://${bracketHost(subscription.host)}:${port}${path}`;
			return {address: url, ...portOf(url, 'haproxy')};
		}

		case 'probe': {
			const host = config.probe?.host ?? '';
			return {
				address: `${bracketHost(host)}:${subscription.port}`,
				port: {host, port: subscription.port, service: 'haproxy'},
			};
		}

		case 'sql':
		case 'details':
		case 'sessions': {
			const {host, port} = subscription;
			return {
				address: `${bracketHost(host)}:${port}`,
				port: {host, port, service: 'patroni'},
			};
		}

		case 'addresses':
		case 'units':
		case 'processes':
		case 'disk': {
			return {address: `ssh ${subscription.host}`};
		}

		case 'logs':
		case 'said': {
			return {address: `ssh ${subscription.plan.host}`};
		}

		case 'lease':
		case 'clock': {
			return {address: ''};
		}
	}
}

function portOf(url: string, service: Service): {port?: Port} {
	const host = hostOf(url);
	const {port, protocol} = new URL(url);
	const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
	return host === undefined ? {} : {port: {host, port: number, service}};
}

function hostIn(subscription: Subscription): string {
	return 'host' in subscription ? subscription.host : '';
}

type Node = Extract<Subscription, {kind: 'units'}>;

function nodeAt(nodes: readonly Node[], host: string): string | undefined {
	return nodes.find(one => plainHost(one.host) === plainHost(host))?.node;
}

function unitOf(
	{cluster}: State,
	node: string | undefined,
	service: Service,
): {name: string; active: string} | undefined {
	const unit = cluster.units.get(node ?? '')?.value.find(one => one.service === service);
	return unit && {name: unit.unit, active: unit.load === 'not-found' ? 'not installed' : unit.active};
}

function setUpChecks(state: State): Check[] {
	return judgeCluster(state)
		.findings.filter(({id}) => ofSetUp.includes(id))
		.map(({id, text, about}) => ({
			asked: id.includes('clock') ? ('clock' as const) : ('setting' as const),
			name: id.includes('clock')
				? `clock of ${about ?? 'this machine'}`
				: `set-up${about === undefined ? '' : ` of ${about}`}`,
			address: '',
			use: id.includes('clock') ? 'ages and durations' : 'what it names',
			ms: undefined,
			failure: {cause: text, remedy: advice[id].remedy},
		}));
}
