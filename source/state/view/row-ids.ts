/** The rows that can be selected in each pane, by id, in the order in which the pane shows them. */
import {etcdNodes} from '../../domain/cluster/etcd.ts';
import {members} from '../../domain/cluster/members.ts';
import {watchedNodes} from '../../domain/cluster/vip.ts';
import type {ClusterSnapshot, PaneId} from '../state.ts';

export function rowIds({cluster, target, now}: ClusterSnapshot, pane: PaneId): string[] {
	switch (pane) {
		case 'members': {
			return members(cluster, now).map(({name}) => name);
		}

		case 'leader': {
			return etcdNodes(cluster, target, now).map(({name}) => name);
		}

		case 'vip': {
			return watchedNodes(cluster, target).map(({name}) => name);
		}
	}
}
