/** Which member each of HAProxy's servers is: as configured, by its name, by its address; one that fits none is not known. */

import type {HaproxyServer, HaproxyStats} from '../facts.ts';
import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';
import {type Identity, identities, memberAtAddress, splitAddress} from './identities.ts';

export type MembersByServer = ReadonlyMap<HaproxyServer, string>;

/** How sure: the operator said so; name or address are the member's; the member stands in the server's name. */
type Guess = {server: HaproxyServer; member: string; rank: 3 | 2 | 1; byAddress: boolean};

/** What could be part of anybody's name. */
const generic =
	/^(?:pg|pgsql|psql|postgres|postgresql|db|database|node|server|srv|host|primary|master|leader|replica|standby|slave|patroni|haproxy|\d+)$/;
/** A number that small behind a name is part of another name, and no port. */
const leastPort = 1000;

const known = new WeakMap<
	HaproxyStats,
	{all: readonly Identity[]; target: Target; members: MembersByServer}
>();

/** A server that is in it is that member; of others it is not known. */
export function membersByServer(cluster: Cluster, target: Target, stats: HaproxyStats): MembersByServer {
	const all = identities(cluster, target);
	const before = known.get(stats);
	if (before?.all === all && before.target === target) {
		return before.members;
	}

	const backends = Map.groupBy(stats.servers, ({backend}) => backend);
	const members = new Map(
		[...backends.values()].flatMap(servers =>
			withoutRivals(servers.flatMap(server => guess(server, all, target) ?? [])).map(
				({server, member}) => [server, member] as const,
			),
		),
	);
	known.set(stats, {all, target, members});
	return members;
}

/** What the configuration says of a server, `BACKEND/SERVER` before `SERVER`. */
export function configuredMember({backend, server}: HaproxyServer, target: Target): string | undefined {
	const servers = target.haproxy?.servers ?? {};
	const key = [`${backend}/${server}`, server].find(one => Object.hasOwn(servers, one));
	return key === undefined ? undefined : servers[key];
}

function guess(server: HaproxyServer, all: readonly Identity[], target: Target): Guess | undefined {
	const said = configuredMember(server, target)?.toLowerCase();
	if (said !== undefined) {
		const member = all.find(one => one.member.toLowerCase() === said)?.member;
		return member === undefined ? undefined : {server, member, rank: 3, byAddress: false};
	}

	const named = byName(server.server.toLowerCase(), all);
	const at = server.address === undefined ? undefined : memberAtAddress(all, splitAddress(server.address));
	if (named !== undefined && at !== undefined && named !== at) {
		return undefined;
	}

	const exact = named ?? at;
	if (exact !== undefined) {
		return {server, member: exact, rank: 2, byAddress: at !== undefined};
	}

	const inside = insideName(server.server, all);
	return inside === undefined ? undefined : {server, member: inside, rank: 1, byAddress: false};
}

/** The whole name, else the first label of a DNS name. */
function byName(server: string, all: readonly Identity[]): string | undefined {
	const one = only(all.filter(({names}) => names.includes(server)));
	if (one !== undefined) {
		return one.member;
	}

	const label = firstLabel(server);
	return only(
		all.filter(
			({names, hosts}) =>
				hosts.includes(server) ||
				(label !== undefined && [...names, ...hosts].some(own => firstLabel(own) === label)),
		),
	)?.member;
}

/** Of a DNS name, or of a name that could be one's beginning; undefined for an address. */
function firstLabel(name: string): string | undefined {
	const labels = name.split('.');
	const [label = ''] = labels;
	const isName = !name.includes(':') && labels.every(one => /\p{L}/u.test(one));
	return isName && !generic.test(label) ? label : undefined;
}

type Place = {member: string; from: number; to: number};

/**
 * A member's name or address as whole words of the server's name: the longest, which must hold all others in it. `pgdb1` is
 * not in `pgdb10`, nor `pg` in `pg-2`, nor 10.73.0.16 in 10.73.0.160.
 */
function insideName(server: string, all: readonly Identity[]): string | undefined {
	const text = words(server);
	const places = all.flatMap(({member, names, hosts, port}) => {
		const labels = names.flatMap(name => firstLabel(name) ?? []);
		const own = [...names, ...labels].map(words).filter(name => name.length > 1 && !generic.test(name));
		const there = hosts.map(words).filter(host => !generic.test(host));
		const withPort = port === undefined ? [] : there.map(host => `${host}-${port}`);
		return [...own, ...there, ...withPort].flatMap((needle): Place[] => placesOf(text, needle, member));
	});
	const longest = places.toSorted((one, other) => other.to - other.from - (one.to - one.from))[0];
	const isTold = places.every(
		({member, from, to}) =>
			longest !== undefined &&
			(member === longest.member ||
				(from >= longest.from && to <= longest.to && to - from < longest.to - longest.from)),
	);
	return isTold ? longest?.member : undefined;
}

function words(text: string): string {
	return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-');
}

function placesOf(text: string, needle: string, member: string): Place[] {
	const places: Place[] = [];
	for (let from = text.indexOf(needle); from !== -1; from = text.indexOf(needle, from + 1)) {
		const to = from + needle.length;
		if (
			ends(text.slice(0, from), /(?:^|-)([^-]*)-?$/, '-', true) &&
			ends(text.slice(to), /^-?([^-]*)/, '-', false)
		) {
			places.push({member, from, to});
		}
	}

	return places;
}

/** What stands beside it is another word, and not a number that makes another name of it. */
function ends(beside: string, word: RegExp, separator: string, before: boolean): boolean {
	if (beside === '') {
		return true;
	}

	const parted = before ? beside.endsWith(separator) : beside.startsWith(separator);
	const next = word.exec(beside)?.[1] ?? '';
	return parted && !(/^\d+$/.test(next) && Number(next) < leastPort);
}

/** Two servers of one backend are not the same member, but where their addresses say so. */
function withoutRivals(guesses: readonly Guess[]): Guess[] {
	return [...Map.groupBy(guesses, ({member}) => member).values()].flatMap(rivals => {
		if (rivals.length === 1 || areApart(rivals)) {
			return rivals;
		}

		const surest = Math.max(...rivals.map(({rank}) => rank));
		const best = rivals.filter(({rank}) => rank === surest);
		return best.length === 1 ? best : [];
	});
}

function areApart(rivals: readonly Guess[]): boolean {
	const addresses = new Set(rivals.map(({server}) => server.address));
	return rivals.every(({byAddress}) => byAddress) && addresses.size === rivals.length;
}

function only<T>(list: readonly T[]): T | undefined {
	return list.length === 1 ? list[0] : undefined;
}
