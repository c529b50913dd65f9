/** HAProxy's statistics for typical haproxy.cfg files: backends by name, with their servers. */
import type {Fact} from '../../source/domain/events.ts';
import type {HaproxyFrontend, HaproxyServer, HaproxyStats} from '../../source/domain/facts.ts';

/**
 * `pgdb1`, or with its address `pgdb1=10.73.0.160:5432`; a `+` before it: up, a `~`: up by a TCP check, a `!`: backup.
 */
export type Layout = Readonly<Record<string, readonly string[]>>;

export function serverOfWords(backend: string, words: string): HaproxyServer {
	const [, signs = '', name = '', address] = /^([+~!]*)([^=]*)(?:=(.*))?$/.exec(words) ?? [];
	const up = /[+~]/.test(signs);
	const layer = signs.includes('~') ? 'L4' : 'L7';
	return {
		backend,
		server: name,
		address,
		status: up ? 'UP' : 'DOWN',
		up,
		backup: signs.includes('!'),
		checkStatus: `${layer}${up ? 'OK' : 'STS'}`,
		checkCode: layer === 'L4' ? undefined : up ? 200 : 503,
		checkDescription: '',
		lastChange: 10,
		sessions: 0,
	};
}

/** @param ports of frontends, if the statistics show them. */
export function statsOf(layout: Layout, ports: Readonly<Record<string, number>> = {}): HaproxyStats {
	return {
		servers: Object.entries(layout).flatMap(([backend, servers]) =>
			servers.map(words => serverOfWords(backend, words)),
		),
		frontends: Object.keys({...layout, ...ports}).map(
			(name): HaproxyFrontend => ({
				name,
				ports: ports[name] === undefined ? [] : [ports[name]],
				status: 'OPEN',
				sessions: 0,
			}),
		),
	};
}

export function statsFact(node: string, layout: Layout, ports: Readonly<Record<string, number>> = {}): Fact {
	return {type: 'haproxy.stats', source: `haproxy:${node}`, node, ...statsOf(layout, ports), tookMs: 10};
}
