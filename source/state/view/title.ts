/** The title: scope, system id, what is not verified, and what makes this cluster special at the moment. */
import {keyOf} from '../../domain/cluster/cluster.ts';
import {dynamicConfig} from '../../domain/cluster/keys.ts';
import {age, clock} from '../../lib/format.ts';
import {type State, shownSnapshot} from '../state.ts';
import {cell, type Line} from './cells.ts';

export function titleLine(state: State): Line {
	const {cluster, target, now} = shownSnapshot(state);
	const systemId = keyOf(cluster, 'initialize', 'initialize')?.value.systemId;
	return [
		cell(' pgha-top  ', 'dim'),
		cell(target.scope, 'strong'),
		...(state.replay === undefined
			? []
			: [cell(`  REPLAY${state.replay.asOperator ? ', as the operator saw it' : ''}`, 'warn')]),
		...(state.recording === undefined ? [] : [cell('  ● REC', 'bad')]),
		...(state.view.frozen === undefined
			? []
			: [cell(`  FROZEN at ${clock(now, state.now)} (${age(state.now - now)}), Space goes on`, 'bad')]),
		...(target.hands === 'on' || state.replay !== undefined
			? []
			: [cell(target.hands === 'off' ? '  READ-ONLY' : '  DRY RUN', 'warn')]),
		...(dynamicConfig(cluster)?.pause ? [cell('  PAUSED', 'warn')] : []),
		...target.warnings.map(warning => cell(`  ${warning}`, 'warn')),
		...(systemId === undefined ? [] : [cell(`  ${systemId}`, 'dim')]),
	];
}
