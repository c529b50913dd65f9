/** The parts of the readme that are made from the code, each between `<!-- name -->` and `<!-- /name -->`. */
import {keymap} from '../../source/keymap.ts';
import {snapshotJsonSchema} from '../../source/once/schema.ts';
import {schemaTable} from './schema-table.ts';

export const sections: Readonly<Record<string, () => string>> = {
	keys() {
		const rows = keymap.map(({keys, help}) => `| ${keys.map(key => `\`${key}\``).join(' ')} | ${help} |`);
		return ['| key | what it does |', '|---|---|', ...rows].join('\n');
	},
	schema: () => schemaTable(snapshotJsonSchema()),
};

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
