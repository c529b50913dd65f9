/** The timeline: Patroni's history from before this console, and what happened since; as a pane, and as the list of `T`. */
import {keyOf} from '../../domain/cluster/cluster.ts';
import type {Command} from '../../domain/commands.ts';
import type {Entry} from '../../domain/facts.ts';
import type {Run} from '../../domain/operations/types.ts';
import {keyOfCommand} from '../../keymap/keymap.ts';
import {clock, clockMs} from '../../lib/format.ts';
import {type ClusterSnapshot, type State, shownSnapshot} from '../state.ts';
import {type Cell, type Column, cell, type Line, type PaneRows, type Tone} from './cells.ts';

const tones: Record<Entry['turn'], Tone> = {better: 'good', worse: 'bad', news: 'plain'};

/** Beside the colours: a change for the worse has its own sign. */
const signs: Record<Entry['turn'], string> = {better: '+', worse: '!', news: '·'};

/** As wide as `+119.99 s`. */
const offsetWidth = 9;

/** An entry belongs to an operation until so long after its end, ms: HAProxy and clients follow. */
const followsForMs = 30_000;

/** The last entries that fit; where there is room, Patroni's history before them. */
export function timelinePane(state: State, height: number): PaneRows {
	const shown = shownSnapshot(state);
	const room = Math.max(0, height - 2);
	const entries = shown.timeline.slice(-room);
	const older = historyLines(shown, state.startedAt).slice(-Math.max(1, room - entries.length));
	const hidden = shown.timeline.length - entries.length;
	const lines = [
		...(room > entries.length ? older : []),
		...entries.map(entry => entryLine(entry, shown.now, state.runs)),
	];
	return {
		title: 'Timeline',
		status: cell(
			hidden > 0
				? `${hidden} earlier: T shows all`
				: room > entries.length && older.length > 0
					? "dim: Patroni's history, from before this console"
					: 'since this console started',
			'dim',
		),
		lines: lines.length === 0 ? [[cell('no events since this console started', 'dim')]] : lines,
		table: undefined,
	};
}

const entryColumns: readonly Column[] = [
	{title: 'Time', align: 'left', rank: 0},
	{title: '', align: 'right', rank: 1},
	{title: 'Event', align: 'left', rank: 0},
];

function statusOf(command: Command, what: string): string {
	const key = keyOfCommand(command);
	return key === undefined ? '' : `${key} ${what}`;
}

/** All entries; Enter goes to the logs of that time, or to that time of a recording. */
export function entriesPane(state: State): PaneRows {
	const {timeline, now} = shownSnapshot(state);
	return {
		title: 'Timeline',
		status: cell(
			state.replay === undefined || state.replay.asOperator
				? statusOf('log.entry', 'shows the logs at that time')
				: statusOf('play.entry', 'goes to that time'),
			'dim',
		),
		lines: timeline.length === 0 ? [[cell('no events since this console started', 'dim')]] : [],
		table: {
			columns: entryColumns,
			rows: timeline.map((entry, index) => ({
				id: `${index}`,
				cells: [
					timeCell(entry.at, now),
					cell(sinceOperation(entry.at, state.runs), 'dim'),
					cell(`${signs[entry.turn]} ${entry.text}`, tones[entry.turn]),
				],
			})),
		},
	};
}

function entryLine({at, turn, text}: Entry, now: number, runs: readonly Run[]): Line {
	const offset = sinceOperation(at, runs);
	return [
		timeCell(at, now),
		...(runs.length === 0 ? [cell(' ')] : [cell(` ${offset.padStart(offsetWidth)} `, 'dim')]),
		cell(`${signs[turn]} `, tones[turn]),
		cell(text, turn === 'worse' ? 'bad' : 'plain'),
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

/** Changes of timeline before this console started, as Patroni keeps them in the key `history`. */
function historyLines({cluster, now}: ClusterSnapshot, startedAt: number): Line[] {
	const all = keyOf(cluster, 'history', 'history')?.value.lines ?? [];
	return all.flatMap(({timeline, at, leader}) => {
		const time = at === undefined ? Number.NaN : Date.parse(at);
		return Number.isNaN(time) || time >= startedAt
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
