import {describeDrill} from '../../domain/drill/stages.ts';
import {describe} from '../../domain/operations/operation.ts';
import {isOpen} from '../../domain/operations/run.ts';
import type {Notice, State} from '../state.ts';
import {goesOn} from '../update/drill-run.ts';

export function noticeOf({view, runs, drill}: State): Notice | undefined {
	if (view.leaving && goesOn(drill)) {
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
