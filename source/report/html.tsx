/** A report as one page that needs nothing else: style and pictures within, no script, nothing from outside. */

import {renderToStaticMarkup} from 'react-dom/server';
import {duration, figureOf, goalOf, metOf} from '../domain/drill/figures.ts';
import {ChartPicture} from './chart.tsx';
import {caveats, results, type Words, wordsFor} from './format.ts';
import type {Report, ReportedEpisode} from './schema.ts';
import {Findings, Operations, type Part, Setting, Timeline} from './sections.tsx';
import {pageStyle} from './style.ts';

export function htmlOf(report: Report): string {
	return `<!doctype html>\n${renderToStaticMarkup(<Page report={report} words={wordsFor(report)} />)}\n`;
}

const tones: Readonly<Record<Report['verdict']['result'], string>> = {
	met: 'good',
	healthy: 'good',
	'not met': 'bad',
	failed: 'bad',
	critical: 'bad',
	degraded: 'warn',
	unknown: 'warn',
};

function Page({report, words}: Part) {
	const {title, verdict} = report;
	return (
		<html lang="en">
			<head>
				<meta charSet="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta httpEquiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
				<title>{title}</title>
				<style>{pageStyle}</style>
			</head>
			<body>
				<main>
					<h1>{title}</h1>
					<Facts report={report} words={words} />
					<div className={`verdict ${tones[verdict.result]}`}>
						<b>{results[verdict.result]}</b>
						<span>{verdict.text}</span>
					</div>
					{caveats(report, words).map(text => (
						<p key={text} className="caveat">
							{text}
						</p>
					))}
					<h2>Measured times</h2>
					{report.episodes.length === 0 && (
						<p className="dim">Nothing was interrupted, and nobody else took over, as far as was seen.</p>
					)}
					{report.episodes.map(episode => (
						<Measures key={episode.from + episode.what} episode={episode} words={words} />
					))}
					{report.more_episodes > 0 && (
						<p className="dim">{report.more_episodes} shorter ones are left out.</p>
					)}
					{report.charts.length > 0 && <h2>Over time</h2>}
					{report.charts.map(chart => (
						<figure key={chart.title + chart.from}>
							<figcaption>{chart.title}</figcaption>
							<ChartPicture chart={chart} words={words} />
						</figure>
					))}
					<Operations report={report} words={words} />
					<Findings report={report} words={words} />
					<Timeline report={report} words={words} />
					<Setting report={report} words={words} />
				</main>
			</body>
		</html>
	);
}

function Facts({report, words}: Part) {
	const {recording, who, reason, vip, members, scope, namespace} = report;
	const spent = Date.parse(recording.ended_at) - Date.parse(recording.started_at);
	return (
		<dl>
			<dt>Cluster</dt>
			<dd>
				{scope} in {namespace}
				{vip !== null && `, VIP ${vip}`}
			</dd>
			<dt>Members</dt>
			<dd>
				{members
					.map(({name, host, role_at_start: before, role_at_end: after}) => {
						const role = (before === after || before === null ? after : `${before} → ${after}`) ?? 'unknown';
						return `${name}${host === null ? '' : ` (${host})`}: ${role.replaceAll('_', ' ')}`;
					})
					.join('; ') || 'none was seen'}
			</dd>
			<dt>When</dt>
			<dd>
				{words.moment(recording.started_at)} to {words.moment(recording.ended_at)}, {recording.time_zone} (
				{duration(Math.max(0, spent))})
			</dd>
			<dt>Who</dt>
			<dd>
				{who.user} on {who.host}
			</dd>
			<dt>Why</dt>
			<dd>{reason ?? <span className="dim">no reason was given</span>}</dd>
		</dl>
	);
}

const causes: Readonly<Record<ReportedEpisode['cause'], string>> = {
	drill: 'a drill, from the moment when it was confirmed, or of the last sign of life',
	operation: 'an operation of this console, from the moment when it was confirmed',
	unasked: 'nobody asked for it in this console; from the last moment before it that was seen',
};

function Measures({episode, words}: {episode: ReportedEpisode; words: Words}) {
	return (
		<section>
			<h3>{episode.what}</h3>
			<p className="dim">
				{words.exactly(episode.from)} to {words.exactly(episode.to)}: {causes[episode.cause]}
			</p>
			<table className="measures">
				<thead>
					<tr>
						<th>Measure</th>
						<th className="number">Measured</th>
						<th className="number">Goal</th>
						<th />
						<th>Note</th>
					</tr>
				</thead>
				<tbody>
					{episode.measures.map(measure => (
						<tr key={measure.id}>
							<td>{measure.text}</td>
							<td className="number">{figureOf(measure)}</td>
							<td className="number">{goalOf(measure)}</td>
							<td className={measure.met === null ? 'dim' : measure.met ? 'good' : 'bad'}>
								{metOf(measure)}
							</td>
							<td className="dim">{measure.note}</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}
