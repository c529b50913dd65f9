/** A probe's thread: posts its facts until a message ends it. */
import {parentPort, workerData} from 'node:worker_threads';
import {ownTime} from '../../lib/own-time.ts';
import {SteadyClock} from '../../lib/steady-clock.ts';
import {emitWithLosses, type ProbeOptions} from './queries.ts';
import {probe} from './session.ts';

const {options, purpose, aheadMs} = workerData as {
	options: ProbeOptions;
	purpose: 'write' | 'read';
	aheadMs: number;
};
const ending = new AbortController();
parentPort?.once('message', () => {
	ending.abort();
});
await probe(options, purpose, {
	emit: emitWithLosses(
		event => parentPort?.postMessage(event),
		() => ownTime.takeShortLosses(),
	),
	signal: ending.signal,
	now: new SteadyClock({aheadMs}).now,
});
