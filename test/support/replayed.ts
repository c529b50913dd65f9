/** A replay as the viewer sees it: a frame for each second, reached by playing or by jumps. */

import type {Recording} from '../../source/recording/read/reader.ts';
import {Player} from '../../source/replay/player.ts';
import {type Size, screen} from './screen.tsx';

const step = 1000;
const usual: Size = {width: 120, height: 40};
const stride = 0.618_034;

export type ReplayOptions = {asOperator?: boolean; size?: Size};

/** Plays from the beginning to the end. */
export function forward(
	recording: Recording,
	{asOperator = true, size = usual}: ReplayOptions = {},
): string[] {
	const player = new Player(recording, {asOperator, perform: () => undefined});
	return shown(player, size, draw =>
		timesOf(recording).map((_, index) => {
			player.advance(index === 0 ? 0 : step);

			// While paused it also shows which event was the last.
			if (player.playing) {
				player.dispatch({type: 'command', command: 'play.toggle'});
			}

			const frame = draw();
			player.dispatch({type: 'command', command: 'play.toggle'});
			return frame;
		}),
	);
}

/** The same moments, each reached by a jump from far away. */
export function jumping(
	recording: Recording,
	{asOperator = true, size = usual}: ReplayOptions = {},
): string[] {
	const player = new Player(recording, {asOperator, perform: () => undefined});
	player.dispatch({type: 'command', command: 'play.toggle'});
	const times = timesOf(recording);
	return shown(player, size, draw => {
		const frames = new Map<number, string>();
		for (const index of far(times.length)) {
			const text = new Date(times[index] ?? 0).toISOString().slice(11, 23);
			player.dispatch({type: 'command', command: 'play.time'});
			player.dispatch({type: 'typed', text});
			player.dispatch({type: 'command', command: 'prompt.take'});
			frames.set(index, draw());
		}

		return times.map((_, index) => frames.get(index) ?? '');
	});
}

function shown(player: Player, size: Size, look: (draw: () => string) => string[]): string[] {
	const app = screen(player.state, size);
	try {
		return look(() => {
			app.show(player.state);
			return app.frame();
		});
	} finally {
		app.close();
	}
}

function timesOf({places, endedAt}: Recording): number[] {
	const from = places[0]?.at ?? endedAt;
	return Array.from({length: Math.floor((endedAt - from) / step) + 1}, (_, index) => from + index * step);
}

/** Every index once, without neighbours in a row. */
function far(length: number): number[] {
	return Array.from({length}, (_, index) => index).sort((a, b) => ((a * stride) % 1) - ((b * stride) % 1));
}
