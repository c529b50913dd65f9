/** Waits for a condition without an event: polls until it holds or the time is over. */
import {setTimeout as pause} from 'node:timers/promises';

/** @returns whether it holds within this many milliseconds */
export async function holds(
	condition: () => boolean | Promise<boolean>,
	milliseconds: number,
	interval = 50,
): Promise<boolean> {
	const deadline = Date.now() + milliseconds;
	while (!(await condition())) {
		if (Date.now() >= deadline) return false;
		await pause(interval);
	}

	return true;
}
