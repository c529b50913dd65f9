/** A session without a network: a state that gets facts at chosen times. */
import {forEachService} from '../../source/domain/cluster/services.ts';
import type {Command} from '../../source/domain/commands.ts';
import type {Event} from '../../source/domain/events.ts';
import {beginRun, takeGuard} from '../../source/domain/operations/run.ts';
import type {Operation} from '../../source/domain/operations/types.ts';
import type {Target} from '../../source/domain/target.ts';
import type {Effect} from '../../source/state/effects.ts';
import {initialState, type State} from '../../source/state/state.ts';
import {update} from '../../source/state/update.ts';
import {endpoints, healthyFacts, isShared, type Suite, shareEvent} from './captures.ts';

/** The cluster that the console was made for. */
export const target: Target = {
	scope: 'postgres-cluster',
	namespace: '/service',
	vip: '10.73.0.172',
	endpoints,
	nodes: [
		{name: 'pgdb1', host: '10.73.0.160', roles: ['database', 'etcd']},
		{name: 'pgdb2', host: '10.73.0.170', roles: ['database', 'etcd']},
		{name: 'etcd1', host: '10.73.0.171', roles: ['etcd']},
	],
	operations: 'enabled',
	restUser: true,
	haproxy: {backends: {}},
	warnings: [],
	logs: {},
	logBounds: {lines: 10_000, bytes: 4_000_000},
	units: forEachService(({unit}) => unit),
};

/** 2026-11-23T00:00:00Z, as the captures. */
export const start = Date.UTC(2026, 10, 23);

export class Session {
	state: State;
	effects: Effect[] = [];

	constructor(scene: Target = target) {
		this.state = initialStates.get(scene) ?? initialState(scene, start);
		initialStates.set(scene, this.state);
	}

	/** Emits events, all `seconds` after the session's start, and then a tick. */
	at(seconds: number, ...events: readonly Event[]): this {
		const all = [...events, tick];
		const count = all.findIndex(event => !isShared(event));
		const known = foldShared(this.state, seconds, count === -1 ? all : all.slice(0, count));
		const rest = count === -1 ? [] : all.slice(count);
		const {state, effects} = fold(known.state, seconds, rest);
		this.state = state;
		this.effects.push(...known.effects, ...effects);
		return this;
	}
}

const tick = shareEvent<Event>({type: 'tick'});

type Folded = {state: State; effects: readonly Effect[]};
type Step = Folded & {seconds: number; events: readonly Event[]};

const initialStates = new WeakMap<Target, State>();
/** Steps by shared events alone, by the state before: most sessions begin with the same ones, and `update` is pure. */
const steps = new WeakMap<State, readonly Step[]>();

function foldShared(before: State, seconds: number, events: readonly Event[]): Folded {
	if (events.length === 0) {
		return {state: before, effects: []};
	}

	const known = steps.get(before) ?? [];
	const same = known.find(one => one.seconds === seconds && haveSameEvents(one.events, events));
	if (same !== undefined) {
		return same;
	}

	const step = {seconds, events, ...fold(before, seconds, events)};
	steps.set(before, [...known, step]);
	return step;
}

function fold(before: State, seconds: number, events: readonly Event[]): Folded {
	const effects: Effect[] = [];
	let state = before;
	for (const event of events) {
		const [next, more] = update(state, {at: start + seconds * 1000, event});
		state = next;
		effects.push(...more);
	}

	return {state, effects};
}

function haveSameEvents(some: readonly Event[], others: readonly Event[]): boolean {
	return some.length === others.length && some.every((event, index) => event === others[index]);
}

/** Commands of keys, this many seconds after the session's start. */
export function pressAt<S extends Session>(session: S, seconds: number, ...commands: readonly Command[]): S {
	return session.at(seconds, ...commands.map((command): Event => ({type: 'command', command, page: 10})));
}

export function healthySession(suite: Suite): Session {
	return new Session().at(0, ...healthyFacts(suite));
}

/** An operation as if confirmed this many seconds after the session's start: nothing is sent. */
export function confirmed<S extends Session>(session: S, operation: Operation, seconds: number): S {
	const {cluster, target: of, runs} = session.state;
	const run = beginRun(
		{
			id: runs.length + 1,
			operation,
			requests: [],
			guard: takeGuard(cluster),
			checks: [],
			reason: '',
			confirmedAt: start + seconds * 1000,
			before: cluster,
		},
		of,
	);
	session.state = {...session.state, runs: [...runs, run]};
	return session;
}
