/** The last line: the keys that matter, out of the keymap. */
import {bindingFor, bindingsOf, type Stage} from '../../keymap/keymap.ts';
import type {Mode} from '../../state/state.ts';
import {cell} from '../../state/view/cells.ts';
import {fitLine} from '../table-layout.ts';
import {Line} from './line.tsx';

export type FooterProps = {
	mode: Mode;
	stage: Stage;
	/** A field takes what is typed: keys that are characters mean nothing else. */
	typing: boolean;
	width: number;
};

export function Footer({mode, stage, typing, width}: FooterProps) {
	const cells = bindingsOf(mode, stage).flatMap(({keys, footer}) =>
		footer === undefined || bindingFor(keys[0], mode, {typing, ...stage}) === undefined
			? []
			: [cell(keys[0], 'strong'), cell(` ${footer}  `, 'dim')],
	);
	return <Line cells={fitLine([cell(' '), ...cells], width)} />;
}
