/** The live console: puts the screen up at once, then connects; gives the terminal back as it was, whatever ends it. */

import path from 'node:path';
import type {Config} from '../config/config.ts';
import {targetOf} from '../config/target.ts';
import type {DrillController} from '../drill/controller.ts';
import {auditFile, whoIsThere} from '../effects/audit-log.ts';
import type {Performer} from '../effects/performer.ts';
import {catchFaults} from '../lib/faults.ts';
import {sessionClock} from '../lib/steady-clock.ts';
import {type RecordingsOptions, SessionRecorder} from '../recording/write/session-recorder.ts';
import {Runtime} from '../runtime.ts';
import type {Effect} from '../state/effects.ts';
import {initialState} from '../state/state.ts';
import {needsRedraw} from '../state/view/needs-redraw.ts';
import {JobControl} from './job-control.ts';
import {framesPerSecond, onGone, showScreen} from './screen.tsx';
import {throttledStore} from './throttle.ts';

export type LiveOptions = Pick<RecordingsOptions, 'program' | 'config' | 'logs' | 'reason'> & {
	/** Where this session is written down from its first event on. */
	file: string | undefined;
};

/** Resolves when the operator quits, with the file that a recording went to. */
export async function runConsole(
	config: Config,
	{file, ...options}: LiveOptions,
): Promise<string | undefined> {
	const {promise: quit, resolve, reject} = Promise.withResolvers<void>();
	let refresh = () => {};
	let redraw = () => {};
	let hands: Performer | undefined;
	let conductor: DrillController | undefined;
	const runtime = new Runtime({
		state: initialState(targetOf(config), sessionClock.now()),
		now: sessionClock.now,
		takeSet: sessionClock.takeSet,
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

				case 'drill.prepare':
				case 'drill.begin':
				case 'drill.stop': {
					conductor?.perform(effect);
					break;
				}

				default: {
					hands?.perform(effect);
				}
			}
		},
		record(stamped, before) {
			recordings.take(stamped, before);
			conductor?.take(stamped, before);
		},
	});
	const folder = path.join(path.dirname(auditFile()), 'recordings');
	const recordings = new SessionRecorder({
		...options,
		who: whoIsThere(),
		folder,
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
	const store = throttledStore(runtime, {interval: 1000 / framesPerSecond, needsRedraw: needsRedraw});
	const screen = showScreen({store, onIntent: runtime.dispatch, onSuspend: jobs.use});
	redraw = screen.redraw;
	const ended = screen.waitUntilExit();
	onGone(resolve);
	const uncaught = catchFaults(reject);
	try {
		// The first frame stands before anything else is loaded or reached.
		await screen.waitUntilRenderFlush();
		const [{Sources}, {lastingConnections}, {Performer: Hands}, {DrillController: Drills}] =
			await Promise.all([
				import('../sources/manager.ts'),
				import('../connections/connections.ts'),
				import('../effects/performer.ts'),
				import('../drill/controller.ts'),
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
		conductor = new Drills({config, runtime, recordings, folder, onFault: reject});
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
		await conductor?.close();
		await hands?.close();
		recorded = await recordings.end();
		uncaught();
	}

	return recorded;
}
