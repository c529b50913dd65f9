/** The client's path: on a thread of its own, since what it measures must not wait for the screen; for `--once` on this one. */
import {Worker} from 'node:worker_threads';
import type {Event} from '../../domain/events.ts';
import type {ProbePurpose} from '../../domain/facts.ts';
import {sessionClock} from '../../lib/steady-clock.ts';
import type {Source} from '../source.ts';
import type {ProbeContext, ProbeOptions} from './questions.ts';

/** Beside this file as it was written; one folder up from where the build puts it. */
const workerFile = import.meta.url.endsWith('.ts') ? './worker.ts' : '../probe-worker.js';

/** @param thread costs half as much as all of `--once`, and pays only where there is a screen */
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
			// It closes its sessions, and then ends by itself.
			worker.postMessage('end');
		});
		await ended;
	};
}
