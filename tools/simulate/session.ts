/** Runs one session event by event, and checks the laws of its state, screen, JSON and recording. */
import stringWidth from 'string-width';
import {isFresh, unavailableReason} from '../../source/domain/cluster/freshness.ts';
import type {Stamped} from '../../source/domain/events.ts';
import type {SourceId} from '../../source/domain/facts.ts';
import {advice} from '../../source/domain/findings/advice.ts';
import {takeIn} from '../../source/domain/intake.ts';
import {eventOf, snapshotOf} from '../../source/recording/read/lines.ts';
import {stateJson} from '../../source/recording/state-json.ts';
import {snapshotJson} from '../../source/snapshot/json.ts';
import {snapshotSchema} from '../../source/snapshot/schema.ts';
import {initialState, type State} from '../../source/state/state.ts';
import {update} from '../../source/state/update.ts';
import {judgeCluster} from '../../source/state/view/verdict.ts';
import type {Size} from '../../test/support/screen.tsx';
import {start} from '../../test/support/session.ts';
import type {Story} from './happenings.ts';
import {hold, holdAllSafe, holdSafe} from './laws.ts';
import {type Cost, leastCostOf} from './measure.ts';

export type FrameOf = (state: State, size: Size) => string;

export type Played = {
	frames: number;
	/** The events as recorded. */
	events: readonly Stamped[];
	/** The event with the highest cost. */
	slowest: {cost: Cost; what: string} | undefined;
	/** Undefined if all laws hold. */
	error: unknown;
};

const sizes: readonly Size[] = [
	{width: 80, height: 24},
	{width: 120, height: 40},
	{width: 200, height: 60},
];

/** Events between two frames; laws of the state are checked more often. */
const framesEvery = 40;
const lawsEvery = 5;

export function play(
	{target, happenings}: Story,
	frameOf: FrameOf,
	onCost: (cost: Cost, what: string) => void,
): Played {
	const first = initialState(target, start);
	const events: Stamped[] = [];
	let [state, now, revision, frames] = [first, start, 100_000, 0];
	let slowest: Played['slowest'];
	try {
		for (const [index, {seconds, event: make}] of happenings.entries()) {
			now += seconds * 1000 + 10;
			revision++;
			const stamped = {at: now, event: takeIn(make(state, revision))};
			events.push(stamped);
			const before = state;
			const cost = leastCostOf(() => {
				[state] = update(before, stamped);
			});
			if (slowest === undefined || cost.milliseconds > slowest.cost.milliseconds) {
				slowest = {cost, what: stamped.event.type};
			}

			onCost(cost, stamped.event.type);
			const isLast = index === happenings.length - 1;
			if (isLast || index % lawsEvery === 0) {
				holdState(state);
			}

			if (isLast || index % framesEvery === 0) {
				const size = sizes[Math.floor(index / framesEvery) % sizes.length] ?? {width: 80, height: 24};
				holdFrame(frameOf(state, size), size);
				frames++;
			}
		}

		holdRecording(first, state, events);
		return {frames, events, slowest, error: undefined};
	} catch (error) {
		return {frames, events, slowest, error};
	}
}

function holdState(state: State): void {
	const {cluster, now} = state;
	const inSight = (source: SourceId) => isFresh(cluster.sourceStatuses.get(source), source, now);
	const readsDcs = [...cluster.sourceStatuses.keys()].some(
		source => source.startsWith('dcs:') && inSight(source),
	);
	for (const {id, evidence, text, about} of judgeCluster(state).findings) {
		hold(Object.hasOwn(advice, id), 'findings are known', id);
		holdSafe(`${text}${about ?? ''}`, 'a finding');
		for (const {fresh, source, text: said} of evidence) {
			// A lost source is a known fact.
			const isLoss =
				source !== undefined && said === unavailableReason(cluster.sourceStatuses.get(source), source, now);
			hold(
				!fresh || source === undefined || isLoss || inSight(source),
				`evidence of ${id} is fresh while its source sees`,
				`${source}: ${said}`,
			);
		}
	}

	const json = snapshotJson(state);
	const {error} = snapshotSchema.safeParse(JSON.parse(JSON.stringify(json)));
	hold(error === undefined, 'the JSON of --once has its schema', error?.message);
	holdAllSafe(json, 'the JSON of --once');
	hold(!json.etcd.read || readsDcs, 'etcd counts as read while a linearizable read succeeds');
	for (const one of json.members) {
		const {name, witnesses} = one;
		const isConfirmed = witnesses.rest || (one.state === 'gone' && json.store?.read === true);
		hold(
			(one.state_is_now !== true || isConfirmed) &&
				((one.timeline_is_now !== true && one.pending_restart_is_now !== true) || witnesses.rest),
			'a state is of now only while the member itself confirms it',
			name,
		);
		hold(
			!witnesses.rest || inSight(`patroni:${name}`),
			'a member row has REST as a source only while REST answers',
			name,
		);
		hold(!witnesses.etcd || readsDcs, 'a member row has etcd as a source only while etcd is read', name);
	}

	for (const node of json.vip?.holders ?? []) {
		hold(inSight(`vip:${node}`), 'a node holds the VIP while its addresses are seen', node);
	}

	for (const {node} of json.haproxy) {
		hold(inSight(`haproxy:${node}`), 'a HAProxy is shown while it answers', node);
	}
}

function holdFrame(frame: string, {width, height}: Size): void {
	const lines = frame.split('\n');
	hold(lines.length === height, 'a frame has the height of the screen', `${lines.length} of ${height} lines`);
	for (const line of lines) {
		hold(stringWidth(line) <= width, 'a frame fits the width of the screen', `${width} columns: ${line}`);
		holdSafe(line, 'a line of a frame');
	}
}

/** A recording that is read again has the same states and events. */
function holdRecording(first: State, last: State, events: readonly Stamped[]): void {
	let replayed = first;
	for (const stamped of events) {
		[replayed] = update(replayed, eventOf(JSON.stringify(stamped)));
	}

	const was = stateJson(last, {logs: true});
	const [original, repeated] = [was, stateJson(replayed, {logs: true})].map(withoutUndefined);
	hold(
		original === repeated,
		'a recording replays to the same state',
		difference(original ?? '', repeated ?? ''),
	);
	const again = snapshotOf(`{"segment":0,"at":${last.now},"state":${was}}`).state;
	const read = stateJson({...again, logs: last.logs}, {logs: true});
	hold(read === was, 'a snapshot in a recording is the same state', difference(was ?? '', read));
}

/** A missing field and an undefined one are equal in an event. */
function withoutUndefined(state: string): string {
	return JSON.stringify(JSON.parse(state), (_, value: unknown) => (value === '\u0000' ? undefined : value));
}

function difference(one: string, other: string): string {
	let at = 0;
	while (at < one.length && one[at] === other[at]) {
		at++;
	}

	return `${one.slice(Math.max(0, at - 60), at + 60)} is ${other.slice(Math.max(0, at - 60), at + 60)}`;
}
