/** The overlay that chooses the nodes and services of the logs. */
import {dynamicConfig} from '../../domain/cluster/keys.ts';
import {statisticsService} from '../../domain/logs/log-buffer.ts';
import {keyOfCommand} from '../../keymap/keymap.ts';
import {ownValue} from '../../lib/json.ts';
import {pickRows} from '../selection.ts';
import type {LogOverlay, State} from '../state.ts';
import {type Column, cell, type PaneRows} from './cells.ts';

const columns: readonly Column[] = [
	{title: 'Shown', align: 'left', rank: 0},
	{title: 'What', align: 'left', rank: 0},
	{title: 'Name', align: 'left', rank: 0},
	{title: 'Note', align: 'left', rank: 1},
];

const notes: Readonly<Record<string, string>> = {
	system: 'the rest of the journal',
	[statisticsService]: "HAProxy's lines about requests for its statistics: most are this console's own",
	kernel: 'kernel messages',
	postgresql: "its log directory, or Patroni's journal",
};

function pickerKeys(): string {
	const [toggle, all] = [keyOfCommand('log.toggle'), keyOfCommand('log.all')];
	return [
		...(toggle === undefined ? [] : [`${toggle} toggles`]),
		...(all === undefined ? [] : [`${all} shows all`]),
		'Esc closes',
	].join(', ');
}

export function logPickerPane(state: State, overlay: LogOverlay): PaneRows {
	return {
		title: 'Nodes and services in the log',
		status: cell(pickerKeys(), 'dim'),
		lines: [],
		table: {
			columns,
			rows: pickRows(state, overlay).map(({id, kind, name, shown}) => ({
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

/** By which log_line_prefix the node's PostgreSQL lines are parsed. */
function prefixWords({logs, cluster}: State, node: string): string[] {
	const own = logs.settings?.get(node);
	if (own === undefined) {
		return [];
	}

	const {file = 'patroni.yml', settings, problem} = own;
	const [local, dynamic] = [settings.postgresql?.linePrefix, dynamicConfig(cluster)?.postgresLog?.linePrefix];
	const words =
		local !== undefined
			? `log_line_prefix '${local}' of ${file}`
			: dynamic !== undefined
				? `log_line_prefix '${dynamic}' of the dynamic configuration`
				: 'log_line_prefix unknown, guessed';
	return [
		problem === undefined
			? words
			: `${words} (${file} ${problem === 'unreadable' ? 'not readable' : 'invalid'})`,
	];
}

function noteOn(state: State, kind: string, name: string): string {
	const {logs} = state;
	if (kind === 'service') {
		return ownValue(notes, name) ?? '';
	}

	const problems = [...logs.problems.values()]
		.flat()
		.filter(({node}) => node === name)
		.map(({text, remedy}) => (remedy === undefined ? text : `${text}; ${remedy}`));
	return [...problems, ...prefixWords(state, name)].join(' · ');
}
