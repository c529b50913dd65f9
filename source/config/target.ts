/** The part of the configuration that the model may know: names and addresses, no secrets. */
import type {Target} from '../domain/target.ts';
import type {Config} from './config.ts';

export function targetOf({scope, namespace, vip, nodes, etcd, rest, hands, warnings}: Config): Target {
	return {
		scope,
		namespace,
		vip,
		endpoints: etcd.endpoints,
		nodes,
		hands,
		restUser: rest.credentials !== undefined,
		warnings,
	};
}
