/** The picker of nodes and services, and the timeline to go to. */

import {statisticsService} from '../../domain/logs/line.ts';
import {clock} from '../../lib/format.ts';
import {ownValue} from '../../lib/map-entries.ts';
import {type LogOverlay, type State, shownSnapshot} from '../state.ts';
import {pickRows} from '../update/log-picker.ts';
import {type Column, cell, type PaneRows} from './cells.ts';

const columns: readonly Column[] = [
	{title: 'Shown', align: 'left', rank: 0},
	{title: 'What', align: 'left', rank: 0},
	{title: 'Name', align: 'left', rank: 0},
	{title: 'Note', align: 'left', rank: 1},
];

const notes: Readonly<Record<string, string>> = {
	system: 'the rest of the journal',
	[statisticsService]: "HAProxy's lines about its statistics, which this console asks for",
	kernel: 'what the kernel says',
	postgresql: "its log folder, or Patroni's journal",
};

export function logPickerPane(state: State, layer: LogOverlay): PaneRows {
	return {
		title: 'Nodes and services in the log',
		witness: cell('Enter shows or hides, a shows all, Esc goes back', 'dim'),
		lines: [],
		table: {
			columns,
			rows: pickRows(state, layer).map(({id, kind, name, shown}) => ({
				id,
				cells: [
					cell(shown ? '[x]' : '[ ]', shown ? 'good' : 'dim'),
					cell(kind, 'dim'),
					cell(name, 'strong'),
					cell(noteOn(state, kind, name), 'dim'),
				],
			})),
		},
	};
}

function noteOn({logs}: State, kind: string, name: string): string {
	if (kind === 'service') {
		return ownValue(notes, name) ?? '';
	}

	return [...logs.problems.values()]
		.flat()
		.filter(({node}) => node === name)
		.map(({text, remedy}) => (remedy === undefined ? text : `${text}; ${remedy}`))
		.join(' · ');
}

const entryColumns: readonly Column[] = [
	{title: 'Time', align: 'left', rank: 0},
	{title: 'What happened', align: 'left', rank: 0},
];

export function entriesPane(state: State): PaneRows {
	const {timeline, now} = shownSnapshot(state);
	return {
		title: 'Timeline',
		witness: cell('Enter shows the logs at that time', 'dim'),
		lines: timeline.length === 0 ? [[cell('nothing has happened since this console looks', 'dim')]] : [],
		table: {
			columns: entryColumns,
			rows: timeline.map(({at, text, turn}, index) => ({
				id: `${index}`,
				cells: [
					cell(`${clock(at, now)}.${String(at % 1000).padStart(3, '0')}`, 'dim'),
					cell(`${turn === 'worse' ? '!' : ' '} ${text}`, turn === 'worse' ? 'bad' : 'plain'),
				],
			})),
		},
	};
}
