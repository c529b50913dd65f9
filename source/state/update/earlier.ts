/** What was read of the time before this console started: the timeline, and since when things are held. */
import {withHeldFrom} from '../../domain/cluster/held-from.ts';
import type {EarlierRead} from '../../domain/events.ts';
import {withEarlier} from '../../domain/timeline/earlier.ts';
import type {Overlay, State} from '../state.ts';
import {withPlace} from '../timeline-rows.ts';

export function foldEarlier(state: State, event: EarlierRead, now: number): State {
	const cluster = withHeldFrom(state.cluster, event, state.target, now);
	const timeline = withEarlier(state.timeline, event, state.startedAt);
	const next = {...state, cluster, timeline};
	const {view} = state;
	// A frozen screen keeps its timeline, and the selection in it.
	return view.frozen === undefined
		? {...next, view: {...view, overlays: view.overlays.map(one => withRowKept(one, state, next))}}
		: next;
}

/** Rows are known by the index of their entry, which moves. */
function withRowKept(overlay: Overlay, before: State, after: State): Overlay {
	if (overlay.kind !== 'entries' || overlay.selected === undefined) {
		return overlay;
	}

	const selected = withPlace(overlay.selected, index => {
		const entry = before.timeline[index];
		return entry === undefined ? -1 : after.timeline.indexOf(entry);
	});
	return {...overlay, selected};
}
