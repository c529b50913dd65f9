/** The plots below a chart's lanes: probe latency, and the members' lag. */

import {scaleLog, scaleSymlog} from 'd3-scale';
import {area, curveStepAfter, line} from 'd3-shape';
import {duration} from '../lib/format.ts';
import {size, type Words} from './format.ts';
import type {Chart} from './schema.ts';
import {type Axis, binsMax, colour, edges, plots} from './series.ts';

const {left, right} = edges;

type Plot = {chart: Chart; x: Axis; top: number};

/** If two labels would overlap, only the longer outage has one. */
function labelledOutages({gaps: outages}: Chart, x: Axis): ReadonlySet<string> {
	const length = ({from, to}: Chart['gaps'][number]) => Date.parse(to) - Date.parse(from);
	const at = ({to}: Chart['gaps'][number]) => labelAt(x(new Date(to)));
	const kept: Chart['gaps'] = [];
	for (const outage of outages.toSorted((a, b) => length(b) - length(a))) {
		if (kept.every(one => Math.abs(at(one) - at(outage)) > 50)) {
			kept.push(outage);
		}
	}

	return new Set(kept.map(({from}) => from));
}

function labelAt(end: number): number {
	return Math.min(end + 4, right - 40);
}

export function Latency({chart, x, top, words}: Plot & {words: Words}) {
	const bottom = top + plots.latency;
	const labelled = labelledOutages(chart, x);
	const answered = chart.latency.filter(({most}) => most > 0);
	const most = Math.max(20, ...answered.map(one => one.most));
	const y = scaleLog([1, most], [bottom, top]).clamp(true);
	const at = (one: {at: string}) => x(new Date(one.at));
	const step = x(new Date(Date.parse(chart.from) + binOf(chart))) - left;
	// The line is interrupted while there was no answer.
	const isNext = (index: number) =>
		index === 0 ||
		at(answered[index] as {at: string}) - at(answered[index - 1] as {at: string}) < step * 2.5 + 2;
	const runs: (typeof answered)[] = [];
	for (const [index, one] of answered.entries()) {
		if (isNext(index) && runs.length > 0) {
			runs.at(-1)?.push(one);
		} else {
			runs.push([one]);
		}
	}

	type Point = (typeof answered)[number];
	const range = area<Point>()
		.x(at)
		.y0(one => y(one.least))
		.y1(one => y(one.most));
	const middle = line<Point>()
		.x(at)
		.y(one => y(one.mean));
	return (
		<g>
			<text x={4} y={top + plots.latency / 2}>
				latency
			</text>
			{y
				.ticks(3)
				.filter(isPowerOfTen)
				.map(tick => (
					<g key={tick}>
						<line className="grid" x1={left} x2={right} y1={y(tick)} y2={y(tick)} />
						<text className="dim" x={left - 8} y={y(tick) + 4} textAnchor="end">
							{duration(tick)}
						</text>
					</g>
				))}
			{chart.gaps.map(({from, to}) => {
				const [begin, end] = [x(new Date(from)), x(new Date(to))];
				return (
					<g key={from}>
						<title>{`write outage from ${words.exactly(from)} to ${words.exactly(to)}`}</title>
						<rect
							className="outage"
							x={begin}
							y={top}
							width={Math.max(1.5, end - begin)}
							height={plots.latency}
						/>
						{labelled.has(from) && (
							<text className="outageLabel" x={labelAt(end)} y={top + 12}>
								{duration(Date.parse(to) - Date.parse(from))}
							</text>
						)}
					</g>
				);
			})}
			{runs.map(run => (
				<g key={run[0]?.at} style={{fill: 'var(--c0)', stroke: 'var(--c0)'}}>
					<path d={range(run) ?? ''} fillOpacity={0.22} stroke="none" />
					<path d={middle(run) ?? ''} fill="none" strokeWidth={1.5} />
				</g>
			))}
			{chart.latency
				.filter(({failed}) => failed > 0)
				.map(one => (
					<text key={one.at} className="bad" x={at(one)} y={bottom - 2} textAnchor="middle">
						×
					</text>
				))}
		</g>
	);
}

export function Lag({chart, x, top}: Plot) {
	const bottom = top + plots.lag;
	const most = Math.max(1024, ...chart.lag.flatMap(({points}) => points.map(({bytes}) => bytes)));
	const y = scaleSymlog([0, most], [bottom, top]).constant(1024);
	const path = line<{at: string; bytes: number}>()
		.x(({at}) => x(new Date(at)))
		.y(({bytes}) => y(bytes))
		.curve(curveStepAfter);
	return (
		<g>
			<text x={4} y={top + plots.lag / 2}>
				lag
			</text>
			{[0, most].map(tick => (
				<g key={tick}>
					<line className="grid" x1={left} x2={right} y1={y(tick)} y2={y(tick)} />
					<text className="dim" x={left - 8} y={y(tick) + 4} textAnchor="end">
						{size(tick)}
					</text>
				</g>
			))}
			{chart.lag.map(({member, points}, index) => (
				<g key={member}>
					<path
						d={knownRuns(points, chart)
							.map(run => path(run) ?? '')
							.join('')}
						fill="none"
						strokeWidth={1.5}
						strokeDasharray={index === 0 ? undefined : `${4 + index * 2} 3`}
						style={{stroke: colour(chart, member)}}
					/>
					<text x={left + 4 + index * 120} y={top - 8} style={{fill: colour(chart, member)}}>
						{member}
					</text>
				</g>
			))}
		</g>
	);
}

/** Longer without a value, ms: the lag was not known. */
const unknownAfterMs = 5000;

/** Points between which the lag was known all the time. */
function knownRuns<P extends {at: string}>(points: readonly P[], {from, to}: Chart): P[][] {
	const apartMs = Math.max(unknownAfterMs, ((Date.parse(to) - Date.parse(from)) / binsMax) * 2.5);
	const runs: P[][] = [];
	for (const point of points) {
		const run = runs.at(-1);
		const last = run?.at(-1);
		if (run !== undefined && last !== undefined && Date.parse(point.at) - Date.parse(last.at) <= apartMs) {
			run.push(point);
		} else {
			runs.push([point]);
		}
	}

	return runs;
}

function binOf({from, to, latency}: Chart): number {
	const apart = latency.slice(1).map(({at}, index) => Date.parse(at) - Date.parse(latency[index]?.at ?? at));
	return Math.min(...apart, Date.parse(to) - Date.parse(from));
}

function isPowerOfTen(value: number): boolean {
	return Number.isInteger(Math.round(Math.log10(value) * 1e9) / 1e9);
}
