/** Which store Patroni uses, and how its members are followed: by etcd's keys, or by Patroni's REST API alone. */
import {type StoreKind, storeKinds, storeName} from '../domain/target.ts';
import {endpointsKey, restAccess} from './access.ts';
import {isMapping, type Path} from './layers.ts';
import {ConfigError, endpointUrl, hostList} from './origin.ts';
import type {Settings} from './settings.ts';

/** Patroni's port of the REST API. */
export const restPort = 8008;

/** `seeds`: `http(s)://HOST:PORT`, undefined where etcd's keys are read. `warnings`: for the operator. */
export type StoreAccess = {
	kind: StoreKind | undefined;
	seeds: readonly string[] | undefined;
	/** The setting that has the seeds. */
	from: Path | undefined;
	warnings: readonly string[];
};

/**
 * The first section in Patroni's own order counts, as in Patroni. Only etcd's v3 API is read; every other store, or one
 * that cannot be reached from here (`rest`), is followed through the members.
 * @throws ConfigError if nothing says where to begin
 */
export function storeAccess(settings: Settings): StoreAccess {
	const given = storeKinds.filter(kind => isGiven(settings.content[kind]));
	const [first] = given;
	const others = given.filter(kind => kind !== first);
	const isReadable = endpointsKey(settings) !== undefined;
	const seeds = seedsOf(settings);
	const viaEtcd = {kind: 'etcd3', seeds: undefined, from: undefined} as const;
	if (seeds?.isChosen) {
		return {kind: first, seeds: seeds.origins, from: seeds.from, warnings: precedence(first, others)};
	}

	if (first === undefined || (first === 'etcd3' && (isReadable || seeds === undefined))) {
		return {...viaEtcd, warnings: []};
	}

	if (seeds !== undefined) {
		return {kind: first, seeds: seeds.origins, from: seeds.from, warnings: precedence(first, others)};
	}

	if (isReadable) {
		return {
			...viaEtcd,
			warnings: [
				`Patroni uses ${first}, which comes before etcd3; etcd3 is read (--rest follows the members)`,
			],
		};
	}

	throw new ConfigError(
		`${settings.files[0] ?? 'configuration'}: only ${given.join(' and ')} ${given.length > 1 ? 'are' : 'is'} configured: members are followed through Patroni's REST API: name one or more with --rest HOST:PORT, or \`pgha-top: rest:\``,
	);
}

function precedence(first: StoreKind | undefined, others: readonly StoreKind[]): string[] {
	return first === undefined || first === 'etcd3' || !others.includes('etcd3')
		? []
		: [`Patroni uses ${first}, which comes before etcd3`];
}

/** The information for `--print-config`; undefined where etcd's keys are read. */
export function describeStore({kind, seeds}: StoreAccess): string | undefined {
	if (seeds === undefined) {
		return undefined;
	}

	const way = "members are followed through Patroni's REST API";
	return kind === undefined
		? `no store is configured: ${way}`
		: kind === 'etcd3'
			? `etcd is not read: ${way}`
			: `${kind} is configured (${storeName({rest: {store: kind, seeds}})}): ${way}`;
}

/** As in Patroni, a mapping counts even if it is empty; texts that are empty do not. */
function isGiven(section: unknown): boolean {
	if (!isMapping(section)) {
		return section !== undefined && section !== '';
	}

	const values = Object.values(section);
	return values.length === 0 || values.some(value => value !== '' && value !== undefined);
}

type Seeds = {origins: readonly string[]; from: Path; isChosen: boolean};

/** `isChosen`: the operator wants REST, whatever store is configured. */
function seedsOf(settings: Settings): Seeds | undefined {
	const {restapi, 'pgha-top': own} = settings.content;
	const {secureBy} = restAccess(settings);
	const isSecure = secureBy !== undefined;
	if (own.rest !== undefined) {
		const plain = hostList(own.rest).find(host => host.startsWith('http://'));
		if (isSecure && plain !== undefined) {
			throw new ConfigError(
				settings.layers.complaint(
					['pgha-top', 'rest'],
					`${plain} is http, while TLS is configured (${secureBy}): nothing is sent there`,
				),
			);
		}

		return {origins: originsOf(hostList(own.rest), isSecure), from: ['pgha-top', 'rest'], isChosen: true};
	}

	const address = restapi.connect_address === undefined ? [] : hostList(restapi.connect_address);
	const nodes = Object.values(own.nodes ?? {})
		.filter(({roles}) => roles === undefined || roles.includes('database'))
		.map(({host}) => (host.includes(':') ? `[${host.replaceAll(/[[\]]/g, '')}]` : host));
	const origins = [
		...originsOf(address, isSecure || restapi.certfile !== undefined),
		...originsOf(nodes, isSecure),
	];
	return origins.length === 0
		? undefined
		: {
				origins: [...new Set(origins)],
				from: address.length > 0 ? ['restapi', 'connect_address'] : ['pgha-top', 'nodes'],
				isChosen: false,
			};
}

function originsOf(hosts: readonly string[], isSecure: boolean): string[] {
	return [...new Set(hosts.flatMap(host => endpointUrl(host, isSecure, restPort) ?? []))];
}
