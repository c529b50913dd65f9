/**
 * The probe's source: in its own thread, so that the screen does not delay the measurement; for `--once` in this one.
 */
import {Worker} from 'node:worker_threads';
import type {ProbePurpose} from '../../domain/facts.ts';
import {sessionClock} from '../../lib/steady-clock.ts';
import type {Source, SourceContext} from '../source.ts';
import type {ProbeContext, ProbeOptions} from './queries.ts';
import type {ProbeOrder, ProbeReport} from './worker.ts';

/** Beside this file in the sources; one folder above in the build. */
const workerFile = import.meta.url.endsWith('.ts') ? './worker.ts' : '../probe-worker.js';

/** @param threads whose threads to use, which cost half as much as all of `--once`; undefined: none */
export function probeSource(
	options: ProbeOptions,
	purpose: ProbePurpose,
	threads: ProbeThreads | undefined,
): Source {
	return async context =>
		threads === undefined ? ask(options, purpose, context) : threads.run(options, purpose, context);
}

async function ask(
	options: ProbeOptions,
	purpose: ProbePurpose,
	context: Omit<ProbeContext, 'now'>,
): Promise<void> {
	const {probe} = await import('./session.ts');
	await probe(options, purpose, {...context, now: sessionClock.now});
}

type Context = Pick<SourceContext, 'emit' | 'signal'>;

/**
 * A thread for each port. It outlives its source if another one of the same port follows at once, as at the begin and
 * the end of a drill: starting a thread takes seconds on a busy machine, in which nothing would be measured.
 */
export class ProbeThreads {
	readonly #threads = new Map<string, ProbeThread>();

	async run(options: ProbeOptions, purpose: ProbePurpose, context: Context): Promise<void> {
		const key = `${purpose} ${options.port}`;
		let thread = this.#threads.get(key);
		if (thread === undefined) {
			thread = new ProbeThread(options, purpose);
			this.#threads.set(key, thread);
		} else {
			thread.change(options);
		}

		await thread.serve(context, () => this.#threads.delete(key));
	}
}

class ProbeThread {
	/** Resolves at the end of the thread; rejects if it failed. */
	readonly ended: Promise<void>;
	readonly #worker: Worker;
	/** Events of earlier options are dropped: their writes have other numbers. */
	#generation = 0;
	#context: Context | undefined;

	constructor(options: ProbeOptions, purpose: ProbePurpose) {
		const {promise, resolve, reject} = Promise.withResolvers<void>();
		this.ended = promise;
		const worker = new Worker(new URL(workerFile, import.meta.url), {
			workerData: {options, purpose, aheadMs: sessionClock.aheadMs},
		});
		this.#worker = worker;
		worker.on('message', ({event, generation}: ProbeReport) => {
			if (generation === this.#generation && this.#context?.signal.aborted === false) {
				this.#context.emit(event);
			}
		});
		worker.on('error', reject);
		worker.on('exit', () => {
			if (this.#context === undefined) {
				resolve();
			} else {
				reject(new Error('the thread of the probe ended'));
			}
		});
	}

	change(options: ProbeOptions): void {
		this.#generation++;
		this.#order({options, generation: this.#generation});
	}

	/** Until the signal aborts. Unless another source has taken the thread by then, this ends with the thread. */
	async serve(context: Context, onEnd: () => void): Promise<void> {
		const {signal} = context;
		this.#context = context;
		const {promise: aborted, resolve} = Promise.withResolvers<void>();
		signal.addEventListener('abort', () => {
			// The source that follows starts within this turn of the event loop.
			setImmediate(resolve);
		});
		if (signal.aborted) {
			resolve();
		}

		try {
			await Promise.race([aborted, this.ended]);
		} catch (error) {
			onEnd();
			throw error;
		}

		if (this.#context === context) {
			this.#context = undefined;
			onEnd();
			// It closes its sessions, then ends by itself.
			this.#order('end');
			await this.ended;
		}
	}

	#order(order: ProbeOrder): void {
		this.#worker.postMessage(order);
	}
}
