/** The parts of the readme that are made from the code, each between `<!-- name -->` and `<!-- /name -->`. */
import {keymap} from '../../source/keymap.ts';

export const sections: Readonly<Record<string, () => string>> = {
	keys() {
		const rows = keymap.map(({keys, help}) => `| ${keys.map(key => `\`${key}\``).join(' ')} | ${help} |`);
		return ['| key | what it does |', '|---|---|', ...rows].join('\n');
	},
};

/** The text with every section as the code has it now. */
export function fillSections(text: string): string {
	return Object.entries(sections).reduce((filled, [name, make]) => {
		const pattern = new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- /${name} -->)`);
		if (!pattern.test(filled)) {
			throw new Error(`readme.md has no section <!-- ${name} --> … <!-- /${name} -->`);
		}

		return filled.replace(pattern, (_, before: string, after: string) => before + make() + after);
	}, text);
}
