/** Which nodes and services the logs show: the rows of the picker, and what choosing one does; pure. */
import {logSourcesOf, serviceNames} from '../../domain/logs/log-sources.ts';
import type {LogOverlay, State} from '../state.ts';

export type PickRow = {id: string; kind: 'node' | 'service'; name: string; shown: boolean};

export function pickRows(state: State, {choice}: LogOverlay): PickRow[] {
	const plan = logSourcesOf(state.cluster, state.target, state.now);
	const nodes = plan.map(({node}) => node);
	return [
		...nodes.map(name => ({
			id: `node ${name}`,
			kind: 'node' as const,
			name,
			shown: choice.nodes?.includes(name) ?? true,
		})),
		...serviceNames(plan, state.logs.services).map(name => ({
			id: `service ${name}`,
			kind: 'service' as const,
			name,
			shown: !choice.hidden.includes(name),
		})),
	];
}

/** Shown where it was not, and the other way round; nothing chosen at all would show nothing, and is not taken. */
export function pickRow(state: State, layer: LogOverlay, id: string | undefined): LogOverlay {
	const rows = pickRows(state, layer);
	const row = rows.find(one => one.id === id);
	if (row === undefined) {
		return layer;
	}

	const {choice} = layer;
	const after = rows
		.filter(({kind}) => kind === row.kind)
		.map(one => (one === row ? {...one, shown: !one.shown} : one));
	if (!after.some(({shown}) => shown)) {
		return layer;
	}

	return row.kind === 'node'
		? {
				...layer,
				choice: {
					...choice,
					nodes: after.every(({shown}) => shown)
						? undefined
						: after.filter(({shown}) => shown).map(({name}) => name),
				},
			}
		: {...layer, choice: {...choice, hidden: after.filter(({shown}) => !shown).map(({name}) => name)}};
}
