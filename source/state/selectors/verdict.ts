/** The one line that says how the cluster is, out of the findings. */
import {type Finding, findings, type Verdict, verdict} from '../../domain/checks.ts';
import {cell, type Line, type Tone} from '../rows.ts';
import type {Picture} from '../state.ts';

const tones: Record<Verdict, Tone> = {healthy: 'good', degraded: 'warn', critical: 'bad', unknown: 'warn'};

export type Judgement = {verdict: Verdict; findings: readonly Finding[]};

export function judge({cluster, target, now}: Picture): Judgement {
	const all = findings(cluster, target, now);
	return {verdict: verdict(all), findings: all};
}

export function verdictLine(state: Picture): Line {
	const {verdict: word, findings: all} = judge(state);
	const more = all.length > 1 ? ` (1 of ${all.length})` : '';
	return [cell(word.toUpperCase(), tones[word]), cell(more, 'dim'), cell(all[0] ? `  ${all[0].text}` : '')];
}
