/** Job control: Ctrl-Z gives the terminal back as it was and stops the program; `fg` brings the screen back. */
import {once} from 'node:events';
import {setTimeout as delay, setImmediate as nextTurn} from 'node:timers/promises';
import type {SuspendTerminal} from 'ink';

/** Without a shell with job control the kernel ignores the stop; then the screen comes back after this. */
const stopTimeoutMs = 300;

function ignore(): void {
	// The borrower of the terminal handles it.
}

/**
 * Ink no longer listens, but Node.js still reads: it would take keys from the borrower of the terminal, or block in a read that
 * the borrower has served. Only a flowing stream can be paused; Ink's return ends the pause.
 */
async function stopReading(): Promise<void> {
	// Node.js notices a turn later that Ink is gone, and stops reading a turn after the pause.
	await nextTurn();
	process.stdin.resume().pause();
	await nextTurn();
}

/** A frame begins at the cursor: keys that the terminal echoed would shift its first row. */
export function toLineStart(): void {
	process.stdout.write('\r');
}

export class JobControl {
	readonly #onStop: () => void;
	#suspend: SuspendTerminal | undefined;
	#busy = false;

	/** @param onStop called for a stop that did not come as a key: `kill -TSTP`, or Ctrl-Z before Ink read keys */
	constructor(onStop: () => void) {
		this.#onStop = onStop;
		process.on('SIGTSTP', onStop);
	}

	/** Ink's function that releases the terminal; only a component has it. */
	readonly use = (suspend: SuspendTerminal): void => {
		this.#suspend = suspend;
	};

	/** Resolves when the shell has continued us and the screen is back. */
	async stop(): Promise<void> {
		if (this.#busy || this.#suspend === undefined) {
			return;
		}

		this.#busy = true;
		try {
			await this.#suspend(async () => {
				await this.#stopUntilContinued();
				toLineStart();
			});
		} finally {
			this.#busy = false;
		}
	}

	/** Lends the terminal to another program, such as an editor, while the task runs. */
	async lend(task: () => Promise<void>): Promise<void> {
		if (this.#busy || this.#suspend === undefined) {
			throw new Error('the terminal is in use');
		}

		this.#busy = true;
		// Ctrl-C is for the borrower; Ctrl-Z stops both, fg continues both.
		process.on('SIGINT', ignore).on('SIGQUIT', ignore).off('SIGTSTP', this.#onStop);
		try {
			await this.#suspend(async () => {
				await stopReading();
				await task();
				// Drop what was read before.
				process.stdin.read();
				toLineStart();
			});
		} finally {
			process.off('SIGINT', ignore).off('SIGQUIT', ignore).on('SIGTSTP', this.#onStop);
			this.#busy = false;
		}
	}

	close(): void {
		process.off('SIGTSTP', this.#onStop);
	}

	async #stopUntilContinued(): Promise<void> {
		const continued = once(process, 'SIGCONT');
		// Without a listener the signal stops the process.
		process.off('SIGTSTP', this.#onStop);
		try {
			// 0 is our process group: npm, sudo or the lab that started us stops, too, and the shell continues.
			process.kill(0, 'SIGTSTP');
			await Promise.race([continued, delay(stopTimeoutMs)]);
		} finally {
			process.on('SIGTSTP', this.#onStop);
		}
	}
}
