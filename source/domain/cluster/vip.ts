/** The VIP: which nodes may hold it, and which one does. */
import {byName} from '../../lib/format.ts';
import type {Target} from '../target.ts';
import type {Cluster, KnownAddress} from './cluster.ts';
import {isFresh} from './freshness.ts';
import {identities, memberAtAddress, splitAddress} from './identities.ts';
import {memoByCluster} from './memo.ts';
import {isProbeFresh} from './probe.ts';
import {isRunning} from './services.ts';

export type VipHolder = {node: string; address: KnownAddress; sees: boolean};

export type VipView = {
	/** Nodes that have the address by their last answer; `sees`: they can be seen now. */
	holders: readonly VipHolder[];
	/** Nodes whose addresses cannot be seen now: each could hold it. */
	blind: readonly string[];
	/** Nodes that are watched for the VIP. */
	nodes: readonly string[];
	/** `blind`: a node that cannot be seen may hold it; `elsewhere`: a machine may that is not watched. */
	state: 'held' | 'two' | 'none' | 'blind' | 'elsewhere';
	/** Of `elsewhere`: why there may be a holder though none is seen. */
	reason: string | undefined;
	/** The probe is answered through it now: some machine holds it. */
	answers: boolean;
};

/** The nodes that may hold the VIP: the configured database nodes, else the hosts of Patroni's members. */
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
		// A connection each: a DCS that names a thousand members does not open a thousand.
		...others.sort(byName).slice(0, Math.max(0, learntNodesMax - configured.length)),
	].sort(byName);
}

/** As many as the members whose REST API is asked (`membersMax` in trust.ts, which reports the others). */
const learntNodesMax = 64;

/** How long a node is watched after its member has lost its key and it can no longer be seen. */
const departedForMs = 600_000;

/**
 * The nodes that are watched: also those whose member has lost its key, since keepalived and HAProxy may still run there when
 * Patroni is stopped.
 */
export function watchedNodes(cluster: Cluster, target: Target): {name: string; host: string}[] {
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

export const vipView = memoByCluster(findHolders);

function findHolders(cluster: Cluster, target: Target, now: number): VipView {
	const nodes = watchedNodes(cluster, target).map(({name}) => name);
	const isSeen = (node: string) => isFresh(cluster.sourceStatuses.get(`vip:${node}`), `vip:${node}`, now);
	const holders = nodes.flatMap(node => {
		const address = cluster.addresses.get(node)?.value.find(({ip}) => ip === target.vip);
		return address ? [{node, address, sees: isSeen(node)}] : [];
	});
	const blind = nodes.filter(node => !isSeen(node));
	const seen = holders.filter(one => one.sees).length;
	const answers = vipAnswers(cluster, target, nodes, now);
	const reason =
		seen > 0 || blind.length > 0 || nodes.length === 0
			? undefined
			: whyElsewhere(cluster, target, {nodes, answers, now});
	const unheld =
		blind.length > 0 || nodes.length === 0 ? 'blind' : reason === undefined ? 'none' : 'elsewhere';
	return {
		holders,
		blind,
		nodes,
		state: seen > 1 ? 'two' : seen === 1 ? 'held' : unheld,
		reason,
		answers,
	};
}

/** The VIP was seen on a watched node: it belongs to these nodes. */
export function isVipLocal(cluster: Cluster, target: Target): boolean {
	return watchedNodes(cluster, target).some(({name}) => hadVip(cluster, target, name));
}

function hadVip(cluster: Cluster, target: Target, node: string): boolean {
	return (
		leftAt(cluster, target, node) !== undefined ||
		(cluster.addresses.get(node)?.value.some(({ip}) => ip === target.vip) ?? false)
	);
}

function leftAt({addresses}: Cluster, {vip}: Target, node: string): number | undefined {
	return addresses.get(node)?.former?.find(({ip}) => ip === vip)?.at;
}

/** Whether keepalived could take the VIP on a node; undefined where systemd cannot be seen. */
export function runsKeepalived(cluster: Cluster, node: string, now: number): boolean | undefined {
	const source = `units:${node}` as const;
	const unit = isFresh(cluster.sourceStatuses.get(source), source, now)
		? cluster.units.get(node)?.value.find(({service}) => service === 'keepalived')
		: undefined;
	// A unit that failed or is starting should run there.
	return unit && (isRunning(unit) || (unit.load === 'loaded' && unit.active !== 'inactive'));
}

/** Not on the watched nodes: that means "no holder" only if it belongs to them. */
function whyElsewhere(
	cluster: Cluster,
	target: Target,
	{nodes, answers, now}: Pick<VipView, 'nodes' | 'answers'> & {now: number},
): string | undefined {
	const left = [...cluster.addresses.keys()].filter(
		node => !nodes.includes(node) && cluster.addresses.get(node)?.value.some(({ip}) => ip === target.vip),
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

	const running = nodes.map(node => ({node, runs: runsKeepalived(cluster, node, now)}));
	if (isVipLocal(cluster, target) || running.some(({runs}) => runs === true)) {
		return undefined;
	}

	const notSeen = running.filter(({runs}) => runs === undefined).map(({node}) => node);
	return notSeen.length > 0
		? `it is not known whether keepalived runs on ${notSeen.join(', ')}`
		: 'no watched node runs keepalived; another machine may hold the VIP';
}

/** The probe was answered through it after it was last seen to leave a node. */
function vipAnswers(cluster: Cluster, target: Target, nodes: readonly string[], now: number): boolean {
	const {vip, probe} = target;
	const left = Math.max(0, ...nodes.map(node => leftAt(cluster, target, node) ?? 0));
	return (
		vip !== undefined &&
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
