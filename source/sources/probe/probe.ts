/**
 * The probe's source: in its own thread, so that the screen does not delay the measurement; for `--once` in this one.
 */
import {Worker} from 'node:worker_threads';
import type {Event} from '../../domain/events.ts';
import type {ProbePurpose} from '../../domain/facts.ts';
import {sessionClock} from '../../lib/steady-clock.ts';
import type {Source} from '../source.ts';
import type {ProbeContext, ProbeOptions} from './queries.ts';

/** Beside this file in the sources; one folder above in the build. */
const workerFile = import.meta.url.endsWith('.ts') ? './worker.ts' : '../probe-worker.js';

/** @param thread whether to use a thread, which costs half as much as all of `--once` */
export function probeSource(
	options: ProbeOptions,
	purpose: ProbePurpose,
	{thread}: {thread: boolean},
): Source {
	return thread ? onThread(options, purpose) : async context => ask(options, purpose, context);
}

async function ask(
	options: ProbeOptions,
	purpose: ProbePurpose,
	context: Omit<ProbeContext, 'now'>,
): Promise<void> {
	const {probe} = await import('./session.ts');
	await probe(options, purpose, {...context, now: sessionClock.now});
}

function onThread(options: ProbeOptions, purpose: ProbePurpose): Source {
	return async ({emit, signal}) => {
		const {promise: ended, resolve, reject} = Promise.withResolvers<void>();
		const worker = new Worker(new URL(workerFile, import.meta.url), {
			workerData: {options, purpose, aheadMs: sessionClock.aheadMs},
		});
		worker.on('message', (event: Event) => {
			if (!signal.aborted) {
				emit(event);
			}
		});
		worker.on('error', reject);
		worker.on('exit', () => {
			if (signal.aborted) {
				resolve();
			} else {
				reject(new Error('the thread of the probe ended'));
			}
		});
		signal.addEventListener('abort', () => {
			// The thread closes its sessions, then ends by itself.
			worker.postMessage('end');
		});
		await ended;
	};
}
