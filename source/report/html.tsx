/** A report as a self-contained HTML page: styles and pictures inline, no script, no external resource. */

import {renderToStaticMarkup} from 'react-dom/server';
import {figureOf, goalOf, metOf} from '../domain/drill/verdict.ts';
import {duration} from '../lib/format.ts';
import {ChartPicture} from './chart.tsx';
import {caveats, headingOf, type Words, wordsFor} from './format.ts';
import type {Report, ReportedEpisode} from './schema.ts';
import {Findings, Operations, type Part, Setting, Timeline} from './sections.tsx';

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
						<b>{headingOf(report)}</b>
						<span>{verdict.text}</span>
					</div>
					{caveats(report, words).map(text => (
						<p key={text} className="caveat">
							{text}
						</p>
					))}
					<h2>Measured times</h2>
					{report.episodes.length === 0 && <p className="dim">No episode was seen.</p>}
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
	drill: 'a drill, from its confirmation, or from the last sign of life',
	operation: 'an operation of this console, from its confirmation',
	unasked: 'no operation of this console; from the last moment that was seen before it',
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

export const pageStyle = `
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#5d656f;--paper:#fff;--card:#f6f7f9;--line:#dfe3e8;--good:#0b7a4b;--bad:#b42318;--warn:#9a5b00;--news:#0a5fa8}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--dim:#9aa3ae;--paper:#101418;--card:#181d23;--line:#2b323a;--good:#4cc98a;--bad:#ff7b72;--warn:#f0b04b;--news:#6cb6ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1060px;margin:0 auto;padding:32px 28px 48px}
h1{font-size:25px;line-height:1.25;margin:0 0 6px}h2{font-size:18px;margin:36px 0 10px;padding-bottom:5px;border-bottom:1px solid var(--line)}h3{font-size:15px;margin:20px 0 6px}
p{margin:4px 0}.dim{color:var(--dim)}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.news{color:var(--news)}
.verdict{display:flex;gap:14px;align-items:baseline;flex-wrap:wrap;margin:18px 0;padding:14px 18px;border-radius:8px;background:var(--card);border-left:6px solid currentColor}
.verdict b{font-size:19px}.verdict span{color:var(--ink)}
.caveat{margin:10px 0;padding:9px 14px;border-radius:6px;border:1px solid var(--warn)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 18px;margin:14px 0}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:600;color:var(--dim);font-size:13px}th,td{padding:5px 14px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
td.number,th.number{text-align:right;white-space:nowrap}td.time{white-space:nowrap;color:var(--dim)}td.sign{width:1.4em;padding-right:6px}
.measures td:nth-child(2){font-size:17px;font-weight:600}
pre,.log{font:12px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--card);padding:12px 14px;border-radius:6px;overflow-x:auto;margin:8px 0;white-space:pre-wrap;overflow-wrap:anywhere}
.log{margin:4px 0 6px;padding:4px 0 4px 12px;border-left:2px solid var(--line);color:var(--dim);overflow-wrap:anywhere}.log div{padding:1px 0;white-space:pre-wrap}
figure{margin:14px 0}figcaption{font-weight:600;margin-bottom:6px}
summary{cursor:pointer;font-weight:600;margin:10px 0}
footer{margin-top:40px;padding-top:10px;border-top:1px solid var(--line);color:var(--dim);font-size:13px}
@media (max-width:640px){main{padding:20px 14px 32px}th,td{padding-right:8px}td.time{font-size:13px}td:last-child{overflow-wrap:anywhere}dl{column-gap:10px}}
@media print{main{max-width:none;padding:0}h2{break-after:avoid}tr,figure,.verdict{break-inside:avoid}details:not([open])>*{display:block}}
`;
