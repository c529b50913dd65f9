/** The rows of the timeline: incidents in one line each, opened ones with their entries; or all entries. Pure. */
import type {Entry} from '../domain/facts.ts';
import {describeIncident, incidentLine} from '../domain/timeline/incident-text.ts';
import {foldIncidents, type Incident, isFolded} from '../domain/timeline/incidents.ts';
import {clockMs} from '../lib/format.ts';
import type {ClusterSnapshot, Overlay} from './state.ts';

export type TimelineOverlay = Overlay & {kind: 'entries'};

export type TimelineRow =
	| {id: string; kind: 'incident'; incident: Incident; isOpen: boolean}
	/** `inside`: of an opened incident. */
	| {id: string; kind: 'entry'; entry: Entry; index: number; inside: 'middle' | 'last' | undefined};

type View = Pick<TimelineOverlay, 'all' | 'expanded'>;

const incidentPrefix = 'incident ';

/** The id of an entry is its index in the timeline. */
function idOf({first}: Incident): string {
	return `${incidentPrefix}${first}`;
}

/** What an opened incident is kept by: entries that are dropped change the index. */
export function beginOf({entries}: Incident): number {
	return entries[0]?.at ?? 0;
}

export function timelineRows({timeline}: Pick<ClusterSnapshot, 'timeline'>, view: View): TimelineRow[] {
	return foldIncidents(timeline).flatMap((incident): TimelineRow[] => {
		const {first, entries} = incident;
		const isWhole = view.all === true || !isFolded(incident);
		const isOpen = view.expanded?.includes(beginOf(incident)) ?? false;
		const all = entries.map((entry, place): TimelineRow => {
			const inside = isWhole ? undefined : place === entries.length - 1 ? 'last' : 'middle';
			return {id: `${first + place}`, kind: 'entry', entry, index: first + place, inside};
		});
		return isWhole ? all : [{id: idOf(incident), kind: 'incident', incident, isOpen}, ...(isOpen ? all : [])];
	});
}

/** The row that is selected: of an entry in a closed incident that one; of an incident that is not shown its first entry. */
export function selectedTimelineRow(
	shown: Pick<ClusterSnapshot, 'timeline'>,
	overlay: TimelineOverlay,
): TimelineRow | undefined {
	const rows = timelineRows(shown, overlay);
	const {selected} = overlay;
	if (selected === undefined) {
		return undefined;
	}

	const own = rows.find(({id}) => id === selected);
	const index = placeOf(selected);
	return own ?? (Number.isNaN(index) ? undefined : rows.find(row => includes(row, Math.ceil(index))));
}

function includes(row: TimelineRow, index: number): boolean {
	return row.kind === 'entry'
		? row.index === index
		: index >= row.incident.first && index < row.incident.first + row.incident.entries.length;
}

/** Where the row with this id stands: an incident before its first entry. */
export function placeOf(id: string): number {
	return id.startsWith(incidentPrefix) ? Number(id.slice(incidentPrefix.length)) - 0.5 : Number(id);
}

/** The id of the same row, whose entry has another index now; undefined if that is below 0. */
export function withPlace(id: string, moved: (index: number) => number): string | undefined {
	const isIncident = id.startsWith(incidentPrefix);
	const index = moved(Number(isIncident ? id.slice(incidentPrefix.length) : id));
	return index < 0 ? undefined : `${isIncident ? incidentPrefix : ''}${index}`;
}

/** The incident that the entry with this index is in. */
export function incidentAt(
	{timeline}: Pick<ClusterSnapshot, 'timeline'>,
	index: number,
): Incident | undefined {
	return foldIncidents(timeline).findLast(({first}) => first <= index);
}

export function lineOfIncident(incident: Incident, {cluster, now}: ClusterSnapshot): string {
	return incidentLine(describeIncident(incident, cluster.probes, now));
}

/** What `/` searches: all entries, closed incidents' too, and the lines of the incidents. */
export function searchedRows(shown: ClusterSnapshot, {all}: View): {id: string; text: string}[] {
	const {timeline, now} = shown;
	return foldIncidents(timeline).flatMap(incident => {
		const {first, entries} = incident;
		const own = entries.map(({at, text}, place) => ({
			id: `${first + place}`,
			text: `${clockMs(at, now)}\n${text}`,
		}));
		return all || !isFolded(incident)
			? own
			: [{id: idOf(incident), text: lineOfIncident(incident, shown)}, ...own];
	});
}
