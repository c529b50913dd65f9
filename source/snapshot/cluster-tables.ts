/** What `history`, `topology` and `dsn` print, of a state in which the cluster is read. */
import {beliefs} from '../domain/cluster/beliefs.ts';
import {keyOf} from '../domain/cluster/cluster.ts';
import {isPrimary, isRunningState} from '../domain/cluster/health.ts';
import {leaderKey} from '../domain/cluster/keys.ts';
import {isRoleNow, isStateNow, type Member, replicatesFrom} from '../domain/cluster/member.ts';
import {members} from '../domain/cluster/members.ts';
import type {State} from '../state/state.ts';
import {roleNames} from '../state/view/members.ts';

type Value = string | number | null;

/** Columns as patronictl names them. Numbers stand at the right. */
export type Printed = {columns: readonly string[]; rows: readonly (readonly Value[])[]};

/** Undefined: not read. */
export function historyTable({cluster, target, now}: State): Printed | undefined {
	const key = keyOf(cluster, 'history', 'history');
	// In etcd a key that is not there is an empty history; over REST it is one that no member that reaches the DCS has reported.
	const isRead =
		target.rest === undefined ||
		beliefs(cluster, now).some(({counts, view}) => counts && view.history !== undefined);
	return !isRead
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

/** As text a question mark stands where a value is not known to be of now; elsewhere such a value is missing. */
export function topologyTable(state: State, {isTree}: {isTree: boolean}): Printed {
	const {cluster, now} = state;
	const mark = <T extends Value>(value: T | undefined, isNow: boolean): Value =>
		isNow || value === undefined || value === '' ? (value ?? null) : isTree ? `${value}?` : null;
	return {
		columns: ['Member', 'Replicates from', 'Host', 'Role', 'State', 'TL', 'Lag in bytes'],
		rows: inOrder(members(cluster, now), leaderKey(cluster)?.member).map(({one, above, level}) => [
			isTree && level > 0 ? `${'  '.repeat(level - 1)}${above.isNow ? '+' : '+?'} ${one.name}` : one.name,
			mark(above.name ?? '', above.isNow),
			addressOf(one),
			mark(roleNames[one.role], isRoleNow(one)),
			mark(one.state, isStateNow(one)),
			mark(one.timeline, one.restSees),
			typeof one.lag === 'number' ? mark(one.lag, one.lagIsNow) : null,
		]),
	};
}

/** The member above another one; undefined: none. `isNow`: that it streams from it is confirmed now. */
type Above = {name: string | undefined; isNow: boolean};
type Placed = {one: Member; above: Above; level: number};

/** Each member once, below the one that it replicates from; also those that replicate from each other. */
function inOrder(all: readonly Member[], leader: string | undefined): Placed[] {
	const placed = new Map<string, Placed>();
	const above = new Map(all.map(one => [one.name, upstreamOf(one, all, leader)]));
	const place = (one: Member, level: number) => {
		if (placed.has(one.name)) {
			return;
		}

		placed.set(one.name, {one, above: above.get(one.name) ?? {name: undefined, isNow: false}, level});
		for (const other of all) {
			if (above.get(other.name)?.name === one.name) {
				place(other, level + 1);
			}
		}
	};
	const roots = all.filter(one => above.get(one.name)?.name === undefined);
	for (const one of [...roots.filter(({name}) => name === leader), ...roots, ...all]) {
		place(one, 0);
	}

	return [...placed.values()];
}

/** The member that it streams from now, else the one that its tag names, else the leader, as patronictl has it. */
function upstreamOf(one: Member, all: readonly Member[], leader: string | undefined): Above {
	if (one.name === leader) {
		return {name: undefined, isNow: true};
	}

	const isOther = (name: string | undefined) => name !== one.name && all.some(other => other.name === name);
	const streams = one.upstream?.state === 'streaming' ? one.upstream.from : undefined;
	return isOther(streams)
		? {name: streams, isNow: true}
		: {name: [replicatesFrom(one), leader].find(isOther), isNow: false};
}

function addressOf({key}: Member): string {
	const {host, port} = key?.data ?? {};
	return host === undefined
		? ''
		: `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
}

export type Wanted = {role: string | undefined; member: string | undefined};

/** `host=… port=…` as libpq reads it; undefined: no such member. One that is known to run comes first. */
export function dsnText({cluster, now}: State, {role = 'leader', member}: Wanted): string | undefined {
	const leader = leaderKey(cluster)?.member;
	const wanted = members(cluster, now).filter(
		one =>
			one.key?.data.host !== undefined &&
			(member === undefined ? hasRole(one, role, leader) : one.name === member),
	);
	const one = wanted.find(({restSees, state}) => restSees && isRunningState(state)) ?? wanted[0];
	const {host, port} = one?.key?.data ?? {};
	return host === undefined ? undefined : `host=${quoted(host)} port=${port ?? 5432}`;
}

/** By the DCS; but a member that itself answers as primary is not a replica. */
function hasRole(one: Member, role: string, leader: string | undefined): boolean {
	switch (role) {
		case 'any':
			return true;
		case 'replica':
		case 'standby':
			return one.name !== leader && !isPrimary(one);
		case 'standby-leader':
			return one.name === leader && one.role === 'standby_leader';
		case 'primary':
			return one.name === leader && one.role === 'leader';
		default:
			return one.name === leader;
	}
}

/** A value in a connection string. */
function quoted(value: string): string {
	return /^[\w.:%-]+$/.test(value) ? value : `'${value.replaceAll(/[\\']/g, '\\$&')}'`;
}
