import type {Drill, Stage} from './types.ts';

export function stagesOf({kind, target}: Pick<Drill, 'kind' | 'target'>): readonly Stage[] {
	const begin: Stage = {id: 'baseline', text: 'recorded, and all is well'};
	const end: readonly Stage[] = [
		{id: 'whole', text: 'nothing is missing any more'},
		{id: 'verified', text: 'acknowledged writes looked for'},
	];
	if (kind === 'switchover') {
		return [begin, {id: 'done', text: `sent, and ${target} leads`}, ...end];
	}

	return [
		begin,
		kind === 'shutdown'
			? {id: 'done', text: `sent, and ${target} is down`}
			: {id: 'plug', text: `the plug of ${target} is pulled`, hand: true},
		{id: 'taken', text: 'others have taken over'},
		{id: 'on', text: `${target} is switched on again`, hand: true},
		...end,
	];
}

/** In one line, as operations are described. */
export function describeDrill({kind, target}: Pick<Drill, 'kind' | 'target'>): string {
	return `drill: ${kind} ${kind === 'switchover' ? 'to' : 'of'} ${target}`;
}
