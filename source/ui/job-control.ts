/** Job control: Ctrl-Z gives the terminal back as it was and stops the program; `fg` brings the screen back. */
import {once} from 'node:events';
import {setTimeout as delay, setImmediate as nextTurn} from 'node:timers/promises';
import type {SuspendTerminal} from 'ink';

/** Without a shell that does job control the kernel ignores the stop; then the screen comes back by itself. */
const unstopped = 300;

function ignore(): void {
	// For whoever has the terminal.
}

/**
 * Ink no longer listens, but Node.js reads on what was typed: it would take keys away from the borrower, and worse, wait in the
 * midst of a read for a line that the borrower was quicker to take. Only what flows can be paused; Ink's return ends the pause.
 */
async function stopReading(): Promise<void> {
	// Node.js takes note a moment later that Ink is gone, and a moment after the pause it reads no more.
	await nextTurn();
	process.stdin.resume().pause();
	await nextTurn();
}

/** The frame begins where the cursor stands: what was written before it, such as keys that the terminal echoed, would shift its first row. */
export function toLineStart(): void {
	process.stdout.write('\r');
}

export class JobControl {
	readonly #onStop: () => void;
	#suspend: SuspendTerminal | undefined;
	#busy = false;

	/** @param onStop hears of a stop that did not come as a key: from `kill -TSTP`, or typed before Ink took the keys over. */
	constructor(onStop: () => void) {
		this.#onStop = onStop;
		process.on('SIGTSTP', onStop);
	}

	/** Ink's way to let go of the terminal, which only a component gets hold of. */
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

	/** Gives the terminal to somebody else, such as an editor, for as long as the task lasts. */
	async lend(task: () => Promise<void>): Promise<void> {
		if (this.#busy || this.#suspend === undefined) {
			throw new Error('the terminal is not ours to lend');
		}

		this.#busy = true;
		// Keys that are signals are meant for the borrower: Ctrl-C must not end us, Ctrl-Z stops us both, fg brings both back.
		process.on('SIGINT', ignore).on('SIGQUIT', ignore).off('SIGTSTP', this.#onStop);
		try {
			await this.#suspend(async () => {
				await stopReading();
				await task();
				// What was read before that was meant for nobody.
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
		// Without a listener the signal does again what it is for.
		process.off('SIGTSTP', this.#onStop);
		try {
			// Process 0 is our own process group: whoever started us (npm, sudo, the lab) stops with us, and the shell goes on.
			process.kill(0, 'SIGTSTP');
			await Promise.race([continued, delay(unstopped)]);
		} finally {
			process.on('SIGTSTP', this.#onStop);
		}
	}
}
