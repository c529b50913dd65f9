/**
 * The sources that the state requires. The manager starts new entries of this list, and ends those that are removed.
 */
import {originOf} from '../domain/cluster/cluster-view.ts';
import {etcdEndpoints} from '../domain/cluster/etcd.ts';
import {isFresh} from '../domain/cluster/freshness.ts';
import {leaderKey} from '../domain/cluster/keys.ts';
import {members} from '../domain/cluster/members.ts';
import {hasHaproxy, readsNodes, servicesOn} from '../domain/cluster/roles.ts';
import {kindOf, objectOf, traitsOf} from '../domain/cluster/source-kinds.ts';
import {haproxyTrusts, restAddresses, restBase, sqlAddresses} from '../domain/cluster/trust.ts';
import {databaseNodes, watchedDatabases, watchedNodes} from '../domain/cluster/vip.ts';
import type {SourceId} from '../domain/facts.ts';
import {databaseLogsOf, logSourcesOf} from '../domain/logs/logs.ts';
import {definitionOf} from '../domain/operations/operation.ts';
import {isOpen} from '../domain/operations/run.ts';
import type {Subscription} from '../domain/subscription.ts';
import {sourcesOf} from '../domain/subscription.ts';
import {bracketHost, hostOf} from '../lib/format.ts';
import {logOverlay} from './overlays.ts';
import type {State} from './state.ts';
import {isDrillRunning} from './update/drill-run.ts';

/** What of the state the sources depend on. */
const fieldsRead = ['cluster', 'target', 'drill', 'view', 'runs', 'now'] as const;

type Wanting = Pick<State, (typeof fieldsRead)[number]>;

export function subscriptions(state: Wanting): Subscription[] {
	const {cluster, target} = state;
	const lease = leaderKey(cluster)?.lease;
	const addresses = restAddresses(cluster, target);
	return [
		{kind: 'clock'},
		...etcdEndpoints(cluster, target).map(endpoint => ({kind: 'etcd' as const, endpoint})),
		...(lease === undefined ? [] : [{kind: 'lease' as const, lease}]),
		...views(target, addresses),
		...addresses.flatMap(({member, url, why}) =>
			why === undefined ? [{kind: 'patroni' as const, member, url}] : [],
		),
		...silentMembers(cluster, target, addresses),
		...(readsNodes(target) ? onNodes(cluster, target) : []),
		...probes(state),
		...sql(state),
		...processes(state),
		...logs(state),
		...said(state),
	];
}

/** Parts of the cluster that name sources; what is seen of them changes what is wanted only with the next second. */
const fieldsAtOnce: readonly (keyof State['cluster'])[] = ['keys', 'store', 'views', 'addresses'];

/**
 * Whether the sources of both need not be compared yet: to list them costs more than to fold an event. Within a second, since only
 * ticks move the clock, just the parts that name sources count.
 */
export function hasSameSubscriptions(before: Wanting, state: Wanting): boolean {
	return (
		fieldsRead.every(field => field === 'cluster' || before[field] === state[field]) &&
		fieldsAtOnce.every(field => before.cluster[field] === state.cluster[field]) &&
		(before.cluster.read === undefined) === (state.cluster.read === undefined) &&
		before.cluster.etcd.members === state.cluster.etcd.members
	);
}

/**
 * Where the DCS is not read: the whole cluster as each member sees it. A seed is asked also where no member publishes its
 * address, as it may be the only one that can be reached from here.
 */
function views(
	{rest}: State['target'],
	members: readonly {url: string; why: string | undefined}[],
): Subscription[] {
	if (rest === undefined) {
		return [];
	}

	const learnt = members.flatMap(({url, why}) => (why === undefined ? (originOf(url) ?? []) : []));
	return [...new Set([...rest.seeds, ...learnt])].map(origin => ({kind: 'view', origin}));
}

/** Sources over SSH, and HAProxy. */
function onNodes(cluster: State['cluster'], target: State['target']): Subscription[] {
	const watched = watchedNodes(cluster, target);
	const others = target.nodes.filter(({name}) => !watched.some(node => node.name === name));
	const onEach = ({name: node, host}: {name: string; host: string}): Subscription[] => [
		{kind: 'units', node, host, ...servicesOn(target, node)},
		{kind: 'disk', node, host},
	];
	return [
		...watched.flatMap((node): Subscription[] => [
			{kind: 'addresses', node: node.name, host: node.host},
			...(hasHaproxy(target, node.name)
				? [
						{
							kind: 'haproxy' as const,
							node: node.name,
							host: node.host,
							withUser: haproxyTrusts(target, node),
						},
					]
				: []),
			...onEach(node),
		]),
		...others.flatMap(onEach),
	];
}

/** Logs of all nodes while their overlay is open, so that another choice shows its lines at once. */
function logs({view, cluster, target, now}: Wanting): Subscription[] {
	const overlay = logOverlay(view);
	return overlay === undefined
		? []
		: logSourcesOf(cluster, target, now).map(plan => ({
				kind: 'logs',
				plan,
				system: !overlay.choice.hidden.includes('system'),
			}));
}

/** The last words of each database node; while its logs are read, they are among their lines. */
function said({view, cluster, target}: Wanting): Subscription[] {
	return logOverlay(view) !== undefined || !readsNodes(target)
		? []
		: watchedDatabases(cluster, target)
				.map(node => databaseLogsOf(cluster, target, node))
				.flatMap((plan): Subscription[] =>
					plan.units.length + plan.files.length === 0 ? [] : [{kind: 'said', plan}],
				);
}

/**
 * The processes of PostgreSQL are listed where neither Patroni nor SQL says what it does, and while an operation stops or
 * promotes it: else they would cost each node a session every two seconds.
 */
function processes({cluster, target, runs, now}: Wanting): Subscription[] {
	if (!readsNodes(target)) {
		return [];
	}

	const isSeen = (source: SourceId) => isFresh(cluster.sourceStatuses.get(source), source, now);
	const isLost = (source: SourceId) => cluster.sourceStatuses.get(source)?.state === 'lost';
	const all = members(cluster, now);
	const busy = runs.filter(isOpen).flatMap(({operation, guard}) => {
		const effect = definitionOf(operation).effect?.(operation, guard);
		return effect === undefined || effect.kind === 'service' ? [] : effect.members;
	});
	return watchedDatabases(cluster, target).flatMap(({name: node, host}): Subscription[] => {
		const member = all.find(({key, name}) => key?.data.host === host || name === node)?.name ?? node;
		const isSilent = isLost(`patroni:${member}`) && !isSeen(`sql:${member}`);
		return (isSilent || busy.includes(member)) && !isLost(`vip:${node}`)
			? [{kind: 'processes', node, host}]
			: [];
	});
}

/** ms between two answers to the rarer SQL questions: usually, and while a question, an operation or a drill may depend on them. */
const detailsEveryMs = {usual: 60_000, wanted: 5000} as const;

function sql({cluster, target, drill, view, runs}: Wanting): Subscription[] {
	// An answer to a question from before the leader was read says nothing of who takes writes beside it.
	const isDcsLost = [...cluster.sourceStatuses].some(
		([source, status]) => ['dcs', 'view'].includes(kindOf(source)) && status?.state === 'lost',
	);
	if (cluster.read === undefined && !isDcsLost) {
		return [];
	}

	const isWanted =
		isDrillRunning(drill) || runs.some(isOpen) || view.overlays.some(({kind}) => kind === 'dialog');
	const everyMs = detailsEveryMs[isWanted ? 'wanted' : 'usual'];
	const showsSessions = view.overlays.some(({kind}) => kind === 'sessions');
	// The result of an operation is seen there, whatever is shown.
	const ending = runs.flatMap(run =>
		run.operation.kind === 'session.end' && isOpen(run) ? [run.operation.member] : [],
	);
	return sqlAddresses(cluster, target).flatMap(({member, host, port, why}): Subscription[] =>
		why === undefined
			? [
					{kind: 'sql', member, host, port},
					{kind: 'details', member, host, port, everyMs},
					...(showsSessions || ending.includes(member)
						? [{kind: 'sessions' as const, member, host, port}]
						: []),
				]
			: [],
	);
}

function probes({target: {probe}, drill}: Wanting): Subscription[] {
	const id = isDrillRunning(drill) ? drill.prepared?.id : undefined;
	return probe === undefined
		? []
		: (['write', 'read'] as const).flatMap((purpose): Subscription[] => {
				const port = probe.ports[purpose];
				const drilled = purpose === 'write' && id !== undefined ? {drill: id} : {};
				return port === undefined ? [] : [{kind: 'probe', purpose, port, ...drilled}];
			});
}

/**
 * Nodes without a member key in the DCS (Patroni stopped, or the DCS is lost). Polled at the configured address: then
 * only the member's own answer shows its state.
 */
function silentMembers(
	cluster: State['cluster'],
	target: State['target'],
	members: readonly {member: string; url: string}[],
): Subscription[] {
	const hosts = new Set(members.map(({url}) => hostOf(url)));
	// PostgreSQL and the REST API may have different addresses; a member with a key is polled at its own URL only.
	const {scheme, port} = restBase(cluster, target);
	const names = new Set(members.map(({member}) => member));
	return databaseNodes(cluster, target)
		.filter(({name, host}) => !hosts.has(host) && !names.has(name))
		.map(({name, host}) => ({
			kind: 'patroni',
			member: name,
			url: `${scheme}://${bracketHost(host)}:${port}/patroni`,
		}));
}

/** @param isWanted the subscriptions that are waited for */
export function isSettled(
	state: State,
	isWanted: (subscription: Subscription) => boolean = isInSnapshot,
): boolean {
	const {cluster} = state;
	const hasAll = subscriptions(state)
		.filter(isWanted)
		.flatMap(sourcesOf)
		.every(source => hasReported(state, source));
	// The lease and the member list are read right after the first read of the keys.
	const reads = [...cluster.sourceStatuses].some(
		([source, status]) => kindOf(source) === 'dcs' && status?.state === 'seen',
	);
	const isLeaseRead = cluster.keys.get('leader')?.lease === undefined || cluster.lease !== undefined;
	return hasAll && (!reads || (isLeaseRead && cluster.etcd.members !== undefined));
}

/** Excludes sources that would be in the snapshot only if they happened to answer in time. */
export function isInSnapshot(subscription: Subscription): boolean {
	return sourcesOf(subscription).every(source => traitsOf(source).isInSnapshot);
}

/** The source has answered or is lost. */
function hasReported({cluster}: State, source: SourceId): boolean {
	const status = cluster.sourceStatuses.get(source);
	// A probe has no source status while it gets answers.
	return kindOf(source) === 'probe'
		? status?.state === 'lost' || cluster.probes.has(Number(objectOf(source)))
		: status !== undefined && status.state !== 'connecting';
}
