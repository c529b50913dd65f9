/** The client's path, asked on a thread of its own: what it measures must not wait until a screen is drawn. */
import {Worker} from 'node:worker_threads';
import type {Event} from '../domain/events.ts';
import type {ProbePurpose} from '../domain/probes.ts';
import type {ProbeOptions} from './probe-session.ts';
import type {Source} from './source.ts';

/** Beside this file as it was written; one folder up from where the build puts it. */
const workerFile = import.meta.url.endsWith('.ts') ? './probe-worker.ts' : '../probe-worker.js';

export function probeSource(options: ProbeOptions, purpose: ProbePurpose): Source {
	return async ({emit, signal}) => {
		const {promise: ended, resolve, reject} = Promise.withResolvers<void>();
		const worker = new Worker(new URL(workerFile, import.meta.url), {workerData: {options, purpose}});
		worker.on('message', (event: Event) => {
			if (!signal.aborted) {
				emit(event);
			}
		});
		worker.on('error', reject);
		worker.on('exit', () => {
			resolve();
		});
		signal.addEventListener('abort', () => {
			// It says good-bye to the servers, and then ends by itself.
			worker.postMessage('end');
		});
		await ended;
	};
}
