/** What a drill, an operation or an incident cost, in figures, out of what was taken down meanwhile; pure. */
import {stallWords} from '../cluster/freshness.ts';
import {type Gap, type Observations, outOfSight, type VipStep} from './observations.ts';
import type {Measure, Verified, Window} from './types.ts';

/** What an interruption has in common with the window: it began within, or right before. */
const slackMs = 2000;

export function measuresOf(tracks: Observations, window: Window, verified: Verified | undefined): Measure[] {
	return [
		writesMeasure(tracks, window),
		leaderlessMeasure(tracks, window),
		leaderMeasure(tracks, window),
		vipMeasure(tracks, window),
		redundancyMeasure(tracks, window),
		lostMeasure(verified),
	];
}

/** From the last acknowledgement to the next one; undefined `to` while there is none. */
export function longestGap(tracks: Observations, {from, to}: Window): Gap | undefined {
	const open = tracks.open;
	const all = [...tracks.gaps, ...(open === undefined ? [] : [open])].filter(
		gap => (gap.to ?? Infinity) > from && gap.from >= from - slackMs && gap.from < to,
	);
	return all.toSorted((a, b) => lengthOf(b) - lengthOf(a))[0];
}

function lengthOf({from, to}: Gap): number {
	return (to ?? Infinity) - from;
}

function writesMeasure(tracks: Observations, window: Window): Measure {
	const text = tracks.writes ? 'Without writes' : 'Without answers';
	const none = {id: 'writes', text, unit: 'ms', exact: true} as const;
	if (tracks.acknowledged === 0) {
		return {...none, text: 'Without writes', value: undefined, note: 'no probe came in as a client'};
	}

	const reads = tracks.writes ? undefined : 'the probe asked questions; --write-probe writes';
	const gap = longestGap(tracks, window);
	if (gap === undefined) {
		return {...none, value: 0, note: reads ?? 'no interruption that the probe could tell from its own pace'};
	}

	return gap.to === undefined
		? {...none, value: undefined, note: `none was acknowledged any more: ${gap.reason}`}
		: {
				...none,
				value: gap.to - gap.from,
				exact: gap.stalled === undefined,
				note: withStall(reads ?? gap.reason, gap.stalled),
			};
}

/** Undefined: there was none. */
function withStall(note: string | undefined, milliseconds: number | undefined): string | undefined {
	const words =
		milliseconds === undefined
			? undefined
			: `of which this console was stalled for ${stallWords(milliseconds)}`;
	return note === undefined || words === undefined ? (words ?? note) : `${note}, ${words}`;
}

/** What was seen at that moment may have been so earlier: the console had stalled right before. ms; undefined for none. */
function stalledBefore({stalls}: Observations, at: number, from: number): number | undefined {
	const stall = stalls.findLast(one => one.to <= at && at - one.to <= slackMs && one.to > from);
	return stall && stall.to - Math.max(stall.from, from);
}

function leaderlessMeasure({leader}: Observations, {from, to}: Window): Measure {
	const spans = leader.flatMap(({at, value}, index) => {
		const end = leader[index + 1]?.at;
		return value === undefined && at >= from - slackMs && at <= to ? [{at, end}] : [];
	});
	const open = spans.some(({end}) => end === undefined);
	return {
		id: 'leaderless',
		text: 'Without a leader',
		unit: 'ms',
		exact: true,
		value: open ? undefined : spans.reduce((sum, {at, end = at}) => sum + end - at, 0),
		note: open ? 'nobody took the leader key' : spans.length > 1 ? `${spans.length} times` : undefined,
	};
}

/** Until another one than before holds the key. */
function leaderMeasure(tracks: Observations, {from, to, exact}: Window): Measure {
	const {leader} = tracks;
	const none = {id: 'leader', text: 'Until the new leader', unit: 'ms', exact} as const;
	const was = leader.findLast(({at, value}) => at <= from && value !== undefined)?.value;
	const taken = leader.find(({at, value}) => at > from && at <= to && value !== undefined && value !== was);
	return taken === undefined
		? {
				...none,
				value: undefined,
				note: was === undefined ? 'nobody led' : `${was} stayed the leader`,
				idle: was !== undefined && leader.findLast(({at}) => at <= to)?.value === was,
			}
		: {
				...none,
				...seenAt(tracks, taken.at, from, exact),
				note: withStall(`${was ?? 'nobody'} → ${taken.value}`, stalledBefore(tracks, taken.at, from)),
			};
}

function seenAt(
	tracks: Observations,
	at: number,
	from: number,
	exact: boolean,
): Pick<Measure, 'value' | 'exact'> {
	return {value: at - from, exact: exact && stalledBefore(tracks, at, from) === undefined};
}

function vipMeasure({vip, holders}: Observations, {from, to}: Window): Measure {
	const none = {id: 'vip', text: 'VIP move', unit: 'ms', exact: true} as const;
	const moves = vip.flatMap(step =>
		step.kind === 'came' && step.at >= from - slackMs && step.at <= to ? moveOf(vip, step, from) : [],
	);
	const stayed =
		!vip.some(({at}) => at >= from - slackMs && at <= to) &&
		holders.some(({value}) => value !== '' && value !== outOfSight);
	const [longest] = moves.toSorted((a, b) => b.value - a.value);
	return longest === undefined
		? {...none, value: undefined, note: 'it did not move', idle: stayed}
		: {
				...none,
				...longest,
				note: `${longest.note}${moves.length > 1 ? `, the longest of ${moves.length}` : ''}`,
			};
}

/** From where it was before to where it came; it may be on both for a moment. */
function moveOf(vip: readonly VipStep[], came: VipStep, from: number) {
	const left = vip.findLast(
		({kind, node, at}) =>
			kind === 'left' && node !== came.node && at >= from - slackMs && at <= came.at + slackMs,
	);
	return left === undefined
		? []
		: [
				{
					value: Math.max(0, came.at - left.at),
					exact: left.exact && came.exact,
					note: `${left.node} → ${came.node}`,
				},
			];
}

/** Until nothing was missing any more, and stayed so. */
function redundancyMeasure(tracks: Observations, {from, to, exact}: Window): Measure {
	const {missing} = tracks;
	const none = {id: 'redundancy', text: 'Until full redundancy', unit: 'ms', exact} as const;
	const within = missing.filter(({at}) => at <= to);
	const last = within.at(-1);
	if (last === undefined) {
		return {...none, value: undefined, note: 'nobody could tell'};
	}

	if (last.value.length > 0) {
		return {...none, value: undefined, note: `still missing: ${last.value.join(', ')}`};
	}

	return last.at <= from
		? {...none, value: 0, note: 'nothing was ever missing'}
		: {
				...none,
				...seenAt(tracks, last.at, from, exact),
				note: withStall(undefined, stalledBefore(tracks, last.at, from)),
			};
}

function lostMeasure(verified: Verified | undefined): Measure {
	const none = {id: 'lost', text: 'Acknowledged writes lost', unit: 'writes', exact: true} as const;
	if (verified === undefined || verified.problem !== undefined) {
		return {
			...none,
			value: undefined,
			note: `not verified: ${verified?.problem ?? 'nobody looked for them afterwards'}`,
		};
	}

	return {
		...none,
		value: verified.lost.length,
		note: `of ${verified.acknowledged.toLocaleString('en')} that were acknowledged${numbersOf(verified.lost)}`,
	};
}

function numbersOf(lost: readonly number[]): string {
	return lost.length === 0 ? '' : `: number ${lost.slice(0, 10).join(', ')}${lost.length > 10 ? ', …' : ''}`;
}
