/** The first and the last line: the title, and the keys that matter from the keymap. */

import stringWidth from 'string-width';
import {bindingFor, bindingsOf, type Stage} from '../../keymap/keymap.ts';
import {clock} from '../../lib/format.ts';
import type {Mode, State} from '../../state/state.ts';
import {cell} from '../../state/view/cells.ts';
import {titleLine} from '../../state/view/verdict.ts';
import {fitLine} from '../table-layout.ts';
import {Line} from './pane.tsx';

export type FooterProps = {
	mode: Mode;
	stage: Stage;
	/** A text field has the focus: characters are text, not keys. */
	typing: boolean;
	width: number;
};

export function Footer({mode, stage, typing, width}: FooterProps) {
	const cells = bindingsOf(mode, stage).flatMap(({keys, footer}) =>
		footer === undefined || bindingFor(keys[0], mode, {typing, ...stage}) === undefined
			? []
			: [cell('  '), cell(keys[0], 'strong'), cell(` ${footer}`, 'dim')],
	);
	return <Line cells={fitLine([cell(' '), ...cells.slice(1)], width)} />;
}

export function Title({state, width}: {state: State; width: number}) {
	const time = clock(state.now, state.now);
	const left = fitLine(titleLine(state), width - stringWidth(time) - 2);
	const used = left.reduce((sum, {text}) => sum + stringWidth(text), 0);
	return (
		<Line
			cells={[
				...left,
				cell(' '.repeat(Math.max(1, width - used - stringWidth(time) - 1))),
				cell(time, 'dim'),
			]}
		/>
	);
}
