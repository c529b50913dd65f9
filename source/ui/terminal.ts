/** The terminal: whether it can show the console, filters for input and output, job control. */

import {once} from 'node:events';
import {setTimeout as delay, setImmediate as nextTurn} from 'node:timers/promises';
import type {WriteStream} from 'node:tty';
import type {SuspendTerminal} from 'ink';

export type Streams = {stdin: {isTTY?: boolean}; stdout: {isTTY?: boolean}};

/** Undefined if the terminal is suitable. */
export function terminalProblem(
	{stdin, stdout}: Streams,
	environment: Readonly<Record<string, string | undefined>>,
	instead = 'use --once for a snapshot, or --watch SECONDS for plain lines',
): string | undefined {
	if (!stdin.isTTY || !stdout.isTTY) {
		return `standard input and output must be a terminal; ${instead}`;
	}

	return environment.TERM === 'dumb' || environment.TERM === ''
		? `this terminal (TERM=dumb) cannot show a full screen; ${instead}, or set TERM to the terminal's type`
		: undefined;
}

/** CNL, which Ink writes for each unchanged line. */
const nextLine = '\u001B[E';

/** Replaces repeated CNL by one with a count (`CSI n E`). */
export function condenseOutput(text: string): string {
	return text.replaceAll(/(?:\u001B\[E){2,}/g, steps => `\u001B[${steps.length / nextLine.length}E`);
}

const enterScreen = '\u001B[?1049h';
const leaveScreen = '\u001B[?1049l';
/** Presses and the wheel, with coordinates of any size (SGR). */
const mouseOn = '\u001B[?1000h\u001B[?1006h';
const mouseOff = '\u001B[?1006l\u001B[?1000l';

/** Ink leaves the alternate screen at every end and at every stop, signals and faults included: so does the mouse. */
export function withMouse(text: string): string {
	return text.replaceAll(enterScreen, enterScreen + mouseOn).replaceAll(leaveScreen, mouseOff + leaveScreen);
}

/** The terminal's output, with `condenseOutput` applied, and with the mouse while the screen is there. */
export function sparingStdout(terminal: WriteStream, {mouse = false} = {}): WriteStream {
	const write = (text: string | Uint8Array, ...rest: never[]) =>
		terminal.write(typeof text === 'string' ? condenseOutput(mouse ? withMouse(text) : text) : text, ...rest);
	return new Proxy(terminal, {
		get(target, key) {
			if (key === 'write') {
				return write;
			}

			const value: unknown = Reflect.get(target, key, target);
			return typeof value === 'function' ? value.bind(target) : value;
		},
	});
}

/** The input stream, whose chunks go to the function; Ink decides when it is read, and gets no text of it. */
export function readBy<T extends NodeJS.ReadStream>(stdin: T, onChunk: (chunk: string) => void): T {
	const read = (size?: number): unknown => {
		const chunk: unknown = stdin.read(size);
		if (typeof chunk !== 'string') {
			return chunk;
		}

		onChunk(chunk);
		return '';
	};

	return new Proxy(stdin, {
		get(target, property) {
			if (property === 'read') {
				return read;
			}

			const value: unknown = Reflect.get(target, property, target);
			return typeof value === 'function' ? value.bind(target) : value;
		},
	});
}

/** ms; without a shell with job control the kernel ignores the stop, and the screen returns after this time. */
const stopTimeoutMs = 300;

function ignore(): void {
	// The borrower of the terminal handles the signal.
}

/**
 * Ink does not listen any more, but Node.js still reads: it would take the borrower's keys, or block in a read
 * after it. Only a flowing stream can be paused; Ink ends the pause when it returns.
 */
async function stopReading(): Promise<void> {
	// Node.js notices a turn later that Ink is gone, and stops reading a turn after the pause.
	await nextTurn();
	process.stdin.resume().pause();
	await nextTurn();
}

/** A frame begins at the cursor: echoed keys would shift its first row. */
export function toLineStart(): void {
	process.stdout.write('\r');
}

export class JobControl {
	readonly #onStop: () => void;
	#suspend: SuspendTerminal | undefined;
	#busy = false;

	/** @param onStop called for a stop without a key: `kill -TSTP`, or Ctrl-Z before Ink reads keys */
	constructor(onStop: () => void) {
		this.#onStop = onStop;
		process.on('SIGTSTP', onStop);
	}

	/** Receives Ink's function that releases the terminal, which only a component has. */
	readonly use = (suspend: SuspendTerminal): void => {
		this.#suspend = suspend;
	};

	/** Resolves when the shell has continued the program and the screen is back. */
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

	/** Lends the terminal to another program, such as an editor, for the duration of the task. */
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
				// Drops input that was already read.
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
			// 0 is the process group: npm, sudo or the lab that started this program stops, too, and the shell takes
			// over.
			process.kill(0, 'SIGTSTP');
			await Promise.race([continued, delay(stopTimeoutMs)]);
		} finally {
			process.on('SIGTSTP', this.#onStop);
		}
	}
}
