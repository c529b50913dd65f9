/** Waits that an abort ends early. Nothing of a wait stays on the signal after its end. */
import {setTimeout as delay} from 'node:timers/promises';

/** Resolves after this time, or when the signal aborts. */
export async function pauseUnlessAborted(milliseconds: number, signal: AbortSignal): Promise<void> {
	if (milliseconds <= 0 || signal.aborted) {
		return;
	}

	try {
		await delay(milliseconds, undefined, {signal});
	} catch (error) {
		if (!signal.aborted) {
			throw error;
		}
	}
}

/**
 * Resolves with the work, or when the signal aborts. A race with one promise that stays pending would keep something of each
 * wait until that promise settles.
 */
export async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
	const {promise: aborted, resolve} = Promise.withResolvers<void>();
	const end = () => resolve();
	signal.addEventListener('abort', end, {once: true});
	if (signal.aborted) {
		resolve();
	}

	try {
		await Promise.race([work, aborted]);
	} finally {
		signal.removeEventListener('abort', end);
	}
}
