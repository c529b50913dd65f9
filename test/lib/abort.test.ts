import {getEventListeners} from 'node:events';
import {describe, expect, it} from 'vitest';
import {pauseUnlessAborted, unlessAborted} from '../../source/lib/abort.ts';

const never = new Promise<void>(() => undefined);

describe.each([
	['a pause', async (signal: AbortSignal) => pauseUnlessAborted(3_600_000, signal)],
	['a wait for work', async (signal: AbortSignal) => unlessAborted(never, signal)],
])('%s', (_, wait) => {
	it('ends with the abort, and leaves no listener', async () => {
		const controller = new AbortController();
		const waiting = wait(controller.signal);
		expect(getEventListeners(controller.signal, 'abort').length).toBe(1);
		controller.abort();
		await waiting;
		expect(getEventListeners(controller.signal, 'abort').length).toBe(0);
	});

	it('does not begin after the abort', async () => {
		await wait(AbortSignal.abort());
	});
});

it.each([
	['a pause', async (signal: AbortSignal) => pauseUnlessAborted(1, signal)],
	['a wait for work', async (signal: AbortSignal) => unlessAborted(Promise.resolve(), signal)],
	[
		'a wait for work that fails',
		async (signal: AbortSignal) =>
			expect(unlessAborted(Promise.reject(new Error('broken pipe')), signal)).rejects.toThrow('broken pipe'),
	],
])('%s leaves no listener when it ends by itself', async (_, wait) => {
	const {signal} = new AbortController();
	await wait(signal);
	expect(getEventListeners(signal, 'abort').length).toBe(0);
});
