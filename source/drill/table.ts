/** What was measured, as text, beside the goal and beside earlier drills of the same kind. */
import stringWidth from 'string-width';
import type {Drill} from '../domain/drill/drill.ts';
import type {Earlier} from '../domain/drill/earlier.ts';
import type {Measure} from '../domain/drill/measures.ts';
import {tableText} from '../once/text.ts';
import {measuresTable} from '../state/selectors/drill-table.ts';

export function tableOf(measures: readonly Measure[], drill: Drill, earlier: Earlier): string {
	return tableText(measuresTable(measures, drill, earlier), stringWidth)
		.map(line => line.trimEnd())
		.join('\n');
}
