/** The last line: the keys that matter, out of the keymap. */
import {bindingsOf} from '../../keymap.ts';
import {cell} from '../../state/rows.ts';
import type {Mode} from '../../state/state.ts';
import {fitLine} from '../layout.ts';
import {Line} from './line.tsx';

export function Footer({mode, hands, width}: {mode: Mode; hands: boolean; width: number}) {
	const cells = bindingsOf(mode, {hands}).flatMap(({keys, footer}) =>
		footer === undefined ? [] : [cell(keys[0], 'strong'), cell(` ${footer}  `, 'dim')],
	);
	return <Line cells={fitLine([cell(' '), ...cells], width)} />;
}
