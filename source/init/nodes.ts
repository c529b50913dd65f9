/** The nodes of a cluster: members, hosts of etcd, balancers; their addresses, roles and units. */
import {isLoopback} from '../discovery/listen-address.ts';
import type {NodeFacts} from '../discovery/read-node.ts';
import type {PatroniFacts} from '../discovery/types.ts';
import {unitFor} from '../discovery/units.ts';
import {type NodeRole, serviceIds, services} from '../domain/cluster/services.ts';
import {hostOf, plainHost} from '../lib/format.ts';
import {etcdHosts} from './store-access.ts';
import type {KnownNode, Listing, Ways} from './types.ts';

/** Of a cluster, and how many are read at a time: the list may come from any host that answers. */
const membersMax = 64;
const atOnce = 8;

export type Reached = {host: string; facts: NodeFacts | undefined; problem?: string};

/** Reads each host once. */
export class Reader {
	readonly #ways: Ways;
	readonly #known = new Map<string, Promise<Reached>>();

	constructor(ways: Ways) {
		this.#ways = ways;
	}

	async read(host: string): Promise<Reached> {
		const known = this.#known.get(host) ?? this.#read(host);
		this.#known.set(host, known);
		return known;
	}

	/** The first of several names that SSH reaches; else the first with its problem. */
	async first(hosts: readonly string[]): Promise<Reached> {
		for (const host of hosts) {
			const reached = await this.read(host);
			if (reached.facts !== undefined) {
				return reached;
			}
		}

		return this.read(hosts[0] ?? '');
	}

	async #read(host: string): Promise<Reached> {
		const reading = await this.#ways.read(host);
		return 'facts' in reading
			? {host, facts: reading.facts}
			: {host, facts: undefined, problem: reading.problem};
	}
}

export async function memberNodes(
	listing: Listing | undefined,
	{
		first,
		patroni,
		reader,
		from,
	}: {first: Reached; patroni: PatroniFacts | undefined; reader: Reader; from: string},
): Promise<KnownNode[]> {
	const listed = (listing?.members ?? []).slice(0, membersMax);
	if (listed.length === 0) {
		const name = patroni?.name?.text ?? first.facts?.hostname ?? first.host;
		return [nodeOf(name, first, 'the host that was named')];
	}

	return mapSome(listed, async ({name, data}) => {
		const hosts = [hostOf(data.apiUrl), data.host].filter(one => one !== undefined && !isLoopback(one));
		const isFirst = name === patroni?.name?.text || (listed.length === 1 && hosts.length === 0);
		// The address of the member serves SSH and HTTP; the name that was given is known to work.
		const names = [...hosts, ...(isFirst ? [first.host] : []), name].filter(one => one !== undefined);
		return nodeOf(name, await reader.first([...new Set(names.map(plainHost))]), `${from}/cluster`);
	});
}

async function mapSome<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
	const done: R[] = [];
	for (let at = 0; at < all.length; at += atOnce) {
		done.push(...(await Promise.all(all.slice(at, at + atOnce).map(work))));
	}

	return done;
}

/** Hosts of etcd that are not members. */
export async function otherNodes(
	members: readonly KnownNode[],
	patroni: PatroniFacts | undefined,
	reader: Reader,
): Promise<KnownNode[]> {
	const isMember = (host: string) =>
		members.some(({host: at, name, facts}) => [at, name, facts?.hostname].includes(host));
	const unknown = etcdHosts(patroni).filter(host => !isMember(host));
	return Promise.all(
		unknown.map(async host => {
			const reached = await reader.read(host);
			return nodeOf(reached.facts?.hostname || host, reached, 'hosts of etcd in patroni.yml');
		}),
	);
}

export function balancerNode(reached: Reached): KnownNode {
	const node = nodeOf(reached.facts?.hostname || reached.host, reached, 'named by you');
	return {...node, roles: ['balancer']};
}

function nodeOf(name: string, {host, facts, problem}: Reached, from: string): KnownNode {
	return {name, host, roles: [], from, facts, units: {}, ...(problem === undefined ? {} : {problem})};
}

/** One node for each host; two names of one machine count once. */
export function unique(nodes: readonly KnownNode[]): KnownNode[] {
	return nodes.filter(
		(node, index) =>
			nodes.findIndex(
				other =>
					other.host === node.host ||
					other.name === node.name ||
					(other.facts !== undefined &&
						other.facts.hostname !== '' &&
						other.facts.hostname === node.facts?.hostname),
			) === index,
	);
}

export function withRoles(nodes: readonly KnownNode[], etcd: readonly string[]): KnownNode[] {
	const shared = new Map(
		serviceIds.map(service => {
			const units = nodes.flatMap(({facts}) => (facts === undefined ? [] : (unitFor(facts, service) ?? [])));
			return [service, new Set(units).size === 1];
		}),
	);
	return nodes.map(node => {
		const isMember = node.from.endsWith('/cluster') || (node.facts?.patroni.length ?? 0) > 0;
		const runsEtcd =
			[node.host, node.name, node.facts?.hostname].some(host => host !== undefined && etcd.includes(host)) ||
			(node.facts !== undefined &&
				(unitFor(node.facts, 'etcd') !== undefined || node.facts.processes.includes('etcd')));
		const roles: NodeRole[] = [
			...(isMember ? ['database' as const] : []),
			...(runsEtcd ? ['etcd' as const] : []),
			...node.roles,
		];
		const units = serviceIds.flatMap(service => {
			const unit = node.facts && unitFor(node.facts, service);
			return unit === undefined || unit === services[service].unit || shared.get(service)
				? []
				: [[service, unit] as const];
		});
		return {...node, roles: roles.length === 0 ? ['database'] : roles, units: Object.fromEntries(units)};
	});
}
