/** The effect on clients and the remedy of each finding. */
import {type Advice, clientPathAdvice, clusterAdvice} from './advice/cluster.ts';
import {memberAdvice} from './advice/members.ts';

const all = {...memberAdvice, ...clusterAdvice, ...clientPathAdvice};

export type FindingId = keyof typeof all;

export const advice: Readonly<Record<FindingId, Advice>> = all;
