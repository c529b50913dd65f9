/** The probes' thread: each posts its facts until it is ended; other options take the place of the first ones at any time. */
import {parentPort, workerData} from 'node:worker_threads';
import type {Event} from '../../domain/events.ts';
import type {ProbePurpose} from '../../domain/facts.ts';
import {collectInCalm} from '../../lib/heap.ts';
import {ownTime} from '../../lib/own-time.ts';
import {SteadyClock} from '../../lib/steady-clock.ts';
import {Answers, Outbox} from './outbox.ts';
import {emitWithLosses, type ProbeOptions} from './queries.ts';
import {ProbeSession} from './session.ts';

/** To the thread. `probe`: any number that no probe before it had. `exit`: no probe is left, and none follows. */
export type ProbeOrder =
	| {type: 'begin'; probe: number; options: ProbeOptions; purpose: ProbePurpose}
	| {type: 'change'; probe: number; options: ProbeOptions; generation: number}
	| {type: 'end'; probe: number}
	/** Whether the session is calm: then each probe asks half as often. */
	| {type: 'calm'; isCalm: boolean}
	| {type: 'exit'};

/** From the thread, several at once. `generation`: of the options that the event belongs to. */
export type ProbeReport =
	| {type: 'event'; probe: number; event: Event; generation: number}
	| {type: 'ended'; probe: number; error?: unknown};

const {now} = new SteadyClock({aheadMs: (workerData as {aheadMs: number}).aheadMs});

class Probe {
	readonly #id: number;
	readonly #ending = new AbortController();
	readonly #session: ProbeSession;
	#emit: (event: Event) => void;

	constructor({probe, options, purpose}: ProbeOrder & {type: 'begin'}) {
		this.#id = probe;
		this.#emit = this.#emitterOf(0, options);
		this.#session = new ProbeSession(options, purpose, {
			emit: event => {
				this.#emit(event);
			},
			signal: this.#ending.signal,
			now,
		});
	}

	/** Until it is ended, and its sessions are closed. */
	async run(): Promise<void> {
		try {
			await this.#session.run();
			outbox.add({type: 'ended', probe: this.#id}, false);
		} catch (error) {
			outbox.add({type: 'ended', probe: this.#id, error}, false);
		}
	}

	change({options, generation}: ProbeOrder & {type: 'change'}): void {
		this.#session.change(options);
		this.#emit = this.#emitterOf(generation, options);
	}

	end(): void {
		this.#ending.abort();
	}

	setCalm(isCalm: boolean): void {
		this.#session.setCalm(isCalm);
	}

	/** Its first report is marked: numbers of writes begin again. */
	#emitterOf(generation: number, {drill}: ProbeOptions): (event: Event) => void {
		const answers = new Answers();
		return emitWithLosses(event => {
			// A drill's writes are shown one by one.
			const canWait = answers.isRoutine(event) && !drill;
			outbox.add({type: 'event', probe: this.#id, event, generation}, canWait);
		}, ownTime.countShortLosses());
	}
}

const probes = new Map<number, Probe>();
const collectNow = collectInCalm();

const outbox = new Outbox<ProbeReport>(reports => {
	parentPort?.postMessage(reports);
});

const obey = (order: ProbeOrder) => {
	switch (order.type) {
		case 'begin': {
			const probe = new Probe(order);
			probes.set(order.probe, probe);
			void probe.run().finally(() => probes.delete(order.probe));
			break;
		}

		case 'change': {
			probes.get(order.probe)?.change(order);
			break;
		}

		case 'end': {
			probes.get(order.probe)?.end();
			break;
		}

		case 'calm': {
			for (const probe of probes.values()) {
				probe.setCalm(order.isCalm);
			}

			collectNow(order.isCalm);
			break;
		}

		case 'exit': {
			// A port with a listener would keep the thread alive.
			parentPort?.off('message', obey);
		}
	}
};
parentPort?.on('message', obey);
