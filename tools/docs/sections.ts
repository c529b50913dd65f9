/** The parts of the readme that are made from the code, each between `<!-- name -->` and `<!-- /name -->`. */
import type {Binding} from '../../source/keymap/binding.ts';
import {replayKeys} from '../../source/keymap/replay.ts';
import {keymap} from '../../source/keymap.ts';
import {snapshotJsonSchema} from '../../source/once/schema.ts';
import {reportJsonSchema} from '../../source/report/schema.ts';
import {schemaTable} from './schema-table.ts';

export const sections: Readonly<Record<string, () => string>> = {
	keys: () => keyTable(keymap),
	'replay-keys': () => keyTable(replayKeys),
	schema: () => schemaTable(snapshotJsonSchema()),
	'report schema': () => schemaTable(reportJsonSchema()),
};

function keyTable(bindings: readonly Binding[]): string {
	const rows = bindings.map(({keys, help}) => `| ${keys.map(key => `\`${key}\``).join(' ')} | ${help} |`);
	return ['| key | what it does |', '|---|---|', ...rows].join('\n');
}

/** The text with every section as the code has it now. */
export function fillSections(text: string): string {
	return Object.entries(sections).reduce((filled, [name, make]) => {
		const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
		const [from, to] = [filled.indexOf(begin), filled.indexOf(end)];
		if (from === -1 || to === -1) {
			throw new Error(`readme.md has no section ${begin.trim()} … ${end}`);
		}

		return `${filled.slice(0, from)}${begin}${make()}\n${filled.slice(to)}`;
	}, text);
}
