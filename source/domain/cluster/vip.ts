/** The VIP: the nodes that may hold it, and the holder. */
import {byName} from '../../lib/format.ts';
import type {ProbeAnswer, SourceId} from '../facts.ts';
import type {Target, Vip} from '../target.ts';
import type {Cluster, KnownAddress} from './cluster.ts';
import {isFresh} from './freshness.ts';
import {identities, memberAtAddress, memberOfAnswer, splitAddress} from './identities.ts';
import {memoByCluster, memoByTarget} from './memo.ts';
import {isProbeFresh} from './probe.ts';
import {rolesOf, vipsOf} from './roles.ts';
import {isRunning, type ServiceUnit} from './services.ts';

export type VipHolder = {node: string; address: KnownAddress; sees: boolean};

export type VipView = {
	/** Undefined where none is configured. */
	vip: Vip | undefined;
	/** Nodes that have the address by their last answer. `sees`: the node's addresses are fresh. */
	holders: readonly VipHolder[];
	/** Nodes that may hold the VIP and have no fresh addresses. */
	blind: readonly string[];
	/** The watched nodes that may hold the VIP. */
	nodes: readonly string[];
	/** `blind`: a node without fresh addresses may hold it; `elsewhere`: a machine that is not watched may. */
	state: 'held' | 'two' | 'none' | 'blind' | 'elsewhere';
	/** For `elsewhere`: why there may be a holder. */
	reason: string | undefined;
	/** The probe is answered through the VIP now, so some machine holds it. */
	answers: boolean;
};

/** The configured database nodes, and the hosts of Patroni's members. */
export function databaseNodes(cluster: Cluster, target: Target): {name: string; host: string}[] {
	const configured = target.nodes.filter(node => node.roles.includes('database'));
	const hosts = new Set(configured.map(node => node.host));
	const found = [...cluster.keys.values()].flatMap(key =>
		key.value.kind === 'member' && key.value.data.host !== undefined && !hosts.has(key.value.data.host)
			? [{name: key.value.name, host: key.value.data.host}]
			: [],
	);
	const others = found.filter(({name}) => !configured.some(node => node.name === name));
	return [
		...configured.map(({name, host}) => ({name, host})),
		// Each node costs a connection; a DCS with a thousand members must not open a thousand.
		...others.sort(byName).slice(0, Math.max(0, learntNodesMax - configured.length)),
	].sort(byName);
}

/** The same limit as `membersMax` in trust.ts, which reports the others. */
const learntNodesMax = 64;

/** How long a node stays watched after its member's key is gone and the node is lost, ms. */
const departedForMs = 600_000;

/** Configured balancers without a database, by name. */
function balancers({nodes}: Target): {name: string; host: string}[] {
	return nodes
		.filter(({roles}) => roles.includes('balancer') && !roles.includes('database'))
		.map(({name, host}) => ({name, host}))
		.sort(byName);
}

/**
 * The watched nodes: balancers, then database nodes. Includes nodes whose member has no key any more: keepalived and
 * HAProxy may run there without Patroni.
 */
export const watchedNodes: (cluster: Cluster, target: Target) => readonly WatchedNode[] =
	memoByTarget(findWatchedNodes);

type WatchedNode = {name: string; host: string};

function findWatchedNodes(cluster: Cluster, target: Target): WatchedNode[] {
	const first = balancers(target);
	const isFirst = ({name, host}: WatchedNode) => first.some(one => one.name === name || one.host === host);
	const databases = watchedDatabases(cluster, target);
	return first.length === 0 ? databases : [...first, ...databases.filter(node => !isFirst(node))];
}

export function watchedDatabases(cluster: Cluster, target: Target): WatchedNode[] {
	const present = databaseNodes(cluster, target);
	const departed = [...cluster.gone].flatMap(([path, {host, since}]) => {
		const name = path.startsWith('members/') ? path.slice('members/'.length) : undefined;
		return name === undefined ||
			host === undefined ||
			present.some(one => one.name === name || one.host === host) ||
			(cluster.sourceStatuses.get(`vip:${name}`)?.state !== 'seen' &&
				(cluster.read?.at ?? 0) - since > departedForMs)
			? []
			: [{name, host}];
	});
	return departed.length === 0
		? present
		: [...present, ...departed.slice(0, Math.max(0, learntNodesMax - present.length))].sort(byName);
}

/** The node of an address such as `10.73.0.160:5432`. */
export function nodeAt(cluster: Cluster, target: Target, address: string): string | undefined {
	const at = splitAddress(address);
	const node = watchedNodes(cluster, target).find(({host}) => host === at.host)?.name;
	return node ?? memberAtAddress(identities(cluster, target), at);
}

/** The node whose PostgreSQL gave the answer. */
export function nodeOfAnswer(
	cluster: Cluster,
	target: Target,
	answer: Pick<ProbeAnswer, 'server' | 'serverStartedAt'>,
): string | undefined {
	return nodeAt(cluster, target, answer.server) ?? memberOfAnswer(cluster, target, answer);
}

/** Each VIP, the first one first. */
export const vipViews = memoByCluster((cluster: Cluster, target: Target, now: number): readonly VipView[] =>
	vipsOf(target).map(vip => findHolders(cluster, target, now, vip)),
);

/** The first VIP; without one, no node holds it. */
export const vipView = memoByCluster(
	(cluster: Cluster, target: Target, now: number): VipView =>
		vipViews(cluster, target, now)[0] ?? findHolders(cluster, target, now, undefined),
);

/** The nodes whose addresses matter for any VIP. */
export function vipNodes(cluster: Cluster, target: Target, now: number): string[] {
	return [...new Set(vipViews(cluster, target, now).flatMap(({nodes}) => nodes))];
}

/**
 * Whether the node may have the VIP: it had it, or has what moves it; before systemd there has answered, by the roles of
 * the nodes.
 */
function mayHold(cluster: Cluster, target: Target, {address, manager}: Vip, node: string): boolean {
	if (manager === 'other' || hadVip(cluster, address, node)) {
		return true;
	}

	const units = cluster.units.get(node)?.value;
	const roles = rolesOf(target, node);
	const byRole = manager === 'keepalived' ? roles.includes('balancer') : roles.includes('database');
	return byRole || units?.some(({service, load}) => service === manager && load !== 'not-found') === true;
}

function findHolders(cluster: Cluster, target: Target, now: number, vip: Vip | undefined): VipView {
	const watched = watchedNodes(cluster, target).map(({name}) => name);
	const nodes = vip === undefined ? watched : watched.filter(node => mayHold(cluster, target, vip, node));
	const isSeen = (node: string) => isFresh(cluster.sourceStatuses.get(`vip:${node}`), `vip:${node}`, now);
	const holders = nodes.flatMap(node => {
		const address = cluster.addresses.get(node)?.value.find(({ip}) => ip === vip?.address);
		return address ? [{node, address, sees: isSeen(node)}] : [];
	});
	const blind = nodes.filter(node => !isSeen(node));
	const seen = holders.filter(one => one.sees).length;
	const answers = vip !== undefined && vipAnswers(cluster, target, vip.address, nodes, now);
	const reason =
		seen > 0 || blind.length > 0 || nodes.length === 0
			? undefined
			: whyElsewhere(cluster, vip, {nodes, answers, now});
	const unheld =
		blind.length > 0 || nodes.length === 0 ? 'blind' : reason === undefined ? 'none' : 'elsewhere';
	return {
		vip,
		holders,
		blind,
		nodes,
		state: seen > 1 ? 'two' : seen === 1 ? 'held' : unheld,
		reason,
		answers,
	};
}

/** Whether the VIP was ever seen on a watched node, so that it belongs to these nodes. */
export function isVipLocal(cluster: Cluster, target: Target, {address}: Vip): boolean {
	return watchedNodes(cluster, target).some(({name}) => hadVip(cluster, address, name));
}

function hadVip(cluster: Cluster, vip: string, node: string): boolean {
	return (
		leftAt(cluster, vip, node) !== undefined ||
		(cluster.addresses.get(node)?.value.some(({ip}) => ip === vip) ?? false)
	);
}

function leftAt({addresses}: Cluster, vip: string, node: string): number | undefined {
	return addresses.get(node)?.former?.find(({ip}) => ip === vip)?.at;
}

/** Whether the VIP's manager could take it on a node; undefined where systemd cannot show it now. */
export function runsManager(
	cluster: Cluster,
	{manager}: Vip,
	node: string,
	now: number,
): boolean | undefined {
	const source = `units:${node}` as const;
	const units = isFresh(cluster.sourceStatuses.get(source), source, now)
		? cluster.units.get(node)?.value
		: undefined;
	const unit = units?.find(({service}) => service === manager);
	return unit && mayRun(unit);
}

/** A failed or starting unit should run, so it counts. */
function mayRun(unit: ServiceUnit): boolean {
	return isRunning(unit) || (unit.load === 'loaded' && unit.active !== 'inactive');
}

/** Why the VIP may be elsewhere; undefined if it belongs to the watched nodes, so that none of them means no holder. */
function whyElsewhere(
	cluster: Cluster,
	vip: Vip | undefined,
	{nodes, answers, now}: Pick<VipView, 'nodes' | 'answers'> & {now: number},
): string | undefined {
	if (vip === undefined) {
		return undefined;
	}

	const {address, manager} = vip;
	const left = [...cluster.addresses.keys()].filter(
		node => !nodes.includes(node) && cluster.addresses.get(node)?.value.some(({ip}) => ip === address),
	);
	if (left.length > 0) {
		return `${left.join(', ')} had it, and ${left.length === 1 ? 'is' : 'are'} no longer watched`;
	}

	if (answers) {
		return 'it answers: a machine that is not watched holds it';
	}

	const placeless = [...cluster.keys.values()].flatMap(({value}) =>
		value.kind === 'member' && value.data.host === undefined && !nodes.includes(value.name)
			? [value.name]
			: [],
	);
	if (placeless.length > 0) {
		return `the address of ${placeless.join(', ')} is not known`;
	}

	const running = nodes.map(node => ({node, runs: runsManager(cluster, vip, node, now)}));
	if (nodes.some(node => hadVip(cluster, address, node)) || running.some(({runs}) => runs === true)) {
		return undefined;
	}

	if (manager === 'other') {
		return 'what moves it is not watched; another machine may hold the VIP';
	}

	const notSeen = running.filter(({runs}) => runs === undefined).map(({node}) => node);
	return notSeen.length > 0
		? `it is not known whether ${manager} runs on ${notSeen.join(', ')}`
		: `no watched node runs ${manager}; another machine may hold the VIP`;
}

/** The probe was answered through the VIP after the last time that it left a node. */
function vipAnswers(
	cluster: Cluster,
	{probe}: Target,
	vip: string,
	nodes: readonly string[],
	now: number,
): boolean {
	const left = Math.max(0, ...nodes.map(node => leftAt(cluster, vip, node) ?? 0));
	return (
		probe?.host === vip &&
		Object.values(probe.ports).some(port => {
			const known = cluster.probes.get(port);
			return (
				known?.answer !== undefined &&
				known.failing === undefined &&
				known.answer.at > left &&
				isProbeFresh(known, now)
			);
		})
	);
}

/** The addresses of each watched node. */
export function vipSources(cluster: Cluster, target: Target): SourceId[] {
	return watchedNodes(cluster, target).map(({name}) => `vip:${name}` as const);
}
