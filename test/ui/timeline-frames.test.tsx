/** The timeline of a recorded failover as whole frames: folded, an incident open, all entries; and while it happens. */
import {describe, expect, it} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {tourFile} from '../../source/replay/command.ts';
import {Player} from '../../source/replay/player.ts';
import type {State} from '../../source/state/state.ts';
import {frameOf, type Size, screen, sizes} from '../support/screen.tsx';

async function playerAt(name: string, milliseconds: number): Promise<Player> {
	const recording = await openRecording(tourFile(name));
	const player = new Player(recording, {asOperator: false, perform: () => undefined});
	player.advance(milliseconds);
	return player;
}

/** The end of a recording, after these keys of the terminal. */
async function afterKeys(name: string, size: Size, ...keys: readonly string[]): Promise<State> {
	const player = await playerAt(name, 600_000);
	const shown = screen(player.state, size, player.dispatch);
	for (const key of keys) {
		shown.press(key);
		shown.show(player.state);
	}

	shown.close();
	return player.state;
}

const right = '\u001B[C';
const left = '\u001B[D';
const down = '\u001B[B';

describe.each(sizes)('at $width x $height', size => {
	it.each<[string, string[]]>([
		['folded', ['T']],
		['with the failover open', ['T', right]],
		['with the failover closed from an entry', ['T', right, down, down, left]],
		['with all entries', ['T', 'a']],
		['with a match in the failover', ['T', '/', ...'REST lost', '\r']],
	])('%s', async (_, keys) => {
		const frame = frameOf(await afterKeys('power-cut', size, ...keys), size);
		expect(frame.split('\n')).toHaveLength(size.height);
		expect(frame).toMatchSnapshot();
	});

	it('while it happens, and when it is over', async () => {
		const during = await playerAt('power-cut', 20_000);
		const running = frameOf(during.state, size);
		expect(running).toMatch(/\[\d+\] .*no writes for .*, still/);
		expect(running).toMatch(/└ /);
		expect(running).toMatchSnapshot('while it happens');
		const {state} = await playerAt('power-cut', 600_000);
		// Some minutes after the last entry.
		const over = frameOf({...state, now: state.now + 180_000}, size);
		expect(over).not.toMatch(/[├└] (?:leader key|pgdb2)/);
		expect(over).toMatchSnapshot('when it is over');
	});
});

describe('in a recording', () => {
	it('Enter opens an incident, and goes to the time of an entry', async () => {
		const size = {width: 120, height: 40};
		const opened = await afterKeys('power-cut', size, 'T', '\r');
		expect(frameOf(opened, size)).toContain('├ leader key gone');
		const gone = await afterKeys('power-cut', size, 'T', '\r', down, '\r');
		expect(gone.view.overlays).toEqual([]);
		expect(gone.replay?.time).toBe(opened.timeline[0]?.at);
	});

	it.each<[string, Command[]]>([
		['.', ['play.forward']],
		[',', ['play.back']],
	])('%s steps in the timeline, too, where the arrows open and close', async (key, commands) => {
		const size = {width: 120, height: 40};
		const byKey = await afterKeys('power-cut', size, 'T', key);
		const player = await playerAt('power-cut', 600_000);
		for (const command of ['log.entries', ...commands] as Command[]) {
			player.dispatch({type: 'command', command});
		}

		expect(byKey.replay?.step).toEqual(player.state.replay?.step);
	});
});
