/**
 * The probe's source: in a thread of the probes, so that the screen does not delay the measurement; for `--once` in this one.
 */
import {Worker} from 'node:worker_threads';
import type {ProbePurpose} from '../../domain/facts.ts';
import {sessionClock} from '../../lib/steady-clock.ts';
import type {Source, SourceContext} from '../source.ts';
import type {ProbeContext, ProbeOptions} from './queries.ts';
import type {ProbeOrder, ProbeReport} from './worker.ts';

/** Beside this file in the sources; one folder above in the build. */
const workerFile = import.meta.url.endsWith('.ts') ? './worker.ts' : '../probe-worker.js';

/**
 * @param thread whose thread to use, which costs half as much as all of `--once`; undefined: none
 * @param restMs without a thread: ms after an answer without a query
 */
export function probeSource(
	options: ProbeOptions,
	purpose: ProbePurpose,
	thread: ProbesThread | undefined,
	restMs = 0,
): Source {
	return async context =>
		thread === undefined
			? ask(options, purpose, {...context, restMs})
			: thread.run(options, purpose, context);
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
 * One thread for the probes of all ports. A probe outlives its source if another one of the same port follows at once, as at
 * the begin and the end of a drill: starting takes seconds on a busy machine, in which nothing would be measured.
 */
export class ProbesThread {
	readonly #probes = new Map<string, Probe>();
	#thread: ProbeThread | undefined;

	/** Until it is called again, or a probe fails. */
	setCalm(isCalm: boolean): void {
		this.#thread?.setCalm(isCalm);
	}

	async run(options: ProbeOptions, purpose: ProbePurpose, context: Context): Promise<void> {
		const key = `${purpose} ${options.port}`;
		let probe = this.#probes.get(key);
		if (probe === undefined) {
			this.#thread ??= new ProbeThread(() => {
				this.#thread = undefined;
			});
			probe = this.#thread.begin(options, purpose);
			this.#probes.set(key, probe);
		} else {
			probe.change(options);
		}

		await probe.serve(context, () => this.#probes.delete(key));
	}
}

/** Ends with its last probe. */
class ProbeThread {
	readonly #worker: Worker;
	readonly #probes = new Map<number, Probe>();
	#begun = 0;

	/** @param onLast it takes no other probe */
	constructor(onLast: () => void) {
		this.#worker = new Worker(new URL(workerFile, import.meta.url), {
			workerData: {aheadMs: sessionClock.aheadMs},
		});
		const fail = (error: unknown) => {
			if (this.#probes.size === 0) {
				return;
			}

			onLast();
			for (const probe of this.#probes.values()) {
				probe.fail(error);
			}

			this.#probes.clear();
		};
		this.#worker.on('message', (reports: readonly ProbeReport[]) => {
			// A fault in one report must not lose those behind it.
			const faults = reports.flatMap(report => {
				try {
					this.#take(report, onLast);
					return [];
				} catch (error) {
					return [error];
				}
			});
			if (faults.length > 0) {
				throw faults[0];
			}
		});
		this.#worker.on('error', fail);
		this.#worker.on('exit', () => {
			fail(new Error('the thread of the probes ended'));
		});
	}

	#take(report: ProbeReport, onLast: () => void): void {
		const probe = this.#probes.get(report.probe);
		if (report.type === 'ended' && this.#probes.delete(report.probe) && this.#probes.size === 0) {
			onLast();
			this.#order({type: 'exit'});
		}

		probe?.take(report);
	}

	begin(options: ProbeOptions, purpose: ProbePurpose): Probe {
		this.#begun++;
		const id = this.#begun;
		const probe = new Probe(id, order => {
			this.#order(order);
		});
		this.#probes.set(id, probe);
		this.#order({type: 'begin', probe: id, options, purpose});
		return probe;
	}

	setCalm(isCalm: boolean): void {
		this.#order({type: 'calm', isCalm});
	}

	#order(order: ProbeOrder): void {
		this.#worker.postMessage(order);
	}
}

/** A probe of the thread, as its sources see it. */
class Probe {
	readonly #id: number;
	readonly #order: (order: ProbeOrder) => void;
	/** Resolves at its end; rejects if it or the thread failed. */
	readonly #ended = Promise.withResolvers<void>();
	/** Events of earlier options are dropped: their writes have other numbers. */
	#generation = 0;
	#context: Context | undefined;

	constructor(id: number, order: (order: ProbeOrder) => void) {
		this.#id = id;
		this.#order = order;
	}

	take(report: ProbeReport): void {
		if (report.type === 'event') {
			if (report.generation === this.#generation && this.#context?.signal.aborted === false) {
				this.#context.emit(report.event);
			}
		} else if (report.error === undefined) {
			this.#ended.resolve();
		} else {
			this.fail(report.error);
		}
	}

	fail(error: unknown): void {
		this.#ended.reject(error);
	}

	change(options: ProbeOptions): void {
		this.#generation++;
		this.#order({type: 'change', probe: this.#id, options, generation: this.#generation});
	}

	/** Until the signal aborts. Unless another source has taken the probe by then, this ends with the probe. */
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
			await Promise.race([aborted, this.#ended.promise]);
		} catch (error) {
			onEnd();
			throw error;
		}

		if (this.#context === context) {
			this.#context = undefined;
			onEnd();
			// It closes its sessions first.
			this.#order({type: 'end', probe: this.#id});
			await this.#ended.promise;
		}
	}
}
