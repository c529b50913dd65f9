/** What was scheduled and did not happen: a switchover, a member's restart. */

import {withEntry, withoutEntry} from '../../lib/map-entries.ts';
import {type Cluster, clockTime, keyOf} from './cluster.ts';

/** A schedule that went after its time, while the leader is still the one that it was to lead away from. */
export function findMissedSwitchover(before: Cluster, after: Cluster, at: number): Cluster['dropped'] {
	const was = keyOf(before, 'failover', 'failover')?.value;
	const is = keyOf(after, 'failover', 'failover')?.value;
	const leader = keyOf(after, 'leader', 'leader')?.value.member;
	// Another one leads: whatever was to be done is done, or of no matter any more.
	const known = leader !== before.dropped?.leader && leader !== undefined ? undefined : before.dropped;
	if (was?.scheduledAt === undefined || is?.scheduledAt !== undefined) {
		return is?.scheduledAt === undefined ? known : undefined;
	}

	const due = Date.parse(was.scheduledAt);
	return leader !== undefined && leader === was.leader && clockTime(after, at) > due
		? {leader, scheduledAt: was.scheduledAt, at}
		: known;
}

/** A schedule that went after its time: whether PostgreSQL was restarted, the member's REST tells. */
export function findMissedRestarts(
	before: Cluster,
	after: Cluster,
	path: string,
	at: number,
): Cluster['droppedRestarts'] {
	const was = keyOf(before, path, 'member')?.value;
	const is = keyOf(after, path, 'member')?.value;
	const name = was?.name ?? is?.name ?? '';
	if (is?.data.scheduledRestart !== undefined) {
		return withoutEntry(before.droppedRestarts, name);
	}

	const scheduledAt = was?.data.scheduledRestart;
	const startedBefore = before.patroni.get(name)?.value.postmasterStartTime;
	return scheduledAt === undefined ||
		startedBefore === undefined ||
		clockTime(after, at) <= Date.parse(scheduledAt)
		? before.droppedRestarts
		: withEntry(before.droppedRestarts, name, {scheduledAt, at, startedBefore});
}
