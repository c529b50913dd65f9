/** The last line: the keys that matter, out of the keymap. */
import {keymap} from '../../keymap.ts';
import {cell} from '../../state/rows.ts';
import {fitLine} from '../layout.ts';
import {Line} from './line.tsx';

export function Footer({width}: {width: number}) {
	const cells = keymap.flatMap(({keys, footer}) =>
		footer === undefined ? [] : [cell(keys[0], 'strong'), cell(` ${footer}   `, 'dim')],
	);
	return <Line cells={fitLine([cell(' '), ...cells], width)} />;
}
