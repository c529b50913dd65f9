/** The timeline: Patroni's history from before this console, and what happened since; as a pane, and as the list of `T`. */
import {keyOf} from '../../domain/cluster/cluster.ts';
import type {Command} from '../../domain/commands.ts';
import type {Entry} from '../../domain/facts.ts';
import type {Run} from '../../domain/operations/types.ts';
import {describeIncident, incidentLine} from '../../domain/timeline/incident-text.ts';
import {foldIncidents, type Incident, isFolded} from '../../domain/timeline/incidents.ts';
import {keyOfCommand} from '../../keymap/keymap.ts';
import {clock, clockMs} from '../../lib/format.ts';
import {type ClusterSnapshot, type State, shownSnapshot} from '../state.ts';
import {beginOf, type TimelineOverlay, type TimelineRow, timelineRows} from '../timeline-rows.ts';
import {type Cell, type Column, cell, type Line, type PaneRows, type Tone} from './cells.ts';

const tones: Record<Entry['turn'], Tone> = {better: 'good', worse: 'bad', news: 'plain'};

/** Beside the colours: a change for the worse has its own sign. */
const signs: Record<Entry['turn'], string> = {better: '+', worse: '!', news: '·'};

/** As wide as `+119.99 s`. */
const offsetWidth = 9;

/** An entry belongs to an operation until so long after its end, ms: HAProxy and clients follow. */
const followsForMs = 30_000;

/** The newest incident shows its entries for so long after its last one, ms: long enough to be read. */
const unfoldedMs = 120_000;

/** An incident is not over, or may just not be: its entries are shown as they come. */
function isRunning({entries, open}: Incident, now: number): boolean {
	return open.length > 0 || now - (entries.at(-1)?.at ?? 0) <= unfoldedMs;
}

/**
 * The last incidents and entries that fit, with the entries of the incident that runs; where there is room, Patroni's
 * history before them.
 */
export function timelinePane(state: State, height: number): PaneRows {
	const shown = shownSnapshot(state);
	const room = Math.max(0, height - 2);
	const {lines: some, hidden} = stripLines(state, shown, room);
	const begin = shown.timeline.find(({about}) => about?.of === 'begin')?.about;
	const readFrom = begin?.of === 'begin' ? begin.since : state.startedAt;
	const older = historyLines(shown, Math.min(state.startedAt, readFrom)).slice(
		-Math.max(1, room - some.length),
	);
	const lines = [...(room > some.length ? older : []), ...some];
	return {
		title: 'Timeline',
		status: cell(
			hidden > 0
				? `${hidden} earlier: ${statusOf('log.entries', 'shows all')}`
				: room > some.length && older.length > 0
					? "dim: Patroni's history, from before this console"
					: state.replay?.isByLogs
						? 'from logs'
						: begin === undefined
							? 'since this console started'
							: 'above the line: from logs',
			'dim',
		),
		lines: lines.length === 0 ? [[cell(noEvents(state), 'dim')]] : lines,
		table: undefined,
	};
}

/** Lines that the timeline would have with all the room that it can use. */
export function timelineLength(state: State): number {
	const {timeline, now} = shownSnapshot(state);
	const incidents = foldIncidents(timeline);
	const last = incidents.at(-1);
	return (
		incidents.length +
		(last !== undefined && isFolded(last) && isRunning(last, now) ? last.entries.length : 0)
	);
}

/** `hidden`: the number of entries before the first line. */
function stripLines(state: State, shown: ClusterSnapshot, room: number): {lines: Line[]; hidden: number} {
	const incidents = foldIncidents(shown.timeline);
	const last = incidents.at(-1);
	if (last === undefined || room === 0) {
		return {lines: [], hidden: shown.timeline.length};
	}

	const entries = isFolded(last) && isRunning(last, shown.now) ? last.entries : [];
	const inside = entries.slice(Math.max(0, entries.length - room + 1)).slice(0, room - 1);
	const kept = incidents.slice(-(room - inside.length));
	return {
		lines: [
			...kept.map(one => stripLine(one, state, shown)),
			...inside.map((entry, index) =>
				entryLine(
					entry,
					shown.now,
					state.runs,
					index === inside.length - 1 ? insideSigns.last : insideSigns.middle,
				),
			),
		],
		hidden: kept[0]?.first ?? 0,
	};
}

function stripLine(incident: Incident, {runs}: State, shown: ClusterSnapshot): Line {
	const [first] = incident.entries;
	if (first === undefined || !isFolded(incident)) {
		return first === undefined ? [] : entryLine(first, shown.now, runs);
	}

	const {what, ...rest} = describeIncident(incident, shown.cluster.probes, shown.now);
	const tone = rest.turn === 'worse' ? 'bad' : 'plain';
	const more = incidentLine({...rest, what: ''});
	return [
		...beforeSign(first.at, shown.now, runs),
		cell(`${signs[rest.turn]} `, tones[rest.turn]),
		cell(`${countOf(incident)} `, 'dim'),
		cell(what, tone === 'bad' ? 'bad' : 'strong'),
		cell(`; ${more}`, tone),
	];
}

/** The sign of what opens: the number of its entries. */
function countOf({entries}: Incident): string {
	return `[${entries.length}]`;
}

/** Before the entries of an open incident. */
const insideSigns = {middle: '├ ', last: '└ '} as const;

const entryColumns: readonly Column[] = [
	{title: 'Time', align: 'left', rank: 0},
	{title: '', align: 'right', rank: 1},
	{title: 'Event', align: 'left', rank: 0},
];

function statusOf(command: Command, what: string): string {
	const key = keyOfCommand(command);
	return key === undefined ? '' : `${key} ${what}`;
}

/**
 * Incidents, the opened ones with their entries, or all entries. Enter opens an incident; of an entry it goes to the logs of
 * that time, or to that time of a recording.
 */
export function entriesPane(state: State, overlay: TimelineOverlay): PaneRows {
	const shown = shownSnapshot(state);
	const {timeline, now} = shown;
	const enter =
		state.replay === undefined || state.replay.asOperator
			? statusOf('log.entry', overlay.all ? 'shows the logs at that time' : 'opens')
			: statusOf('play.entry', overlay.all ? 'goes to that time' : 'opens');
	const view = statusOf('timeline.view', overlay.all ? 'folds into incidents' : 'shows all entries');
	return {
		title: overlay.all ? 'Timeline: all entries' : 'Timeline',
		status: cell([enter, view].filter(Boolean).join(', '), 'dim'),
		lines: timeline.length === 0 ? [[cell(noEvents(state), 'dim')]] : [],
		table: {
			columns: entryColumns,
			rows: timelineRows(shown, overlay).map(one => {
				const at = one.kind === 'entry' ? one.entry.at : beginOf(one.incident);
				return {
					id: one.id,
					cells: [timeCell(at, now), cell(sinceOperation(at, state.runs), 'dim'), eventCell(one, shown)],
				};
			}),
		},
	};
}

function eventCell(one: TimelineRow, shown: ClusterSnapshot): Cell {
	if (one.kind === 'entry') {
		const {turn, text} = one.entry;
		const inside = one.inside === undefined ? '' : insideSigns[one.inside];
		return cell(`${signs[turn]} ${inside}${text}`, tones[turn]);
	}

	const text = describeIncident(one.incident, shown.cluster.probes, shown.now);
	return cell(
		`${signs[text.turn]} ${countOf(one.incident)} ${incidentLine(text)}`,
		text.turn === 'worse' ? 'bad' : 'strong',
	);
}

function entryLine({at, turn, text}: Entry, now: number, runs: readonly Run[], inside = ''): Line {
	return [
		...beforeSign(at, now, runs),
		cell(`${signs[turn]} `, tones[turn]),
		...(inside === '' ? [] : [cell(inside, 'dim')]),
		cell(text, turn === 'worse' ? 'bad' : 'plain'),
	];
}

function beforeSign(at: number, now: number, runs: readonly Run[]): Line {
	const offset = sinceOperation(at, runs);
	return [
		timeCell(at, now),
		...(runs.length === 0 ? [cell(' ')] : [cell(` ${offset.padStart(offsetWidth)} `, 'dim')]),
	];
}

function timeCell(at: number, now: number): Cell {
	return cell(clockMs(at, now), 'dim');
}

/** Seconds since the operation of this console that was running then, or had just ended; empty where none was. */
function sinceOperation(at: number, runs: readonly Run[]): string {
	const run = runs.findLast(
		({confirmedAt, outcome}) =>
			confirmedAt <= at && (outcome === undefined || at <= outcome.at + followsForMs),
	);
	return run === undefined ? '' : `+${((at - run.confirmedAt) / 1000).toFixed(2)} s`;
}

/** Changes of timeline before what is shown otherwise, as Patroni keeps them in the key `history`. */
function historyLines({cluster, now}: ClusterSnapshot, until: number): Line[] {
	const all = keyOf(cluster, 'history', 'history')?.value.lines ?? [];
	return all.flatMap(({timeline, at, leader}) => {
		const time = at === undefined ? Number.NaN : Date.parse(at);
		return Number.isNaN(time) || time >= until
			? []
			: [
					[
						cell(
							`${clock(time, now)}  timeline ${timeline} ended${leader === undefined ? '' : `; ${leader} leads`}`,
							'dim',
						),
					],
				];
	});
}

function noEvents({replay}: Pick<State, 'replay'>): string {
	return replay?.isByLogs ? 'no events in the logs until now' : 'no events since this console started';
}
