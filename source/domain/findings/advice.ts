/** Each kind of finding: what it means for clients, and what the operator can do. */
import {clientPathAdvice} from './advice/client-path.ts';
import {clusterAdvice} from './advice/cluster.ts';
import {memberAdvice} from './advice/members.ts';
import type {Advice} from './advice/types.ts';

const all = {...memberAdvice, ...clusterAdvice, ...clientPathAdvice};

export type FindingId = keyof typeof all;

export const advice: Readonly<Record<FindingId, Advice>> = all;
