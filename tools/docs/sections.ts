/** The generated sections of the documentation, each between `<!-- name -->` and `<!-- /name -->`. */

import {autopsyJsonSchema} from '../../source/autopsy/words.ts';
import {program} from '../../source/cli/command-table.ts';
import {definition as autopsy} from '../../source/cli/commands/autopsy.ts';
import {dsnDefinition, historyDefinition, topologyDefinition} from '../../source/cli/commands/cluster.ts';
import {definition as doctor} from '../../source/cli/commands/doctor.ts';
import {definition as drill} from '../../source/cli/commands/drill.ts';
import {definition as init} from '../../source/cli/commands/init.ts';
import {replayDefinition as replay, tourDefinition as tour} from '../../source/cli/commands/replay.ts';
import {definition as report} from '../../source/cli/commands/report.ts';
import {definition as watch} from '../../source/cli/commands/watch.ts';
import {doctorJsonSchema} from '../../source/doctor/command.ts';
import {keymap} from '../../source/keymap/keymap.ts';
import {replayKeys} from '../../source/keymap/replay.ts';
import {reportJsonSchema} from '../../source/report/schema.ts';
import {snapshotJsonSchema} from '../../source/snapshot/schema.ts';
import {configTable} from './config-table.ts';
import {findingTable} from './finding-table.ts';
import {exampleBlock, flagTable} from './flag-table.ts';
import {groupedKeys, keysByMode} from './key-table.ts';
import {layerDrawing, roomTable} from './room-table.ts';
import {schemaTable} from './schema-table.ts';

type Sections = Readonly<Record<string, () => string>>;

/** By page, a path relative to the repository. */
export const pages: Readonly<Record<string, Sections>> = {
	'docs/configuration.md': {
		'keys of patronictl': () => configTable('patronictl'),
		'keys of pgha-top': () => configTable('pgha-top'),
		flags: () => flagTable(program),
	},
	'docs/keys.md': {
		keys: () => groupedKeys(keymap),
		modes: keysByMode,
		'replay keys': () => groupedKeys(replayKeys),
	},
	'docs/init.md': {flags: () => flagTable(init), examples: () => exampleBlock(init)},
	'docs/doctor.md': {
		flags: () => flagTable(doctor),
		examples: () => exampleBlock(doctor),
		schema: () => schemaTable(doctorJsonSchema()),
	},
	'docs/autopsy.md': {
		flags: () => flagTable(autopsy),
		examples: () => exampleBlock(autopsy),
		schema: () => schemaTable(autopsyJsonSchema()),
	},
	'docs/drills.md': {flags: () => flagTable(drill), examples: () => exampleBlock(drill)},
	'docs/recording.md': {
		'replay flags': () => flagTable(replay),
		'tour flags': () => flagTable(tour),
		examples: () => exampleBlock(tour),
	},
	'docs/reports.md': {
		flags: () => flagTable(report),
		examples: () => exampleBlock(report),
		schema: () => schemaTable(reportJsonSchema()),
	},
	'docs/watch.md': {flags: () => flagTable(watch), examples: () => exampleBlock(watch)},
	'docs/scripts.md': {
		'history flags': () => flagTable(historyDefinition),
		'dsn flags': () => flagTable(dsnDefinition),
		examples: () => [historyDefinition, topologyDefinition, dsnDefinition].map(exampleBlock).join('\n\n'),
		schema: () => schemaTable(snapshotJsonSchema()),
	},
	'docs/findings.md': {findings: findingTable},
	'docs/architecture.md': {layers: layerDrawing, rooms: roomTable},
};

/** The text with all its generated sections replaced. */
export function fillSections(page: string, text: string): string {
	return Object.entries(pages[page] ?? {}).reduce((filled, [name, make]) => {
		const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
		const [from, to] = [filled.indexOf(begin), filled.indexOf(end)];
		if (from === -1 || to === -1) {
			throw new Error(`${page} has no section ${begin.trim()} … ${end}`);
		}

		return `${filled.slice(0, from)}${begin}${make()}\n${filled.slice(to)}`;
	}, text);
}
