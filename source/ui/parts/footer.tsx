/** The last line: the keys that matter, out of the keymap. */
import {bindingFor, bindingsOf} from '../../keymap.ts';
import {cell} from '../../state/rows.ts';
import type {Mode} from '../../state/state.ts';
import {fitLine} from '../layout.ts';
import {Line} from './line.tsx';

export type FooterProps = {
	mode: Mode;
	hands: boolean;
	/** A field takes what is typed: keys that are characters mean nothing else. */
	typing: boolean;
	width: number;
};

export function Footer({mode, hands, typing, width}: FooterProps) {
	const cells = bindingsOf(mode, {hands}).flatMap(({keys, footer}) =>
		footer === undefined || bindingFor(keys[0], mode, {typing, hands}) === undefined
			? []
			: [cell(keys[0], 'strong'), cell(` ${footer}  `, 'dim')],
	);
	return <Line cells={fitLine([cell(' '), ...cells], width)} />;
}
