/** A report as one page that needs nothing else: style and pictures within, no script, nothing from outside. */
import {renderToStaticMarkup} from 'react-dom/server';
import {ChartPicture} from './chart.tsx';
import type {Report, ReportedEpisode} from './schema.ts';
import {pageStyle} from './style.ts';
import {caveats, duration, figureOf, goalOf, metOf, results, type Words, wordsFor} from './words.ts';

export function htmlOf(report: Report): string {
	return `<!doctype html>\n${renderToStaticMarkup(<Page report={report} words={wordsFor(report)} />)}\n`;
}

type Part = {report: Report; words: Words};

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

function Operations({report, words}: Part) {
	return report.operations.length === 0 ? null : (
		<>
			<h2>Operations</h2>
			{report.operations.map(one => (
				<section key={one.confirmed_at + one.what}>
					<h3>
						{one.what}:{' '}
						<span className={one.outcome?.kind === 'done' ? 'good' : one.outcome === null ? 'dim' : 'warn'}>
							{one.outcome === null ? 'no outcome was seen' : `${one.outcome.kind}, ${one.outcome.text}`}
						</span>
					</h3>
					<p className="dim">
						confirmed {words.exactly(one.confirmed_at)}
						{one.reason !== null && `, ${one.reason}`}
					</p>
					<pre>{[...one.requests, ...one.answers.map(answer => `→ ${answer}`)].join('\n')}</pre>
					<table>
						<tbody>
							{one.steps.map(({text, after}) => (
								<tr key={text}>
									<td className={`sign ${after === null ? 'dim' : 'good'}`}>{after === null ? '·' : '✓'}</td>
									<td>{text}</td>
									<td className="number">{after === null ? 'not seen' : `+ ${duration(after)}`}</td>
								</tr>
							))}
						</tbody>
					</table>
				</section>
			))}
		</>
	);
}

function Findings({report, words}: Part) {
	return (
		<>
			<h2>Findings that arose</h2>
			{report.findings.length === 0 ? (
				<p className="dim">None.</p>
			) : (
				<table>
					<thead>
						<tr>
							<th>Severity</th>
							<th>From</th>
							<th>To</th>
							<th>What</th>
						</tr>
					</thead>
					<tbody>
						{report.findings.map(({id, about, severity, text, from, to, clients}) => (
							<tr key={id + about + from}>
								<td className={severity === 'critical' ? 'bad' : severity === 'notice' ? 'dim' : 'warn'}>
									{severity}
								</td>
								<td className="time">{from === null ? 'the beginning' : words.exactly(from)}</td>
								<td className="time">{to === null ? 'still there' : words.exactly(to)}</td>
								<td>
									{text}
									{clients !== '' && <div className="dim">Clients: {clients}</div>}
								</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
		</>
	);
}

const signs = {better: '▲', worse: '▼', news: '•'} as const;
const turnTones = {better: 'good', worse: 'bad', news: 'news'} as const;

function Timeline({report, words}: Part) {
	return (
		<>
			<h2>Timeline</h2>
			{report.timeline.length === 0 && <p className="dim">Nothing happened.</p>}
			<table>
				<tbody>
					{report.timeline.map(({at, turn, text, logs, more_logs: more}, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: the page is written once.
						<tr key={index}>
							<td className="time">{words.exactly(at)}</td>
							<td className={`sign ${turnTones[turn]}`}>{signs[turn]}</td>
							<td>
								{text}
								{logs.length > 0 && (
									<div className="log">
										{logs.map((line, number) => (
											// biome-ignore lint/suspicious/noArrayIndexKey: the page is written once.
											<div key={number}>
												{words.exactly(line.at)} {line.node} {line.service} {line.level} {line.text}
											</div>
										))}
										{more > 0 && <div>… {more} more at that moment</div>}
									</div>
								)}
							</td>
						</tr>
					))}
				</tbody>
			</table>
			{report.more_entries > 0 && <p className="dim">{report.more_entries} later entries are left out.</p>}
		</>
	);
}

function Setting({report}: Part) {
	const {versions, configuration, recording} = report;
	const known = (all: readonly string[]) => (all.length === 0 ? 'not known' : all.join(', '));
	return (
		<>
			<h2>Versions and configuration</h2>
			<dl>
				<dt>Patroni</dt>
				<dd>{known(versions.patroni)}</dd>
				<dt>PostgreSQL</dt>
				<dd>{known(versions.postgresql)}</dd>
				<dt>etcd</dt>
				<dd>{known(versions.etcd)}</dd>
				<dt>pgha-top</dt>
				<dd>
					{recording.program} on Node.js {versions.node}
				</dd>
			</dl>
			<details>
				<summary>The console's configuration, and where each value was given</summary>
				<pre>{configuration}</pre>
			</details>
			<footer>
				Made by pgha-top out of {recording.file}, {recording.events.toLocaleString('en')} events. Figures come
				from what the sources saw, never from what an answer claimed.
			</footer>
		</>
	);
}
