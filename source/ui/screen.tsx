/** The screen in the terminal: draws a burst of events once, news at once, and skips states that look the same. */

import {render, type SuspendTerminal, useApp, useInput, usePaste, useWindowSize} from 'ink';
import {useEffect, useLayoutEffect, useSyncExternalStore} from 'react';
import type {Preferences} from '../config/preferences.ts';
import type {Cluster, KnownKey} from '../domain/cluster/cluster.ts';
import type {SourceStatus} from '../domain/cluster/freshness.ts';
import type {Probe} from '../domain/cluster/probe.ts';
import type {Intent} from '../domain/events.ts';
import {logOverlay} from '../state/overlays.ts';
import type {State} from '../state/state.ts';
import {App, isTooSmall, screenScrollBounds} from './app.tsx';
import type {Theme} from './components/theme.ts';
import {screenTheme} from './components/theme.ts';
import {Keyboard} from './input.ts';
import {Pointer, PointerContext} from './pointer.ts';
import {readBy, sparingStdout, toLineStart} from './terminal.ts';

/** The runtime, or the player of a recording. */
export type Changing = {
	readonly state: State;
	subscribe: (listener: (state: State) => void) => () => void;
};

export type Store = {subscribe: (listener: () => void) => () => void; get: () => State};

export type StoreOptions = {
	/** ms between two drawings; the first of a burst is drawn at once. */
	intervalMs: number;
	/** Whether the new state looks different. */
	needsRedraw: (shown: State, next: State) => boolean;
};

/** ms between two drawings after keys: a held key must not use all CPU time. */
const keyIntervalMs = 15;
/** Intervals between two drawings that differ only in log lines, so that keys are handled between them. */
const logIntervals = 2;

export function throttledStore(runtime: Changing, {intervalMs, needsRedraw: differs}: StoreOptions): Store {
	let shown = runtime.state;
	/** A key is drawn earlier than other events. */
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

/** A change is drawn within one frame. */
export const framesPerSecond = 20;

export type ScreenProps = {
	/** The runtime, or the player of a recording. */
	runtime: Changing;
	store: Store;
	onIntent: (intent: Intent) => void;
	/** Gets Ink's function that releases the terminal, which only a component has. */
	onSuspend: (suspend: SuspendTerminal) => void;
};

export type ScreenOptions = ScreenProps & {preferences: Pick<Preferences, 'theme' | 'mouse'>};

/** Ink's instance, and a function that redraws everything. */
export type Screen = ReturnType<typeof render> & {redraw: () => void};

/** Moves the cursor to the upper left corner and erases the rest. */
const homeAndErase = '\u001B[H\u001B[J';

export function showScreen({runtime, onIntent, preferences, ...props}: ScreenOptions): Screen {
	const theme = screenTheme(process.env, preferences.theme);
	let drawn: State | undefined;
	const pointer = preferences.mouse ? new Pointer() : undefined;
	const keyboard = new Keyboard({
		pointer,
		current: () => runtime.state,
		drawn: () => drawn,
		bounds: state => screenScrollBounds(state, {width: process.stdout.columns, height: process.stdout.rows}),
		onIntent,
	});
	const onDrawn = (state: State | undefined) => {
		drawn = state;
	};
	const whole = () => (
		<PointerContext value={pointer}>
			<ScreenApp {...props} theme={theme} onDrawn={onDrawn} />
		</PointerContext>
	);
	// Set before Ink does: the terminal would echo keys into the first frame.
	process.stdin.setRawMode(true);
	toLineStart();
	const screen = render(whole(), {
		stdin: readBy(process.stdin, keyboard.read),
		stdout: sparingStdout(process.stdout, {mouse: preferences.mouse}),
		alternateScreen: true,
		incrementalRendering: true,
		exitOnCtrlC: false,
		interactive: true,
		// The store limits the frames; Ink's own limit would add a delay.
		maxFps: 1000,
	});
	return {
		...screen,
		redraw() {
			screen.clear();
			// Ink would erase only its own frame, from its assumed cursor position.
			process.stdout.write(homeAndErase);
			screen.rerender(whole());
		},
	};
}

/** Calls back when the terminal is gone or a signal ends the program; Ink would exit at once. */
export function onTerminalGone(resolve: () => void): void {
	process.once('SIGHUP', resolve).once('SIGTERM', resolve);
	// The terminal can disappear without SIGHUP for this process.
	process.stdin.once('end', resolve).once('error', resolve);
	process.stdout.once('error', resolve);
}

function noInput(): void {
	// The keyboard reads the terminal; Ink sets its modes.
}

/** What a screen that is too small shows: only that an operation is running, before the console is left. */
function withoutQuestions(state: State): State {
	return {...state, drill: undefined, view: {...state.view, overlays: []}};
}

type ScreenAppProps = Pick<ScreenProps, 'store' | 'onSuspend'> & {
	theme: Theme;
	onDrawn: (state: State | undefined) => void;
};

function ScreenApp({store, onSuspend, onDrawn, theme}: ScreenAppProps) {
	useInput(noInput);
	usePaste(noInput);
	const {suspendTerminal} = useApp();
	useEffect(() => {
		onSuspend(suspendTerminal);
	}, [suspendTerminal, onSuspend]);
	const state = useSyncExternalStore(store.subscribe, store.get);
	const {columns, rows} = useWindowSize();
	useLayoutEffect(() => {
		onDrawn(isTooSmall({width: columns, height: rows}) ? withoutQuestions(state) : state);
	}, [state, columns, rows, onDrawn]);
	return <App state={state} width={columns} height={rows} theme={theme} />;
}

export function needsRedraw(before: State, after: State): boolean {
	const parts = Object.keys(after) as (keyof State)[];
	return (
		parts.some(part => part !== 'cluster' && part !== 'logs' && before[part] !== after[part]) ||
		(before.logs !== after.logs && logOverlay(after.view) !== undefined) ||
		(after.view.frozen === undefined && isNews(before.cluster, after.cluster))
	);
}

/**
 * News besides timeline entries: a source that is lost or back, or a change of a key other than `status`, which changes
 * with each loop.
 */
function isNews(before: Cluster, after: Cluster): boolean {
	return (
		isAnyOther(before.gone, after.gone, (was, is) => was !== is) ||
		isAnyOther(before.sourceStatuses, after.sourceStatuses, isOtherSight) ||
		isAnyOther(before.keys, after.keys, (was, is, path) => path !== 'status' && isOtherKey(was, is)) ||
		isAnyOther(before.probes, after.probes, isOtherProbe)
	);
}

function isAnyOther<K, T>(
	before: ReadonlyMap<K, T>,
	after: ReadonlyMap<K, T>,
	isOther: (was: T | undefined, is: T, key: K) => boolean,
): boolean {
	return before !== after && [...after].some(([key, is]) => isOther(before.get(key), is, key));
}

/** A member puts its key in each loop, mostly for its WAL location, which alone is not news. */
function isOtherKey(was: KnownKey | undefined, is: KnownKey): boolean {
	return (
		was !== is &&
		(was?.createRevision !== is.createRevision || withoutLocation(was.value) !== withoutLocation(is.value))
	);
}

function withoutLocation(value: KnownKey['value']): string {
	return JSON.stringify(
		value.kind === 'member' ? {...value, data: {...value.data, location: undefined}} : value,
	);
}

function isOtherSight(was: SourceStatus | undefined, is: SourceStatus | undefined): boolean {
	return (
		was?.state !== is?.state || (was?.state === 'lost' && is?.state === 'lost' && was.reason !== is.reason)
	);
}

/** A probe reports many times a second; on the same path only the latency changes. */
function isOtherProbe(was: Probe | undefined, is: Probe): boolean {
	return (
		was?.since !== is.since ||
		was?.failing?.since !== is.failing?.since ||
		was?.failing?.reason !== is.failing?.reason
	);
}
