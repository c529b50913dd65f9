/** One chart as self-contained SVG: leader and VIP holder, probe latency, and lag, on one time axis. */

import {scaleUtc} from 'd3-scale';
import {duration} from '../lib/format.ts';
import type {Words} from './format.ts';
import {Lag, Latency} from './plots.tsx';
import type {Chart} from './schema.ts';
import {type Axis, colour, edges, letter, plots, shorten, width} from './series.ts';

const {left, right} = edges;
const laneHeight = 20;
const flagsHeight = 26;
const space = 30;

export const chartStyle = `
.chart{--ink:#1b1f24;--dim:#69707a;--grid:#e3e6ea;--bad:#c9372c;--c0:#0a6cbf;--c1:#b86200;--c2:#0b7d5a;--c3:#9b4f96;
font:11px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--ink);display:block;width:100%;height:auto}
@media (prefers-color-scheme:dark){.chart{--ink:#e6e9ee;--dim:#9aa3ae;--grid:#30363e;--bad:#ff7b72;--c0:#5db0ff;--c1:#f0a04b;--c2:#4cc79a;--c3:#d59ad1}}
.chart text{fill:var(--ink)}.chart .dim{fill:var(--dim)}.chart .grid{stroke:var(--grid)}.chart .outage{fill:var(--bad);opacity:.16}
.chart .outageLabel{fill:var(--bad);font-weight:600}.chart .flag{stroke:var(--dim);stroke-dasharray:2 3}.chart .none{fill:none;stroke:var(--bad);stroke-dasharray:4 3}
.chart .inLane{fill:#fff;font-weight:600}@media (prefers-color-scheme:dark){.chart .inLane{fill:#101418}}
.chart .bad{fill:var(--bad)}.chart .disc{fill:var(--ink)}.chart .number{fill:#fff;font-weight:600}
@media (prefers-color-scheme:dark){.chart .number{fill:#101418}}
`;

export function ChartPicture({chart, words}: {chart: Chart; words: Words}) {
	const x = scaleUtc([new Date(chart.from), new Date(chart.to)], [left, right]);
	const flags = flagsOf(chart, x);
	const lanesTop = flags.length === 0 ? 4 : flagsHeight;
	const latencyTop = lanesTop + chart.lanes.length * (laneHeight + 4) + space;
	const lagTop = latencyTop + (chart.latency.length === 0 ? 0 : plots.latency + space);
	const bottom = lagTop + (chart.lag.length === 0 ? 0 : plots.lag + space) - space + 6;
	const legend = bottom + 34;
	const height = legend + flags.reduce((sum, {texts}) => sum + texts.length, 0) * 15;
	return (
		<svg
			className="chart"
			xmlns="http://www.w3.org/2000/svg"
			viewBox={`0 0 ${width} ${Math.round(height)}`}
			role="img"
			aria-label={`${chart.title}: who led, latency and lag over time`}
		>
			<style>{chartStyle}</style>
			<TimeAxis x={x} top={lanesTop} bottom={bottom} words={words} />
			{chart.lanes.map((lane, index) => (
				<Lane key={lane.title} lane={lane} x={x} top={lanesTop + index * (laneHeight + 4)} chart={chart} />
			))}
			{chart.latency.length > 0 && <Latency chart={chart} x={x} words={words} top={latencyTop} />}
			{chart.lag.length > 0 && <Lag chart={chart} x={x} top={lagTop} />}
			{flags.map(({at, label}) => (
				<g key={label}>
					<line className="flag" x1={at} x2={at} y1={16} y2={bottom} />
					<rect
						className="disc"
						x={discCentre(at, label) - discWidth(label) / 2}
						y={2}
						width={discWidth(label)}
						height={15}
						rx={7}
					/>
					<text className="number" x={discCentre(at, label)} y={13} textAnchor="middle">
						{label}
					</text>
				</g>
			))}
			<Legend flags={flags} top={legend} words={words} />
		</svg>
	);
}

/** Moves a label inwards that the edge would cut off. */
function discCentre(at: number, label: string): number {
	return Math.min(at, width - discWidth(label) / 2);
}

function discWidth(label: string): number {
	return Math.max(15, label.length * letter + 9);
}

type Flag = {at: number; label: string; texts: {number: number; at: string; text: string}[]};

/** Marks that are too close together share one flag. */
function flagsOf({marks}: Chart, x: Axis): Flag[] {
	const flags: Flag[] = [];
	for (const [index, mark] of marks.slice(0, 24).entries()) {
		const at = x(new Date(mark.at));
		const text = {number: index + 1, ...mark};
		const last = flags.at(-1);
		if (last !== undefined && at - last.at < 30) {
			last.texts.push(text);
			last.label = `${last.texts[0]?.number}–${index + 1}`;
		} else {
			flags.push({at, label: String(index + 1), texts: [text]});
		}
	}

	return flags;
}

function Legend({flags, top, words}: {flags: readonly Flag[]; top: number; words: Words}) {
	const texts = flags.flatMap(flag => flag.texts);
	return (
		<g>
			{texts.map(({number, at, text}, index) => (
				<text key={number} x={left} y={top + index * 15} className="dim">
					{`${number}  ${words.exactly(at)}  ${shorten(text, 120)}`}
				</text>
			))}
		</g>
	);
}

function TimeAxis({x, top, bottom, words}: {x: Axis; top: number; bottom: number; words: Words}) {
	return (
		<g>
			{x.ticks(8).map(tick => (
				<g key={tick.getTime()}>
					<line className="grid" x1={x(tick)} x2={x(tick)} y1={top} y2={bottom} />
					<text className="dim" x={Math.min(x(tick), width - 26)} y={bottom + 14} textAnchor="middle">
						{words.clock(tick)}
					</text>
				</g>
			))}
		</g>
	);
}

function Lane({lane, x, top, chart}: {lane: Chart['lanes'][number]; x: Axis; top: number; chart: Chart}) {
	return (
		<g>
			<text x={left - 8} y={top + 14} textAnchor="end">
				{lane.title}
			</text>
			{lane.spans.map(({from, to, value}) => {
				const [begin, end] = [x(new Date(from)), x(new Date(to))];
				const label = shorten(value ?? 'none', Math.floor((end - begin - 6) / letter));
				return (
					<g key={from}>
						<title>{`${value ?? 'none'}, ${duration(Date.parse(to) - Date.parse(from))}`}</title>
						<rect
							className={value === null ? 'none' : undefined}
							style={value === null ? undefined : {fill: colour(chart, value)}}
							x={begin + 0.5}
							y={top + 0.5}
							width={Math.max(1, end - begin - 1)}
							height={laneHeight - 1}
							rx={3}
						/>
						{label !== '' && (
							<text className={value === null ? 'bad' : 'inLane'} x={begin + 6} y={top + 14}>
								{label}
							</text>
						)}
					</g>
				);
			})}
		</g>
	);
}
