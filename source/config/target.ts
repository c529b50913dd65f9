/** The part of the configuration that the model may know: names and addresses, no secrets. */
import type {Target} from '../domain/target.ts';
import type {Config} from './config.ts';

export function targetOf({
	scope,
	namespace,
	vip,
	nodes,
	etcd,
	rest,
	hands,
	haproxy,
	probe,
	warnings,
	logs,
	logBounds,
	units,
}: Config): Target {
	return {
		scope,
		namespace,
		vip,
		endpoints: etcd.endpoints,
		nodes,
		hands,
		restUser: rest.credentials !== undefined,
		trust: {
			...(rest.secureBy === undefined ? {} : {restTls: rest.secureBy}),
			etcdUser: etcd.credentials !== undefined,
			haproxyUser: haproxy.credentials !== undefined,
		},
		...(vip === undefined ? {} : {haproxy: {backends: haproxy.backends}}),
		...(probe === undefined
			? {}
			: {
					probe: {
						host: probe.host,
						ports: {
							write: probe.port,
							...(probe.readPort === undefined ? {} : {read: probe.readPort}),
						},
						write: probe.write,
					},
				}),
		warnings,
		logs,
		logBounds,
		units,
	};
}
