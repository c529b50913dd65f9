/** Which addresses from the cluster are trusted with requests and credentials. */
import {plainHost} from '../../lib/format.ts';
import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';
import {memoByTarget} from './memo.ts';
import {hasHaproxy} from './roles.ts';
import {databaseNodes, watchedDatabases} from './vip.ts';

/** An address from the cluster that gets no connection, or none with the configured user. */
export type Withheld = {
	what: 'etcd' | 'patroni' | 'haproxy' | 'postgresql';
	/** The member or node that has the address. */
	name: string;
	address: string;
	/** Continues "nothing is sent to ADDRESS: ". */
	why: string;
};

/** Limits beyond the configured addresses: etcd has at most seven voters, Patroni somewhat more members. */
const learntEndpointsMax = 16;
export const membersMax = 64;

/** etcd's endpoints from its member list, split into trusted and withheld ones. */
export function trustedEndpoints(
	target: Target,
	/** The members, each with its name and the URLs that it publishes. */
	learnt: readonly {name: string; urls: readonly string[]}[],
): {endpoints: readonly string[]; withheld: readonly Withheld[]} {
	const endpoints: string[] = [];
	const withheld: Withheld[] = [];
	for (const {name, urls} of learnt) {
		const usable = urls.filter(isElsewhere);
		const url = usable.find(one => mistrust(target, one) === undefined);
		const [address] = usable;
		if (url === undefined) {
			const why = address === undefined ? undefined : mistrust(target, address);
			withheld.push(
				...(address === undefined || why === undefined ? [] : [{what: 'etcd' as const, name, address, why}]),
			);
		} else if (endpoints.length >= learntEndpointsMax && !endpoints.includes(url)) {
			withheld.push({
				what: 'etcd',
				name,
				address: url,
				why: `etcd names more than ${learntEndpointsMax} others`,
			});
		} else if (!endpoints.includes(url)) {
			endpoints.push(url);
		}
	}

	return {endpoints, withheld};
}

/** Excludes loopback addresses: they mean the member's own host. */
function isElsewhere(url: string): boolean {
	return !/\/\/(127\.|localhost|\[::1\])/.test(url);
}

/** Why nothing is sent to a URL from etcd's member list; undefined if it is trusted. */
function mistrust({endpoints, trust}: Target, url: string): string | undefined {
	if (!/^https?:\/\/[^/@?#\s]+\/?$/.test(url) || !URL.canParse(url)) {
		return 'it is not http://HOST:PORT or https://HOST:PORT';
	}

	const scheme = url.slice(0, url.indexOf(':'));
	const schemes = new Set(endpoints.map(endpoint => endpoint.slice(0, endpoint.indexOf(':'))));
	if (schemes.has(scheme)) {
		return undefined;
	}

	if (scheme === 'http') {
		return 'it is http, while etcd is configured with https';
	}

	return trust?.etcdUser ? 'it is https, while the etcd user is configured for http' : undefined;
}

export type RestAddress = {member: string; url: string; why: string | undefined};

/** Each member's published REST API. `why`: why nothing is sent there. */
export function restAddresses({keys}: Pick<Cluster, 'keys'>, target: Target): readonly RestAddress[] {
	return addressesIn(keys, target);
}

const addressesIn = memoByTarget(findRestAddresses);

function findRestAddresses(keys: Cluster['keys'], target: Target): RestAddress[] {
	const all = [...keys.values()].flatMap(({value}) =>
		value.kind === 'member' && value.data.apiUrl !== undefined
			? [{member: value.name, url: value.data.apiUrl}]
			: [],
	);
	const configured = new Set(target.nodes.flatMap(({name, host}) => [name, plainHost(host)]));
	const isConfigured = ({member, url}: {member: string; url: string}) =>
		configured.has(member) || (URL.canParse(url) && configured.has(plainHost(new URL(url).hostname)));
	const whyBeyond = limitOf(all, isConfigured);
	return all.map(one => ({
		...one,
		why: whyBeyond(one) ?? (isSecure(one.url) ? undefined : whySecure(all, target, one.member)),
	}));
}

/** Why the cluster's member is not asked, beyond the limit; configured ones come first. */
function limitOf<T>(all: readonly T[], isConfigured: (one: T) => boolean): (one: T) => string | undefined {
	const beyond = new Set(
		[...all.filter(isConfigured), ...all.filter(one => !isConfigured(one))].slice(membersMax),
	);
	return one => (beyond.has(one) ? `the cluster names more than ${membersMax} members` : undefined);
}

/** Why REST APIs require TLS; undefined if plain HTTP is allowed. */
function whySecure(
	all: readonly {member: string; url: string}[],
	{trust, rest}: Target,
	except?: string,
): string | undefined {
	if (trust?.restTls !== undefined) {
		return `it is http, while TLS is configured (${trust.restTls})`;
	}

	if (rest?.seeds.some(isSecure)) {
		return 'it is http, while an address to begin with is https';
	}

	const secure = all.find(({member, url}) => member !== except && isSecure(url));
	return secure === undefined ? undefined : `it is http, while ${secure.member} is on https`;
}

/** Patroni's default. */
const usualRestPort = '8008';

/** Scheme and port for the REST API of a member without a key, as most of the others publish them. */
export function restBase(
	cluster: Pick<Cluster, 'keys'>,
	target: Target,
): {scheme: 'http' | 'https'; port: string} {
	const all = restAddresses(cluster, target);
	const scheme = whySecure(all, target) === undefined ? 'http' : 'https';
	const counts = new Map<string, number>();
	for (const {url} of all) {
		const {protocol, port} = URL.canParse(url) ? new URL(url) : {protocol: '', port: ''};
		if (protocol === `${scheme}:`) {
			// URL drops the default port of its protocol.
			const given = port || (scheme === 'https' ? '443' : '80');
			counts.set(given, (counts.get(given) ?? 0) + 1);
		}
	}

	const [[port] = [usualRestPort]] = [...counts].toSorted(([, one], [, other]) => other - one);
	return {scheme, port};
}

/** Where a member's PostgreSQL is asked. `why`: why it is not. */
export type SqlAddress = {member: string; host: string; port: number; why: string | undefined};

/** libpq's default. */
const usualPort = 5432;

/**
 * PostgreSQL of each member, as Patroni publishes it; of a node without a member key at the port of the others: there one may run
 * that Patroni does not know of.
 */
export function sqlAddresses(cluster: Cluster, target: Target): SqlAddress[] {
	if (target.monitor === undefined) {
		return [];
	}

	const published = [...cluster.keys.values()].flatMap(({value}) =>
		value.kind === 'member' && value.data.host !== undefined
			? [{member: value.name, host: value.data.host, port: value.data.port ?? usualPort}]
			: [],
	);
	const [port = usualPort] = published.map(one => one.port);
	const silent = watchedDatabases(cluster, target)
		.filter(({name, host}) => !published.some(one => one.member === name || one.host === host))
		.map(({name: member, host}) => ({member, host, port}));
	const isConfigured = ({host}: {host: string}) => trustsHost(cluster, target, host);
	const all = [...published, ...silent];
	const whyBeyond = limitOf(all, isConfigured);
	return all.map(one => ({
		...one,
		why: whyBeyond(one) ?? (isConfigured(one) ? undefined : 'it is not one of the configured nodes'),
	}));
}

/** Why nothing is sent to a member's REST API; undefined if requests are sent. */
export function whyNoRest(cluster: Pick<Cluster, 'keys'>, target: Target, name: string): string | undefined {
	return restAddresses(cluster, target).find(({member}) => member === name)?.why;
}

function isSecure(url: string): boolean {
	return /^https:\/\//i.test(url);
}

/**
 * Where the monitor's password may go: to a configured address of a database node, or one that the node itself has, over SSH. A
 * name in the DCS alone proves nothing. Without configured nodes, to all that the DCS names.
 */
function trustsHost({addresses}: Cluster, {nodes}: Target, host: string): boolean {
	const configured = nodes.filter(({roles}) => roles.includes('database'));
	return (
		configured.length === 0 ||
		configured.some(
			one =>
				plainHost(one.host) === plainHost(host) ||
				addresses.get(one.name)?.value.some(({ip}) => ip === plainHost(host)),
		)
	);
}

/** HAProxy's user is sent to configured nodes and their members; without configured nodes, to all members. */
export function haproxyTrusts({nodes}: Target, node: {name: string; host: string}): boolean {
	const configured = nodes.filter(({roles}) => roles.includes('database') || roles.includes('balancer'));
	return (
		configured.length === 0 ||
		configured.some(({name, host}) => name === node.name || plainHost(host) === plainHost(node.host))
	);
}

/** Withheld addresses of Patroni and HAProxy; etcd's are in `etcdWithheld`. */
export function withheldOnMembers(cluster: Cluster, target: Target): Withheld[] {
	const members = restAddresses(cluster, target).flatMap(({member, url, why}): Withheld[] =>
		why === undefined ? [] : [{what: 'patroni', name: member, address: url, why}],
	);
	const proxies = target.trust?.haproxyUser
		? databaseNodes(cluster, target).filter(
				node => hasHaproxy(target, node.name) && !haproxyTrusts(target, node),
			)
		: [];
	const servers = sqlAddresses(cluster, target).flatMap(({member, host, why}): Withheld[] =>
		why === undefined ? [] : [{what: 'postgresql', name: member, address: host, why}],
	);
	return [
		...members,
		...servers,
		...proxies.map(
			({name, host}): Withheld => ({
				what: 'haproxy',
				name,
				address: host,
				why: 'it is not one of the configured nodes',
			}),
		),
	];
}
