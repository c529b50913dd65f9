/** Judges what each change of leader has cost, by the present `history`. Pure. */
import {type Cluster, keyOf} from './cluster.ts';
import {
	type Fork,
	followsShutdown,
	forkOf,
	judgeLoss,
	type LeaderChange,
	type LeaderChanges,
	type Leadership,
} from './loss.ts';
import {mayWaitForStandby} from './postgres.ts';

/** Compares each change with the present `history`: who comes back can undo an earlier one. */
export function judgeAll(known: LeaderChanges, cluster: Cluster): LeaderChanges {
	let {changes, current} = known;
	for (let index = 0; index < changes.length; index++) {
		const change = changes[index] as LeaderChange;
		// What came back is not lost any more; what a later change costs is of that change.
		const fork =
			change.fork?.kind === 'own'
				? change.fork
				: (presentFork(change, {...known, changes, current}, cluster) ?? change.fork);
		const judged = withLoss({...change, fork}, known);
		const next = changes[index + 1];
		changes = isSame(change, judged) ? changes : changes.with(index, judged);
		if (fork?.kind === 'line' && next === undefined) {
			current = current && (current.begin === fork.location ? current : {...current, begin: fork.location});
		} else if (fork?.kind === 'line' && next !== undefined && next.from.begin === undefined) {
			changes = changes.with(index + 1, {...next, from: {...next.from, begin: fork.location}});
		}
	}

	return changes === known.changes && current === known.current ? known : {...known, current, changes};
}

function presentFork(change: LeaderChange, known: LeaderChanges, cluster: Cluster): Fork | undefined {
	const {from, store, revision} = change;
	const {current, changes} = known;
	const {timeline} = from;
	if (timeline === undefined) {
		return undefined;
	}

	if (cameBack(from, timeline, known)) {
		return {kind: 'own', location: undefined};
	}

	const index = changes.findIndex(({id}) => id === change.id);
	if (isLeft(change, changes[index + 1]?.from ?? current)) {
		return {kind: 'left', location: from.begin};
	}

	const history = keyOf(cluster, 'history', 'history');
	const isLater = store !== cluster.store.generation || (history?.modRevision ?? 0) > revision;
	return history === undefined || !isLater ? undefined : forkOf(history.value.lines, {...from, timeline});
}

/**
 * Who follows a timeline begins a higher one when it takes over. Patroni does not correct `history` when a member begins a
 * second timeline of the same number: only the numbers show it.
 */
function isLeft({from, to}: LeaderChange, next: Leadership | undefined): boolean {
	return (
		next?.leader === to &&
		next.timeline !== undefined &&
		from.timeline !== undefined &&
		next.timeline <= from.timeline
	);
}

/** The old leader leads again: on its own timeline; or on one that it began from that, since it is not above the one of another. */
function cameBack({leader}: Leadership, timeline: number, {changes, current}: LeaderChanges): boolean {
	const last = changes.at(-1);
	return (
		current?.leader === leader &&
		(current.timeline === timeline ||
			(last !== undefined && isLeft(last, current) && current.timeline === timeline + 1))
	);
}

function withLoss(change: LeaderChange, {servers, current}: LeaderChanges): LeaderChange {
	const {from, fork, isSync, end} = change;
	if (fork === undefined) {
		return from.timeline === undefined
			? {...change, loss: {kind: 'unknown', why: 'timeline', beyond: undefined, since: undefined}}
			: change;
	}

	const isStopped =
		fork.kind === 'line' && from.released !== undefined && followsShutdown(fork.location, from.released);
	// Writes that are not known to be of another leadership may be of this one.
	const isClear = !servers.some(
		({member, writes}) =>
			(member === undefined && (writes[0]?.startedAt ?? change.at) < change.at) ||
			(member === from.leader && member !== current?.leader),
	);
	const commit = from.synchronousCommit;
	const isConfirmed = isSync && mayWaitForStandby(commit);
	const loss = judgeLoss({
		fork,
		writes: change.servers.flatMap(({writes}) => writes),
		positions: from.positions,
		published: from.published,
		// Of a timeline that was left, another of the same number may follow: then it is not known of which one that is.
		end: end?.isStable && fork.kind === 'line' ? end.location : undefined,
		proof: !isClear ? undefined : isConfirmed ? 'sync' : isStopped ? 'stop' : undefined,
		isUnflushed: commit === 'off',
	});
	return {...change, loss};
}

function isSame(a: LeaderChange, b: LeaderChange): boolean {
	return (
		JSON.stringify(a.fork) === JSON.stringify(b.fork) && JSON.stringify(a.loss) === JSON.stringify(b.loss)
	);
}
