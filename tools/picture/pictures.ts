/** `npm run pictures`: the readme's pictures, out of the tour's recordings; no cluster is needed, and no hand touches them. */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import xterm from '@xterm/headless';
import {openRecording} from '../../source/recording/read/open.ts';
import {type TourName, tourFile} from '../../source/replay/command.ts';
import {Playhead} from '../../source/replay/playhead.ts';
import type {State} from '../../source/state/state.ts';
import {themeFor} from '../../source/ui/components/pane.tsx';
import {loadScreens} from './screens.ts';
import {type Frame, frameOf, movingSvg, screenSvg} from './svg.ts';

const size = {width: 110, height: 34};
/** Of the recording a frame each so many ms, shown for half of that. */
const every = 1000;
const stays = 500;
/** Before it begins again. */
const lastStays = 4000;

const screens = await loadScreens();
await still('switchover', 'screen.svg', 'pgha-top after a switchover');
await moving('switchover', 'switchover.svg', 'a switchover in pgha-top, at twice the speed');

/** The end of a recording. */
async function still(name: TourName, file: string, title: string): Promise<void> {
	const recording = await openRecording(tourFile(name));
	const head = new Playhead(recording);
	head.toPosition(recording.events);
	const shown = shower();
	write(file, screenSvg(await shown.frame(head.state, 0), size.width, title));
	shown.close();
	recording.close();
}

async function moving(name: TourName, file: string, title: string): Promise<void> {
	const recording = await openRecording(tourFile(name));
	const head = new Playhead(recording);
	const shown = shower();
	const frames: Frame[] = [];
	// Until something was seen there is little to see.
	for (let time = (recording.places[0]?.at ?? 0) + 2 * every; time < recording.endedAt; time += every) {
		head.toTime(time);
		frames.push(await shown.frame(head.state, time + every < recording.endedAt ? stays : lastStays));
	}

	write(file, movingSvg(frames, size.width, title));
	shown.close();
	recording.close();
}

/** The app, as the operator had it before them: in colours, and through a terminal's eyes. */
function shower() {
	let app: ReturnType<typeof screens.screen> | undefined;
	return {
		async frame(state: State, ms: number): Promise<Frame> {
			const live = {...state, recording: undefined};
			app ??= screens.screen(live, size, undefined, themeFor({}));
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
