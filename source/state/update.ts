/** The only writer of state: one event in, the next state and the effects to perform out; pure. */
import {foldCluster} from '../domain/cluster.ts';
import type {Command, Stamped} from '../domain/events.ts';
import {foldTimeline} from '../domain/timeline.ts';
import type {State} from './state.ts';
import {typed} from './typing.ts';
import {updateView} from './view.ts';

/** What the outside has to do; plain data, carried out by the performer. */
export type Effect =
	/** End the program, leaving the terminal as it was. */
	| {type: 'quit'}
	/** Ask every polled source again now. */
	| {type: 'refresh'}
	/** Give the terminal to the shell until it brings the console back. */
	| {type: 'suspend'};

export function update(state: State, {at, event}: Stamped): [State, readonly Effect[]] {
	// A clock that steps back must not make ages negative.
	const now = Math.max(state.now, at);
	switch (event.type) {
		case 'command': {
			const next = {...state, now};
			return [{...next, view: updateView(next, event.command)}, effectsOf(event.command)];
		}

		case 'typed': {
			return [typed({...state, now}, event.text), []];
		}

		case 'tick': {
			return [{...state, now}, []];
		}

		default: {
			const cluster = foldCluster(state.cluster, event, now);
			const timeline = foldTimeline(state.timeline, state.cluster, cluster, state.target, now);
			// The screen's clock moves with the ticks alone: all ages roll over together, once a second, and a fact that only
			// confirms what is known changes nothing that is seen.
			return [{...state, cluster, timeline}, []];
		}
	}
}

function effectsOf(command: Command): readonly Effect[] {
	switch (command) {
		case 'quit': {
			return [{type: 'quit'}];
		}

		case 'refresh': {
			return [{type: 'refresh'}];
		}

		case 'suspend': {
			return [{type: 'suspend'}];
		}

		default: {
			return [];
		}
	}
}
