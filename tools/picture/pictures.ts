/** `npm run pictures`: makes the readme's pictures from the tour's recordings, without a cluster. */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import xterm from '@xterm/headless';
import type {TourName} from '../../source/cli/commands/replay.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import {tourFile} from '../../source/replay/command.ts';
import {Playhead} from '../../source/replay/playhead.ts';
import type {State} from '../../source/state/state.ts';
import {loadScreens} from './screens.ts';
import {type Frame, frameOf, movingSvg, screenSvg} from './svg.ts';

const size = {width: 110, height: 34};
/** ms of the recording between two frames, each shown for `frameMs`. */
const intervalMs = 1000;
const frameMs = 500;
/** ms that the last frame is shown before the animation repeats. */
const lastFrameMs = 4000;

const screens = await loadScreens();
await still('switchover', 'screen.svg', 'pgha-top after a switchover');
await moving('switchover', 'switchover.svg', 'a switchover in pgha-top, at twice the speed');

/** A picture of a recording's end. */
async function still(name: TourName, file: string, title: string): Promise<void> {
	const recording = await openRecording(tourFile(name));
	const head = new Playhead(recording);
	head.toPosition(recording.events);
	const shown = terminalScreen();
	write(file, screenSvg(await shown.frame(head.state, 0), size.width, title));
	shown.close();
	recording.close();
}

async function moving(name: TourName, file: string, title: string): Promise<void> {
	const recording = await openRecording(tourFile(name));
	const head = new Playhead(recording);
	const shown = terminalScreen();
	const frames: Frame[] = [];
	// At the beginning no source has answered yet.
	for (
		let time = (recording.places[0]?.at ?? 0) + 2 * intervalMs;
		time < recording.endedAt;
		time += intervalMs
	) {
		head.toTime(time);
		frames.push(await shown.frame(head.state, time + intervalMs < recording.endedAt ? frameMs : lastFrameMs));
	}

	write(file, movingSvg(frames, size.width, title));
	shown.close();
	recording.close();
}

/** Renders the app in colours with a terminal emulator. */
function terminalScreen() {
	let app: ReturnType<typeof screens.screen> | undefined;
	return {
		async frame(state: State, ms: number): Promise<Frame> {
			const live = {...state, recording: undefined};
			app ??= screens.screen(live, size, undefined, screens.themeFor({}));
			app.show(live);
			const terminal = new xterm.Terminal({cols: size.width, rows: size.height, allowProposedApi: true});
			await new Promise<void>(resolve => {
				terminal.write((app?.frame() ?? '').replaceAll('\n', '\r\n'), resolve);
			});
			const frame = frameOf(terminal.buffer.active, size.width, size.height, ms);
			terminal.dispose();
			return frame;
		},
		close() {
			app?.close();
		},
	};
}

function write(name: string, svg: string): void {
	const file = path.join(import.meta.dirname, name);
	writeFileSync(file, svg);
	process.stderr.write(`written: ${file}, ${Math.round(svg.length / 1024)} KiB\n`);
}
