/** What the checks look at: the cluster now, seen by this console, with what else is going on. */
import type {Cluster} from '../cluster/cluster.ts';
import {machines} from '../cluster/machines.ts';
import type {Member} from '../cluster/member.ts';
import {members} from '../cluster/members.ts';
import type {Target} from '../target.ts';

export type Scene = {
	cluster: Cluster;
	target: Target;
	now: number;
	/** Operations of this console that have not ended, in words; `unknown` where how they ended may never be known. */
	running: readonly {text: string; unknown: boolean}[];
};

export function memberOf({cluster, now}: Scene, name: string): Member | undefined {
	return members(cluster, now).find(member => member.name === name);
}

/** The name of the machine that the member runs on. */
export function machineOf({cluster, target, now}: Scene, member: string): string | undefined {
	return machines(cluster, target, now).find(machine => machine.member === member)?.name;
}
