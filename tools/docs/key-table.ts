/** Keys with their help, in the groups that the help on the screen has. */
import type {Binding} from '../../source/keymap/binding.ts';
import {keysByGroup} from '../../source/keymap/keymap.ts';
import {code, table} from './table.ts';

export function groupedKeys(bindings: readonly Binding[]): string {
	return keysByGroup(bindings)
		.map(({group, bindings: some}) => `### ${group}\n\n${keyTable(some)}`)
		.join('\n\n');
}

function keyTable(bindings: readonly Binding[]): string {
	return table(
		['key', 'what it does'],
		bindings.map(({keys, help}) => [keys.map(code).join(' '), help]),
	);
}
