/** The names and addresses of members, to recognise them in data of other sources. */
import {hostOf, plainHost} from '../../lib/format.ts';
import type {ProbeAnswer} from '../facts.ts';
import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';
import {vipsOf} from './roles.ts';

/** A member's names and addresses as other sources may write them, in lower case. */
export type Identity = {
	member: string;
	/** The member's name, and the name of its configured node. */
	names: readonly string[];
	/** Hosts of `conn_url` and `api_url`, of the configured node, and the node's own addresses. */
	hosts: readonly string[];
	/** PostgreSQL's port. */
	port: number | undefined;
};

const known = new WeakMap<
	object,
	Pick<Cluster, 'gone' | 'addresses'> & {target: Target; all: readonly Identity[]}
>();

/** By target: the last result, which stays while the content is equal, so that what is memoized by it stays valid. */
const latest = new WeakMap<Target, {text: string; all: readonly Identity[]}>();

/** All members that have a key, or had one since this console started. */
export function identities(cluster: Cluster, target: Target): readonly Identity[] {
	const {keys, gone, addresses} = cluster;
	const before = known.get(keys);
	if (before?.gone === gone && before.addresses === addresses && before.target === target) {
		return before.all;
	}

	const found = withoutShared(findIdentities(cluster, target));
	const text = JSON.stringify(found);
	const last = latest.get(target);
	const all = last?.text === text ? last.all : found;
	latest.set(target, {text, all});
	known.set(keys, {gone, addresses, target, all});
	return all;
}

type Found = Identity & {addresses: readonly string[]};

function findIdentities({keys, gone, addresses}: Cluster, target: Target): Found[] {
	const present = [...keys.values()].flatMap(({value}) =>
		value.kind === 'member'
			? [
					{
						name: value.name,
						hosts: [value.data.host, hostOf(value.data.apiUrl)],
						port: value.data.port,
					},
				]
			: [],
	);
	const names = new Set(present.map(({name}) => name));
	const left = [...gone].flatMap(([path, {host}]) => {
		const name = path.startsWith('members/') ? path.slice('members/'.length) : undefined;
		return name === undefined || names.has(name) ? [] : [{name, hosts: [host], port: undefined}];
	});
	const vips = vipsOf(target).map(({address}) => address);
	const isAddress = (ip: string) => !isLocal(ip) && !vips.includes(ip);
	return [...present, ...left].map(({name, hosts, port}) => {
		const own = hosts.flatMap(host => (host === undefined ? [] : [plain(host)]));
		const nodes = target.nodes.filter(
			node => node.name.toLowerCase() === name.toLowerCase() || own.includes(plain(node.host)),
		);
		return {
			member: name,
			names: unique([name, ...nodes.map(node => node.name)].map(one => one.toLowerCase())),
			hosts: unique([...own, ...nodes.map(({host}) => plain(host))]),
			addresses: unique(
				[name, ...nodes.map(node => node.name)].flatMap(node =>
					(addresses.get(node)?.value ?? []).flatMap(({ip}) => (isAddress(ip) ? [plain(ip)] : [])),
				),
			),
			port,
		};
	});
}

/** Drops addresses that several nodes have, such as a container bridge's: they identify none. */
function withoutShared(all: readonly Found[]): Identity[] {
	const count = new Map<string, number>();
	for (const {addresses} of all) {
		for (const one of addresses) {
			count.set(one, (count.get(one) ?? 0) + 1);
		}
	}

	// `localhost` identifies a member only if all members are on one machine.
	const isOneMachine = all.every(({hosts}) => hosts.every(isLocal));
	return all.map(({addresses, hosts, ...identity}) => ({
		...identity,
		hosts: unique([
			...hosts.filter(host => isOneMachine || !isLocal(host)),
			...addresses.filter(one => count.get(one) === 1),
		]),
	}));
}

/** Splits `10.73.0.160:5432`, `[fd00::1]:5432`, and `fd00::1:5432` as PostgreSQL reports it. */
export function splitAddress(address: string): {host: string; port: number | undefined} {
	const [, host = address, port] = /^(.*?)(?::(\d+))?$/.exec(address) ?? [];
	return {host: plain(host), port: port === undefined ? undefined : Number(port)};
}

/** The member at an address; if several share the host, the one with that port. */
export function memberAtAddress(
	all: readonly Identity[],
	{host, port}: {host: string; port: number | undefined},
): string | undefined {
	const there = all.filter(({hosts}) => hosts.includes(host));
	const exact = there.filter(one => one.port === port);
	return (there.length === 1 ? there[0] : exact.length === 1 ? exact[0] : undefined)?.member;
}

/** Patroni rounds the time of its answer to µs, the console both to ms. */
const startsApartMs = 1;

/**
 * The member whose PostgreSQL gave the answer: by its address, else by the time of its start, as GET /patroni has it. The
 * address is a VIP where clients connect to PostgreSQL at one.
 */
export function memberOfAnswer(
	cluster: Cluster,
	target: Target,
	{server, serverStartedAt}: Pick<ProbeAnswer, 'server' | 'serverStartedAt'>,
): string | undefined {
	const member = memberAtAddress(identities(cluster, target), splitAddress(server));
	if (member !== undefined || serverStartedAt === undefined) {
		return member;
	}

	const started = [...cluster.patroni].filter(
		([, {value}]) =>
			value.postmasterStartTime !== undefined &&
			Math.abs(Date.parse(value.postmasterStartTime) - serverStartedAt) <= startsApartMs,
	);
	return started.length === 1 ? started[0]?.[0] : undefined;
}

function isLocal(host: string): boolean {
	return host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('fe80:');
}

/** A host in comparable form: IPv6 compressed, without brackets. */
function plain(host: string): string {
	const bare = plainHost(host).toLowerCase();
	return bare.includes(':') ? (hostOf(`http://[${bare}]/`) ?? bare) : bare;
}

function unique(list: readonly string[]): string[] {
	return [...new Set(list)];
}
