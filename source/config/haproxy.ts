/** HAProxy in the configuration: where its statistics are, and what is known of its backends and ports. */
import {usualPorts} from '../domain/cluster/haproxy-backends.ts';
import type {HaproxyRole} from '../domain/facts.ts';
import type {Credentials} from './access.ts';
import {type Layers, present} from './layers.ts';
import type {Settings} from './settings.ts';

const haproxyRoles = Object.keys(usualPorts) as HaproxyRole[];

/**
 * HAProxy's statistics, the same on each node. `isUsed`: there is HAProxy; port and path only if configured, or found
 * on a node (`isPageFound`): then other pages are tried as well.
 */
export type HaproxyConfig = {
	isUsed: boolean;
	isPageFound: boolean;
	/** Backends that were found on a node, not configured. */
	foundBackends: readonly HaproxyRole[];
	port?: number;
	path?: string;
	credentials?: Credentials;
	backends: Readonly<Partial<Record<HaproxyRole, string>>>;
	/** Client ports, if configured. */
	ports: Readonly<Partial<Record<HaproxyRole, number>>>;
	/** Member by server name, if they differ. */
	servers: Readonly<Record<string, string>>;
};

export function haproxyOf(
	settings: Settings['content']['pgha-top']['haproxy'],
	layers: Layers,
): HaproxyConfig {
	if (settings === false) {
		return {
			...{isUsed: false, isPageFound: false, foundBackends: []},
			...{backends: {}, ports: {}, servers: {}},
		};
	}

	const isFound = (...path: string[]) => {
		const origin = layers.given(['pgha-top', 'haproxy', ...path]);
		return origin !== undefined && 'isFound' in origin;
	};

	const {user, password, backends, ports, servers, port, path} = settings;
	return {
		isUsed: true,
		isPageFound: isFound('port') && isFound('path'),
		foundBackends: haproxyRoles.filter(role => isFound('backends', role)),
		...present({port, path}),
		...(user === undefined ? {} : {credentials: {username: user, password: password ?? ''}}),
		backends: present(backends),
		ports: present(ports),
		servers: servers ?? {},
	};
}
