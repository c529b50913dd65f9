/** The screen in the terminal, for a live console and for a recording: it follows a store, and keys go out as intents. */
import {render, type SuspendTerminal, useApp, useWindowSize} from 'ink';
import {useEffect, useSyncExternalStore} from 'react';
import type {Intent} from '../domain/events.ts';
import {App} from './app.tsx';
import {toLineStart} from './job-control.ts';
import {sparingStdout, withoutPasteMarks} from './terminal.ts';
import {screenTheme, type Theme} from './theme.ts';
import type {Store} from './throttle.ts';

/** A change is on the screen within one frame. */
export const framesPerSecond = 20;

export type ScreenProps = {
	store: Store;
	onIntent: (intent: Intent) => void;
	/** Gets Ink's function that releases the terminal; only a component has it. */
	onSuspend: (suspend: SuspendTerminal) => void;
};

/** Ink's screen, and a way to draw all of it again. */
export type Screen = ReturnType<typeof render> & {redraw: () => void};

/** Cursor to the upper left corner, erase to the end. */
const homeAndErase = '\u001B[H\u001B[J';

export function showScreen(props: ScreenProps): Screen {
	const theme = screenTheme(process.env);
	const whole = () => <ScreenApp {...props} theme={theme} />;
	// Before Ink does it: keys that the terminal echoes until then would be in the first frame.
	process.stdin.setRawMode(true);
	toLineStart();
	const screen = render(whole(), {
		stdin: withoutPasteMarks(process.stdin),
		stdout: sparingStdout(process.stdout),
		alternateScreen: true,
		incrementalRendering: true,
		exitOnCtrlC: false,
		interactive: true,
		// The store limits frames; Ink's own limit would add to it.
		maxFps: 1000,
	});
	return {
		...screen,
		redraw() {
			screen.clear();
			// Ink erased only its own frame, from where it assumes the cursor.
			process.stdout.write(homeAndErase);
			screen.rerender(whole());
		},
	};
}

/** Calls back when the terminal is gone or a signal ends the program; Ink would end it at once. */
export function onTerminalGone(resolve: () => void): void {
	process.once('SIGHUP', resolve).once('SIGTERM', resolve);
	// The terminal may go without a SIGHUP to us.
	process.stdin.once('end', resolve).once('error', resolve);
	process.stdout.once('error', resolve);
}

function ScreenApp({store, onIntent, onSuspend, theme}: ScreenProps & {theme: Theme}) {
	const {suspendTerminal} = useApp();
	useEffect(() => {
		onSuspend(suspendTerminal);
	}, [suspendTerminal, onSuspend]);
	const state = useSyncExternalStore(store.subscribe, store.get);
	const {columns, rows} = useWindowSize();
	return <App state={state} width={columns} height={rows} theme={theme} onIntent={onIntent} />;
}
