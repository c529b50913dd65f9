/** The one line that says how the cluster is, out of the findings. */

import type {Cluster} from '../../domain/cluster/cluster.ts';
import type {Severity, Verdict} from '../../domain/findings/finding.ts';
import {findFindings, verdict, worstFirst} from '../../domain/findings/findings.ts';
import {type ShownFinding, shownFindings} from '../../domain/findings/history.ts';
import {clock} from '../../lib/format.ts';
import {withoutKnownSecrets} from '../../lib/secrets.ts';
import {type ClusterSnapshot, type State, shownSnapshot} from '../state.ts';
import {cell, type Line, type Tone} from './cells.ts';

export const severityTones: Record<Severity | 'healthy', Tone> = {
	healthy: 'good',
	degraded: 'warn',
	critical: 'bad',
	unknown: 'warn',
	notice: 'plain',
};

export type Judgement = {verdict: Verdict; findings: readonly ShownFinding[]};

/** Several panes ask for one picture's judgement. */
const known = new WeakMap<Cluster, {of: ClusterSnapshot; judgement: Judgement}>();

export function judge(shown: ClusterSnapshot): Judgement {
	const {cluster, target, now, found} = shown;
	const before = known.get(cluster);
	if (before && before.of.now === now && before.of.target === target && before.of.found === found) {
		return before.judgement;
	}

	// A finding quotes what members publish; there are few, and they are made once for each picture.
	const all = worstFirst(shownFindings(found, findFindings(cluster, target, now), now)).map(finding => {
		const text = withoutKnownSecrets(finding.text);
		return text === finding.text ? finding : {...finding, text};
	});
	const judgement = {verdict: verdict(all), findings: all};
	known.set(cluster, {of: shown, judgement});
	return judgement;
}

/** The verdict on what the screen shows: on a frozen picture it speaks of then. */
export function verdictLine(state: State): Line {
	const shown = shownSnapshot(state);
	const {verdict: word, findings: all} = judge(shown);
	const then = state.view.frozen === undefined ? '' : ` at ${clock(shown.now, state.now)}`;
	const more = all.length > 1 ? ` (1 of ${all.length})` : '';
	return [
		cell(word.toUpperCase() + then, then === '' ? severityTones[word] : 'dim'),
		cell(more, 'dim'),
		cell(all[0] ? `  ${all[0].text}` : ''),
	];
}
