import {copyToClipboard, writeLogs} from '../effects/write-logs.ts';
import {catchFaults} from '../lib/faults.ts';
import type {Recording} from '../recording/read/reader.ts';
import {type LocalEffect, Player} from '../replay/player.ts';
import {needsRedraw} from '../state/view/needs-redraw.ts';
import {JobControl} from './job-control.ts';
import {framesPerSecond, onGone, showScreen} from './screen.tsx';
import {throttledStore} from './throttle.ts';

/** Whoever comes back to it after a while finds it where it was left. */
const stepMaxMs = 500;

/** Resolves when who looks at it quits; closes the recording then. @throws RecordingError */
export async function replay(recording: Recording, {asOperator = false} = {}): Promise<void> {
	// Times that were typed, and that are shown, are those of the operator's clock.
	process.env.TZ = recording.header.timeZone;
	const {promise: quit, resolve, reject} = Promise.withResolvers<void>();
	const player = new Player(recording, {
		asOperator,
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

				case 'copy': {
					copyToClipboard(effect.text);
					break;
				}

				case 'logs.write': {
					writeLogs(effect.lines)
						.then(told => {
							player.look({type: 'notice', ...told});
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
	const store = throttledStore(player, {interval, needsRedraw: needsRedraw});
	const screen = showScreen({store, onIntent: player.dispatch, onSuspend: jobs.use});
	const ended = screen.waitUntilExit();
	onGone(resolve);
	const uncaught = catchFaults(reject);
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
		jobs.close();
		screen.unmount();
		await ended;
		recording.close();
		uncaught();
	}
}
