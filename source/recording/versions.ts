/** Which versions a cluster runs, as far as its members have told. */
import {postgresVersion} from '../domain/cluster/patroni.ts';
import type {State} from '../state/state.ts';
import type {Versions} from './format.ts';

export function versionsOf({cluster}: State, node: string): Versions {
	const statuses = [...cluster.patroni.values()].map(({value}) => value);
	const members = [...cluster.keys.values()].flatMap(({value}) =>
		value.kind === 'member' ? [value.data] : [],
	);
	return {
		node,
		patroni: distinct([...statuses.map(({version}) => version), ...members.map(({version}) => version)]),
		postgresql: distinct(
			statuses.map(({serverVersion}) =>
				serverVersion === undefined ? undefined : postgresVersion(serverVersion),
			),
		),
		etcd: distinct([...cluster.etcd.status.values()].map(({value}) => value.version)),
	};
}

function distinct(versions: readonly (string | undefined)[]): string[] {
	return [...new Set(versions.filter(version => version !== undefined))].sort();
}
