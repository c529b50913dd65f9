/** The keys of the DCS that more than one part of the model asks for. */
import {type Cluster, type KnownKey, keyOf} from './cluster.ts';
import type {DynamicConfig} from './dcs.ts';
import {sees} from './sight.ts';
import {isFromStore} from './store.ts';

/** Some endpoint read the DCS by a linearizable read within the last seconds: what the keys say is so now. */
export function dcsIsRead(cluster: Cluster, now: number): boolean {
	return [...cluster.sights.keys()].some(
		source =>
			source.startsWith('dcs:') &&
			sees(cluster.sights.get(source), source, now) &&
			isFromStore(cluster.store, source, undefined),
	);
}

export function leaderKey(cluster: Cluster): (KnownKey & {member: string}) | undefined {
	const key = keyOf(cluster, 'leader', 'leader');
	return key && {...key, member: key.value.member};
}

export function dynamicConfig(cluster: Cluster): DynamicConfig | undefined {
	return keyOf(cluster, 'config', 'config')?.value.config;
}

export function syncStandbys(cluster: Cluster): readonly string[] {
	return keyOf(cluster, 'sync', 'sync')?.value.standbys ?? [];
}
