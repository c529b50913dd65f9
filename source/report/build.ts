/** Builds the report of a recorded session. */

import {members} from '../domain/cluster/members.ts';
import type {Probe, Probes} from '../domain/cluster/probe.ts';
import {type Episode, findEpisodes} from '../domain/drill/episodes.ts';
import {longestOutage, measuresOf} from '../domain/drill/measures.ts';
import type {Observations} from '../domain/drill/observations.ts';
import type {Drill, Goals, Measure} from '../domain/drill/types.ts';
import {describeDrill} from '../domain/drill/types.ts';
import {goalFor, goalsOf, isMet, resultOf} from '../domain/drill/verdict.ts';
import type {Entry} from '../domain/facts.ts';
import {advice, effectOn} from '../domain/findings/advice.ts';
import {keyOfFinding} from '../domain/findings/finding.ts';
import {describe} from '../domain/operations/operation.ts';
import {outcomeText} from '../domain/operations/outcome.ts';
import {requestLines} from '../domain/operations/request.ts';
import {describeLastAnswer} from '../domain/operations/run.ts';
import type {Run} from '../domain/operations/types.ts';
import {describeIncident, incidentLine} from '../domain/timeline/incident-text.ts';
import {foldIncidents, isFolded} from '../domain/timeline/incidents.ts';
import {duration, isoTime} from '../lib/format.ts';
import type {Header} from '../recording/schema.ts';
import {versionsOf} from '../recording/write/recorder.ts';
import type {State} from '../state/state.ts';
import {judgeCluster} from '../state/view/verdict.ts';
import {
	type Collected,
	collectFacts,
	drillFrom,
	type RecordedSession,
	type ReportedDrill,
} from './collect.ts';
import {iso} from './format.ts';
import {limitEpisodes, limitFindings, nearbyEpisodes} from './limits.ts';
import type {Report, ReportedMeasure} from './schema.ts';

/** An episode shorter than this share of the session gets its own chart, with a margin. */
const smallPart = 0.4;
const marginMs = 8000;

export function buildReport(session: RecordedSession): Report {
	const {header, endedAt, file, cutShort, events} = session;
	const collected = collectFacts(session);
	const {state, settled, observations, timeline, findingSpans, drill, damaged} = collected;
	const began = collected.began ?? header.startedAt;
	const end = collected.end ?? endedAt;
	const drillGoals = drill === undefined ? session.goals : {...session.goals, ...goalsOf(drill.drill)};
	const runs = (state?.runs ?? []).filter(
		run => run.watched || (run.outcome?.at ?? run.confirmedAt) >= began,
	);
	const drillSpan = drill && {
		at: drill.at,
		drill: drill.drill,
		from: drillFrom(drill, runs, observations),
		to: drill.ended?.at ?? end,
	};
	const all = findEpisodes(observations, runs, drillSpan, end).map(episode => ({
		episode,
		outageMs: outageMs(observations, episode, end),
	}));
	const kept = limitEpisodes(all);
	const reported = kept.map(({episode}) => ({
		what: episode.what,
		cause: episode.cause,
		from: iso(episode.from),
		to: iso(episode.to),
		measures:
			episode.cause === 'drill'
				? measured(drillMeasures(drill, observations, episode), drillGoals)
				: measured(measuresOf(observations, episode, undefined), session.goals).filter(
						({id}) => id !== 'lost',
					),
	}));
	const findings = limitFindings(findingSpans.all);
	const atEnd = state === undefined ? 'unknown' : judgeCluster(state).verdict;
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
			reconstructed: reconstructedOf(header),
		},
		verdict: {...verdictOf(collected, reported, atEnd), at_end: atEnd},
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
		more_episodes: all.length - kept.length,
		findings: findings.map(({finding, from, to}) => ({
			id: finding.id,
			severity: finding.severity,
			text: finding.text,
			about: finding.about ?? null,
			key: keyOfFinding(finding),
			cause: finding.cause ?? null,
			from: from === undefined ? null : iso(from),
			to: to === undefined ? null : iso(to),
			clients: effectOn(finding),
			remedy: advice[finding.id]?.remedy ?? '',
		})),
		more_findings: findingSpans.all.length - findings.length,
		incidents: incidentsOf(timeline.entries, state, end),
		timeline: timeline.report,
		more_entries: timeline.left,
		charts: chartsOf(
			collected,
			nearbyEpisodes(kept).map(({episode}) => episode),
			began,
			end,
		),
		versions: state === undefined ? plain(header.versions) : plain(versionsOf(state, header.versions.node)),
		configuration: header.config,
	};
}

/** A single entry is no incident. */
function incidentsOf(entries: readonly Entry[], state: State | undefined, end: number): Report['incidents'] {
	const probes: Probes = state?.cluster.probes ?? new Map<number, Probe>();
	return foldIncidents(entries)
		.filter(isFolded)
		.map(one => ({
			text: incidentLine(describeIncident(one, probes, end)),
			from: iso(one.entries[0]?.at ?? end),
			to: one.open.length === 0 ? iso(one.entries.at(-1)?.at ?? end) : null,
			first: one.first,
			entries: one.entries.length,
		}));
}

/** The measures of an ended drill are those that the console has shown. */
function drillMeasures(
	drill: ReportedDrill | undefined,
	observations: Observations,
	window: Episode,
): readonly Measure[] {
	return drill?.ended !== undefined && drill.measures !== undefined
		? drill.measures
		: measuresOf(observations, window, drill?.verified);
}

function measured(measures: readonly Measure[], goals: Goals): ReportedMeasure[] {
	return measures.map(measure => {
		const {idle: _, isLost: __, ...figure} = measure;
		return {
			...figure,
			value: measure.value ?? null,
			goal: goalFor(measure.id, goals) ?? null,
			met: isMet(measure, goals) ?? null,
			note: measure.note ?? null,
		};
	});
}

function outageMs(observations: Observations, episode: Episode, end: number): number {
	const outage = longestOutage(observations, episode);
	return outage === undefined ? 0 : (outage.to ?? end) - outage.from;
}

function titleOf(scope: string, episodes: readonly Episode[], drill: Drill | undefined): string {
	const what = drill === undefined ? episodes.map(one => one.what) : [describeDrill(drill)];
	const [one, ...more] = what;
	return `${scope}: ${one ?? 'a session'}${more.length > 0 ? ` and ${more.length} more` : ''}`;
}

function verdictOf(
	{drill}: Collected,
	episodes: Report['episodes'],
	atEnd: Report['verdict']['at_end'],
): Pick<Report['verdict'], 'result' | 'text'> {
	if (drill !== undefined) {
		return drill.ended === undefined
			? {result: 'unknown', text: 'the recording ends before the drill did'}
			: {result: drill.ended.result, text: drill.ended.text};
	}

	const judged = episodes.flatMap(({what, measures}) =>
		measures
			.filter(({goal}) => goal !== null)
			.map(({text, met}) => ({text: `${text.toLowerCase()} (${what})`, met: met ?? undefined})),
	);
	const longest = Math.max(
		0,
		...episodes.flatMap(({measures}) =>
			measures.filter(({id}) => id === 'writes').map(({value}) => value ?? 0),
		),
	);
	const ends = `the cluster was ${atEnd} at the end${longest === 0 ? '' : `; longest write outage ${duration(longest)}`}`;
	if (judged.length === 0) {
		return {result: atEnd, text: ends};
	}

	const result = resultOf(judged.map(({met}) => met));
	const texts = (met: boolean | undefined) =>
		judged
			.filter(one => one.met === met)
			.map(({text}) => text)
			.join(', ');
	switch (result) {
		case 'met': {
			return {result, text: `within the goal; ${ends}`};
		}

		case 'not met': {
			return {result, text: `over the goal: ${texts(false)}; ${ends}`};
		}

		case 'unknown': {
			return {result, text: `not known: ${texts(undefined)}; ${ends}`};
		}
	}
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
		outcome: outcome === undefined ? null : {kind: outcome.kind, text: outcomeText(run) ?? outcome.text},
	};
}

/** One chart of the whole session, and one per short episode. */
function chartsOf(
	{series, observations, timeline}: Collected,
	episodes: readonly Episode[],
	from: number,
	to: number,
): Report['charts'] {
	if (to <= from) {
		return [];
	}

	const near = episodes
		.map(episode => ({
			what: episode.what,
			from: Math.max(from, episode.from - marginMs),
			to: Math.min(to, episode.to + marginMs),
		}))
		.filter(span => span.to > span.from && span.to - span.from < (to - from) * smallPart);
	return [
		series.chart('All of it', {from, to}, observations, timeline.entries),
		...near.map(span => series.chart(span.what, span, observations, timeline.entries)),
	];
}

function plain({node, patroni, postgresql, etcd}: Header['versions']): Report['versions'] {
	return {node, patroni: [...patroni], postgresql: [...postgresql], etcd: [...etcd]};
}

function reconstructedOf({reconstructed}: Header): Report['recording']['reconstructed'] {
	return reconstructed === undefined
		? null
		: {
				at: iso(reconstructed.at),
				nodes: reconstructed.nodes.map(({node, from, to}) => ({node, from: isoTime(from), to: isoTime(to)})),
				missing: [...reconstructed.missing],
			};
}
