/** Sections of a report's page below its measures: operations, findings, timeline, versions. */
import {duration} from '../lib/format.ts';
import {rootText, type Words} from './format.ts';
import type {Report} from './schema.ts';

export type Part = {report: Report; words: Words};

export function Operations({report, words}: Part) {
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

export function Findings({report, words}: Part) {
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
						{report.findings.map(({id, about, severity, text, from, to, clients, cause}) => (
							<tr key={id + about + from}>
								<td className={severity === 'critical' ? 'bad' : severity === 'notice' ? 'dim' : 'warn'}>
									{severity}
								</td>
								<td className="time">{from === null ? 'the beginning' : words.exactly(from)}</td>
								<td className="time">{to === null ? 'still there' : words.exactly(to)}</td>
								<td>
									{text}
									{cause !== null && <div className="dim">Follows from: {rootText(report, cause)}</div>}
									{clients !== '' && <div className="dim">Clients: {clients}</div>}
								</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
			{report.more_findings > 0 && (
				<p className="dim">{report.more_findings} less severe or shorter ones are left out.</p>
			)}
		</>
	);
}

const signs = {better: '▲', worse: '▼', news: '•'} as const;
const turnTones = {better: 'good', worse: 'bad', news: 'news'} as const;

export function Timeline({report, words}: Part) {
	return (
		<>
			<h2>Timeline</h2>
			{report.timeline.length === 0 && <p className="dim">Nothing happened.</p>}
			{report.incidents.length > 0 && (
				<table>
					<tbody>
						{report.incidents.map(({first, from, text, entries}) => (
							<tr key={first}>
								<td className="time">{words.exactly(from)}</td>
								<td>
									<strong>{text}</strong> <span className="dim">({entries} entries)</span>
								</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
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

export function Setting({report}: Part) {
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
				Made by pgha-top from {recording.file}, {recording.events.toLocaleString('en')} events. Figures are
				from what the sources saw, never from what an answer claimed.
			</footer>
		</>
	);
}
