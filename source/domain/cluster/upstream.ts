/**
 * Where a standby receives its WAL from, for rows, findings, preconditions, successors, drills and steps. The first
 * that is known counts: the upstream's list of replication connections (GET /patroni) if fresh, else the standby's own
 * report (from Patroni 3.0.4).
 */

import {isAtLeast, plainHost} from '../../lib/format.ts';
import {isPrimaryRole, type Replication} from '../facts.ts';
import type {Member, Upstream} from './member.ts';
import {isNoStream, replicatesFrom, versionOf} from './member.ts';

/** The fields of a member that its upstream is determined from. */
export type Standby = Pick<Member, 'name' | 'key' | 'rest' | 'restSees' | 'dcsSees' | 'role'>;

/** All members with their upstream lists, computed once. */
export type Fleet = {
	byName: ReadonlyMap<string, Standby>;
	leader: string | undefined;
	/** By upstream: the list that it reports now. */
	lists: ReadonlyMap<string, readonly Replication[]>;
	/** By application name: the members that list it as receiving, the leader first. */
	receiving: ReadonlyMap<string, readonly string[]>;
	/** The members' names as application names. */
	names: ReadonlySet<string>;
};

export function fleetOf(all: readonly Standby[], leader: string | undefined): Fleet {
	const lists = new Map<string, readonly Replication[]>();
	const receiving = new Map<string, string[]>();
	for (const one of all.toSorted((a, b) => Number(b.name === leader) - Number(a.name === leader))) {
		const list = replicationOf(one);
		if (list !== undefined) {
			lists.set(one.name, list);
			for (const {application} of list.filter(receives)) {
				const name = applicationName(application);
				receiving.set(name, [...(receiving.get(name) ?? []), one.name]);
			}
		}
	}

	return {
		byName: new Map(all.map(one => [one.name, one])),
		leader,
		lists,
		receiving,
		names: new Set(all.map(({name}) => applicationName(name))),
	};
}

/** PostgreSQL's own clients that receive WAL without being a standby. */
const clients = /^(pg_receivewal|pg_receivexlog|pg_recvlogical|pg_basebackup|pg_rewind)$/i;

/** The upstream of a running standby; not for leaders or stopped members. */
export function upstreamOf(one: Standby, fleet: Fleet): Upstream {
	const own = ownUpstream(one, fleet);
	return own.state === 'streaming' ? throughChain(one, own, fleet) : own;
}

/** A cascading standby streams only if its upstream does. */
function throughChain(one: Standby, own: Upstream & {state: 'streaming'}, fleet: Fleet): Upstream {
	const passed = new Set([one.name]);
	for (let from = own.from; from !== undefined && from !== fleet.leader; ) {
		const link = fleet.byName.get(from);
		if (link === undefined || passed.has(from)) {
			return none(`${[...passed].join(' and ')} stream from each other`, own.from);
		}

		if (isPrimaryNow(link)) {
			// Without a leader this primary is the best upstream there is.
			return fleet.leader === undefined
				? own
				: none(`it streams from ${from}, which is not the leader`, own.from);
		}

		passed.add(from);
		const next = ownUpstream(link, fleet);
		if (next.state === 'archive') {
			break;
		}

		if (next.state !== 'streaming') {
			const text = `it streams from ${from}, of which ${next.text}`;
			return next.state === 'none' ? none(text, own.from) : unknown(text);
		}

		from = next.from;
	}

	return own;
}

function ownUpstream(one: Standby, fleet: Fleet): Upstream {
	const word = ownWord(one);
	if (isNoStream(one)) {
		return byArchive(one, true);
	}

	if (one.role === 'standby_leader') {
		// It follows another cluster, by streaming or from an archive; this console does not watch that cluster.
		return word === 'in archive recovery'
			? byArchive(one, true)
			: byOwnWord(one, word, 'the cluster that it follows is not watched');
	}

	const upstream = upstreamName(one, fleet);
	const from = (fleet.receiving.get(applicationName(one.name)) ?? []).filter(name => name !== one.name);
	if (from.length > 0) {
		if (deniesStreaming(one, word)) {
			// A broken connection stays in the upstream's list until wal_sender_timeout; the standby notices at once.
			return word === 'in archive recovery'
				? byArchive(one, false)
				: none(`${from[0]} lists it, but it reports that it does not stream`);
		}

		return {state: 'streaming', from: upstream !== undefined && from.includes(upstream) ? upstream : from[0]};
	}

	if (upstream === undefined) {
		return byOwnWord(one, word, 'there is no leader that could list it');
	}

	if (word === 'in archive recovery' && one.restSees) {
		return byArchive(one, false);
	}

	const list = fleet.lists.get(upstream);
	if (list === undefined) {
		return byOwnWord(one, word, `no data from ${upstream}, which would list it`);
	}

	const entry = list.find(
		({application, state}) =>
			applicationName(application) === applicationName(one.name) && state !== 'backup',
	);
	if (entry !== undefined) {
		// Neither state sends WAL yet: a connecting standby counts only once it receives.
		const text = `${upstream} lists it as ${entry.state}`;
		return /^(startup|stopping)$/.test(entry.state) ? none(text) : unknown(text);
	}

	const likely = list.find(other => isLikely(other, one, fleet.names));
	return likely === undefined
		? none(`${upstream} does not list it`)
		: byOwnWord(one, word, `${upstream} lists "${likely.application}" from its address, and not its name`);
}

/** The member that Patroni configures as its upstream. */
function upstreamName(one: Standby, {byName, leader}: Fleet): string | undefined {
	const tagged = replicatesFrom(one);
	return tagged !== undefined && tagged !== one.name && byName.get(tagged)?.key !== undefined
		? tagged
		: leader === one.name
			? undefined
			: leader;
}

/** No upstream lists it, so only its own answer shows that it runs. */
function byArchive({name, restSees}: Standby, isIntended: boolean): Upstream {
	return restSees
		? {state: 'archive', from: undefined, isIntended}
		: unknown(`it reads WAL from an archive, and there is no data from ${name} itself`);
}

function byOwnWord(one: Standby, word: string | undefined, otherwise: string): Upstream {
	// A published value may be as old as the lease.
	if (!one.restSees) {
		return unknown(`${otherwise}, and no data from ${one.name} itself`);
	}

	if (word === 'streaming') {
		return {state: 'streaming', from: undefined};
	}

	return isAtLeast(versionOf(one), '3.0.4')
		? none('it reports this itself')
		: unknown(`${otherwise}, and its own Patroni (${versionOf(one) ?? 'of unknown version'}) does not say`);
}

/** Its fresh answer shows that it does not stream; Patroni before 3.0.4 does not report that. */
function deniesStreaming(one: Standby, word: string | undefined): boolean {
	return (
		one.restSees &&
		one.rest?.value.state === 'running' &&
		word !== 'streaming' &&
		isAtLeast(versionOf(one), '3.0.4') === true
	);
}

function ownWord({rest, restSees, key}: Standby): string | undefined {
	return restSees && rest?.value.state === 'running'
		? rest.value.replicationState
		: key?.data.replicationState;
}

/** The list that a member reports now; only a member with a running PostgreSQL has one. */
export function replicationOf(
	one: Pick<Standby, 'rest' | 'restSees'> | undefined,
): readonly Replication[] | undefined {
	return one?.restSees && one.rest?.value.state === 'running' ? one.rest.value.replication : undefined;
}

function receives({state}: Replication): boolean {
	return state === 'streaming' || state === 'catchup';
}

/** A connection from the standby's host under an unknown name: a configured application_name may override Patroni's. */
function isLikely(entry: Replication, {key}: Standby, known: ReadonlySet<string>): boolean {
	const host = key?.data.host;
	return (
		receives(entry) &&
		host !== undefined &&
		entry.address !== undefined &&
		plainHost(entry.address) === plainHost(host) &&
		!clients.test(entry.application) &&
		!known.has(applicationName(entry.application))
	);
}

/** The name as PostgreSQL stores it (63 bytes, non-ASCII replaced), in lower case as Patroni compares it. */
function applicationName(name: string): string {
	return name
		.replaceAll(/\\x[\da-f]{2}/gi, '?')
		.replaceAll(/[^\u0020-\u007e]/gu, char => '?'.repeat(Buffer.byteLength(char)))
		.slice(0, 63)
		.toLowerCase();
}

function isPrimaryNow({rest, restSees}: Standby): boolean {
	return restSees && rest !== undefined && isPrimaryRole(rest.value.role);
}

function none(text: string, from?: string): Upstream {
	return {state: 'none', from, text};
}

function unknown(text: string): Upstream {
	return {state: 'unknown', from: undefined, text};
}

/** WAL receivers that are not members of the cluster. */
export function foreignReceivers(
	list: readonly Replication[],
	of: string,
	names: readonly string[],
): readonly Replication[] {
	const members = new Set(names.filter(name => name !== of).map(applicationName));
	return list.filter(({application}) => !members.has(applicationName(application)));
}

/** `pg_receivewal (user replicator, from 10.73.0.1, streaming)`. */
export function describeReceiver({application, user, address, state}: Replication): string {
	const details = [
		...(user === undefined ? [] : [`user ${user}`]),
		address === undefined ? 'over a local socket' : `from ${address}`,
		state,
	];
	return `${application === '' ? 'a client without a name' : application} (${details.join(', ')})`;
}
