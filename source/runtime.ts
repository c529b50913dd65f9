/** The queue: stamps each event, updates the state, performs the effects, tells who listens; knows no source and no screen. */
import type {Event, Stamped} from './domain/events.ts';
import {takeIn} from './intake.ts';
import type {Effect} from './state/effects.ts';
import type {State} from './state/state.ts';
import {update} from './state/update.ts';

export type RuntimeOptions = {
	state: State;
	/** The clock, Unix ms. */
	now: () => number;
	/** What that clock was set meanwhile: worked on before the event that it was asked for. */
	takeSet?: () => Event | undefined;
	perform: (effect: Effect) => void;
	/** Told of each event before it is worked on, with the state that it finds. */
	record?: (stamped: Stamped, before: State) => void;
};

export class Runtime {
	#state: State;
	readonly #now: () => number;
	readonly #takeSet: RuntimeOptions['takeSet'];
	readonly #perform: (effect: Effect) => void;
	readonly #record: RuntimeOptions['record'];
	readonly #listeners = new Set<(state: State) => void>();
	readonly #queue: Event[] = [];
	#draining = false;

	constructor({state, now, takeSet, perform, record}: RuntimeOptions) {
		this.#state = state;
		this.#now = now;
		this.#takeSet = takeSet;
		this.#perform = perform;
		this.#record = record;
	}

	get state(): State {
		return this.#state;
	}

	/** Takes an event in. One that comes while another is being worked on waits for its turn. */
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

	/** @returns the way to stop listening. */
	readonly subscribe = (listener: (state: State) => void): (() => void) => {
		this.#listeners.add(listener);
		return () => {
			this.#listeners.delete(listener);
		};
	};

	#take(raw: Event): void {
		const at = this.#now();
		const set = this.#takeSet?.();
		if (set !== undefined) {
			this.#work({at, event: set});
		}

		this.#work({at, event: takeIn(raw)});
	}

	#work(stamped: Stamped): void {
		this.#record?.(stamped, this.#state);
		const [state, effects] = update(this.#state, stamped);
		this.#state = state;
		for (const effect of effects) {
			this.#perform(effect);
		}

		for (const listener of this.#listeners) {
			listener(state);
		}
	}
}
