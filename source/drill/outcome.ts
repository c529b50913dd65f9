/** How a drill ended: by what was measured, or why it did not come to its end. */
import type {Drill, DrillResult} from '../domain/drill/drill.ts';
import type {Measure, Verified} from '../domain/drill/measures.ts';
import {leaderKey} from '../domain/keys.ts';
import {machines} from '../domain/machines.ts';
import {isWell, members} from '../domain/members.ts';
import {vipView} from '../domain/vip.ts';
import type {State} from '../state/state.ts';
import type {Waited} from './waiting.ts';

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
	const held = target.vip === undefined || holders.some(({node, sees}) => sees && node !== machine);
	const probe = cluster.probes[target.probe?.ports.write ?? 0];
	return led && held && (probe === undefined || probe.failing === undefined);
}

export function judge(
	{goal}: Drill,
	measures: readonly Measure[],
	{lost}: Verified,
): {result: DrillResult; text: string} {
	const writes = measures.find(({id}) => id === 'writes')?.value;
	const felt =
		writes === undefined ? 'the time without writes is not known' : `${seconds(writes)} without writes`;
	const aim = goal === undefined ? 'no goal was set' : `the goal was ${seconds(goal)}`;
	if (lost.length > 0) {
		return {result: 'not met', text: `${lost.length} acknowledged writes are LOST; ${felt}, ${aim}`};
	}

	if (goal === undefined) {
		return {result: 'met', text: `${felt}; ${aim}`};
	}

	return {
		result: writes === undefined ? 'unknown' : writes <= goal ? 'met' : 'not met',
		text: `${felt}, ${aim}`,
	};
}

export function seconds(milliseconds: number): string {
	return `${(milliseconds / 1000).toFixed(2)} s`;
}

const brokenOff = 'it was broken off';

export function late(waited: Waited, why: string): string {
	return waited === 'broken off' ? brokenOff : `not in time: ${why}`;
}

export function failedOr(problem: string): {result: DrillResult; text: string} {
	return {result: problem === brokenOff ? 'unknown' : 'failed', text: problem};
}

export function failed(text: string): Ended {
	return {result: 'failed', text, drill: undefined, measures: []};
}
