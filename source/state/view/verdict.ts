/** The verdict line, the title, and the notice above the footer. */

import type {Cluster} from '../../domain/cluster/cluster.ts';
import {keyOf} from '../../domain/cluster/cluster.ts';
import {dcsIsRead, dynamicConfig, isDcsUnread, leaderKey, syncStandbys} from '../../domain/cluster/keys.ts';
import {members} from '../../domain/cluster/members.ts';
import {isGuess, isProbeFresh} from '../../domain/cluster/probe.ts';
import {shortVipNames, vipsOf} from '../../domain/cluster/roles.ts';
import {vipViews} from '../../domain/cluster/vip.ts';
import {misplacedVip} from '../../domain/cluster/vip-leader.ts';
import {describeDrill} from '../../domain/drill/types.ts';
import {advice, type FindingId} from '../../domain/findings/advice.ts';
import type {Severity, Verdict} from '../../domain/findings/finding.ts';
import {type ShownFinding, shownFindings} from '../../domain/findings/finding.ts';
import {findFindings, verdict} from '../../domain/findings/findings.ts';
import {byRoot, worstFirst} from '../../domain/findings/roots.ts';
import {describe} from '../../domain/operations/operation.ts';
import {successors} from '../../domain/operations/preconditions/successors.ts';
import {isPreparing} from '../../domain/operations/preparation.ts';
import {isOpen} from '../../domain/operations/run.ts';
import {clusterTitle} from '../../domain/target.ts';
import {keyOfCommand} from '../../keymap/keymap.ts';
import {age, clock} from '../../lib/format.ts';
import {withoutKnownSecrets} from '../../lib/secrets.ts';
import {type ClusterSnapshot, type Notice, type Playback, type State, shownSnapshot} from '../state.ts';
import {isDrillRunning} from '../update/drill-run.ts';
import {type Cell, cell, isOff, type Line, offCell, type Tone} from './cells.ts';
import {clientWords} from './client-path.ts';

export const severityTones: Record<Severity | 'healthy', Tone> = {
	healthy: 'good',
	degraded: 'warn',
	critical: 'bad',
	unknown: 'warn',
	notice: 'plain',
};

export type Judgement = {
	verdict: Verdict;
	findings: readonly ShownFinding[];
};

/** Several panes show the same snapshot, so its judgement is cached. */
const known = new WeakMap<Cluster, {of: ClusterSnapshot; judgement: Judgement}>();

export function judgeCluster(shown: ClusterSnapshot): Judgement {
	const {cluster, target, now, found} = shown;
	const before = known.get(cluster);
	if (before && before.of.now === now && before.of.target === target && before.of.found === found) {
		return before.judgement;
	}

	// Findings quote texts that members publish, which may contain secrets.
	const present = findFindings(cluster, target, now, found.stops, found.running);
	const all = worstFirst(shownFindings(found, present, now)).map(finding => {
		const text = withoutKnownSecrets(finding.text);
		return text === finding.text ? finding : {...finding, text};
	});
	const judgement = {verdict: verdict(all), findings: all};
	known.set(cluster, {of: shown, judgement});
	return judgement;
}

/** Columns before the rest of a verdict that is wrapped. */
export const verdictIndent = 2;

/** The verdict on what is shown; for a frozen snapshot, at its time. */
export function verdictLine(state: State): Line {
	const shown = shownSnapshot(state);
	const {verdict: word, findings: all} = judgeCluster(shown);
	const then = state.view.frozen === undefined ? '' : ` at ${clock(shown.now, state.now)}`;
	const roots = byRoot(all).length;
	const isHealthy = word === 'healthy';
	const [worst] = all;
	// A finding of the probe already describes the effect on clients, as does the sentence of a healthy cluster.
	const isOfProbe = worst?.until === undefined && worst?.id.startsWith('path.');
	const felt = isHealthy || isOfProbe ? undefined : clientsNow(shown);
	const text = worst && findingWords(worst, shown.now);
	const words = !isHealthy
		? [text, felt]
		: // An operation in progress is what the operator looks at.
			shown.found.running === undefined
			? [healthyWords(shown), text]
			: [text, clientWords(shown.cluster, shown.target, shown.now)];
	return [
		cell(word.toUpperCase() + then, then === '' ? severityTones[word] : 'dim'),
		cell(roots > 1 ? ` (1 of ${roots})` : '', 'dim'),
		cell(`  ${words.filter(Boolean).join('; ')}`),
	];
}

/** Its text; of one that does not hold now, until when it did. */
export function findingWords({text, until}: ShownFinding, now: number): string {
	return until === undefined
		? text
		: `${text}, until ${now - until < 1000 ? 'just now' : `${age(now - until)} ago`}`;
}

/** The effect on clients: by the probe if there is one, else by the worst finding; undefined if neither shows it. */
export function clientsNow(shown: ClusterSnapshot): string | undefined {
	const {cluster, target, now} = shown;
	const probes = (['write', 'read'] as const).flatMap(purpose => {
		const port = target.probe?.ports[purpose];
		const probe = port === undefined ? undefined : cluster.probes.get(port);
		return probe !== undefined && isProbeFresh(probe, now) && !isGuess(probe, target) ? [probe] : [];
	});
	const findings = judgeCluster(shown).findings.filter(({until}) => until === undefined);
	const has = (id: FindingId) => findings.some(finding => finding.id === id);
	if (has('path.failing')) {
		return target.probe?.write ? 'clients cannot write' : 'clients are not served';
	}

	if (has('path.reads')) {
		return 'readers are not served';
	}

	const [write] = probes.filter(({purpose}) => purpose === 'write');
	const felt = findings.find(({id}) => advice[id].felt);
	const isCritical = findings.some(({severity}) => severity === 'critical');
	const [sentence = ''] = felt === undefined ? [] : advice[felt.id].clients.split(/[.:;]/);
	if (write?.answer !== undefined && probes.every(({failing}) => failing === undefined)) {
		if (isCritical) {
			// The probe asks in intervals: what is critical may be felt only by its next question.
			const ago = now - write.answer.at < 1000 ? 'just now' : `${age(now - write.answer.at)} ago`;
			return `${target.probe?.write ? 'last write acknowledged' : 'last answer to clients'} ${ago}`;
		}

		if (felt !== undefined) {
			return lowerFirst(sentence);
		}

		return probes.length > 1
			? 'clients not affected'
			: target.probe?.write
				? 'clients can write'
				: 'clients are served';
	}

	return felt?.severity === 'critical' && sentence !== '' ? lowerFirst(sentence) : undefined;
}

function lowerFirst(text: string): string {
	return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Who leads, who could take over, and what clients have of it; only what is known now. */
function healthyWords({cluster, target, now}: ClusterSnapshot): string {
	const leader = dcsIsRead(cluster, now) ? leaderKey(cluster)?.member : undefined;
	if (leader === undefined) {
		return '';
	}

	const able = successors({cluster, target, now, running: []}, [leader]).filter(
		({concern}) => concern === undefined,
	);
	const names = able.map(({member}) => member.name);
	// Without synchronous mode the last transactions may be missing.
	const isLossless = (dynamicConfig(cluster)?.synchronousMode ?? 'off') !== 'off';
	const takeover =
		names.length === 0 ? '' : `, ${listed(names)} could take over${isLossless ? ' without loss' : ''}`;
	const clients = clientWords(cluster, target, now);
	return `${leader} leads${takeover}${clients === '' ? '' : `; ${clients}`}`;
}

/** As many names as are read at a glance. */
const namesMax = 3;

function listed(names: readonly string[]): string {
	return names.length <= namesMax
		? names.join(' or ')
		: `${names.slice(0, namesMax).join(', ')} or ${names.length - namesMax} more`;
}

export function statusNotice({view, runs, drill}: State): Notice | undefined {
	if (view.leaving && isDrillRunning(drill)) {
		const text = `${describeDrill(drill.drill)}: still running; press again to quit and abort it`;
		return {text, tone: 'warn'};
	}

	const open = runs.filter(isOpen);
	if (!view.leaving || open.length === 0) {
		return view.notice;
	}

	const what = open.map(({operation}) => describe(operation)).join(', ');
	return {
		text: open.every(isPreparing)
			? `press again to quit: then nothing more is sent (${what})`
			: `${what}: still running; press again to quit and let it continue`,
		tone: 'warn',
	};
}

export function titleLine(state: State): Line {
	const {cluster, target, now} = shownSnapshot(state);
	const systemId = keyOf(cluster, 'initialize', 'initialize')?.value.systemId;
	const unfreezeKey = keyOfCommand('freeze.toggle');
	return [
		cell(' pgha-top  ', 'dim'),
		cell(clusterTitle(target), 'strong'),
		...(state.replay === undefined ? [] : [replayCell(state.replay)]),
		...(state.recording === undefined ? [] : [cell('  ● REC', 'bad')]),
		...(state.view.frozen === undefined
			? []
			: [
					cell(
						`  FROZEN at ${clock(now, state.now)} (${age(state.now - now)})${unfreezeKey === undefined ? '' : `, ${unfreezeKey} unfreezes`}`,
						'bad',
					),
				]),
		...(target.operations === 'enabled' || state.replay !== undefined
			? []
			: [cell(target.operations === 'disabled' ? '  READ-ONLY' : '  DRY RUN', 'warn')]),
		...(dynamicConfig(cluster)?.pause
			? [dcsIsRead(cluster, now) ? cell('  PAUSED', 'warn') : cell('  PAUSED?', 'dim')]
			: []),
		...target.warnings.map(warning => cell(`  ${warning}`, 'warn')),
		...noticeCells(target.notices ?? []),
		...(systemId === undefined ? [] : [cell(`  ${systemId}`, 'dim')]),
	];
}

/** In a recording that grows: whether it is now, or how long ago. */
function replayCell({asOperator, isByLogs, live}: Playback): Cell {
	if (live === undefined) {
		return cell(
			`  REPLAY${isByLogs ? ' of what logs say' : asOperator ? ', as the operator saw it' : ''}`,
			'warn',
		);
	}

	if (!live.isFollowing) {
		return cell(`  REPLAY of the watch, ${age(live.ageMs)} ago`, 'warn');
	}

	return live.stopped === undefined
		? cell(`  LIVE, as the watch sees it${live.ageMs < 1000 ? '' : `, ${age(live.ageMs)} ago`}`, 'good')
		: cell(`  NOT LIVE: ${live.stopped}`, 'bad');
}

function noticeCells({length}: readonly string[]): Line {
	return length === 0
		? []
		: [
				cell(
					`  ${length === 1 ? 'a notice' : `${length} notices`} on the configuration: --print-config`,
					'warn',
				),
			];
}

export function clusterSummary(state: State): Line {
	const shown = shownSnapshot(state);
	const {cluster, target, now} = shown;
	const read = dcsIsRead(cluster, now);
	const leader = leaderKey(cluster)?.member;
	const standbys = syncStandbys(cluster);
	if (isDcsUnread(cluster) && cluster.addresses.size === 0 && cluster.patroni.size === 0) {
		return [cell('nothing read yet', 'dim')];
	}

	const isUnread = isDcsUnread(cluster);
	return [
		...(isUnread
			? [cell('Leader not read yet   ', 'dim')]
			: summaryCells('Leader', leader ?? 'NONE', leader !== undefined, read)),
		...vipsOf(target).flatMap((_, index) => vipSummary(shown, index)),
		...(isUnread ? [] : summaryCells('Sync', standbys.join(', ') || 'none', standbys.length > 0, read)),
		...members(cluster, now).flatMap(({name, state: word, key, restSees, dcsSees}) => {
			if (isOff(shown, name, 'member')) {
				return [cell(`${name} `, 'dim'), {...offCell, text: `${offCell.text}  `}];
			}

			// The DCS is the source of a missing key, REST of a state.
			const isSure = restSees || (key === undefined && dcsSees);
			const absent = target.rest === undefined ? 'no key in etcd' : 'not listed';
			const known = word === 'unread' ? 'not read yet' : word === 'gone' ? absent : word;
			const mark = isSure || word === 'unread' ? '' : '?';
			return [cell(`${name} `, 'dim'), cell(`${known}${mark}  `, isSure ? 'plain' : 'dim')];
		}),
	];
}

/** Adds a question mark to a stale value. */
function vipSummary({cluster, target, now}: ClusterSnapshot, index: number): Cell[] {
	const name = ['VIP', shortVipNames(target)[index]].filter(Boolean).join(' ');
	const view = vipViews(cluster, target, now)[index];
	if (view === undefined || cluster.addresses.size === 0) {
		return [cell(`${name} not read yet   `, 'dim')];
	}

	const {holders, state: held} = view;
	const seen = holders.filter(holder => holder.sees);
	// Without a fresh holder, the last known holders count.
	const likely = seen.length > 0 ? seen : holders;
	return summaryCells(
		name,
		likely.length > 0
			? likely.map(({node}) => node).join(' and ')
			: held === 'elsewhere'
				? 'unknown'
				: 'NONE',
		likely.length === 1 && misplacedVip(view, cluster, target, now) === undefined,
		likely.length > 0 ? seen.length > 0 : held !== 'blind',
	);
}

function summaryCells(label: string, text: string, good: boolean, sees: boolean): Cell[] {
	return [
		cell(`${label} `, 'dim'),
		cell(`${text}${sees ? '' : '?'}   `, good ? (sees ? 'strong' : 'warn') : 'bad'),
	];
}
