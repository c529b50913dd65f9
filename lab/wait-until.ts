/** Waits for a condition that has no event: polls until it holds or time is out. */
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
