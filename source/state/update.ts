/** The only writer of state: one event in, the next state and the effects to perform out; pure. */

import {foldCluster} from '../domain/cluster.ts';
import type {Command, Stamped} from '../domain/events.ts';
import type {State} from './state.ts';

/** What the outside has to do; plain data, carried out by the performer. */
export type Effect =
	/** End the program, leaving the terminal as it was. */
	| {type: 'quit'}
	/** Ask every polled source again now. */
	| {type: 'refresh'};

export function update(state: State, {at, event}: Stamped): [State, readonly Effect[]] {
	// A clock that steps back must not make ages negative.
	const now = Math.max(state.now, at);
	if (event.type === 'command') {
		return command({...state, now}, event.command);
	}

	const cluster = event.type === 'tick' ? state.cluster : foldCluster(state.cluster, event, now);
	return [{...state, now, cluster}, []];
}

function command(state: State, name: Command): [State, readonly Effect[]] {
	switch (name) {
		case 'quit': {
			return [state, [{type: 'quit'}]];
		}

		case 'refresh': {
			return [state, [{type: 'refresh'}]];
		}

		case 'help.toggle': {
			return [{...state, view: {...state.view, help: !state.view.help}}, []];
		}

		case 'dismiss': {
			return [{...state, view: {...state.view, help: false}}, []];
		}
	}
}
