/** A probe's thread: posts its facts until it is ended; other options take the place of the first ones at any time. */
import {parentPort, workerData} from 'node:worker_threads';
import type {Event} from '../../domain/events.ts';
import {ownTime} from '../../lib/own-time.ts';
import {SteadyClock} from '../../lib/steady-clock.ts';
import {emitWithLosses, type ProbeOptions} from './queries.ts';
import {ProbeSession} from './session.ts';

/** To the thread: options that replace those before them, or the end. */
export type ProbeOrder = {options: ProbeOptions; generation: number} | 'end';

/** From the thread. `generation`: of the options that the event belongs to. */
export type ProbeReport = {event: Event; generation: number};

const {options, purpose, aheadMs} = workerData as {
	options: ProbeOptions;
	purpose: 'write' | 'read';
	aheadMs: number;
};
const ending = new AbortController();
let emit = emitterOf(0);
const session = new ProbeSession(options, purpose, {
	emit: event => {
		emit(event);
	},
	signal: ending.signal,
	now: new SteadyClock({aheadMs}).now,
});
const obey = (order: ProbeOrder) => {
	if (order === 'end') {
		ending.abort();
		// A port with a listener would keep the thread alive.
		parentPort?.off('message', obey);
	} else {
		session.change(order.options);
		emit = emitterOf(order.generation);
	}
};
parentPort?.on('message', obey);
await session.run();

/** Its first report is marked: numbers of writes begin again. */
function emitterOf(generation: number): (event: Event) => void {
	return emitWithLosses(
		event => parentPort?.postMessage({event, generation} satisfies ProbeReport),
		() => ownTime.takeShortLosses(),
	);
}
