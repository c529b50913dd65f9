/** Where pgha-top's own files and profiles stand among each other, and what nothing above them changes. */
import type {Environment} from './environment.ts';
import {isMapping, isNothing, type Layer, type Mapping} from './layers.ts';
import {ConfigError, type Origin, pointAt} from './origin.ts';
import type {OwnPart} from './own-files.ts';
import {yesOrNo} from './setting-kinds.ts';

/** Settings that say nothing about a cluster: they hold for all. */
const general: ReadonlySet<string> = new Set([
	'ssh',
	'discover',
	'read_only',
	'dry_run',
	'log_buffer',
	'history',
	'deadline',
	'keys',
	'theme',
	'mouse',
]);

/**
 * The parts, without what is about another cluster than a part above names: its nodes, VIPs and users are not those of
 * this cluster.
 */
export function ofOneCluster(parts: readonly OwnPart[]): OwnPart[] {
	let inherited: string | undefined;
	const clusters = parts.map(({scope}) => {
		inherited = scope ?? inherited;
		return inherited;
	});
	return parts.map((part, index) => {
		const isOther = parts
			.slice(index + 1)
			.some(({scope}) => scope !== undefined && scope !== clusters[index]);
		return isOther ? generalOf(part) : part;
	});
}

export function generalOf(part: OwnPart): OwnPart {
	const own = part.own.content['pgha-top'];
	const content: Mapping = isMapping(own)
		? Object.fromEntries(Object.entries(own).filter(([key]) => general.has(key)))
		: {};
	return {...part, own: {...part.own, content: {'pgha-top': content}}, patroni: undefined, scope: undefined};
}

/** The scope of the highest part that names one. */
export function scopeOfParts(parts: readonly OwnPart[]): string | undefined {
	return parts.findLast(({scope}) => scope !== undefined)?.scope;
}

/**
 * `read_only` of `/etc`, or of the chosen profile, above all others.
 * @throws ConfigError if a flag would lift it
 */
export function readOnlyLock(
	parts: readonly OwnPart[],
	flag: boolean | undefined,
	{PGHA_TOP_READ_ONLY: variable}: Environment,
): Layer[] {
	const at = parts.findIndex(part => (part.isMachines || part.isProfile) && readOnlyOf(part) === true);
	const lock = parts[at];
	if (lock === undefined) {
		return [];
	}

	const origin = originOfReadOnly(lock);
	const why = `read-only by ${pointAt(origin)}, which ${lock.isProfile ? 'is of the profile' : 'holds for all users of this machine'}`;
	if (flag === false) {
		throw new ConfigError(`--no-read-only: cannot be lifted: ${why}`);
	}

	const lifting = [
		...parts
			.slice(at + 1)
			.filter(part => readOnlyOf(part) === false)
			.map(part => pointAt(originOfReadOnly(part))),
		...(variable && yesOrNo.safeParse(variable).data === false ? ['PGHA_TOP_READ_ONLY'] : []),
	];
	return [
		{
			content: {'pgha-top': {read_only: true}},
			originOf: () => origin,
			ignored: lifting.map(place => `${place}: not used: ${why}`),
		},
	];
}

/** Undefined where it is not set; false also for nothing, which would remove it. */
function readOnlyOf(part: OwnPart): boolean | undefined {
	const own = part.own.content['pgha-top'];
	if (!isMapping(own) || !('read_only' in own) || own.read_only === '') {
		return undefined;
	}

	return isNothing(own.read_only) ? false : yesOrNo.parse(own.read_only);
}

function originOfReadOnly({own}: OwnPart): Origin {
	return own.originOf(['pgha-top', 'read_only']);
}

/** Variables that name a cluster, or belong to the way to its store. */
const clusterVariable =
	/^(?:DCS_URL|PATRONICTL_CONFIG_FILE|PATRONI_(?:CONFIGURATION|SCOPE|NAMESPACE|NAME|LOG_DIR|RESTAPI_(?:LISTEN|CONNECT_ADDRESS|CERTFILE)|(?:CITUS|CONSUL|ETCD|ETCD3|EXHIBITOR|KUBERNETES|POSTGRESQL|RAFT|ZOOKEEPER)_\w+))$/;

/**
 * The environment without what names another cluster than the profile: variables that a shell has exported must not
 * lead to another one. Users and TLS for Patroni stay.
 */
export function environmentFor(
	environment: Environment,
	profile: {name: string; scope: string} | undefined,
): {environment: Environment; ignored: string[]} {
	if (profile === undefined) {
		return {environment, ignored: []};
	}

	const dropped = Object.keys(environment)
		.filter(name => environment[name] && clusterVariable.test(name))
		.sort();
	return {
		environment: Object.fromEntries(Object.entries(environment).filter(([name]) => !dropped.includes(name))),
		ignored: dropped.map(name => `${name}: not used: the profile ${profile.name} names its cluster`),
	};
}
