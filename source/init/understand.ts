/** From one host to a cluster: its patroni.yml, the members, the other nodes, and what their files say. */
import {endpointUrl} from '../config/origin.ts';
import {restPort} from '../config/store.ts';
import {reasonOf} from '../connections/error-reason.ts';
import {isLoopback} from '../discovery/listen-address.ts';
import {placeText} from '../discovery/read-node.ts';
import type {Located, PatroniFacts} from '../discovery/types.ts';
import {foundValues} from '../discovery/values.ts';
import {bracketHost} from '../lib/format.ts';
import {balancerNode, memberNodes, otherNodes, type Reached, Reader, unique, withRoles} from './nodes.ts';
import {caFile, etcdAccess, etcdHosts, type Hints, hostIn, portIn} from './store-access.ts';
import type {Listing, Understanding, Ways} from './types.ts';

/** Nothing on the way leads to a cluster; the message has what was tried. */
export class NotUnderstood extends Error {
	override name = 'NotUnderstood';
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
			// HTTP cannot resolve an alias of the ssh configuration.
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

/** Servers of haproxy.cfg that are tried, one after the other. */
const serversMax = 10;

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

	const hosts = [...new Set(servers.map(({host}) => host))]
		.filter(one => !isLoopback(one))
		.slice(0, serversMax);
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
