/** A probe's thread: posts its facts until a message ends it. */
import {parentPort, workerData} from 'node:worker_threads';
import {SteadyClock} from '../../lib/steady-clock.ts';
import type {ProbeOptions} from './queries.ts';
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
	emit: event => parentPort?.postMessage(event),
	signal: ending.signal,
	now: new SteadyClock({aheadMs}).now,
});
