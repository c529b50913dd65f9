/** Where Patroni keeps a cluster in the DCS. */
import type {Config} from './config.ts';

/** `{namespace}/{scope}/`, and for a group of a Citus cluster `{namespace}/{scope}/{group}/`. */
export function dcsPrefix({namespace, scope, group}: Pick<Config, 'namespace' | 'scope' | 'group'>): string {
	return ['', namespace, scope, ...(group === undefined ? [] : [String(group)]), '']
		.join('/')
		.replaceAll(/\/+/g, '/');
}
