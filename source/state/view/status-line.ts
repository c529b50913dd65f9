import {describeDrill} from '../../domain/drill/stages.ts';
import {describe} from '../../domain/operations/operation.ts';
import {isOpen} from '../../domain/operations/run.ts';
import type {Notice, State} from '../state.ts';
import {isDrillRunning} from '../update/drill-run.ts';

export function statusNotice({view, runs, drill}: State): Notice | undefined {
	if (view.leaving && isDrillRunning(drill)) {
		const text = `${describeDrill(drill.drill)}: still going on; once more breaks it off`;
		return {text, tone: 'warn'};
	}

	const open = runs.filter(isOpen);
	if (!view.leaving || open.length === 0) {
		return view.notice;
	}

	const what = open.map(({operation}) => describe(operation)).join(', ');
	return {text: `${what}: still going on; once more leaves it to itself`, tone: 'warn'};
}
