/** The live console: draws the screen at once, then connects; restores the terminal at any end. */
import type {Config} from '../config/config.ts';
import {preferencesOf} from '../config/preferences.ts';
import type {Settings} from '../config/settings.ts';
import {isOpen} from '../domain/operations/run.ts';
import {forgetOldCode} from '../lib/compiled-code.ts';
import {catchFaults} from '../lib/faults.ts';
import {keepHeapSmall} from '../lib/heap.ts';
import {type RecordingOptions, type ScreenEffect, Session} from '../session.ts';
import {isDrillRunning} from '../state/update/drill-run.ts';
import {framesPerSecond, needsRedraw, onTerminalGone, showScreen, throttledStore} from './screen.tsx';
import {performText} from './screen-text.tsx';
import {JobControl} from './terminal.ts';

export type ConsoleOptions = RecordingOptions & {
	/** File of a recording from the first event on; undefined without one. */
	file: string | undefined;
};

/** Resolves when the operator quits, with the file of a recording. */
export async function runConsole(
	config: Config,
	settings: Settings,
	{file, ...recording}: ConsoleOptions,
): Promise<string | undefined> {
	const {promise: quit, resolve, reject} = Promise.withResolvers<void>();
	const session = new Session({
		config,
		settings,
		onFault: reject,
		readsEarlier: true,
		onScreen(effect: ScreenEffect) {
			switch (effect.type) {
				case 'quit': {
					resolve();
					break;
				}

				case 'redraw': {
					screen.redraw();
					break;
				}

				case 'screen.copy':
				case 'screen.write': {
					performText(effect, runtime.state)
						.then(notice => {
							runtime.dispatch({type: 'notice', ...notice});
						})
						.catch(reject);
					break;
				}

				case 'suspend': {
					jobs.stop().catch(reject);
					break;
				}
			}
		},
	});
	const {runtime} = session;
	const stopKeeping = keepHeapSmall({
		mayPause: () => !runtime.state.runs.some(isOpen) && !isDrillRunning(runtime.state.drill),
		isCalm: () => session.isCalm,
	});
	const recorder = await session.prepareRecorder(recording);
	if (file !== undefined) {
		await recorder.begin(file);
	}

	const jobs = new JobControl(() => {
		runtime.dispatch({type: 'command', command: 'suspend'});
	});
	const store = throttledStore(runtime, {intervalMs: 1000 / framesPerSecond, needsRedraw});
	const screen = showScreen({
		runtime,
		store,
		onIntent: runtime.dispatch,
		onSuspend: jobs.use,
		preferences: preferencesOf(settings),
	});
	const ended = screen.waitUntilExit();
	onTerminalGone(resolve);
	const stopCatching = catchFaults(reject);
	let recorded: string | undefined;
	try {
		// The first frame is drawn before other modules are loaded and before any connection.
		await screen.waitUntilRenderFlush();
		await session.connect(async task => jobs.lend(task));
		void forgetOldCode();
		await Promise.race([quit, ended]);
	} finally {
		jobs.close();
		screen.unmount();
		await ended;
		recorded = await session.close();
		stopCatching();
		stopKeeping();
	}

	return recorded;
}
