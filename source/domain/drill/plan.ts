/** The stages of each kind of drill, in their order; pure. */
import type {Drill} from './drill.ts';

export type StageId = 'baseline' | 'done' | 'plug' | 'taken' | 'on' | 'whole' | 'verified';

export type Stage = {
	id: StageId;
	text: string /** It is the operator's own hand that does it. */;
	hand?: true;
};

export function planOf({kind, target}: Pick<Drill, 'kind' | 'target'>): readonly Stage[] {
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
