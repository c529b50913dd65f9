/** Derives the truth, by subject and time, from the oracle's samples. */
import type {Look, Unseen} from '../../lab/oracle/look.ts';
import type {Oracle} from './oracle-file.ts';
import {Series} from './series.ts';

/** ms; a node with an older last sample is unknown. */
const lookGoodForMs = 1500;

/** ms without an answer, after which a part counts as hung. */
const hungAfterMs = 1500;

export const noLeader = 'none';
/** No etcd member serves linearizable reads: the keys may be stale. */
export const unreadable = 'unreadable';
export const off = 'off';
/** Running, but not responding. */
export const hung = 'hung';
/** A standby whose WAL receiver believes that it streams, while no node sends to it: its connection is half open. */
export const unsent = 'unsent';

export const backends = ['primary', 'replicas', 'synchronous', 'asynchronous'] as const;

/** By subject: `leader`, `role:pgdb1`, `state:pgdb1`, `route:pgdb1:primary`, … */
export type Truths = {
	series: ReadonlyMap<string, Series>;
	from: number;
	to: number;
};

export function truthsOf({header, looks}: Oracle): Truths {
	const {nodes, startedAt, intervalMs} = header;
	const queues = new Map(nodes.map(({name}) => [name, looks.filter(({node}) => node === name)]));
	const next = new Map(nodes.map(({name}) => [name, 0]));
	const series = new Map<string, Series>();
	const set = (subject: string, at: number, value: string | undefined) => {
		let one = series.get(subject);
		if (one === undefined) {
			one = new Series();
			series.set(subject, one);
		}

		one.add(at, value);
	};
	const to = looks.reduce((last, {at}) => Math.max(last, at), startedAt);
	for (let at = startedAt; at <= to; at += intervalMs) {
		const world: World = new Map();
		for (const {name} of nodes) {
			const queue = queues.get(name) ?? [];
			let index = next.get(name) ?? 0;
			while ((queue[index]?.at ?? Infinity) <= at) index++;
			next.set(name, index);
			const look = queue[index - 1];
			world.set(name, look === undefined || at - look.at > lookGoodForMs ? undefined : look);
		}

		for (const [subject, value] of subjectsOf(world, header)) set(subject, at, value);
	}

	return {series, from: startedAt, to};
}

/** The last sample of each node; undefined if it is too old or missing. */
export type World = Map<string, Look | undefined>;

/** The values of all subjects at one time. */
export function subjectsOf(world: World, {nodes, vip}: Oracle['header']): Map<string, string | undefined> {
	const subjects = new Map<string, string | undefined>();
	const keys = keysIn(world);
	subjects.set(
		'leader',
		keys === undefined ? undefined : keys === 'none' ? unreadable : (keys.leader?.member ?? noLeader),
	);
	subjects.set(
		'lease',
		keys === undefined ? undefined : keys === 'none' || keys.leader === null ? 'none' : keys.leader.lease,
	);
	subjects.set('paused', keys === undefined ? undefined : keys === 'none' ? unreadable : String(keys.paused));
	subjects.set(
		'sync',
		keys === undefined
			? undefined
			: keys === 'none'
				? unreadable
				: [...(keys.sync?.standbys ?? [])].sort().join(' '),
	);
	subjects.set('store', keys === undefined ? undefined : keys === 'none' ? unreadable : keys.clusterId);
	for (const {name, roles} of nodes) {
		const look = world.get(name);
		subjects.set(`on:${name}`, onOf(look));
		if (roles.includes('etcd')) subjects.set(`etcd:${name}`, etcdOf(look));
		for (const [unit, value] of unitsOf(look, roles)) subjects.set(`unit:${name}:${unit}`, value);
		if (!roles.includes('db')) continue;
		const isLeader = keys !== undefined && keys !== 'none' && keys.leader?.member === name;
		const isSync = keys !== undefined && keys !== 'none' && (keys.sync?.standbys ?? []).includes(name);
		const role = isLeader ? 'leader' : isSync ? 'sync_standby' : 'replica';
		subjects.set(`role:${name}`, keys === undefined ? undefined : keys === 'none' ? unreadable : role);
		const others = nodes.flatMap(one =>
			one.name !== name && one.roles.includes('db') ? [world.get(one.name)] : [],
		);
		subjects.set(`state:${name}`, stateOf(look, name, others));
		subjects.set(`timeline:${name}`, timelineOf(look));
		subjects.set(`writes:${name}`, writesOf(look));
		subjects.set(`lsn:${name}`, lsnOf(look));
		subjects.set(`rest:${name}`, restOf(look));
		subjects.set(
			`vip:${name}`,
			look?.error === undefined
				? look === undefined
					? undefined
					: String(look.addresses?.includes(vip) ?? false)
				: undefined,
		);
		for (const backend of backends) subjects.set(`route:${name}:${backend}`, routeOf(look, backend));
	}

	const members = nodes
		.filter(({roles}) => roles.includes('etcd'))
		.map(({name}) => subjects.get(`etcd:${name}`));
	// An etcd member that stops closes its client port first, but still votes: one served read proves the quorum.
	subjects.set(
		'quorum',
		members.includes('healthy') ? 'held' : members.includes(undefined) ? undefined : 'lost',
	);
	return subjects;
}

/** Keys from the etcd member that has a quorum and the highest revision; `none` if there is none. */
function keysIn(world: World) {
	const looks = [...world.values()];
	const served = looks.flatMap(look =>
		look?.quorum === true && look.etcd !== undefined && !isUnseen(look.etcd) ? [look.etcd] : [],
	);
	const best = served.sort((one, other) => other.raftTerm - one.raftTerm || other.revision - one.revision)[0];
	// An unknown node may serve them.
	return best ?? (looks.some(look => etcdOf(look) === undefined) ? undefined : 'none');
}

export const isUnseen = (value: object | boolean): value is Unseen =>
	typeof value === 'object' && 'error' in value;

/** A slow part may answer soon: until then the truth is unknown. */
function silenceOf({error}: Unseen): string | undefined {
	const silentMs = /^no answer for (\d+) ms$/.exec(error)?.[1];
	return silentMs === undefined ? off : Number(silentMs) < hungAfterMs ? undefined : hung;
}

function onOf(look: Look | undefined): string | undefined {
	if (look === undefined) return undefined;
	return !look.on
		? off
		: look.error !== undefined
			? undefined
			: look.frozen
				? 'frozen'
				: look.cable === 'out'
					? 'cut off'
					: 'on';
}

function etcdOf(look: Look | undefined): string | undefined {
	if (look === undefined || look.error !== undefined) return undefined;
	if (!look.on || look.etcd === undefined) return off;
	if (isUnseen(look.etcd)) return silenceOf(look.etcd);
	if (look.quorum === true) return 'healthy';
	return look.quorum !== undefined && silenceOf(look.quorum) === undefined ? undefined : 'no quorum';
}

function unitsOf(look: Look | undefined, roles: readonly string[]): [string, string | undefined][] {
	const names = ['etcd', 'ssh', ...(roles.includes('db') ? ['patroni', 'haproxy', 'keepalived'] : [])];
	return names.map(name => {
		if (look === undefined || look.error !== undefined) return [name, undefined];
		if (!look.on) return [name, off];
		return [
			name,
			look.units === undefined || isUnseen(look.units) ? undefined : look.units[name]?.split('/')[0],
		];
	});
}

type Sql = {
	inRecovery: boolean;
	readOnly: boolean;
	timeline: number | null;
	lsn: string | null;
	receiver: string | null;
	senders: {name: string; state: string}[];
};

/** REST does not answer if its process is gone or frozen with its node. */
function restOf(look: Look | undefined): string | undefined {
	if (look === undefined || look.error !== undefined) return undefined;
	if (!look.on) return off;
	if (look.frozen) return hung;
	if (look.units === undefined || isUnseen(look.units)) return undefined;
	const [state = off] = look.units.patroni?.split('/') ?? [];
	return state === 'inactive' || state === 'failed' ? off : 'answers';
}

/** Bytes from the beginning of WAL, in decimal. */
function lsnOf(look: Look | undefined): string | undefined {
	const sql = postgresOf(look);
	if (sql === undefined || typeof sql === 'string' || sql.lsn === null) return undefined;
	const [high = '', low = ''] = sql.lsn.split('/');
	return String(Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16));
}

function postgresOf(look: Look | undefined): Sql | 'down' | 'hung' | undefined {
	if (look === undefined || look.error !== undefined) return undefined;
	if (!look.on) return 'down';
	if (look.postgres === undefined || isUnseen(look.postgres)) return undefined;
	if (!look.postgres.running) return 'down';
	const {sql} = look.postgres;
	if (sql === undefined) return hung;
	if (!isUnseen(sql)) return sql;
	return silenceOf(sql) === undefined ? undefined : hung;
}

/** `primary`; a standby: `streaming`, `unsent`, `idle`; `down`; `hung`: starting, stopping or frozen */
function stateOf(
	look: Look | undefined,
	name: string,
	others: readonly (Look | undefined)[],
): string | undefined {
	const sql = postgresOf(look);
	if (sql === undefined || typeof sql === 'string') return sql;
	if (!sql.inRecovery) return 'primary';
	if (sql.receiver !== 'streaming') return 'idle';
	return isSentTo(name, others) === false ? unsent : 'streaming';
}

/** Whether a node sends WAL to it; undefined if one that may do so was not seen. */
function isSentTo(name: string, others: readonly (Look | undefined)[]): boolean | undefined {
	const seen = others.map(look => {
		const sql = postgresOf(look);
		if (sql === undefined || sql === hung) return undefined;
		return (
			sql !== 'down' && sql.senders.some(one => one.name === name && /^(streaming|catchup)$/.test(one.state))
		);
	});
	return seen.includes(true) || (seen.includes(undefined) ? undefined : false);
}

function timelineOf(look: Look | undefined): string | undefined {
	const sql = postgresOf(look);
	return sql === undefined || typeof sql === 'string'
		? sql
		: sql.timeline === null
			? undefined
			: String(sql.timeline);
}

function writesOf(look: Look | undefined): string | undefined {
	const sql = postgresOf(look);
	return sql === undefined || typeof sql === 'string' ? sql : String(!sql.inRecovery && !sql.readOnly);
}

function routeOf(look: Look | undefined, backend: string): string | undefined {
	if (look === undefined || look.error !== undefined) return undefined;
	if (!look.on || look.haproxy === undefined) return off;
	if (isUnseen(look.haproxy)) return silenceOf(look.haproxy);
	return Object.entries(look.haproxy[backend] ?? {})
		.flatMap(([server, status]) => (status.startsWith('UP') ? [server] : []))
		.sort()
		.join(' ');
}
