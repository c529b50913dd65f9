/** All that the screen is a function of, besides its size. */
import {type Cluster, emptyCluster} from '../domain/cluster.ts';
import type {Target} from '../domain/topology.ts';

export type View = {help: boolean};

export type State = {
	/** The newest moment that an event told of, Unix ms: the only clock that the model and the screen have. */
	now: number;
	startedAt: number;
	target: Target;
	cluster: Cluster;
	view: View;
};

export function initialState(target: Target, now: number): State {
	return {now, startedAt: now, target, cluster: emptyCluster, view: {help: false}};
}
