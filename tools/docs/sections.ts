/** The generated sections of the documentation, each between `<!-- name -->` and `<!-- /name -->`. */
import {usage} from '../../source/cli/command-line.ts';
import {doctorJsonSchema, usage as doctorUsage} from '../../source/doctor/command.ts';
import {usage as drillUsage} from '../../source/drill/command.ts';
import {usage as initUsage} from '../../source/init/command.ts';
import {keymap} from '../../source/keymap/keymap.ts';
import {replayKeys} from '../../source/keymap/replay.ts';
import {usage as reportUsage} from '../../source/report/command.ts';
import {reportJsonSchema} from '../../source/report/schema.ts';
import {snapshotJsonSchema} from '../../source/snapshot/schema.ts';
import {configTable} from './config-table.ts';
import {findingTable} from './finding-table.ts';
import {flagTable} from './flag-table.ts';
import {groupedKeys, keysByMode} from './key-table.ts';
import {layerDrawing, roomTable} from './room-table.ts';
import {schemaTable} from './schema-table.ts';

type Sections = Readonly<Record<string, () => string>>;

/** By page, a path relative to the repository. */
export const pages: Readonly<Record<string, Sections>> = {
	'docs/configuration.md': {
		'keys of patronictl': () => configTable('patronictl'),
		'keys of pgha-top': () => configTable('pgha-top'),
		flags: () => flagTable(usage),
	},
	'docs/keys.md': {
		keys: () => groupedKeys(keymap),
		modes: keysByMode,
		'replay keys': () => groupedKeys(replayKeys),
	},
	'docs/init.md': {flags: () => flagTable(initUsage)},
	'docs/doctor.md': {flags: () => flagTable(doctorUsage), schema: () => schemaTable(doctorJsonSchema())},
	'docs/drills.md': {flags: () => flagTable(drillUsage)},
	'docs/reports.md': {
		flags: () => flagTable(reportUsage),
		schema: () => schemaTable(reportJsonSchema()),
	},
	'docs/scripts.md': {schema: () => schemaTable(snapshotJsonSchema())},
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
