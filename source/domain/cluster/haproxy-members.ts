/** Which member each of HAProxy's servers is: by configuration, name or address; else unknown. */

import type {HaproxyServer, HaproxyStats} from '../facts.ts';
import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';
import {type Identity, identities, memberAtAddress, splitAddress} from './identities.ts';

export type MembersByServer = ReadonlyMap<HaproxyServer, string>;

/**
 * `rank`: 3 if configured, 2 if the name or address is the member's, 1 if the server's name contains the member's name.
 */
type Guess = {server: HaproxyServer; member: string; rank: 3 | 2 | 1; byAddress: boolean};

/** Words that are too common to identify a member. */
const generic =
	/^(?:pg|pgsql|psql|postgres|postgresql|db|database|node|server|srv|host|primary|master|leader|replica|standby|slave|patroni|haproxy|\d+)$/;
/** A smaller number after a name is part of another name (`pgdb-2`), not a port. */
const portMin = 1000;

const known = new WeakMap<
	HaproxyStats,
	{all: readonly Identity[]; target: Target; members: MembersByServer}
>();

/** The members that are known; a server without an entry is unknown. */
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

/** The member that the configuration names; `BACKEND/SERVER` takes precedence over `SERVER`. */
export function configuredMember({backend, server}: HaproxyServer, target: Target): string | undefined {
	const servers = target.haproxy?.servers ?? {};
	const key = [`${backend}/${server}`, server].find(one => Object.hasOwn(servers, one));
	return key === undefined ? undefined : servers[key];
}

function guess(server: HaproxyServer, all: readonly Identity[], target: Target): Guess | undefined {
	const configured = configuredMember(server, target)?.toLowerCase();
	if (configured !== undefined) {
		const member = all.find(one => one.member.toLowerCase() === configured)?.member;
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

/** By the whole name, else by the first label of a DNS name. */
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

/** The first label of a name; undefined for an address or a generic word. */
function firstLabel(name: string): string | undefined {
	const labels = name.split('.');
	const [label = ''] = labels;
	const isName = !name.includes(':') && labels.every(one => /\p{L}/u.test(one));
	return isName && !generic.test(label) ? label : undefined;
}

type Place = {member: string; from: number; to: number};

/**
 * The member whose name or address the server's name contains as whole words: the longest match, if it encloses all
 * others. `pgdb1` does not match `pgdb10`, nor `pg` `pg-2`, nor 10.73.0.16 10.73.0.160.
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
	const enclosesAll = places.every(
		({member, from, to}) =>
			longest !== undefined &&
			(member === longest.member ||
				(from >= longest.from && to <= longest.to && to - from < longest.to - longest.from)),
	);
	return enclosesAll ? longest?.member : undefined;
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

/** Whether the match ends there: the next word is separate, and not a small number that makes it another name. */
function ends(beside: string, word: RegExp, separator: string, before: boolean): boolean {
	if (beside === '') {
		return true;
	}

	const parted = before ? beside.endsWith(separator) : beside.startsWith(separator);
	const next = word.exec(beside)?.[1] ?? '';
	return parted && !(/^\d+$/.test(next) && Number(next) < portMin);
}

/** Two servers of one backend are different members, unless their addresses prove the same member. */
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
