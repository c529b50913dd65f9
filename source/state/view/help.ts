/** The help: every key, by what it is about, and what the signs on the screen mean. */
import {type Binding, keysOn} from '../../keymap/keymap.ts';
import {hasOperations, type State} from '../state.ts';
import {cell, type Line, type PaneRows} from './cells.ts';

/** Where the meanings begin. */
const indent = 19;

const signMeanings: readonly (readonly [string, string])[] = [
	['value?', 'Old: nobody vouches for it now. LOST says since when, and why.'],
	['≥ age', 'At least that old: its beginning was not seen.'],
	['VIP', 'On another node than the leader is normal: HAProxy there sends clients to the leader.'],
];

export function helpPane(state: State): PaneRows {
	const offered = keysOn({hands: hasOperations(state), replay: state.replay !== undefined});
	return {
		title: 'Help',
		witness: cell('j and k scroll, Esc closes', 'dim'),
		lines: [
			...offered.map(binding => line(keysOf(binding), binding.help)),
			...signMeanings.map(([sign, meaning]) => line(sign, meaning)),
		],
		wraps: true,
		indent,
		table: undefined,
	};
}

export function keysOf({keys}: Binding): string {
	return keys.join(', ');
}

function line(key: string, meaning: string): Line {
	return [cell(key.padEnd(indent), 'strong'), cell(meaning)];
}
