/** The title: scope, system id, and what makes this cluster special at the moment. */
import {keyOf} from '../../domain/cluster.ts';
import {dynamicConfig} from '../../domain/topology.ts';
import {cell, type Line} from '../rows.ts';
import type {State} from '../state.ts';

export function titleLine({cluster, target}: State): Line {
	const systemId = keyOf(cluster, 'initialize', 'initialize')?.value.systemId;
	return [
		cell(' pgha-top  ', 'dim'),
		cell(target.scope, 'strong'),
		...(systemId === undefined ? [] : [cell(`  ${systemId}`, 'dim')]),
		...(dynamicConfig(cluster)?.pause ? [cell('  PAUSED', 'warn')] : []),
	];
}
