/** How the store is reached from this machine, and the certificates for it. */
import {etcdPort} from '../config/origin.ts';
import {isLoopback} from '../discovery/listen-address.ts';
import type {Located, PatroniFacts} from '../discovery/types.ts';
import {storeName} from '../domain/target.ts';
import {bracketHost, plainHost} from '../lib/format.ts';
import type {EtcdAccess, Known, KnownNode, Ways} from './types.ts';

export type Hints = {
	/** Hosts of HAProxy and keepalived, which no file of a database node names. */
	balancers: readonly string[];
	/** Files on this machine, by the operator. */
	etcdCa?: string | undefined;
	restCa?: string | undefined;
};

/** Hosts of etcd, other than loopbacks. */
export function etcdHosts(patroni: PatroniFacts | undefined): readonly string[] {
	const {store} = patroni ?? {};
	const hosts = store?.kind === 'etcd3' || store?.kind === 'etcd' ? store.hosts.map(hostIn) : [];
	return [...new Set(hosts)].filter(host => !isLoopback(host));
}

/** etcd as this machine can use it, or why the members are followed by REST. */
export async function etcdAccess(
	patroni: PatroniFacts | undefined,
	nodes: readonly KnownNode[],
	{ways, hints, place: placeOf}: {ways: Ways; hints: Hints; place: (value: Located<object>) => string},
): Promise<Known<EtcdAccess> | {why: string}> {
	const store = patroni?.store;
	if (store === undefined) {
		return {why: 'no store was found in a patroni.yml that could be read'};
	}

	if (store.kind !== 'etcd3') {
		return {
			why: `Patroni uses ${storeName({rest: {store: store.kind, seeds: []}})} (${store.file}:${store.line})`,
		};
	}

	const running = nodes.filter(({roles}) => roles.includes('etcd')).map(({host}) => host);
	const hosts = store.hosts.flatMap(host =>
		isLoopback(hostIn(host)) ? running.map(at => `${bracketHost(at)}:${portIn(host) ?? etcdPort}`) : [host],
	);
	const all = [...new Set(hosts)];
	const reached = await Promise.all(
		all.map(async host => ways.connects(hostIn(host), portIn(host) ?? etcdPort)),
	);
	const isHttps = store.protocol === 'https';
	const place = placeOf(store);
	if (!reached.includes(true)) {
		return {why: `etcd (${place}: ${all.join(', ') || 'no host'}) cannot be reached from here`};
	}

	const ca = hints.etcdCa ?? store.cacert;
	const missing = (isHttps ? [...(ca === undefined ? [] : [ca]), ...[store.cert, store.key]] : []).filter(
		file => file !== undefined && !ways.hasFile(file),
	);
	if (missing.length > 0) {
		return {why: `etcd needs files that are not on this machine: ${missing.join(', ')} (${place})`};
	}

	return {
		value: {
			hosts: all,
			isHttps,
			hasUser: store.hasUser,
			...(isHttps && ca !== undefined ? {cacert: ca} : {}),
			...(isHttps && store.cert !== undefined ? {cert: store.cert} : {}),
			...(isHttps && store.key !== undefined ? {key: store.key} : {}),
		},
		from: place,
	};
}

export function caFile(
	found: Located<{path: string}> | undefined,
	given: string | undefined,
	ways: Ways,
	place: (value: Located<object>) => string,
): Known<string> | undefined {
	return given !== undefined
		? {value: given, from: 'named by you'}
		: found !== undefined && ways.hasFile(found.path)
			? {value: found.path, from: place(found)}
			: undefined;
}

export function hostIn(address: string): string {
	return plainHost(address.replace(/:\d{1,5}$/, ''));
}

export function portIn(address: string | undefined): number | undefined {
	const [, port] = /:(\d{1,5})$/.exec(address ?? '') ?? [];
	return port === undefined ? undefined : Number(port);
}
