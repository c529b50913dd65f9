/** The effect on clients and the remedy of each finding. */
import {type Advice, clientPathAdvice, clusterAdvice} from './advice/cluster.ts';
import {memberAdvice} from './advice/members.ts';

const all = {...memberAdvice, ...clusterAdvice, ...clientPathAdvice};

export type FindingId = keyof typeof all;

export const advice: Readonly<Record<FindingId, Advice>> = all;

/** The effect on clients, with the port that the finding is about; empty for an id of another version. */
export function effectOn({id, about}: {id: FindingId; about?: string | undefined}): string {
	return (advice[id] as Advice | undefined)?.clients.replace('PORT', about ?? 'its port') ?? '';
}
