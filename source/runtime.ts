/**
 * The event queue: stamps each event, updates the state, calls observers, performs effects; independent of sources and
 * screen.
 */
import type {Event, Stamped} from './domain/events.ts';
import {takeIn} from './domain/intake.ts';
import type {Effect} from './state/effects.ts';
import type {State} from './state/state.ts';
import {update} from './state/update.ts';

export type RuntimeOptions = {
	state: State;
	/** The session's time, Unix ms. */
	now: () => number;
	/** The event of a step of the clock, processed before the event that asked for the time. */
	takeSet?: () => Event | undefined;
	perform: (effect: Effect) => void;
};

/** An event with the state before and after it. */
export type Transition = {stamped: Stamped; before: State; after: State};

export class Runtime {
	#state: State;
	readonly #now: () => number;
	readonly #takeSet: RuntimeOptions['takeSet'];
	readonly #perform: (effect: Effect) => void;
	readonly #observers = new Set<(transition: Transition) => void>();
	readonly #listeners = new Set<(state: State) => void>();
	readonly #queue: Event[] = [];
	#draining = false;

	constructor({state, now, takeSet, perform}: RuntimeOptions) {
		this.#state = state;
		this.#now = now;
		this.#takeSet = takeSet;
		this.#perform = perform;
	}

	get state(): State {
		return this.#state;
	}

	/** Queues an event; during the processing of another one it waits. */
	readonly dispatch = (event: Event): void => {
		this.#queue.push(event);
		if (this.#draining) {
			return;
		}

		this.#draining = true;
		try {
			for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
				this.#take(next);
			}
		} finally {
			this.#draining = false;
		}
	};

	/** Calls the observer with each event and its change, before its effects. @returns a function that stops it */
	readonly observe = (observer: (transition: Transition) => void): (() => void) =>
		addTo(this.#observers, observer);

	/** Calls the listener with each new state, after the effects. @returns a function that stops it */
	readonly subscribe = (listener: (state: State) => void): (() => void) => addTo(this.#listeners, listener);

	#take(raw: Event): void {
		const at = this.#now();
		const set = this.#takeSet?.();
		if (set !== undefined) {
			this.#work({at, event: set});
		}

		this.#work({at, event: takeIn(raw)});
	}

	#work(stamped: Stamped): void {
		const before = this.#state;
		const [after, effects] = this.#updated(before, stamped);
		this.#state = after;
		this.#show({stamped, before, after});
		for (const effect of effects) {
			this.#perform(effect);
		}

		for (const listener of this.#listeners) {
			listener(after);
		}
	}

	#updated(before: State, stamped: Stamped): ReturnType<typeof update> {
		try {
			return update(before, stamped);
		} catch (error) {
			// So that a recording contains the event that caused the fault.
			this.#show({stamped, before, after: before});
			throw error;
		}
	}

	#show(transition: Transition): void {
		for (const observer of this.#observers) {
			observer(transition);
		}
	}
}

function addTo<T>(all: Set<T>, one: T): () => void {
	all.add(one);
	return () => {
		all.delete(one);
	};
}
