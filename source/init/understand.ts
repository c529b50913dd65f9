/** From one host to a cluster: its patroni.yml, the members, the other nodes, and what their files say. */
import {endpointUrl, etcdPort} from '../config/origin.ts';
import {restPort} from '../config/store.ts';
import {reasonOf} from '../connections/error-reason.ts';
import {isLoopback} from '../discovery/listen-address.ts';
import {type NodeFacts, placeText} from '../discovery/read-node.ts';
import type {Located, PatroniFacts} from '../discovery/types.ts';
import {foundValues, unitFor} from '../discovery/values.ts';
import {type NodeRole, serviceIds, services} from '../domain/cluster/services.ts';
import {storeName} from '../domain/target.ts';
import {bracketHost, hostOf, plainHost} from '../lib/format.ts';
import type {EtcdAccess, Known, KnownNode, Listing, Understanding, Ways} from './types.ts';

/** Nothing on the way leads to a cluster; the message has what was tried. */
export class NotUnderstood extends Error {
	override name = 'NotUnderstood';
}

export type Hints = {
	/** Hosts of HAProxy and keepalived, which no file of a database node names. */
	balancers: readonly string[];
	/** Files on this machine, by the operator. */
	etcdCa?: string | undefined;
	restCa?: string | undefined;
};

type Reached = {host: string; facts: NodeFacts | undefined; problem?: string};

/** Reads each host once. */
class Reader {
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

/** @throws NotUnderstood */
export async function understand(host: string, ways: Ways, hints: Hints): Promise<Understanding> {
	const reader = new Reader(ways);
	ways.say(`reading ${host} over SSH`);
	const first = await reader.read(host);
	const database = await databaseHost(first, reader, ways);
	const {patroni, listing, from, tried} = await beginning(database, ways);
	const scope = patroni?.scope ?? (listing?.scope === undefined ? undefined : {text: listing.scope});
	if (scope === undefined) {
		throw new NotUnderstood(
			[
				`${host}: no cluster was found there`,
				...[first, database].flatMap(({problem, host: at}) =>
					problem === undefined ? [] : [`ssh ${at}: ${problem}`],
				),
				...(database.facts?.problems ?? []).map(
					({path, why}) => `${database.host}: ${path} was not read: ${why}`,
				),
				...tried,
				'name a host with a member of Patroni; its patroni.yml must be readable for the login, or with sudo -n',
			].join('\n'),
		);
	}

	ways.say(
		`${scope.text}: reading ${listing === undefined ? 'the hosts in patroni.yml' : listing.members.map(({name}) => name).join(', ')}`,
	);
	const members = await memberNodes(listing, {first: database, patroni, reader, from});
	const others = await otherNodes(members, patroni, reader);
	const balancers = await Promise.all(
		[...new Set([...(first.host === database.host ? [] : [first.host]), ...hints.balancers])].map(async at =>
			// An alias of the ssh configuration is no name for HTTP.
			balancerNode(await reader.first([...new Set([await ways.hostName(at), at])])),
		),
	);
	const nodes = withRoles(unique([...members, ...others, ...balancers]), etcdHosts(patroni));
	const found = foundValues(
		nodes.flatMap(({name, facts}) => (facts === undefined ? [] : [{name, facts}])),
		scope.text,
	);
	const place = (value: Located<object>) => placeText(database.facts?.hostname ?? database.host, value);
	const etcd = await etcdAccess(patroni, nodes, {ways, hints, place});
	const restTls = patroni?.rest?.isTls ?? from.startsWith('https:');
	const seeds = nodes
		.filter(({roles}) => roles.includes('database'))
		.map(
			one =>
				`${restTls ? 'https://' : ''}${bracketHost(one.host)}:${portIn(patroni?.rest?.address) ?? restPort}`,
		);
	return {
		scope: {value: scope.text, from: 'line' in scope ? place(scope) : `${from}/cluster`},
		namespace:
			patroni?.namespace === undefined
				? undefined
				: {value: patroni.namespace.text, from: place(patroni.namespace)},
		etcd: 'value' in etcd ? etcd : undefined,
		rest: 'value' in etcd ? undefined : {value: seeds, from: etcd.why},
		restCa: caFile(patroni?.restCa, hints.restCa, ways, place),
		restTls,
		restUser: patroni?.restUser && place(patroni.restUser),
		nodes,
		values: found.values,
		hasHaproxy: nodes.some(
			({facts}) => facts?.haproxy !== undefined || facts?.processes.some(name => name.startsWith('haproxy')),
		),
		remarks: [
			...found.remarks.map(({node, text}) => `${node}: ${text}`),
			...nodes.flatMap(({name, host: at, problem}) =>
				problem === undefined ? [] : [`${name}: ssh ${at}: ${problem}`],
			),
		],
		patroni,
	};
}

/** The host itself, or a database node that its haproxy.cfg leads to. */
async function databaseHost(first: Reached, reader: Reader, ways: Ways): Promise<Reached> {
	const servers = first.facts?.haproxy?.servers ?? [];
	const isMember =
		(first.facts?.patroni.length ?? 0) > 0 ||
		first.facts?.processes.includes('patroni') ||
		first.facts?.problems.some(({path}) => path.includes('/patroni'));
	if (isMember || servers.length === 0) {
		return first;
	}

	const hosts = [...new Set(servers.map(({host}) => host))].filter(one => !isLoopback(one));
	ways.say(`${first.host} has no patroni.yml; its haproxy.cfg leads to ${hosts.join(', ')}`);
	return hosts.length === 0 ? first : reader.first(hosts);
}

type Beginning = {
	patroni: PatroniFacts | undefined;
	listing: Listing | undefined;
	/** Where the list of members comes from. */
	from: string;
	/** What gave no answer. */
	tried: readonly string[];
};

/** The node's patroni.yml, and the members by its REST API: from here, else by the node itself. */
async function beginning({host, facts}: Reached, ways: Ways): Promise<Beginning> {
	const [patroni] = facts?.patroni ?? [];
	const address = patroni?.rest?.address;
	const isTls = patroni?.rest?.isTls ?? false;
	const given = address !== undefined && !isLoopback(hostIn(address)) ? [address] : [];
	const origins = [...given, `${bracketHost(host)}:${portIn(address) ?? restPort}`].flatMap(
		one => endpointUrl(one, isTls, restPort) ?? [],
	);
	const tried: string[] = [];
	for (const origin of new Set(origins)) {
		try {
			return {patroni, listing: await ways.listMembers(origin), from: origin, tried};
		} catch (error) {
			tried.push(`${origin}/cluster: ${reasonOf(error)}`);
		}
	}

	const [origin] = origins;
	if (facts !== undefined && origin !== undefined) {
		try {
			return {patroni, listing: await ways.listMembersOn(host, origin), from: origin, tried};
		} catch (error) {
			tried.push(`${origin}/cluster asked on ${host}: ${reasonOf(error)}`);
		}
	}

	return {patroni, listing: undefined, from: origin ?? '', tried};
}

async function memberNodes(
	listing: Listing | undefined,
	{
		first,
		patroni,
		reader,
		from,
	}: {first: Reached; patroni: PatroniFacts | undefined; reader: Reader; from: string},
): Promise<KnownNode[]> {
	const listed = listing?.members ?? [];
	if (listed.length === 0) {
		const name = patroni?.name?.text ?? first.facts?.hostname ?? first.host;
		return [nodeOf(name, first, 'the host that was named')];
	}

	return Promise.all(
		listed.map(async ({name, data}) => {
			const hosts = [hostOf(data.apiUrl), data.host].filter(one => one !== undefined && !isLoopback(one));
			const isFirst = name === patroni?.name?.text || (listed.length === 1 && hosts.length === 0);
			// The address of the member serves SSH and HTTP; the name that was given is known to work.
			const names = [...hosts, ...(isFirst ? [first.host] : []), name].filter(one => one !== undefined);
			return nodeOf(name, await reader.first([...new Set(names.map(plainHost))]), `${from}/cluster`);
		}),
	);
}

/** Hosts of etcd that are no members. */
async function otherNodes(
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

function balancerNode(reached: Reached): KnownNode {
	const node = nodeOf(reached.facts?.hostname || reached.host, reached, 'named by you');
	return {...node, roles: ['balancer']};
}

function nodeOf(name: string, {host, facts, problem}: Reached, from: string): KnownNode {
	return {name, host, roles: [], from, facts, units: {}, ...(problem === undefined ? {} : {problem})};
}

/** One node for each host; two names of one machine count once. */
function unique(nodes: readonly KnownNode[]): KnownNode[] {
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

/** Hosts of etcd, other than loopbacks. */
function etcdHosts(patroni: PatroniFacts | undefined): readonly string[] {
	const {store} = patroni ?? {};
	const hosts = store?.kind === 'etcd3' || store?.kind === 'etcd' ? store.hosts.map(hostIn) : [];
	return [...new Set(hosts)].filter(host => !isLoopback(host));
}

function withRoles(nodes: readonly KnownNode[], etcd: readonly string[]): KnownNode[] {
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

/** etcd as this machine can use it, or why the members are followed by REST. */
async function etcdAccess(
	patroni: PatroniFacts | undefined,
	nodes: readonly KnownNode[],
	{ways, hints, place: placeOf}: {ways: Ways; hints: Hints; place: (value: Located<object>) => string},
): Promise<Known<EtcdAccess> | {why: string}> {
	const store = patroni?.store;
	if (store === undefined) {
		return {why: 'no store was found in a patroni.yml that could be read'};
	}

	if (store.kind !== 'etcd3') {
		return {
			why: `Patroni uses ${storeName({rest: {store: store.kind, seeds: []}})} (${store.file}:${store.line})`,
		};
	}

	const running = nodes.filter(({roles}) => roles.includes('etcd')).map(({host}) => host);
	const hosts = store.hosts.flatMap(host =>
		isLoopback(hostIn(host)) ? running.map(at => `${bracketHost(at)}:${portIn(host) ?? etcdPort}`) : [host],
	);
	const all = [...new Set(hosts)];
	const reached = await Promise.all(
		all.map(async host => ways.connects(hostIn(host), portIn(host) ?? etcdPort)),
	);
	const isHttps = store.protocol === 'https';
	const place = placeOf(store);
	if (!reached.includes(true)) {
		return {why: `etcd (${place}: ${all.join(', ') || 'no host'}) cannot be reached from here`};
	}

	const ca = hints.etcdCa ?? store.cacert;
	const missing = (isHttps ? [...(ca === undefined ? [] : [ca]), ...[store.cert, store.key]] : []).filter(
		file => file !== undefined && !ways.hasFile(file),
	);
	if (missing.length > 0) {
		return {why: `etcd needs files that are not on this machine: ${missing.join(', ')} (${place})`};
	}

	return {
		value: {
			hosts: all,
			isHttps,
			hasUser: store.hasUser,
			...(isHttps && ca !== undefined ? {cacert: ca} : {}),
			...(isHttps && store.cert !== undefined ? {cert: store.cert} : {}),
			...(isHttps && store.key !== undefined ? {key: store.key} : {}),
		},
		from: place,
	};
}

function caFile(
	found: Located<{path: string}> | undefined,
	given: string | undefined,
	ways: Ways,
	place: (value: Located<object>) => string,
): Known<string> | undefined {
	return given !== undefined
		? {value: given, from: 'named by you'}
		: found !== undefined && ways.hasFile(found.path)
			? {value: found.path, from: place(found)}
			: undefined;
}

function hostIn(address: string): string {
	return plainHost(address.replace(/:\d{1,5}$/, ''));
}

function portIn(address: string | undefined): number | undefined {
	const [, port] = /:(\d{1,5})$/.exec(address ?? '') ?? [];
	return port === undefined ? undefined : Number(port);
}
