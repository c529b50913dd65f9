/** The help: keys by what they are for, those of the mode below it first, and what the signs mean. */
import {keysByGroup, keysOn} from '../../keymap/keymap.ts';
import {close, hasOperations, mode, type State} from '../state.ts';
import {cell, type PaneRows, type Section} from './cells.ts';

const signs: Section = {
	title: 'Signs',
	entries: [
		{name: '▸', text: 'What the keys apply to'},
		{name: 'value?', text: 'Stale: its source does not report now. LOST says since when, and why'},
		{name: '≥ age', text: 'At least that old: its start was not seen'},
		{name: 'VIP', text: 'On another node than the leader: normal. HAProxy there sends clients to the leader'},
	],
};

export function helpPane(state: State): PaneRows & {sections: readonly Section[]} {
	const keys = keysOn({operations: hasOperations(state), replay: state.replay !== undefined});
	const below = mode({...state, view: close(state.view)});
	return {
		title: 'Help',
		status: cell('j and k scroll, Esc closes', 'dim'),
		lines: [],
		table: undefined,
		sections: [
			...keysByGroup(keys, below).map(({group, bindings}) => ({
				title: group,
				entries: bindings.map(binding => ({name: binding.keys.join(', '), text: binding.help})),
			})),
			signs,
		],
	};
}
