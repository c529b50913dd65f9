import {leaderKey} from '../domain/cluster/keys.ts';
import {machines} from '../domain/cluster/machines.ts';
import {isWell, members} from '../domain/cluster/members.ts';
import {isVipLocal, vipView} from '../domain/cluster/vip.ts';
import type {Drill, DrillResult, Measure} from '../domain/drill/types.ts';
import type {Judged} from '../domain/drill/verdict.ts';
import type {State} from '../state/state.ts';
import type {Waited} from './wait-until.ts';

export type Ended = {
	result: DrillResult;
	text: string;
	drill: Drill | undefined;
	measures: readonly Measure[];
};

/** Another one leads and is well, another one holds the VIP, writes are acknowledged. */
export function isTakenOver(state: State, machine: string): boolean {
	const {cluster, target, now} = state;
	const member = machines(cluster, target, now).find(({name}) => name === machine)?.member;
	const leader = leaderKey(cluster)?.member;
	const led =
		leader !== undefined &&
		leader !== member &&
		isWell(members(cluster, now).find(({name}) => name === leader));
	const {holders} = vipView(cluster, target, now);
	const held =
		target.vip === undefined ||
		holders.some(({node, sees}) => sees && node !== machine) ||
		// On machines that are not looked at it stays where it was.
		!isVipLocal(cluster, target);
	const probe = cluster.probes.get(target.probe?.ports.write ?? 0);
	return led && held && (probe === undefined || probe.failing === undefined);
}

export const brokenOff = 'it was broken off';

export function timeoutMessage(waited: Waited, why: string): string {
	return waited === 'broken off' ? brokenOff : `not in time: ${why}`;
}

export function failedOr(problem: string): Judged {
	return {result: problem === brokenOff ? 'unknown' : 'failed', text: problem};
}

export function failed(text: string): Ended {
	return {result: 'failed', text, drill: undefined, measures: []};
}
