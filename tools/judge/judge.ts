/** Plays a recording, and judges its screen at each tenth of a second of the oracle's samples. */
import type {Stamped} from '../../source/domain/events.ts';
import type {Recording} from '../../source/recording/read/reader.ts';
import type {State} from '../../source/state/state.ts';
import {type Screen, screenOf} from './claims.ts';
import {Comparison, type Counts, type Verdict} from './compare.ts';
import type {FaultTimes} from './fault-times.ts';
import type {Oracle} from './oracle-file.ts';
import {truthsOf} from './truth.ts';

/** ms after the console's start, while its sources connect. */
const startMs = 10_000;
/** ms after a stall within which the screen must be correct again. */
const afterStallMs = 700;

export type Judgement = {from: number; to: number; counts: Counts; verdicts: readonly Verdict[]};

export function judge(oracle: Oracle, recording: Recording, faults: FaultTimes): Judgement {
	const truths = truthsOf(oracle);
	const loopWaitMs = oracle.header.patroni.loop_wait * 1000;
	const stalls = stallsOf(recording, faults);
	const {intervalMs} = oracle.header;
	const begin = Math.max(truths.from, (recording.places[0]?.at ?? 0) + startMs);
	const end = Math.min(truths.to, recording.endedAt);
	const comparison = new Comparison(truths, faults, {loopWaitMs, intervalMs}, begin);
	let moment = Math.ceil(begin / intervalMs) * intervalMs;
	const lookUntil = (state: State, until: number) => {
		for (; moment < until && moment <= end; moment += intervalMs) {
			if (moment < begin) continue;
			if (stalls.some(({from, to}) => from <= moment && moment <= to)) comparison.skip(moment, intervalMs);
			else comparison.take(moment, screenAt(state, loopWaitMs));
		}
	};
	const timeOf = oracleTime();
	for (const {stamped, before} of recording.replay()) lookUntil(before, timeOf(stamped));

	return {from: begin, to: moment, counts: comparison.counts, verdicts: comparison.verdicts()};
}

/** By state: it lasts from one event to the next, which is several moments. */
const screens = new WeakMap<State, {loopWaitMs: number; screen: Screen}>();

function screenAt(state: State, loopWaitMs: number): Screen {
	const before = screens.get(state);
	if (before?.loopWaitMs === loopWaitMs) return before.screen;
	const screen = screenOf(state, loopWaitMs);
	screens.set(state, {loopWaitMs, screen});
	return screen;
}

/** Takes a recording's events in order. @returns each one's time by the oracle's clock, which is never set, Unix ms */
export function oracleTime(): (stamped: Stamped) => number {
	/** Offset of the console's clock, and lead of its session's time over that clock, ms. */
	let [offMs, aheadMs] = [0, 0];
	return ({at, event}) => {
		// The event's own time is by the new clock.
		if (event.type === 'clock.set') [offMs, aheadMs] = [offMs + event.milliseconds, event.aheadMs];
		return at - aheadMs - offMs;
	};
}

/** Times in which the console did not run, from its own events and the log of chaos. */
function stallsOf(recording: Recording, faults: FaultTimes): {from: number; to: number}[] {
	const stalls = faults.all
		.filter(({kind}) => kind === 'console-stopped')
		.map(({from, to}) => ({from, to: to + afterStallMs}));
	const timeOf = oracleTime();
	for (let number = 0; number < recording.places.length; number++) {
		for (const stamped of recording.segment(number).events) {
			const {event} = stamped;
			const at = timeOf(stamped);
			if (event.type === 'console.stalled' && event.port === undefined && !event.brief)
				stalls.push({from: at - event.milliseconds, to: at + afterStallMs});
		}
	}

	return stalls;
}

/** Short descriptions of the recording's events in this time; of consecutive similar ones the first. */
export function eventsBetween(recording: Recording, from: number, to: number): string[] {
	const timeOf = oracleTime();
	const events = recording.places
		.flatMap((_, number) => recording.segment(number).events.map(one => ({...one, at: timeOf(one)})))
		.filter(({at, event}) => at >= from && at <= to && isNews(event));
	return events
		.filter((one, index) => kindOf(one) !== kindOf(events[index - 1]))
		.map(({at, event}) => `${new Date(at).toISOString().slice(11, 23)} ${short(event)}`);
}

const kindOf = (stamped: Stamped | undefined) =>
	stamped === undefined
		? ''
		: `${stamped.event.type} ${'source' in stamped.event ? stamped.event.source : ''}`;

const dull = new Set([
	'tick',
	'source.alive',
	'logs.lines',
	'logs.clock',
	'logs.settings',
	'probe.answered',
	'etcd.members',
	'lease.read',
	'disk.snapshot',
]);
const isNews = ({type}: Stamped['event']) => !dull.has(type);

function short(event: Stamped['event']): string {
	const {type, ...rest} = event;
	const text = JSON.stringify(rest);
	return `${type} ${text.length > 220 ? `${text.slice(0, 220)}…` : text}`;
}
