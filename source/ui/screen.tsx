/** The state for React: a burst of events is drawn once, and nothing that would look the same. */

import {render, type SuspendTerminal, useApp, useWindowSize} from 'ink';
import {useEffect, useSyncExternalStore} from 'react';
import type {Intent} from '../domain/events.ts';
import type {State} from '../state/state.ts';
import {App} from './app.tsx';
import type {Theme} from './components/pane.tsx';
import {screenTheme} from './components/pane.tsx';
import {sparingStdout, toLineStart, withoutPasteMarks} from './terminal.ts';

/** The runtime, or the player of a recording. */
export type Changing = {
	readonly state: State;
	subscribe: (listener: (state: State) => void) => () => void;
};

export type Store = {subscribe: (listener: () => void) => () => void; get: () => State};

export type StoreOptions = {
	/** Between two drawings; the first of a burst is not delayed. */
	intervalMs: number;
	/** The new state looks different. */
	needsRedraw: (shown: State, next: State) => boolean;
};

/** Between two drawings of keys: a held key must not take all of the time. */
const keyIntervalMs = 15;
/** Between two drawings that differ only in log lines, in intervals: they are not read faster, and keys get their turn. */
const logIntervals = 2;

export function throttledStore(runtime: Changing, {intervalMs, needsRedraw: differs}: StoreOptions): Store {
	let shown = runtime.state;
	/** A key is drawn early: its operator waits for it. */
	const waitFor = (next: State) =>
		next.view !== shown.view
			? keyIntervalMs
			: next.logs !== shown.logs && !differs({...shown, logs: next.logs}, next)
				? intervalMs * logIntervals
				: intervalMs;
	return {
		get: () => shown,
		subscribe(listener) {
			let drawnAt = Number.NEGATIVE_INFINITY;
			let timer: {due: number; end: NodeJS.Timeout} | undefined;
			const disarm = () => {
				clearTimeout(timer?.end);
				timer = undefined;
			};
			const look = () => {
				const next = runtime.state;
				const now = performance.now();
				const due = drawnAt + waitFor(next);
				if (now < due) {
					if (timer === undefined || due < timer.due) {
						disarm();
						timer = {due, end: setTimeout(again, Math.ceil(due - now))};
					}

					return;
				}

				disarm();
				if (differs(shown, next)) {
					shown = next;
					drawnAt = now;
					listener();
				}
			};
			const again = () => {
				timer = undefined;
				look();
			};
			const stop = runtime.subscribe(look);
			return () => {
				stop();
				disarm();
			};
		},
	};
}

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
