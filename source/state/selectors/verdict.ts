/** The one line that says how the cluster is, out of the findings. */
import {findings, verdict} from '../../domain/checks.ts';
import type {Finding, Verdict} from '../../domain/finding.ts';
import {cell, type Line, type Tone} from '../rows.ts';
import {type Picture, picture, type State} from '../state.ts';
import {clock} from '../words.ts';

const tones: Record<Verdict, Tone> = {healthy: 'good', degraded: 'warn', critical: 'bad', unknown: 'warn'};

export type Judgement = {verdict: Verdict; findings: readonly Finding[]};

export function judge({cluster, target, now}: Picture): Judgement {
	const all = findings(cluster, target, now);
	return {verdict: verdict(all), findings: all};
}

/** The verdict on what the screen shows: on a frozen picture it speaks of then. */
export function verdictLine(state: State): Line {
	const shown = picture(state);
	const {verdict: word, findings: all} = judge(shown);
	const then = state.view.frozen === undefined ? '' : ` at ${clock(shown.now, state.now)}`;
	const more = all.length > 1 ? ` (1 of ${all.length})` : '';
	return [
		cell(word.toUpperCase() + then, then === '' ? tones[word] : 'dim'),
		cell(more, 'dim'),
		cell(all[0] ? `  ${all[0].text}` : ''),
	];
}
