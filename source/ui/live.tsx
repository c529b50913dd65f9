/** The live console: puts the screen up at once, then connects; gives the terminal back as it was, whatever ends it. */

import path from 'node:path';
import {render, type SuspendTerminal, useApp, useWindowSize} from 'ink';
import {useEffect, useSyncExternalStore} from 'react';
import type {Config} from '../config/config.ts';
import {targetOf} from '../config/target.ts';
import {auditFile, whoIsThere} from '../effects/audit.ts';
import type {Performer} from '../effects/performer.ts';
import {Recordings, type RecordingsOptions} from '../recording/recordings.ts';
import {Runtime} from '../runtime.ts';
import type {Effect} from '../state/effect.ts';
import {differs} from '../state/selectors/differs.ts';
import {initialState} from '../state/state.ts';
import {App} from './app.tsx';
import {type Store, throttledStore} from './store.ts';
import {JobControl, toLineStart} from './suspend.ts';
import {type Theme, themeFor} from './theme.ts';

/** More would only cost; a change is on the screen within one of these. */
const framesPerSecond = 20;

export type LiveOptions = Pick<RecordingsOptions, 'program' | 'config' | 'logs' | 'reason'> & {
	/** Where this session is written down from its first event on. */
	file: string | undefined;
};

/** Cursor to the upper left corner, and nothing left from there on. */
const homeAndErase = '\u001B[H\u001B[J';

/** Resolves when the operator quits, with the file that a recording went to. */
export async function live(config: Config, {file, ...options}: LiveOptions): Promise<string | undefined> {
	const {promise: quit, resolve, reject} = Promise.withResolvers<void>();
	let refresh = () => {};
	let redraw = () => {};
	let hands: Performer | undefined;
	const runtime = new Runtime({
		state: initialState(targetOf(config), Date.now()),
		now: Date.now,
		perform(effect: Effect) {
			switch (effect.type) {
				case 'record': {
					recordings.turn(effect.on).catch(reject);
					break;
				}

				case 'quit': {
					resolve();
					break;
				}

				case 'refresh': {
					refresh();
					break;
				}

				case 'redraw': {
					redraw();
					break;
				}

				case 'suspend': {
					jobs.stop().catch(reject);
					break;
				}

				default: {
					hands?.perform(effect);
				}
			}
		},
		record(stamped, before) {
			recordings.take(stamped, before);
		},
	});
	const recordings = new Recordings({
		...options,
		who: whoIsThere(),
		folder: path.join(path.dirname(auditFile()), 'recordings'),
		state: () => runtime.state,
		dispatch: runtime.dispatch,
		now: Date.now,
	});
	if (file !== undefined) {
		await recordings.begin(file);
	}

	let recorded: string | undefined;
	const jobs = new JobControl(() => {
		runtime.dispatch({type: 'command', command: 'suspend'});
	});
	const store = throttledStore(runtime, {interval: 1000 / framesPerSecond, differs});
	const theme = themeFor(process.env);
	const whole = () => <Live store={store} runtime={runtime} theme={theme} onSuspend={jobs.use} />;
	// Before Ink does it, with the first frame already on its way: keys that the terminal echoes till then would be in that frame.
	process.stdin.setRawMode(true);
	toLineStart();
	const screen = render(whole(), {
		alternateScreen: true,
		incrementalRendering: true,
		exitOnCtrlC: false,
		interactive: true,
		// The store holds the frames back; a second wait of Ink's own would only add to it.
		maxFps: 1000,
	});
	redraw = () => {
		screen.clear();
		// That took away what Ink knows of, from where it believes the cursor to be.
		process.stdout.write(homeAndErase);
		screen.rerender(whole());
	};
	const ended = screen.waitUntilExit();
	// Ink would let a signal end the program at once: what is recorded, and what is told of operations, is written first.
	process.once('SIGHUP', resolve).once('SIGTERM', resolve);
	// The terminal went away without a SIGHUP that reaches us: nobody is there to read or type any more.
	process.stdin.once('end', resolve).once('error', resolve);
	process.stdout.once('error', resolve);
	try {
		// The first frame stands before anything else is loaded or reached.
		await screen.waitUntilRenderFlush();
		const [{Sources}, {lastingConnections}, {Performer: Hands}] = await Promise.all([
			import('../sources/manager.ts'),
			import('../connections/connections.ts'),
			import('../effects/performer.ts'),
		]);
		const connections = await lastingConnections(config, async task => jobs.lend(task));
		const sources = new Sources(config, runtime.dispatch, reject, connections);
		hands = new Hands({
			config,
			ssh: connections.ssh,
			dispatch: runtime.dispatch,
			lend: async task => jobs.lend(task),
			onFault: reject,
		});
		refresh = () => {
			sources.refresh();
		};
		runtime.subscribe(state => {
			sources.follow(state);
		});
		sources.follow(runtime.state);
		await Promise.race([quit, ended]);
	} finally {
		jobs.close();
		screen.unmount();
		await ended;
		await hands?.close();
		recorded = await recordings.end();
	}

	return recorded;
}

type LiveProps = {
	store: Store;
	runtime: Runtime;
	theme: Theme;
	/** Given Ink's way to let go of the terminal, which only a component gets hold of. */
	onSuspend: (suspend: SuspendTerminal) => void;
};

function Live({store, runtime, theme, onSuspend}: LiveProps) {
	const {suspendTerminal} = useApp();
	useEffect(() => {
		onSuspend(suspendTerminal);
	}, [suspendTerminal, onSuspend]);
	const state = useSyncExternalStore(store.subscribe, store.get);
	const {columns, rows} = useWindowSize();
	return <App state={state} width={columns} height={rows} theme={theme} onIntent={runtime.dispatch} />;
}
