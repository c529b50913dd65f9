/** Which backend of HAProxy serves which role. */
import type {HaproxyRole, HaproxyServer, HaproxyStats} from '../facts.ts';
import type {Target} from '../target.ts';
import type {MembersByServer} from './haproxy-members.ts';

/** The ports that Patroni's documentation uses for each role. */
export const usualPorts: Readonly<Record<HaproxyRole, number>> = {
	primary: 5000,
	replicas: 5001,
	synchronous: 5002,
	asynchronous: 5003,
};

const roles: readonly HaproxyRole[] = ['primary', 'replicas', 'synchronous', 'asynchronous'];

type Kind = HaproxyRole | 'ambiguous' | undefined;

/** Whole words of a backend's name that indicate a role. */
const words: Readonly<Record<HaproxyRole, RegExp>> = {
	primary:
		/^(?:\w*(?:primary|primaries|masters?|leaders?|writes?|writers?)|(?:pg|psql|pgsql|postgres|postgresql|db)?rw)\d{0,3}$/,
	replicas:
		/^(?:\w*(?:replicas?|slaves?|standbys?|standbies|secondary|secondaries|followers?|readonly)|(?:pg|psql|pgsql|postgres|postgresql|db)?(?:ro|reads?|readers?))\d{0,3}$/,
	synchronous: /^(?:sync|synchronous|sync(?:replicas?|standbys?))$/,
	asynchronous: /^(?:async|asynchronous|async(?:replicas?|standbys?))$/,
};
/** Words of services other than PostgreSQL. */
const foreign =
	/^(?:stats?|statistics|etcd|consul|zookeeper|redis|valkey|sentinel|memcached?|mysql|mariadb|galera|mongo(?:db)?|rabbit(?:mq)?|amqp|kafka|minio|elastic(?:search)?|opensearch|clickhouse|k8s|kube\w*|kubernetes|apiservers?|ingress|nginx|traefik|prometheus|alertmanager|grafana|loki|exporters?|metrics|ldap|smtp|imap|ssh|nfs|vault)$/;
/** Words of backends that are not the main one for clients of PostgreSQL; used only if there is no other. */
const lesser =
	/^(?:patroni|rest|api|health|healthchecks?|pgbouncer|bouncer|pool|pooler|odyssey|pgcat|backups?|trigger|http|https|web|www|app|apps|ui|admin|dashboard|offline|analytics|delayed)$/;
/** Words that indicate PostgreSQL without naming a role. */
const postgres = /^(?:pg|psql|pgsql|postgres|db|database|patroni|bouncer|pool|pooler|odyssey)/;
/** Ports of etcd, Kubernetes, Patroni's REST API, HTTP, Redis, MySQL, RabbitMQ, Consul and Elasticsearch. */
const foreignPorts: ReadonlySet<number> = new Set([
	2379, 2380, 6443, 8008, 80, 443, 8080, 8443, 6379, 26_379, 3306, 5672, 15_672, 8500, 9200,
]);

const known = new WeakMap<
	HaproxyStats,
	{members: MembersByServer; target: Target; found: Map<HaproxyRole, string | undefined>}
>();

/** The backend that serves the role; undefined if it cannot be determined and has to be configured. */
export function backendFor(
	stats: HaproxyStats,
	members: MembersByServer,
	target: Target,
	role: HaproxyRole,
): string | undefined {
	let before = known.get(stats);
	if (before?.members !== members || before.target !== target) {
		before = {members, target, found: new Map()};
		known.set(stats, before);
	}

	if (!before.found.has(role)) {
		before.found.set(role, findBackend(stats, members, target, role));
	}

	return before.found.get(role);
}

/** What a backend's name says, beside the names of the other backends. */
type Named = {
	name: string;
	/** All words of the name. */
	words: readonly string[];
	kind: Kind;
	isForeign: boolean;
	isLesser: boolean;
};

type Backend = Named & {
	servers: readonly HaproxyServer[];
	/** At least one of its servers is a known member. */
	isOurs: boolean;
};

function findBackend(
	stats: HaproxyStats,
	members: MembersByServer,
	target: Target,
	role: HaproxyRole,
): string | undefined {
	const configured = target.haproxy?.backends[role];
	const all = backendsOf(stats, members, target);
	const named = all.find(({name}) => name === configured)?.name;
	if (named !== undefined || (configured !== undefined && !target.haproxy?.foundBackends?.includes(role))) {
		return named;
	}

	const taken = new Set(
		Object.entries(target.haproxy?.backends ?? {}).flatMap(([other, name]) => (other === role ? [] : [name])),
	);
	const free = all.filter(({name, isForeign}) => !isForeign && !taken.has(name));
	return (byPort(stats, free, target, role) ?? byName(free, target, role) ?? byRest(free, role, taken.size))
		?.name;
}

function backendsOf(stats: HaproxyStats, members: MembersByServer, target: Target): Backend[] {
	const grouped = Map.groupBy(stats.servers, ({backend}) => backend);
	return namedBackends([...grouped.keys()], target).map(named => {
		const servers = grouped.get(named.name) ?? [];
		return {
			...named,
			servers,
			isOurs: servers.some(server => members.has(server)),
			isForeign: named.isForeign || isElsewhere(servers),
		};
	});
}

/** By target and list of names: each poll of each node has the same few lists. */
const read = new WeakMap<Target, Map<string, readonly Named[]>>();
/** Lists that are kept; names come from outside. */
const listsMax = 100;

function namedBackends(names: readonly string[], target: Target): readonly Named[] {
	const lists = read.get(target) ?? new Map<string, readonly Named[]>();
	const list = JSON.stringify(names);
	const named = lists.get(list) ?? readNames(names, target);
	if (lists.size >= listsMax) {
		lists.clear();
	}

	lists.set(list, named);
	read.set(target, lists);
	return named;
}

function readNames(names: readonly string[], target: Target): readonly Named[] {
	const split = names.map(wordsOf);
	const shared =
		split.length < 2 ? [] : (split[0] ?? []).filter(word => split.every(other => other.includes(word)));
	return names.map((name, index) => {
		const all = split[index] ?? [];
		const own = all.filter(word => !shared.includes(word));
		const whole = kindOf(all, target);
		return {
			name,
			words: all,
			kind: whole === 'ambiguous' ? kindOf(own, target) : whole,
			isForeign: own.some(word => foreign.test(word)) || all.every(word => foreign.test(word)),
			isLesser: own.some(word => lesser.test(word)),
		};
	});
}

/** `pgMaster-5432` → pg, master, 5432; `read-write` is one word. */
function wordsOf(name: string): string[] {
	return name
		.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1-$2')
		.toLowerCase()
		.replaceAll(/read[^\p{L}\p{N}]*write/gu, 'readwrite')
		.replaceAll(/read[^\p{L}\p{N}]*only/gu, 'readonly')
		.replaceAll(/(?<=\p{L})(?=\p{N}{4})/gu, '-')
		.split(/[^\p{L}\p{N}]+/u)
		.filter(Boolean);
}

function kindOf(all: readonly string[], target: Target): Kind {
	const named = roles.filter(role => all.some(word => words[role].test(word)));
	if (named.length === 0) {
		return only(roles.filter(role => all.includes(String(portFor(target, role)))));
	}

	// A synchronous standby is a replica, too: the special role wins.
	const special = named.filter(
		(role): role is HaproxyRole => role === 'synchronous' || role === 'asynchronous',
	);
	const rest = named.filter(role => !special.includes(role) && !(special.length > 0 && role === 'replicas'));
	const kinds = [...special, ...rest];
	return kinds.length > 1 ? 'ambiguous' : kinds[0];
}

function portFor(target: Target, role: HaproxyRole): number {
	return target.haproxy?.ports?.[role] ?? usualPorts[role];
}

/** All its servers listen on ports of other services. */
function isElsewhere(servers: readonly HaproxyServer[]): boolean {
	return servers.every(({address}) => {
		const port = /:(\d+)$/.exec(address ?? '')?.[1];
		return port !== undefined && foreignPorts.has(Number(port));
	});
}

/**
 * The backend that listens on the role's port itself (`listen`), if the statistics show ports. A usual port counts only
 * if the name does not contradict it.
 */
function byPort(
	{frontends}: HaproxyStats,
	free: readonly Backend[],
	target: Target,
	role: HaproxyRole,
): Backend | undefined {
	const port = target.haproxy?.ports?.[role];
	const listens = (on: number) =>
		free.filter(({name}) => frontends.some(one => one.name === name && one.ports.includes(on)));
	if (port !== undefined) {
		return only(listens(port));
	}

	return only(listens(usualPorts[role]).filter(({kind}) => kind === undefined || kind === role));
}

function byName(free: readonly Backend[], target: Target, role: HaproxyRole): Backend | undefined {
	const named = free.filter(({kind}) => kind === role);
	const scope = wordsOf(target.scope);
	// Each test narrows the list, and is skipped if nothing would be left.
	const narrowed = [
		({isOurs}: Backend) => isOurs,
		({words: own}: Backend) => scope.length > 0 && scope.every(word => own.includes(word)),
		({isLesser}: Backend) => !isLesser,
	].reduce<readonly Backend[]>((left, test) => {
		const kept = left.filter(test);
		return kept.length === 0 ? left : kept;
	}, named);
	return only(narrowed) ?? narrowed.find(({name}) => name === role) ?? base(narrowed);
}

/** The backend whose name all others extend: `master` of `master` and `master_direct`. */
function base(named: readonly Backend[]): Backend | undefined {
	const [shortest] = named.toSorted((one, other) => one.words.length - other.words.length);
	return named.every(
		one =>
			one === shortest ||
			(one.words.length > (shortest?.words.length ?? 0) &&
				(shortest?.words ?? []).every(word => one.words.includes(word))),
	)
		? shortest
		: undefined;
}

/** The only backend is the primary's; so is the last one when all others are the replicas'. */
function byRest(free: readonly Backend[], role: HaproxyRole, taken: number): Backend | undefined {
	if (role !== 'primary' || free.some(({kind}) => kind === 'primary')) {
		return undefined;
	}

	const left = free.filter(({kind}) => kind === undefined || kind === 'ambiguous');
	const better = left.filter(({isLesser}) => !isLesser);
	const one = only(better.length > 0 ? better : left);
	const isLast = left.length === 1 && free.length - left.length + taken > 0;
	return one !== undefined &&
		(free.length === 1 || isLast || better.length === 1) &&
		isLikely(one, free) &&
		hasRoleChecks(one)
		? one
		: undefined;
}

/** A backend without known members may belong to another service. */
function isLikely(one: Backend, free: readonly Backend[]): boolean {
	return (
		one.isOurs ||
		(!free.some(({isOurs}) => isOurs) && (!one.isLesser || one.words.some(word => postgres.test(word))))
	);
}

/** Whether the checks distinguish roles: with TCP checks any PostgreSQL is up, so several servers are. */
function hasRoleChecks({servers}: Backend): boolean {
	return (
		servers.filter(one => one.up && !one.backup).length < 2 ||
		servers.some(({checkStatus}) => checkStatus.startsWith('L7'))
	);
}

function only<T>(list: readonly T[]): T | undefined {
	return list.length === 1 ? list[0] : undefined;
}
