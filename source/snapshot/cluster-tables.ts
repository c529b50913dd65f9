/** What `history`, `topology` and `dsn` print, of a state in which the cluster is read. */
import {keyOf} from '../domain/cluster/cluster.ts';
import {leaderKey} from '../domain/cluster/keys.ts';
import {type Member, replicatesFrom} from '../domain/cluster/member.ts';
import {members} from '../domain/cluster/members.ts';
import type {State} from '../state/state.ts';
import {roleNames} from '../state/view/members.ts';

type Value = string | number | null;

/** Columns as patronictl names them. Numbers stand at the right. */
export type Printed = {columns: readonly string[]; rows: readonly (readonly Value[])[]};

/** Undefined: not read. */
export function historyTable({cluster, target}: State): Printed | undefined {
	const key = keyOf(cluster, 'history', 'history');
	// In etcd a key that is not there is an empty history; over REST it is one that no member has reported.
	return key === undefined && target.rest !== undefined
		? undefined
		: {
				columns: ['TL', 'LSN', 'Reason', 'Timestamp', 'New Leader'],
				rows: (key?.value.lines ?? []).map(({timeline, location, reason, at, leader}) => [
					timeline,
					location,
					reason,
					at ?? '',
					leader ?? '',
				]),
			};
}

export function topologyTable(state: State, {isTree}: {isTree: boolean}): Printed {
	const {cluster, now} = state;
	return {
		columns: ['Member', 'Replicates from', 'Host', 'Role', 'State', 'TL', 'Lag in bytes'],
		rows: inOrder(members(cluster, now), leaderKey(cluster)?.member).map(({one, above, level}) => [
			isTree && level > 0 ? `${'  '.repeat(level - 1)}+ ${one.name}` : one.name,
			above ?? '',
			addressOf(one),
			roleNames[one.role],
			one.state,
			one.timeline ?? null,
			one.lagIsNow && typeof one.lag === 'number' ? one.lag : null,
		]),
	};
}

type Placed = {one: Member; above: string | undefined; level: number};

/** Each member once, below the one that it replicates from; also those that replicate from each other. */
function inOrder(all: readonly Member[], leader: string | undefined): Placed[] {
	const above = new Map(all.map(one => [one.name, upstreamName(one, all, leader)]));
	const placed = new Map<string, Placed>();
	const place = (one: Member, level: number) => {
		if (placed.has(one.name)) {
			return;
		}

		placed.set(one.name, {one, above: above.get(one.name), level});
		for (const other of all) {
			if (above.get(other.name) === one.name) {
				place(other, level + 1);
			}
		}
	};
	const roots = all.filter(one => above.get(one.name) === undefined);
	for (const one of [...roots.filter(({name}) => name === leader), ...roots, ...all]) {
		place(one, 0);
	}

	return [...placed.values()];
}

/** The member that it streams from now, else the one that its tag names, else the leader, as patronictl has it. */
function upstreamName(one: Member, all: readonly Member[], leader: string | undefined): string | undefined {
	if (one.name === leader) {
		return undefined;
	}

	const isOther = (name: string | undefined) => name !== one.name && all.some(other => other.name === name);
	const streams = one.upstream?.state === 'streaming' ? one.upstream.from : undefined;
	return [streams, replicatesFrom(one), leader].find(isOther);
}

function addressOf({key}: Member): string {
	const {host, port} = key?.data ?? {};
	return host === undefined
		? ''
		: `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
}

export type Wanted = {role: string | undefined; member: string | undefined};

/** `host=… port=…` as libpq reads it; undefined: no such member. */
export function dsnText({cluster, now}: State, {role = 'leader', member}: Wanted): string | undefined {
	const leader = leaderKey(cluster)?.member;
	const one = members(cluster, now).find(other => {
		if (other.key === undefined) {
			return false;
		}

		if (member !== undefined) {
			return other.name === member;
		}

		switch (role) {
			case 'any':
				return true;
			case 'replica':
			case 'standby':
				return other.name !== leader;
			case 'standby-leader':
				return other.name === leader && other.role === 'standby_leader';
			case 'primary':
				return other.name === leader && other.role === 'leader';
			default:
				return other.name === leader;
		}
	});
	const {host, port} = one?.key?.data ?? {};
	return host === undefined ? undefined : `host=${quoted(host)} port=${port ?? 5432}`;
}

/** A value in a connection string. */
function quoted(value: string): string {
	return /^[\w.:%-]+$/.test(value) ? value : `'${value.replaceAll(/[\\']/g, '\\$&')}'`;
}
