/** A replay as the viewer sees it: the state and the frame of each second, reached by playing or by jumps. */

import {expect} from 'vitest';
import type {Recording} from '../../source/recording/read/reader.ts';
import {Player} from '../../source/replay/player.ts';
import type {State} from '../../source/state/state.ts';
import {isEqual} from './equal-states.ts';
import {type Size, screen} from './screen.tsx';

const step = 1000;
const usual: Size = {width: 120, height: 40};
const stride = 0.618_034;

export type ReplayOptions = {asOperator?: boolean};

/** Plays from the beginning to the end. */
export function forward(recording: Recording, {asOperator = true}: ReplayOptions = {}): State[] {
	const player = new Player(recording, {asOperator, perform: () => undefined});
	return timesOf(recording).map((_, index) => {
		player.advance(index === 0 ? 0 : step);

		// A paused player also shows which event was the last.
		if (player.playing) {
			player.dispatch({type: 'command', command: 'play.toggle'});
		}

		const {state} = player;
		player.dispatch({type: 'command', command: 'play.toggle'});
		return state;
	});
}

/** The same times, each reached by a jump from far away. */
export function jumping(recording: Recording, {asOperator = true}: ReplayOptions = {}): State[] {
	const player = new Player(recording, {asOperator, perform: () => undefined});
	player.dispatch({type: 'command', command: 'play.toggle'});
	const times = timesOf(recording);
	const states = new Map<number, State>();
	for (const index of far(times.length)) {
		const text = new Date(times[index] ?? 0).toISOString().slice(11, 23);
		player.dispatch({type: 'command', command: 'play.time'});
		player.dispatch({type: 'typed', text});
		player.dispatch({type: 'command', command: 'prompt.take'});
		states.set(index, player.state);
	}

	return times.flatMap((_, index) => states.get(index) ?? []);
}

/** The frame of each state; `order`: the order of drawing. */
export function framesOf(states: readonly State[], order = [...states.keys()], size = usual): string[] {
	const frames = new Map<number, string>();
	const [first] = states;
	const app = first && screen(first, size);
	try {
		for (const index of order) {
			const state = states[index];
			if (app !== undefined && state !== undefined) {
				app.show(state);
				frames.set(index, app.frame());
			}
		}
	} finally {
		app?.close();
	}

	return states.flatMap((_, index) => frames.get(index) ?? []);
}

/** A frame follows from its state alone, so only frames of states that differ are drawn and compared. */
export function expectSameFrames(some: readonly State[], others: readonly State[]): void {
	expect(some).toHaveLength(others.length);
	const differing = [...some.keys()].filter(index => !isEqual(some[index], others[index]));
	const pick = (states: readonly State[]) => framesOf(differing.flatMap(index => states[index] ?? []));
	expect(pick(some)).toEqual(pick(others));
}

function timesOf({places, endedAt}: Recording): number[] {
	const from = places[0]?.at ?? endedAt;
	return Array.from({length: Math.floor((endedAt - from) / step) + 1}, (_, index) => from + index * step);
}

/** Every index once, never two neighbours in succession. */
export function far(length: number): number[] {
	return Array.from({length}, (_, index) => index).sort((a, b) => ((a * stride) % 1) - ((b * stride) % 1));
}
