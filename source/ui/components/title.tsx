/** The first line: which cluster this is, and the time of the picture. */
import stringWidth from 'string-width';
import {clock} from '../../lib/format.ts';
import type {State} from '../../state/state.ts';
import {cell} from '../../state/view/cells.ts';
import {titleLine} from '../../state/view/title.ts';
import {fitLine} from '../table-layout.ts';
import {Line} from './line.tsx';

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
