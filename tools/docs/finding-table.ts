import type {Advice} from '../../source/domain/findings/advice/cluster.ts';
import {advice, type FindingId} from '../../source/domain/findings/advice.ts';
import {causeTable} from '../../source/domain/findings/causes.ts';
import {keymap} from '../../source/keymap/keymap.ts';
import {code, table} from './table.ts';

export function findingTable(): string {
	return table(
		['finding', 'clients notice now', 'what it means for clients', 'what to do', 'key', 'can follow from'],
		(Object.entries(advice) as [FindingId, Advice][]).map(([id, {felt, clients, remedy, command}]) => {
			const key = keymap.find(binding => binding.command === command)?.keys[0];
			const causes = new Set(causeTable[id].follows.flatMap(({from}) => from));
			return [
				code(id),
				felt ? 'yes' : '',
				clients,
				remedy,
				key === undefined ? '' : code(key),
				[...causes].map(code).join(', '),
			];
		}),
	);
}
