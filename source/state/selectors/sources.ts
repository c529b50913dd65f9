/** The sources that stand behind each pane. */
import type {Cluster} from '../../domain/cluster.ts';
import type {SourceId} from '../../domain/events.ts';
import {databaseNodes, etcdEndpoints, type Target} from '../../domain/topology.ts';

/** Linearizable reads of the DCS, one source an endpoint; any of them suffices. */
export function dcsSources(cluster: Cluster, target: Target): SourceId[] {
	return etcdEndpoints(cluster, target).map(endpoint => `dcs:${endpoint}` as const);
}

export function vipSources(cluster: Cluster, target: Target): SourceId[] {
	return databaseNodes(cluster, target).map(({name}) => `vip:${name}` as const);
}
