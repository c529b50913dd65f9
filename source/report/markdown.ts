/** A report as Markdown. */

import {figureOf, goalOf, metOf} from '../domain/drill/verdict.ts';
import {duration} from '../lib/format.ts';
import {caveats, headingOf, rootText, wordsFor} from './format.ts';
import type {Report} from './schema.ts';

export function markdownOf(report: Report): string {
	const words = wordsFor(report);
	const {recording, verdict, who, members, versions} = report;
	const known = (all: readonly string[]) => (all.length === 0 ? 'not known' : text(all.join(', ')));
	return lines([
		`# ${text(report.title)}`,
		'',
		`**${headingOf(report)}**: ${text(verdict.text)}`,
		'',
		...caveats(report, words).flatMap(one => [`> ${text(one)}`, '']),
		`- Cluster: ${text(report.scope)} in ${text(report.namespace)}${report.vip === null ? '' : `, VIP ${text(report.vip)}`}`,
		`- Members: ${members.map(({name, role_at_start: before, role_at_end: after}) => text(`${name} ${before === null || before === after ? after : `${before} → ${after}`}`.replaceAll('_', ' '))).join('; ') || 'none was seen'}`,
		`- When: ${words.moment(recording.started_at)} to ${words.moment(recording.ended_at)}, ${text(recording.time_zone)}`,
		`- Who: ${text(who.user)} on ${text(who.host)}`,
		`- Why: ${text(report.reason ?? 'no reason was given')}`,
		'',
		'## Measured times',
		'',
		...(report.episodes.length === 0 ? ['No episode was seen.', ''] : []),
		...report.episodes.flatMap(({what, from, to, measures}) => [
			`### ${text(what)}`,
			'',
			`${words.exactly(from)} to ${words.exactly(to)}`,
			'',
			...table(
				['Measure', 'Measured', 'Goal', '', 'Note'],
				measures.map(one => [one.text, figureOf(one), goalOf(one), metOf(one), one.note ?? '']),
			),
		]),
		...(report.more_episodes > 0 ? [`${report.more_episodes} shorter ones are left out.`, ''] : []),
		...(report.charts.length === 0 ? [] : ['Charts are left out here: `--format html` has them.', '']),
		...(report.operations.length === 0 ? [] : ['## Operations', '']),
		...report.operations.flatMap(({what, outcome, confirmed_at: at, requests, answers, steps}) => [
			`### ${text(what)}: ${text(outcome === null ? 'no outcome was seen' : `${outcome.kind}, ${outcome.text}`)}`,
			'',
			`confirmed ${words.exactly(at)}`,
			'',
			...code([...requests, ...answers.map(answer => `→ ${answer}`)]),
			...table(
				['Step', 'Seen'],
				steps.map(step => [step.text, step.after === null ? 'not seen' : `+ ${duration(step.after)}`]),
			),
		]),
		'## Findings that arose',
		'',
		...(report.findings.length === 0
			? ['None.', '']
			: table(
					['Severity', 'From', 'To', 'What'],
					report.findings.map(({severity, from, to, text: what, cause}) => [
						severity,
						from === null ? 'the beginning' : words.exactly(from),
						to === null ? 'still there' : words.exactly(to),
						cause === null ? what : `${what} (follows from: ${rootText(report, cause)})`,
					]),
				)),
		...(report.more_findings > 0
			? [`${report.more_findings} less severe or shorter ones are left out.`, '']
			: []),
		'## Timeline',
		'',
		...(report.timeline.length === 0 ? ['Nothing happened.', ''] : []),
		...report.incidents.map(
			one => `- **${words.exactly(one.from)} ${text(one.text)}** (${one.entries} entries)`,
		),
		...(report.incidents.length === 0 ? [] : ['', 'All entries:', '']),
		...report.timeline.flatMap(({at, text: what, logs, more_logs: more}) => [
			`- ${words.exactly(at)} ${text(what)}`,
			...(logs.length === 0
				? []
				: code([
						...logs.map(
							line => `${words.exactly(line.at)} ${line.node} ${line.service} ${line.level} ${line.text}`,
						),
						...(more > 0 ? [`… ${more} more at that moment`] : []),
					]).map(line => (line === '' ? '' : `  ${line}`))),
		]),
		...(report.more_entries > 0 ? ['', `${report.more_entries} later entries are left out.`] : []),
		'',
		'## Versions and configuration',
		'',
		`Patroni ${known(versions.patroni)}; PostgreSQL ${known(versions.postgresql)}; etcd ${known(versions.etcd)}; pgha-top ${text(recording.program)} on Node.js ${text(versions.node)}`,
		'',
		...code(report.configuration.trimEnd().split('\n')),
		`Made by pgha-top from ${text(recording.file)}, ${recording.events.toLocaleString('en')} events.`,
	]);
}

function lines(all: readonly string[]): string {
	return `${all.join('\n').trimEnd()}\n`;
}

/** Escapes markup and addresses, so that a name cannot become a link. */
function text(value: string): string {
	return oneLine(value)
		.replaceAll(/[\\`*_{}[\]<>#|~&@]/g, sign => `\\${sign}`)
		.replaceAll(/(?<=\b(?:https?|ftp|mailto|www))(?=[:.])/gi, '\\');
}

function oneLine(value: string): string {
	return value.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
	const row = (cells: readonly string[]) => `| ${cells.map(text).join(' | ')} |`;
	return [row(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(row), ''];
}

/** A code block, with a fence longer than any in the text. */
function code(all: readonly string[]): string[] {
	const ticksMax = Math.max(
		2,
		...all.flatMap(one => [...one.matchAll(/`+/g)].map(([ticks]) => ticks.length)),
	);
	const fence = '`'.repeat(ticksMax + 1);
	return all.length === 0 ? [] : [fence, ...all.map(oneLine), fence, ''];
}
