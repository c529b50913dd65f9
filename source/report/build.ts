import {members} from '../domain/cluster/members.ts';
import {goalFor, goalsOf, isMet} from '../domain/drill/goals.ts';
import {findIncidents, type Incident} from '../domain/drill/incidents.ts';
import {longestGap, measuresOf} from '../domain/drill/measures.ts';
import type {Gap, Observations} from '../domain/drill/observations.ts';
import type {Drill} from '../domain/drill/types.ts';
import {describeDrill} from '../domain/drill/types.ts';
import {duration} from '../domain/drill/verdict.ts';
import {advice} from '../domain/findings/advice.ts';
import {describe} from '../domain/operations/operation.ts';
import {requestLines} from '../domain/operations/request.ts';
import {describeLastAnswer} from '../domain/operations/run.ts';
import type {Run} from '../domain/operations/types.ts';
import type {Header} from '../recording/format.ts';
import {versionsOf} from '../recording/write/recorder.ts';
import type {State} from '../state/state.ts';
import {judge} from '../state/view/verdict.ts';
import {type CollectedLine, collectReport, type Watched} from './collect.ts';
import {iso} from './format.ts';
import {limitFindings, limitIncidents, nearbyIncidents} from './limits.ts';
import type {Report, ReportedMeasure} from './schema.ts';

/** A chart of its own for what takes up less than this part of the whole. */
const smallPart = 0.4;
const margin = 8000;

export function buildReport(told: CollectedLine): Report {
	const {header, endedAt, file, cutShort, events} = told;
	const watched = collectReport(told);
	const {state, settled, tracks, chronicle, spans, drill, damaged} = watched;
	const began = watched.began ?? header.startedAt;
	const end = watched.end ?? endedAt;
	const goals = drill === undefined ? told.goals : {...told.goals, ...goalsOf(drill.drill)};
	const runs = (state?.runs ?? []).filter(
		run => run.watched || (run.outcome?.at ?? run.confirmedAt) >= began,
	);
	const drilled = drill && {
		at: drill.at,
		drill: drill.drill,
		from: drillFrom(drill, runs, tracks),
		to: drill.ended?.at ?? end,
	};
	const all = findIncidents(tracks, runs, drilled, end).map(episode => ({
		episode,
		writes: lengthOfGap(longestGap(tracks, episode), end),
	}));
	const gravest = limitIncidents(all);
	const episodes = gravest.map(({episode}) => episode);
	const reported = episodes.map(episode => ({
		what: episode.what,
		cause: episode.cause,
		from: iso(episode.from),
		to: iso(episode.to),
		measures: measuresOf(tracks, episode, episode.cause === 'drill' ? drill?.verified : undefined)
			.filter(({id}) => id !== 'lost' || episode.cause === 'drill')
			.map((measure): ReportedMeasure => {
				const {idle: _, ...figure} = measure;
				return {
					...figure,
					value: measure.value ?? null,
					goal: goalFor(measure.id, goals) ?? null,
					met: isMet(measure, goals) ?? null,
					note: measure.note ?? null,
				};
			}),
	}));
	const findings = limitFindings(spans.all);
	const atEnd = state === undefined ? 'unknown' : judge(state).verdict;
	const {scope, target} = header;
	return {
		version: 1,
		title: titleOf(
			scope,
			all.map(({episode}) => episode),
			drill?.drill,
		),
		scope,
		namespace: target.namespace,
		vip: target.vip ?? null,
		members: state === undefined ? [] : membersOf(settled, state),
		who: {user: header.who.user, host: header.who.host},
		reason: header.reason ?? runs.find(({reason}) => reason !== '')?.reason ?? null,
		recording: {
			file,
			program: header.program,
			started_at: iso(header.startedAt),
			ended_at: iso(end),
			time_zone: header.timeZone,
			events,
			cut_short: cutShort,
			damaged: damaged ?? null,
			logs: header.logs,
		},
		verdict: {...verdictOf(watched, reported, atEnd), at_end: atEnd},
		drill:
			drill === undefined
				? null
				: {
						kind: drill.drill.kind,
						target: drill.drill.target,
						goal: drill.drill.goal ?? null,
						goals: goalsOf(drill.drill),
					},
		episodes: reported,
		operations: runs.map(operationOf),
		more_episodes: all.length - episodes.length,
		findings: findings.map(({finding, from, to}) => ({
			id: finding.id,
			severity: finding.severity,
			text: finding.text,
			about: finding.about ?? null,
			from: from === undefined ? null : iso(from),
			to: to === undefined ? null : iso(to),
			clients: advice[finding.id]?.clients ?? '',
			remedy: advice[finding.id]?.remedy ?? '',
		})),
		more_findings: spans.all.length - findings.length,
		timeline: chronicle.timeline,
		more_entries: chronicle.left,
		charts: chartsOf(
			watched,
			nearbyIncidents(gravest).map(({episode}) => episode),
			began,
			end,
		),
		versions: state === undefined ? plain(header.versions) : plain(versionsOf(state, header.versions.node)),
		configuration: header.config,
	};
}

/** When what was drilled began: its confirmation, or the last sign of life of the machine whose plug was pulled. */
export function drillFrom(
	{at, drill}: {at: number; drill: Drill},
	runs: readonly Run[],
	{absences}: Observations,
): number | undefined {
	return drill.kind === 'power-cut'
		? absences.find(({node, since}) => node === drill.target && since >= at - 5000)?.since
		: runs.find(({confirmedAt}) => confirmedAt >= at)?.confirmedAt;
}

function lengthOfGap(gap: Gap | undefined, end: number): number {
	return gap === undefined ? 0 : (gap.to ?? end) - gap.from;
}

function titleOf(scope: string, episodes: readonly Incident[], drill: Drill | undefined): string {
	const what = drill === undefined ? episodes.map(one => one.what) : [describeDrill(drill)];
	const [one, ...more] = what;
	return `${scope}: ${one ?? 'a session'}${more.length > 0 ? ` and ${more.length} more` : ''}`;
}

function verdictOf(
	{drill}: Watched,
	episodes: Report['episodes'],
	atEnd: Report['verdict']['at_end'],
): Pick<Report['verdict'], 'result' | 'text'> {
	if (drill !== undefined) {
		return drill.ended === undefined
			? {result: 'unknown', text: 'the recording ends before the drill did'}
			: {result: drill.ended.result, text: drill.ended.text};
	}

	const missed = episodes.flatMap(({what, measures}) =>
		measures.filter(({met}) => met === false).map(({text}) => `${text.toLowerCase()} (${what})`),
	);
	const met = episodes.some(({measures}) => measures.some(one => one.met === true));
	const felt = Math.max(
		0,
		...episodes.flatMap(({measures}) =>
			measures.filter(({id}) => id === 'writes').map(({value}) => value ?? 0),
		),
	);
	const ends = `the cluster was ${atEnd} at the end${felt === 0 ? '' : `; ${duration(felt)} without writes at the longest`}`;
	return missed.length > 0
		? {result: 'not met', text: `over the goal: ${missed.join(', ')}; ${ends}`}
		: met
			? {result: 'met', text: `within the goal; ${ends}`}
			: {result: atEnd, text: ends};
}

function membersOf(first: State | undefined, last: State): Report['members'] {
	const before = first === undefined ? [] : members(first.cluster, first.now);
	return members(last.cluster, last.now).map(({name, role, key}) => ({
		name,
		host: key?.data.host ?? null,
		role_at_start: before.find(one => one.name === name)?.role ?? null,
		role_at_end: role,
	}));
}

function operationOf(run: Run): Report['operations'][number] {
	const {operation, confirmedAt, reason, requests, sent, answers, steps, outcome} = run;
	return {
		what: describe(operation),
		confirmed_at: iso(confirmedAt),
		reason: reason === '' ? null : reason,
		requests: requests.slice(0, sent).map(request => requestLines(request).join(' ')),
		answers: answers.map((_, index) => describeLastAnswer({answers: answers.slice(0, index + 1)}) ?? ''),
		steps: steps.map(({text, at}) => ({
			text,
			after: at === undefined ? null : Math.max(0, at - confirmedAt),
		})),
		outcome: outcome === undefined ? null : {kind: outcome.kind, text: outcome.text},
	};
}

/** All of it; and what was going on, nearer. */
function chartsOf(
	{curves, tracks, chronicle}: Watched,
	episodes: readonly Incident[],
	from: number,
	to: number,
): Report['charts'] {
	if (to <= from) {
		return [];
	}

	const near = episodes
		.map(episode => ({
			what: episode.what,
			from: Math.max(from, episode.from - margin),
			to: Math.min(to, episode.to + margin),
		}))
		.filter(span => span.to > span.from && span.to - span.from < (to - from) * smallPart);
	return [
		curves.chart('All of it', {from, to}, tracks, chronicle.entries),
		...near.map(span => curves.chart(span.what, span, tracks, chronicle.entries)),
	];
}

function plain({node, patroni, postgresql, etcd}: Header['versions']): Report['versions'] {
	return {node, patroni: [...patroni], postgresql: [...postgresql], etcd: [...etcd]};
}
