/** Real answers of Patroni, etcd and the rest, as the facts that the sources would report. */
import {readFileSync} from 'node:fs';
import type {RawKey} from '../../source/connections/etcd-grpc.ts';
import type {Filesystem, ServiceUnit} from '../../source/domain/cluster/services.ts';
import {type Service, serviceIds, services} from '../../source/domain/cluster/services.ts';
import type {Event, Fact} from '../../source/domain/events.ts';
import {dcsEntry} from '../../source/sources/dcs-values.ts';
import {haproxyStats} from '../../source/sources/haproxy-csv.ts';
import {patroniStatus} from '../../source/sources/patroni-status.ts';

export type Suite = 'bookworm' | 'trixie' | 'forky';

export const suites: readonly Suite[] = ['bookworm', 'trixie', 'forky'];

export const prefix = '/service/postgres-cluster/';

export const endpoints = [
	'http://10.73.0.160:2379',
	'http://10.73.0.170:2379',
	'http://10.73.0.171:2379',
] as const;

const texts = new Map<string, string>();

export function captureText(suite: Suite, name: string): string {
	const file = `${suite}/${name}`;
	const text = texts.get(file) ?? readFileSync(new URL(`../captures/${file}`, import.meta.url), 'utf8');
	texts.set(file, text);
	return text;
}

export function capture(suite: Suite, name: string): unknown {
	return JSON.parse(captureText(suite, `${name}.json`));
}

type GatewayKey = {key: string; value: string; create_revision: string; mod_revision: string; lease?: string};
type GatewayRange = {header: {cluster_id: string; revision: string}; kvs: GatewayKey[]};

function rawKey({key, value, create_revision, mod_revision, lease}: GatewayKey): RawKey {
	return {
		key: Buffer.from(key, 'base64').toString(),
		value: Buffer.from(value, 'base64').toString(),
		createRevision: Number(create_revision),
		modRevision: Number(mod_revision),
		lease,
	};
}

/** A linearizable read of the scope, as etcd's JSON gateway answered it. */
export function snapshotFact(suite: Suite, name = 'etcd-range'): Fact & {type: 'dcs.snapshot'} {
	const {header, kvs} = capture(suite, name) as GatewayRange;
	return {
		type: 'dcs.snapshot',
		source: `dcs:${endpoints[0]}`,
		clusterId: header.cluster_id,
		revision: Number(header.revision),
		entries: kvs.map(kv => dcsEntry(rawKey(kv), prefix)),
	};
}

/** A body of GET /patroni; captures of requests hold it below `body`. */
export function patroniFact(suite: Suite, member: string, name: string): Fact & {type: 'patroni.status'} {
	const content = capture(suite, name) as {body?: unknown};
	const status = patroniStatus(JSON.stringify(content.body ?? content));
	return {type: 'patroni.status', source: `patroni:${member}`, member, status};
}

type GatewayMembers = {members: {ID: string; name: string; clientURLs: string[]}[]};
type GatewayStatus = {
	header: {revision: string};
	version: string;
	dbSize: string;
	leader: string;
	raftTerm: string;
};

export function etcdFacts(suite: Suite): Fact[] {
	const {members} = capture(suite, 'etcd-members') as GatewayMembers;
	const status = capture(suite, 'etcd-status') as GatewayStatus;
	return [
		{
			type: 'etcd.members',
			source: `etcd:${endpoints[0]}`,
			members: members.map(({ID, name, clientURLs}) => ({
				id: ID,
				name,
				clientUrls: clientURLs,
				learner: false,
			})),
			alarms: [],
		},
		...members.flatMap(({ID, clientURLs: [endpoint = '']}): Fact[] => [
			{
				type: 'etcd.status',
				source: `etcd:${endpoint}`,
				endpoint,
				status: {
					memberId: ID,
					version: status.version,
					dbSize: Number(status.dbSize),
					raftLeader: status.leader,
					raftTerm: Number(status.raftTerm),
					revision: Number(status.header.revision),
				},
			},
			{type: 'source.alive', source: `dcs:${endpoint}`},
		]),
	];
}

/** All facts of a healthy cluster of the suite: keys, members' REST, etcd, a lease and the VIP on pgdb1. */
export const healthyFacts: (suite: Suite) => readonly Fact[] = onceForSuite(suite =>
	readHealthy(suite).map(shareEvent),
);

const shared = new WeakSet<Event>();

/** Marks an event that many sessions get as the same object: what follows from such events is computed once. */
export function shareEvent<E extends Event>(event: E): E {
	shared.add(event);
	return event;
}

export function isShared(event: Event): boolean {
	return shared.has(event);
}

function readHealthy(suite: Suite): Fact[] {
	const snapshot = snapshotFact(suite);
	const lease = snapshot.entries.find(({path}) => path === 'leader')?.lease ?? '';
	return [
		snapshot,
		...etcdFacts(suite),
		{type: 'lease.read', source: `etcd:${endpoints[0]}`, lease, ttl: 18, grantedTtl: 20},
		patroniFact(suite, 'pgdb1', 'pgdb1-patroni'),
		patroniFact(suite, 'pgdb2', 'pgdb2-patroni'),
		{
			type: 'addresses.snapshot',
			source: 'vip:pgdb1',
			node: 'pgdb1',
			addresses: [
				{ip: '10.73.0.160', interface: 'host0'},
				{ip: '10.73.0.172', interface: 'host0'},
			],
		},
		{
			type: 'addresses.snapshot',
			source: 'vip:pgdb2',
			node: 'pgdb2',
			addresses: [{ip: '10.73.0.170', interface: 'host0'}],
		},
		...['pgdb1', 'pgdb2'].flatMap(node => pathFacts(suite, node)),
		unitsFact('etcd1', ['etcd']),
		diskFact('etcd1'),
	];
}

/** The services of a database node that has the client path as well; the others are optional. */
export const classicServices = serviceIds.filter(
	service => services[service].requiredBy !== 'never' && service !== 'vip-manager',
);

/** What a healthy database node reports of its part of the client path. */
function pathFacts(suite: Suite, node: string): Fact[] {
	return [haproxyFact(suite, node), unitsFact(node, classicServices), diskFact(node)];
}

/**
 * The captured statistics, with the server up that is the leader in the captured keys: they were captured at different
 * times.
 */
export function haproxyFact(
	suite: Suite,
	node: string,
	leader = leaderOf(suite),
): Extract<Fact, {type: 'haproxy.stats'}> {
	const {servers, frontends} = statsOf(suite);
	const [up, down] = [true, false].map(state =>
		servers.find(one => one.backend === 'primary' && one.up === state),
	);
	return {
		type: 'haproxy.stats',
		source: `haproxy:${node}`,
		node,
		tookMs: 10,
		servers: servers.map(one => {
			const like = (one.backend === 'primary') === (one.server === leader) ? up : down;
			return {...one, ...like, backend: one.backend, server: one.server};
		}),
		frontends,
	};
}

const statsOf = onceForSuite(suite => haproxyStats(captureText(suite, 'haproxy-stats.csv')));

const leaderOf = onceForSuite(suite => {
	const value = snapshotFact(suite).entries.find(({path}) => path === 'leader')?.value;
	return value?.kind === 'leader' ? value.member : '';
});

/** Reads and parses once; what is made of it must not be changed. */
function onceForSuite<T>(read: (suite: Suite) => T): (suite: Suite) => T {
	const known = new Map<Suite, T>();
	return suite => {
		const value = known.get(suite) ?? read(suite);
		known.set(suite, value);
		return value;
	};
}

export function unitsFact(
	node: string,
	services: readonly Service[],
	changed: Partial<ServiceUnit> = {},
): Fact {
	return {
		type: 'units.snapshot',
		source: `units:${node}`,
		node,
		units: services.map(service => ({
			unit: `${service}.service`,
			load: 'loaded',
			active: 'active',
			sub: 'running',
			invocationId: '079a1bf06d434e9290d7998adfda8a46',
			since: Date.UTC(2026, 10, 22),
			pid: 82,
			restarts: 0,
			...(changed.service === undefined || changed.service === service ? changed : {}),
			service,
		})),
	};
}

export function diskFact(
	node: string,
	changed: Partial<Filesystem> = {},
	glibc: string | undefined = '2.41',
): Fact {
	return {
		type: 'disk.snapshot',
		source: `disk:${node}`,
		node,
		filesystems: [
			{
				mount: '/',
				holds: ['root', 'postgresql', 'etcd'],
				size: 270_553_174_016,
				used: 30_219_059_200,
				usedPercent: 28,
				readOnly: false,
				...changed,
			},
		],
		glibc,
	};
}
