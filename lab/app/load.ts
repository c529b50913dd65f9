/** Steady small writes of one client, each recorded with its result. */
import {setTimeout as pause} from 'node:timers/promises';
import {messageOf} from '../failure.ts';
import type {Write} from './record.ts';
import {NotAcknowledged, type Wiki} from './wiki.ts';

/** Writes until the signal is aborted; then waits for the open write. */
export async function writeSteadily(
	wiki: Pick<Wiki, 'edit'>,
	page: string,
	every: number,
	stop: AbortSignal,
	onWrite: (write: Write) => void,
): Promise<Write[]> {
	const writes: Write[] = [];
	for (let n = 1; !stop.aborted; n++) {
		const time = new Date().toISOString();
		const begun = performance.now();
		let error: string | undefined;
		try {
			await wiki.edit(page, `Write ${n}, sent at ${time}.`, String(n));
		} catch (reason) {
			if (!(reason instanceof NotAcknowledged)) throw reason;
			error = messageOf(reason);
		}

		const ms = Math.round((performance.now() - begun) * 10) / 10;
		const write = error === undefined ? {n, time, ms, ok: true} : {n, time, ms, ok: false, error};
		writes.push(write);
		onWrite(write);
		await restOf(every - ms, stop);
	}

	return writes;
}

async function restOf(milliseconds: number, stop: AbortSignal): Promise<void> {
	try {
		await pause(Math.max(0, milliseconds), undefined, {signal: stop});
	} catch (error) {
		if (!stop.aborted) throw error;
	}
}
