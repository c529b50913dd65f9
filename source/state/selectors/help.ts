/** The help: every key, by what it is about, and what the signs on the screen mean. */
import {type Binding, keysOn} from '../../keymap.ts';
import {type Column, cell, type PaneRows} from '../rows.ts';
import {offersHands, type State} from '../state.ts';

const columns: readonly Column[] = [
	{title: 'Key', align: 'left', rank: 0},
	{title: 'Meaning', align: 'left', rank: 0},
];

const signs: readonly (readonly [string, string])[] = [
	['value?', 'Old: nobody vouches for it now. LOST says since when, and why.'],
	['≥ age', 'At least that old: its beginning was not seen.'],
	['VIP', 'On another node than the leader is normal: HAProxy there sends clients to the leader.'],
];

export function helpPane(state: State): PaneRows {
	const offered = keysOn({hands: offersHands(state), replay: state.replay !== undefined});
	return {
		title: 'Help',
		witness: cell('j and k scroll, Esc closes', 'dim'),
		lines: [],
		table: {
			columns,
			rows: [
				...offered.map(binding => row(keysOf(binding), binding.help)),
				...signs.map(([sign, meaning]) => row(sign, meaning)),
			],
		},
	};
}

export function keysOf({keys}: Binding): string {
	return keys.join(', ');
}

function row(key: string, meaning: string) {
	return {id: `${key} ${meaning}`, cells: [cell(key, 'strong'), cell(meaning)]};
}
