/** What was measured, as text, beside the goal and beside earlier drills of the same kind. */
import stringWidth from 'string-width';
import type {Drill, EarlierDrills, Measure} from '../domain/drill/types.ts';
import {tableText} from '../snapshot/text.ts';
import {measuresTable} from '../state/view/drill.ts';

export function tableOf(measures: readonly Measure[], drill: Drill, earlier: EarlierDrills): string {
	return tableText(measuresTable(measures, drill, earlier), stringWidth)
		.map(line => line.trimEnd())
		.join('\n');
}
