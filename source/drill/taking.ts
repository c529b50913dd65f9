/** What is measured is taken down with the state that came of each event: told of the event before it, and of the state behind. */
import {Observations} from '../domain/drill/observations.ts';
import type {Stamped} from '../domain/events.ts';
import type {State} from '../state/state.ts';

export class ObservationRecorder {
	readonly tracks = new Observations();
	#waiting: {stamped: Stamped; before: State} | undefined;

	take(stamped: Stamped, before: State): void {
		this.#waiting = {stamped, before};
	}

	readonly told = (after: State): void => {
		if (this.#waiting !== undefined) {
			this.tracks.take(this.#waiting.before, after, this.#waiting.stamped);
			this.#waiting = undefined;
		}
	};
}
