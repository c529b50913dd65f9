/** The screen of a replay. */
import type {Preferences} from '../config/preferences.ts';
import {copyToClipboard, writeLogs} from '../effects/audit-log.ts';
import {catchFaults} from '../lib/faults.ts';
import type {LiveRecording} from '../recording/read/live-recording.ts';
import type {Playable, Recording} from '../recording/read/reader.ts';
import {LiveEnd} from '../replay/live.ts';
import {LiveFeed} from '../replay/live-feed.ts';
import {type LocalEffect, Player} from '../replay/player.ts';
import {framesPerSecond, needsRedraw, onTerminalGone, showScreen, throttledStore} from './screen.tsx';
import {performText} from './screen-text.tsx';
import {JobControl} from './terminal.ts';

/** ms; limits a step after the program was stopped, so that the recording continues at its position. */
const stepMaxMs = 500;

/** Resolves when the viewer quits; closes the recording. @throws RecordingError */
export async function replay(
	recording: Recording,
	preferences: Preferences,
	{asOperator = false} = {},
): Promise<void> {
	await show(recording, preferences, {asOperator});
}

/** Follows the recording of a watch at its end. Resolves when the viewer quits; closes it. @throws RecordingError */
export async function replayLive(recording: LiveRecording, preferences: Preferences): Promise<void> {
	await show(recording, preferences, {growing: recording});
}

/** @param growing the recording, if a watch is writing it */
async function show(
	recording: Playable,
	preferences: Preferences,
	{asOperator = false, growing}: {asOperator?: boolean; growing?: LiveRecording},
): Promise<void> {
	// Times are typed and shown in the recording operator's zone.
	process.env.TZ = recording.header.timeZone;
	const {promise: quit, resolve, reject} = Promise.withResolvers<void>();
	const feed =
		growing &&
		new LiveFeed({recording: growing, onProblem: problem => player.report(problem), onFault: reject});
	const player = new Player(recording, {
		asOperator,
		live: feed && new LiveEnd(() => feed.watch, Date.now),
		perform(effect: LocalEffect) {
			switch (effect.type) {
				case 'quit': {
					resolve();
					break;
				}

				case 'redraw': {
					screen.redraw();
					break;
				}

				case 'suspend': {
					jobs.stop().catch(reject);
					break;
				}

				case 'screen.copy':
				case 'screen.write': {
					performText(effect, player.state)
						.then(notice => {
							// A notice would leave the operator's view; the path of a file is worth it.
							if (effect.type === 'screen.write' || !player.state.replay?.asOperator) {
								player.look({type: 'notice', ...notice});
							}
						})
						.catch(reject);
					break;
				}

				case 'copy': {
					copyToClipboard(effect.text);
					break;
				}

				case 'logs.write': {
					writeLogs(effect.lines)
						.then(notice => {
							player.look({type: 'notice', ...notice});
						})
						.catch(reject);
					break;
				}

				case 'logs.seek': {
					setImmediate(() => {
						player.look({type: 'logs.seek'});
					});
					break;
				}
			}
		},
	});
	const jobs = new JobControl(() => {
		player.dispatch({type: 'command', command: 'suspend'});
	});
	const interval = 1000 / framesPerSecond;
	const store = throttledStore(player, {intervalMs: interval, needsRedraw});
	const screen = showScreen({
		runtime: player,
		store,
		onIntent: player.dispatch,
		onSuspend: jobs.use,
		preferences,
	});
	const ended = screen.waitUntilExit();
	onTerminalGone(resolve);
	const stopCatching = catchFaults(reject);
	let before = performance.now();
	const timer = setInterval(() => {
		const now = performance.now();
		const step = Math.min(now - before, stepMaxMs);
		before = now;
		try {
			player.advance(step);
		} catch (error) {
			reject(error);
		}
	}, interval);
	try {
		await Promise.race([quit, ended]);
	} finally {
		clearInterval(timer);
		feed?.close();
		jobs.close();
		screen.unmount();
		await ended;
		recording.close();
		stopCatching();
	}
}
