/** Each kind of finding, what it means for clients, what to do, and the key that does it. */
import {advice} from '../../source/domain/findings/advice.ts';
import {keymap} from '../../source/keymap/keymap.ts';
import {code, table} from './table.ts';

export function findingTable(): string {
	return table(
		['finding', 'clients notice now', 'what it means for clients', 'what to do', 'key'],
		Object.entries(advice).map(([id, {felt, clients, remedy, command}]) => {
			const key = keymap.find(binding => binding.command === command)?.keys[0];
			return [code(id), felt ? 'yes' : '', clients, remedy, key === undefined ? '' : code(key)];
		}),
	);
}
