/** Reads haproxy.cfg: client ports by the role that a check names, statistics pages and sockets. Passwords are not kept. */
import type {HaproxyRole} from '../domain/facts.ts';
import {type Section, sectionsIn} from './haproxy-sections.ts';
import type {HaproxyFacts, NodeFile} from './types.ts';

/** Patroni's health check endpoints, which answer 200 for one role (docs/rest_api.rst). */
const endpoints: Readonly<Record<string, HaproxyRole>> = {
	primary: 'primary',
	master: 'primary',
	leader: 'primary',
	'read-write': 'primary',
	replica: 'replicas',
	'read-only': 'replicas',
	synchronous: 'synchronous',
	sync: 'synchronous',
	'read-only-sync': 'synchronous',
	asynchronous: 'asynchronous',
	async: 'asynchronous',
};

/** Patroni's port: only there `GET /` is a check of the primary. */
const patroniPort = 8008;

/** Sections of a node, far more than real ones. */
const sectionsMax = 2000;

/** HAProxy's own path where `stats enable` stands without `stats uri`. */
const defaultStatsPath = '/haproxy?stats';

/** @param files in the order in which HAProxy reads them: `defaults` apply beyond the end of a file */
export function readHaproxy(files: readonly NodeFile[]): HaproxyFacts {
	const sections = sectionsIn(files).slice(0, sectionsMax);
	const proxies = sections.filter(({kind}) => ['frontend', 'backend', 'listen'].includes(kind));
	const backends = proxies.filter(({kind}) => kind !== 'frontend');
	const fronts = proxies.filter(({kind}) => kind !== 'backend');
	const targetOf = (front: Section) =>
		front.servers.length > 0 || front.defaultBackend === undefined
			? front
			: backends.find(({name}) => name === front.defaultBackend);
	return {
		ports: fronts.flatMap(front => {
			const target = targetOf(front);
			const role = target && roleOf(target);
			return role === undefined || target === undefined
				? []
				: front.binds.map(({address, port, isLocal, file, line}) => ({
						...{role, port, address, isLocal, file, line},
						backend: target.name,
						check: checkedPath(target) ?? '',
					}));
		}),
		backends: backends.flatMap(one => {
			const role = roleOf(one);
			return role === undefined ? [] : [{role, name: one.name, ...one.place}];
		}),
		pages: fronts.flatMap(front => pagesOf(front, targetOf(front))),
		sockets: sections.flatMap(({sockets}) => sockets),
		servers: backends.flatMap(one =>
			roleOf(one) === undefined
				? []
				: one.servers.map(({name, host, file, line}) => ({name, host, file, line})),
		),
	};
}

/** An explicit `send` replaces the request of `option httpchk`, before or after it. */
function checkedPath({check, paths}: Section): string | undefined {
	return check === 'http' ? (paths.http ?? paths.option) : check === 'tcp' ? paths.tcp : undefined;
}

/** The role that the check of a backend names; undefined for other checks. */
function roleOf(section: Section): HaproxyRole | undefined {
	const path = checkedPath(section);
	if (path === undefined) {
		return undefined;
	}

	const {servers, checkPort} = section;
	const name = path
		.replace(/^\/+/, '')
		.replace(/[?#;\s].*$/s, '')
		.replace(/\/+$/, '');
	if (name !== '') {
		return Object.hasOwn(endpoints, name) ? endpoints[name] : undefined;
	}

	const asksPatroni = servers.every(server => (server.checkPort ?? checkPort ?? server.port) === patroniPort);
	return servers.length > 0 && asksPatroni ? 'primary' : undefined;
}

function pagesOf(front: Section, target: Section | undefined): HaproxyFacts['pages'] {
	const own = front.stats ?? target?.stats;
	if (own === undefined || front.mode !== 'http') {
		return [];
	}

	return front.binds.map(({port, isLocal, isTls}) => ({
		port,
		path: own.path ?? defaultStatsPath,
		isLocal,
		isTls,
		needsUser: own.needsUser || front.needsUser || (target?.needsUser ?? false),
		file: own.file,
		line: own.line,
	}));
}
