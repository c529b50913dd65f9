/** What members' keys and their own REST APIs show of an operation. */
import {type Cluster, clockOffset, keyOf} from '../../cluster/cluster.ts';
import {isWell} from '../../cluster/health.ts';
import {members} from '../../cluster/members.ts';
import type {Run, StepDefinition} from '../types.ts';
import {isTicked} from '../types.ts';

/** A member's own key says whether it acts on the pause. */
export function isConfigApplied(name: string, paused: boolean): StepDefinition {
	return {
		id: `applied ${name}`,
		text: `${name} has applied it`,
		essential: true,
		seen: (_, {cluster}) => keyOf(cluster, `members/${name}`, 'member')?.value.data.pause === paused,
	};
}

export function scheduledRestart(cluster: Cluster, member: string): string | undefined {
	return keyOf(cluster, `members/${member}`, 'member')?.value.data.scheduledRestart;
}

export function streams(member: string, after: string, essential: boolean): StepDefinition {
	return {
		id: 'streams',
		text: `${member} streams from the leader`,
		essential,
		seen: (run, {cluster, now}) => {
			const one = members(cluster, now).find(({name}) => name === member);
			return isTicked(run, after) && isWell(one);
		},
	};
}

/** Its own REST API has reported such a state since the operation was confirmed. */
export function isStateSince(
	{confirmedAt}: Run,
	cluster: Cluster,
	member: string,
	such: (state: string) => boolean,
): boolean {
	const rest = cluster.patroni.get(member);
	return rest !== undefined && rest.at > confirmedAt && such(rest.value.state);
}

/** Its postmaster is another one than before, or was started after the operation was confirmed. */
export function isStartedSince({before, confirmedAt}: Run, cluster: Cluster, member: string): boolean {
	const was = before.patroni.get(member)?.value.postmasterStartTime;
	const is = cluster.patroni.get(member);
	const started = is?.value.postmasterStartTime;
	if (is === undefined || started === undefined || is.at <= confirmedAt) {
		return false;
	}

	return was === undefined
		? Date.parse(started) - (clockOffset(is) ?? Number.POSITIVE_INFINITY) > confirmedAt
		: Date.parse(was) !== Date.parse(started);
}
