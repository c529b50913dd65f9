/** When sources may be asked less often: nothing happens, and no one looks closer. */
import {kindOf} from '../domain/cluster/source-kinds.ts';
import {isOpen} from '../domain/operations/run.ts';
import type {State} from './state.ts';
import {isDrillRunning} from './update/drill-run.ts';

/** ms without a change and without a key. */
const calmAfterMs = 60_000;

/**
 * The cluster is healthy, and was for a minute, in which nothing changed, no key was pressed, and no view was open; and a change
 * of Patroni's keys would be pushed.
 *
 * @param touchedAt when the last key was pressed, Unix ms; at first when the console started
 */
export function isCalm(
	{
		now,
		cluster,
		found,
		timeline,
		view,
		runs,
		drill,
	}: Pick<State, 'now' | 'cluster' | 'found' | 'timeline' | 'view' | 'runs' | 'drill'>,
	touchedAt: number,
): boolean {
	const latest = now - calmAfterMs;
	return (
		touchedAt <= latest &&
		[...cluster.sourceStatuses].some(
			([source, status]) => kindOf(source) === 'watch' && status?.state === 'seen',
		) &&
		view.overlays.length === 0 &&
		!runs.some(isOpen) &&
		!isDrillRunning(drill) &&
		timeline.every(({at}) => at <= latest) &&
		[...found.known.values()].every(
			({finding, since, at}) => finding.severity === 'notice' && since <= latest && at === found.at,
		)
	);
}
