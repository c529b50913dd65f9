/** Commands of the timeline: open and close incidents, switch the view, search, go to the logs of an entry. */
import type {CommandOf} from '../../domain/commands.ts';
import {isFolded} from '../../domain/timeline/incidents.ts';
import {close, logOverlay, newLogOverlay, open, replaceShown, shownOverlay} from '../overlays.ts';
import {matchesOf} from '../selection.ts';
import {type State, shownSnapshot} from '../state.ts';
import {
	beginOf,
	incidentAt,
	placeOf,
	selectedTimelineRow,
	type TimelineOverlay,
	type TimelineRow,
	timelineRows,
} from '../timeline-rows.ts';
import {goToTime} from './log-navigation.ts';

export function openTimeline(state: State): State {
	const last = shownSnapshot(state).timeline.length - 1;
	return {...state, view: open(state.view, {kind: 'entries', selected: `${last}`, scroll: 0})};
}

export function updateTimeline(state: State, command: CommandOf<'timeline'>): State {
	const overlay = shownOverlay(state.view);
	if (overlay?.kind !== 'entries') {
		return state;
	}

	const row = selectedTimelineRow(shownSnapshot(state), overlay);
	switch (command) {
		case 'timeline.open': {
			return row?.kind === 'incident' ? withView(state, openRow(state, overlay, row)) : state;
		}

		case 'timeline.close': {
			return row === undefined ? state : withView(state, closeRow(state, overlay, row));
		}

		case 'timeline.view': {
			return withView(state, withSelection(state, {...overlay, all: overlay.all !== true}));
		}

		default: {
			command satisfies never;
			return state;
		}
	}
}

/** Opens or closes the selected incident; goes to the logs of the selected entry. */
export function enterTimelineRow(state: State, overlay: TimelineOverlay): State {
	const row = selectedTimelineRow(shownSnapshot(state), overlay);
	return row === undefined
		? state
		: row.kind === 'entry'
			? goToLogs(state, row.entry.at)
			: withView(state, row.isOpen ? closeRow(state, overlay, row) : openRow(state, overlay, row));
}

/** What is open already leads to its first entry. */
function openRow(
	state: State,
	overlay: TimelineOverlay,
	row: TimelineRow & {kind: 'incident'},
): TimelineOverlay {
	const {incident, isOpen, id} = row;
	return isOpen
		? {...overlay, selected: `${incident.first}`}
		: withSelection(state, {
				...overlay,
				selected: id,
				expanded: [...(overlay.expanded ?? []), beginOf(incident)],
			});
}

/** Closes the incident of the row, also from one of its entries. */
function closeRow(state: State, overlay: TimelineOverlay, row: TimelineRow): TimelineOverlay {
	const incident = row.kind === 'incident' ? row.incident : incidentAt(shownSnapshot(state), row.index);
	const begin = incident && beginOf(incident);
	return overlay.all
		? overlay
		: withSelection(state, {
				...overlay,
				selected: row.id,
				expanded: (overlay.expanded ?? []).filter(one => one !== begin),
			});
}

/** Selects what stands for the selected row now. */
function withSelection(state: State, overlay: TimelineOverlay): TimelineOverlay {
	return {...overlay, selected: selectedTimelineRow(shownSnapshot(state), overlay)?.id};
}

function withView(state: State, overlay: TimelineOverlay): State {
	return {...state, view: replaceShown(state.view, overlay)};
}

function goToLogs(state: State, at: number): State {
	const below = close(state.view);
	const view = logOverlay(below) === undefined ? open(below, newLogOverlay(undefined)) : below;
	const logs = logOverlay(view);
	return logs === undefined ? state : goToTime({...state, view}, logs, at);
}

/** Selects the next match of the search, and opens its incident; beyond the end it continues at the other one. */
export function seekInTimeline(state: State, direction: 1 | -1, {orHere = false} = {}): State {
	const list = shownOverlay(state.view);
	if (list?.kind !== 'entries') {
		return state;
	}

	const {filter = '', selected} = list;
	const notice = (text: string): State => ({...state, view: {...state.view, notice: {text, tone: 'warn'}}});
	if (filter === '') {
		return notice('no search text yet');
	}

	const {ids} = matchesOf(state, list);
	const here = hereOf(state, list, direction, selected);
	const isBeyond = (id: string) => (placeOf(id) - here) * direction > 0 || (orHere && placeOf(id) === here);
	const next = direction > 0 ? ids.find(isBeyond) : ids.findLast(isBeyond);
	const found = next ?? (direction > 0 ? ids[0] : ids.at(-1));
	if (found === undefined) {
		return notice(`${filter}: no matches`);
	}

	const {view} =
		next === undefined ? notice(`search continues at the ${direction > 0 ? 'top' : 'bottom'}`) : state;
	return {...state, view: replaceShown(view, showing(state, {...list, selected: found}))};
}

/** The place of the selected row. A search upwards that begins at a closed incident begins at the end of its entries. */
function hereOf(
	state: State,
	list: TimelineOverlay,
	direction: 1 | -1,
	selected: string | undefined,
): number {
	const row = selectedTimelineRow(shownSnapshot(state), list);
	if (row?.kind === 'incident' && !row.isOpen && direction < 0 && selected !== row.id) {
		return row.incident.first + row.incident.entries.length - 1;
	}

	return placeOf(row?.id ?? '-1');
}

/** With the incident of the selected entry open. */
function showing(state: State, overlay: TimelineOverlay): TimelineOverlay {
	const {selected = '', expanded = []} = overlay;
	const shown = shownSnapshot(state);
	if (timelineRows(shown, overlay).some(({id}) => id === selected)) {
		return overlay;
	}

	const incident = incidentAt(shown, placeOf(selected));
	return incident === undefined || !isFolded(incident)
		? overlay
		: {...overlay, expanded: [...expanded, beginOf(incident)]};
}
