/** The screen in the terminal, for a live console and for a recording: it follows a store, and keys go out as intents. */
import {render, type SuspendTerminal, useApp, useWindowSize} from 'ink';
import {useEffect, useSyncExternalStore} from 'react';
import type {Intent} from '../domain/events.ts';
import {App} from './app.tsx';
import {toLineStart} from './job-control.ts';
import {sparingStdout, withoutPasteMarks} from './terminal.ts';
import {screenTheme, type Theme} from './theme.ts';
import type {Store} from './throttle.ts';

/** More would only cost; a change is on the screen within one of these. */
export const framesPerSecond = 20;

export type ScreenProps = {
	store: Store;
	onIntent: (intent: Intent) => void;
	/** Given Ink's way to let go of the terminal, which only a component gets hold of. */
	onSuspend: (suspend: SuspendTerminal) => void;
};

/** Ink's screen, and a way to draw all of it again. */
export type Screen = ReturnType<typeof render> & {redraw: () => void};

/** Cursor to the upper left corner, and nothing left from there on. */
const homeAndErase = '\u001B[H\u001B[J';

export function showScreen(props: ScreenProps): Screen {
	const theme = screenTheme(process.env);
	const whole = () => <ScreenApp {...props} theme={theme} />;
	// Before Ink does it, with the first frame already on its way: keys that the terminal echoes till then would be in that frame.
	process.stdin.setRawMode(true);
	toLineStart();
	const screen = render(whole(), {
		stdin: withoutPasteMarks(process.stdin),
		stdout: sparingStdout(process.stdout),
		alternateScreen: true,
		incrementalRendering: true,
		exitOnCtrlC: false,
		interactive: true,
		// The store holds the frames back; a second wait of Ink's own would only add to it.
		maxFps: 1000,
	});
	return {
		...screen,
		redraw() {
			screen.clear();
			// That took away what Ink knows of, from where it believes the cursor to be.
			process.stdout.write(homeAndErase);
			screen.rerender(whole());
		},
	};
}

/** Calls back when the terminal is gone or a signal ends the program; Ink would end it at once. */
export function onTerminalGone(resolve: () => void): void {
	process.once('SIGHUP', resolve).once('SIGTERM', resolve);
	// The terminal went away without a SIGHUP that reaches us.
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
