/** Keys with their help, for a part of the keymap. */
import type {Binding} from '../../source/keymap/binding.ts';
import {code, table} from './table.ts';

export function keyTable(bindings: readonly Binding[]): string {
	return table(
		['key', 'what it does'],
		bindings.map(({keys, help}) => [keys.map(code).join(' '), help]),
	);
}
