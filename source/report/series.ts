/** Collects a chart's data during a replay: probe latency, lag, sync standby. */
import {bin, max, mean, min, sum} from 'd3-array';
import type {ScaleTime} from 'd3-scale';
import {syncStandbys} from '../domain/cluster/keys.ts';
import {members} from '../domain/cluster/members.ts';
import {outagesOf} from '../domain/drill/measures.ts';
import {
	type Change,
	type Observations,
	type ObservedState,
	outOfSight,
} from '../domain/drill/observations.ts';
import type {Stamped} from '../domain/events.ts';
import type {Entry} from '../domain/facts.ts';
import {iso} from './format.ts';
import {limitOutages, limitSpans} from './limits.ts';
import type {Chart} from './schema.ts';

/** ms; answers within this time are drawn as one. */
const fineMs = 200;
/** Bins across a chart. */
export const binsMax = 240;

type Moment = {at: number; least: number; total: number; count: number; most: number; failed: number};

export class ChartSeries {
	readonly #moments: Moment[] = [];
	readonly #lag = new Map<string, Change<number>[]>();
	readonly #sync: Change<string>[] = [];

	take(before: ObservedState, after: ObservedState, {at, event}: Stamped): void {
		if (event.type === 'probe.answered' || event.type === 'probe.failed') {
			if (event.purpose === 'write') {
				this.#probe(at, event.type === 'probe.answered' ? event.latency : undefined);
			}
		} else if (event.type === 'tick') {
			for (const {name, lag} of members(after.cluster, at)) {
				if (typeof lag === 'number') {
					const points = this.#lag.get(name) ?? [];
					points.push({at, value: lag});
					this.#lag.set(name, points);
				}
			}
		}

		if (
			after.cluster.read !== undefined &&
			(this.#sync.length === 0 || before.cluster.keys !== after.cluster.keys)
		) {
			const value = syncStandbys(after.cluster).join(', ');
			if (this.#sync.at(-1)?.value !== value) {
				this.#sync.push({at, value});
			}
		}
	}

	chart(
		title: string,
		{from, to}: {from: number; to: number},
		observations: Observations,
		entries: readonly Entry[],
	): Chart {
		const width = Math.max(fineMs, (to - from) / binsMax);
		const within = ({at}: {at: number}) => at >= from && at <= to;
		const edges = Array.from({length: Math.ceil((to - from) / width)}, (_, index) => from + index * width);
		const bins = bin<Moment, number>()
			.value(({at}) => at)
			.domain([from, to])
			.thresholds(edges.slice(1));
		return {
			title,
			from: iso(from),
			to: iso(to),
			lanes: [
				lane('leader', observations.leader, from, to),
				lane('VIP', observations.holders, from, to),
				lane('sync standby', this.#sync, from, to),
			].filter(({spans}) => spans.some(({value}) => value !== null)),
			gaps: limitOutages(
				outagesOf(observations)
					.map(outage => ({from: outage.from, to: outage.to ?? to}))
					.filter(outage => outage.to > from && outage.from < to && outage.to - outage.from >= 2 * fineMs)
					.map(outage => ({from: Math.max(from, outage.from), to: Math.min(to, outage.to)})),
			).map(outage => ({from: iso(outage.from), to: iso(outage.to)})),
			marks: entries
				.filter(
					entry =>
						within(entry) &&
						(entry.kind === 'leader' ||
							entry.kind === 'vip' ||
							entry.kind === 'operation' ||
							entry.kind === 'drill'),
				)
				.map(({at, text}) => ({at: iso(at), text})),
			latency: bins(this.#moments.filter(within)).flatMap(all => {
				const answered = all.filter(({count}) => count > 0);
				return all.length === 0
					? []
					: [
							{
								at: iso(all.x0 ?? from),
								least: round(min(answered, one => one.least) ?? 0),
								mean: round(mean(answered, one => one.total / one.count) ?? 0),
								most: round(max(answered, one => one.most) ?? 0),
								failed: sum(all, one => one.failed),
							},
						];
			}),
			lag: [...this.#lag].sort().flatMap(([member, all]) => {
				const points = thinOut(all.filter(within), width);
				return points.length === 0 ? [] : [{member, points}];
			}),
		};
	}

	#probe(at: number, latency: number | undefined): void {
		const moment = Math.floor(at / fineMs) * fineMs;
		let last = this.#moments.at(-1);
		if (last?.at !== moment) {
			last = {at: moment, least: Infinity, total: 0, count: 0, most: 0, failed: 0};
			this.#moments.push(last);
		}

		if (latency === undefined) {
			last.failed++;
		} else {
			last.least = Math.min(last.least, latency);
			last.most = Math.max(last.most, latency);
			last.total += latency;
			last.count++;
		}
	}
}

/** Keeps the worst value of each interval. */
function thinOut(all: readonly Change<number>[], width: number) {
	const points: {at: string; bytes: number}[] = [];
	let current: number | undefined;
	for (const {at, value} of all) {
		const last = points.at(-1);
		if (last !== undefined && current === Math.floor(at / width)) {
			last.bytes = Math.max(last.bytes, value);
		} else {
			points.push({at: iso(at), bytes: value});
			current = Math.floor(at / width);
		}
	}

	return points;
}

function lane(title: string, changes: readonly Change<string | undefined>[], from: number, to: number) {
	return {
		title,
		spans: limitSpans(
			changes.flatMap(({at, value}, index) => {
				const begin = Math.max(at, from);
				const end = Math.min(changes[index + 1]?.at ?? to, to);
				return end <= begin || value === outOfSight ? [] : [{from: begin, to: end, value: value || null}];
			}),
		).map(span => ({...span, from: iso(span.from), to: iso(span.to)})),
	};
}

function round(value: number): number {
	return Number.isFinite(value) ? Math.round(value * 100) / 100 : 0;
}

export type Axis = ScaleTime<number, number>;

export const width = 960;

/** The x coordinates at which the time axis begins and ends. */
export const edges = {left: 104, right: width - 16};

export const plots = {latency: 150, lag: 84};

/** Average width of a character in small print. */
export const letter = 6.2;

/** A member has the same colour in all lanes and lines. */
export function colour({lanes, lag}: Chart, name: string): string {
	const names = [
		...new Set([
			...lanes.flatMap(({spans}) => spans.flatMap(({value}) => (value === null ? [] : [value]))),
			...lag.map(({member}) => member),
		]),
	].sort();
	return `var(--c${Math.max(0, names.indexOf(name)) % 4})`;
}

export function shorten(text: string, letters: number): string {
	return text.length <= letters ? text : letters < 4 ? '' : `${text.slice(0, letters - 1)}…`;
}
