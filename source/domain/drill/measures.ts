/** What a drill, an operation or an incident cost, in figures from the observations. Pure. */
import {tenths} from '../../lib/format.ts';
import type {Loss} from '../cluster/loss.ts';
import {describeLoss, nameOfChange} from '../cluster/loss-text.ts';
import {type Outage, outageName} from '../cluster/probe.ts';
import {type Observations, outOfSight, type VipStep} from './observations.ts';
import type {Measure, Verified, Window} from './types.ts';

/** An event counts for a window if it happened within it, or this long before, ms. */
export const slackMs = 2000;

export function measuresOf(
	observations: Observations,
	window: Window,
	verified: Verified | undefined,
): Measure[] {
	return [
		outageMeasure(observations, window),
		leaderlessMeasure(observations, window),
		leaderMeasure(observations, window),
		vipMeasure(observations, window),
		redundancyMeasure(observations, window),
		...walMeasure(observations, window),
		lostMeasure(verified),
	];
}

/** The longest outage in the window, an ongoing one included. */
export function longestOutage(observations: Observations, {from, to}: Window): Outage | undefined {
	const all = outagesOf(observations).filter(
		outage => (outage.to ?? Infinity) > from && outage.from >= from - slackMs && outage.from < to,
	);
	return all.toSorted((a, b) => lengthOf(b) - lengthOf(a))[0];
}

/** All outages, an ongoing one last. */
export function outagesOf({outages, ongoingOutage}: Observations): Outage[] {
	return [...outages, ...(ongoingOutage === undefined ? [] : [ongoingOutage])];
}

function lengthOf({from, to}: Outage): number {
	return (to ?? Infinity) - from;
}

function outageMeasure(observations: Observations, window: Window): Measure {
	const isWriting = observations.writes || observations.acknowledged === 0;
	const text = capitalize(outageName({write: isWriting}));
	const none = {id: 'writes', text, unit: 'ms', exact: true} as const;
	const isByLogs = observations.outages.some(({atLeast}) => atLeast !== undefined);
	if (observations.acknowledged === 0 && !isByLogs) {
		return {...none, value: undefined, note: 'no probe succeeded'};
	}

	const reads = isWriting ? undefined : 'the probe only queries; --write-probe writes';
	const outage = longestOutage(observations, window);
	if (outage === undefined) {
		return {...none, value: 0, note: reads ?? 'none longer than the probe interval'};
	}

	return outage.to === undefined
		? {...none, value: undefined, note: `not ended: ${outage.reason}`}
		: {
				...none,
				value: outage.to - outage.from,
				exact: outage.stalled === undefined && outage.atLeast === undefined,
				note: withStall(reads ?? withLeast(outage), outage.stalled),
			};
}

function withLeast({reason, atLeast}: Outage): string {
	return atLeast === undefined ? reason : `at least ${tenths(atLeast)}, by the logs; ${reason}`;
}

function capitalize(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param milliseconds undefined without a stall */
function withStall(note: string | undefined, milliseconds: number | undefined): string | undefined {
	const words =
		milliseconds === undefined ? undefined : `this console was stalled for ${tenths(milliseconds)} of it`;
	return note === undefined || words === undefined ? (words ?? note) : `${note}; ${words}`;
}

/** Length of a console stall right before that moment, ms: what was seen then may have happened that much earlier. */
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
		note: open ? 'no member took the leader key' : spans.length > 1 ? `${spans.length} times` : undefined,
	};
}

/** Time until another member than before holds the leader key. */
function leaderMeasure(observations: Observations, {from, to, exact}: Window): Measure {
	const {leader} = observations;
	const none = {id: 'leader', text: 'Until the new leader', unit: 'ms', exact} as const;
	const was = leader.findLast(({at, value}) => at <= from && value !== undefined)?.value;
	const taken = leader.find(({at, value}) => at > from && at <= to && value !== undefined && value !== was);
	return taken === undefined
		? {
				...none,
				value: undefined,
				note: was === undefined ? 'there was no leader' : `${was} stayed the leader`,
				idle: was !== undefined && leader.findLast(({at}) => at <= to)?.value === was,
			}
		: {
				...none,
				...seenAt(observations, taken.at, from, exact),
				note: withStall(`${was ?? 'none'} → ${taken.value}`, stalledBefore(observations, taken.at, from)),
			};
}

function seenAt(
	observations: Observations,
	at: number,
	from: number,
	exact: boolean,
): Pick<Measure, 'value' | 'exact'> {
	return {value: at - from, exact: exact && stalledBefore(observations, at, from) === undefined};
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

/** One move of the VIP: from the node that it left to the node that it reached. Both may have it for a moment. */
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

/** Time until nothing is missing any more until the end of the window. */
function redundancyMeasure(observations: Observations, {from, to, exact}: Window): Measure {
	const {missing} = observations;
	const none = {id: 'redundancy', text: 'Until full redundancy', unit: 'ms', exact} as const;
	const within = missing.filter(({at}) => at <= to);
	const last = within.at(-1);
	if (last === undefined) {
		return {...none, value: undefined, note: 'not known'};
	}

	if (last.value.length > 0) {
		return {...none, value: undefined, note: `still missing: ${last.value.join(', ')}`};
	}

	return last.at <= from
		? {...none, value: 0, note: 'nothing was ever missing'}
		: {
				...none,
				...seenAt(observations, last.at, from, exact),
				note: withStall(undefined, stalledBefore(observations, last.at, from)),
			};
}

/** The worst of all changes of leader in the window; none without one. */
function walMeasure({changes}: Observations, {from, to}: Window): Measure[] {
	const within = [...changes.values()].filter(({at}) => at >= from - slackMs && at <= to);
	const [worst] = within.toSorted((a, b) => rankOfLoss(a.loss) - rankOfLoss(b.loss));
	return worst === undefined
		? []
		: [
				{
					id: 'wal',
					text: 'WAL lost with the leader',
					unit: 'bytes',
					...figureOfLoss(worst.loss),
					note: `${within.length > 1 ? `${nameOfChange(worst)}: ` : ''}${describeLoss(worst, to)}`,
				},
			];
}

const lossKinds = ['lost', 'at-most', 'unknown', 'nothing'] as const;

function rankOfLoss(loss: Loss | undefined): number {
	return lossKinds.indexOf(loss?.kind ?? 'unknown');
}

/** Of lost writes only the least size is known, if any. */
function figureOfLoss(loss: Loss | undefined): Pick<Measure, 'value' | 'exact' | 'isLost'> {
	switch (loss?.kind) {
		case 'nothing': {
			return {value: 0, exact: true};
		}

		case 'at-most': {
			return {value: loss.bytes, exact: false};
		}

		case 'lost': {
			return {value: undefined, exact: true, isLost: true};
		}

		case 'unknown':
		case undefined: {
			return {value: undefined, exact: true};
		}
	}
}

function lostMeasure(verified: Verified | undefined): Measure {
	const none = {id: 'lost', text: 'Acknowledged writes lost', unit: 'writes', exact: true} as const;
	if (verified === undefined || verified.problem !== undefined) {
		return {
			...none,
			value: undefined,
			note: `not verified: ${verified?.problem ?? 'no check was made'}`,
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
