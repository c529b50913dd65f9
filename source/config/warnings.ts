/** What the screen says of a configuration under which less is verified than an operator would take for granted. */
import type {EtcdAccess, RestAccess} from './access.ts';
import {sourceOf} from './origin.ts';
import type {Settings} from './settings.ts';

export function warningsOf(
	{content: {etcd3}, layers}: Settings,
	{etcd, rest}: {etcd: EtcdAccess; rest: RestAccess},
): string[] {
	const turnedOff = layers.given(['ctl', 'insecure']);
	const by = turnedOff && 'name' in turnedOff ? sourceOf(turnedOff, '') : 'ctl.insecure';
	return [
		...(rest.tls.insecure && rest.tls.cert === undefined ? [`TLS to Patroni is NOT verified (${by})`] : []),
		...(rest.tls.insecure && rest.tls.cert !== undefined
			? [`the host name in Patroni's certificates is NOT checked (${by})`]
			: []),
		...(etcd.tls === undefined && (etcd3?.cacert ?? etcd3?.cert) !== undefined
			? ['etcd is spoken to without TLS (etcd3.protocol is http)']
			: []),
	];
}
