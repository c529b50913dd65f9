/** When sources may be asked half as often: nothing happens, and nobody looks closer. */
import {isOpen} from '../domain/operations/run.ts';
import type {State} from './state.ts';
import {isDrillRunning} from './update/drill-run.ts';

/** ms without a change and without a key. */
const calmAfterMs = 60_000;

/**
 * The cluster is healthy, and was for a minute, in which nothing changed, no key was pressed, and no view was open.
 *
 * @param touchedAt when the last key was pressed, Unix ms; at first when the console started
 */
export function isCalm(
	{
		now,
		found,
		timeline,
		view,
		runs,
		drill,
	}: Pick<State, 'now' | 'found' | 'timeline' | 'view' | 'runs' | 'drill'>,
	touchedAt: number,
): boolean {
	const latest = now - calmAfterMs;
	return (
		touchedAt <= latest &&
		view.overlays.length === 0 &&
		!runs.some(isOpen) &&
		!isDrillRunning(drill) &&
		timeline.every(({at}) => at <= latest) &&
		[...found.known.values()].every(
			({finding, since, at}) => finding.severity === 'notice' && since <= latest && at === found.at,
		)
	);
}
