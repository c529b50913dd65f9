/** The sources that stand behind each pane. */
import type {Cluster} from '../../domain/cluster/cluster.ts';
import {etcdEndpoints} from '../../domain/cluster/etcd.ts';
import {watchedNodes} from '../../domain/cluster/vip.ts';
import type {SourceId} from '../../domain/facts.ts';
import type {Target} from '../../domain/target.ts';

/** Linearizable reads of the DCS, one source an endpoint; any of them suffices. */
export function dcsSources(cluster: Cluster, target: Target): SourceId[] {
	return etcdEndpoints(cluster, target).map(endpoint => `dcs:${endpoint}` as const);
}

export function vipSources(cluster: Cluster, target: Target): SourceId[] {
	return watchedNodes(cluster, target).map(({name}) => `vip:${name}` as const);
}
