/** Texts of a report: times in the operator's zone, its verdict, its caveats. */
import {type DrillResult, drillResults} from '../domain/drill/types.ts';
import {verdictOf} from '../domain/drill/verdict.ts';
import {bytes} from '../lib/format.ts';
import type {Report} from './schema.ts';

/** ISO 8601 in UTC; empty for an invalid time. */
export function iso(at: number): string {
	return Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : '';
}

export type Words = {
	/** `2026-11-23 04:14:10`. */
	moment: (time: string) => string;
	/** `04:14:10.250`. */
	exactly: (time: string) => string;
	/** `04:14:10`. */
	clock: (at: Date) => string;
};

export function wordsFor({recording}: Report): Words {
	const timeZone = zoneOr(recording.time_zone);
	const day = new Intl.DateTimeFormat('sv', {timeZone, dateStyle: 'short'});
	const clock = new Intl.DateTimeFormat('sv', {timeZone, timeStyle: 'medium'});
	const fraction = (time: string) => time.slice(19, 23);
	return {
		moment: time => (time === '' ? '' : `${day.format(new Date(time))} ${clock.format(new Date(time))}`),
		exactly: time => (time === '' ? '' : `${clock.format(new Date(time))}${fraction(time)}`),
		clock: at => clock.format(at),
	};
}

function zoneOr(timeZone: string): string {
	try {
		new Intl.DateTimeFormat('en', {timeZone});
		return timeZone;
	} catch {
		// This Node.js does not know the zone: times are shown in UTC.
		return 'UTC';
	}
}

export function size(count: number): string {
	return bytes(count);
}

/** The verdict as a heading; for a drill as the console decides it. */
export function headingOf({verdict: {result}, drill}: Pick<Report, 'verdict' | 'drill'>): string {
	return headings[drill === null || !isDrillResult(result) ? result : verdictOf(result, drill.goals)];
}

const headings: Readonly<Record<Report['verdict']['result'] | 'done', string>> = {
	done: 'Done',
	met: 'Goal met',
	'not met': 'Goal not met',
	failed: 'Failed',
	unknown: 'Unknown',
	healthy: 'Healthy',
	degraded: 'Degraded',
	critical: 'Critical',
};

function isDrillResult(result: Report['verdict']['result']): result is DrillResult {
	return drillResults.some(one => one === result);
}

function readOf({nodes}: NonNullable<Report['recording']['reconstructed']>): string {
	const [read, without] = [nodes.filter(({from}) => from !== null), nodes.filter(({from}) => from === null)];
	const list = (all: typeof nodes) => all.map(({node}) => node).join(', ');
	return `read were the logs of ${list(read) || 'no node'}${without.length === 0 ? '' : `, none of ${list(without)}`}`;
}

/** Limitations that a reader must know. */
export function caveats({recording}: Report, words: Words): string[] {
	const {cut_short: cutShort, ended_at: endedAt, damaged, logs, reconstructed} = recording;
	return [
		...(reconstructed === null
			? []
			: [
					`Put together from logs at ${words.moment(reconstructed.at)}, not recorded as it happened: ${readOf(reconstructed)}. What no line says is not here, and ≤ marks what is only a bound.`,
					...reconstructed.missing.map(text => `Not known: ${text}.`),
				]),
		...(damaged === null ? [] : [`The recording is damaged, and this report ends there: ${damaged}.`]),
		...(cutShort
			? [
					`The recording was cut short at ${words.moment(endedAt)}: the console was killed, or the disk was full. What it had written until then is here.`,
				]
			: []),
		...(logs ? [] : ['Log lines were not recorded (--record-logs).']),
	];
}

/** The root's text at its worst; its key if the report omits it. */
export function rootText({findings}: Pick<Report, 'findings'>, cause: string): string {
	return findings.find(({key}) => key === cause)?.text ?? cause;
}
