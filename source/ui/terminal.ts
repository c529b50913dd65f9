/** Whether the terminal can show the console, or why not and what to do; and what is changed in its input and output. */
import type {WriteStream} from 'node:tty';

export type Streams = {stdin: {isTTY?: boolean}; stdout: {isTTY?: boolean}};

/** Undefined when the terminal is fine. */
export function terminalProblem(
	{stdin, stdout}: Streams,
	environment: Readonly<Record<string, string | undefined>>,
	instead = 'use --once for a snapshot in a script',
): string | undefined {
	if (!stdin.isTTY || !stdout.isTTY) {
		return `standard input and output must be a terminal; ${instead}`;
	}

	return environment.TERM === 'dumb' || environment.TERM === ''
		? `this terminal (TERM=dumb) cannot show a full screen; ${instead}, or set TERM to the terminal's type`
		: undefined;
}

/** Next line: Ink writes it once for each unchanged line. */
const nextLine = '\u001B[E';

/** Several in a row become one `CSI n E` (CNL). */
export function condenseOutput(text: string): string {
	return text.replaceAll(/(?:\u001B\[E){2,}/g, steps => `\u001B[${steps.length / nextLine.length}E`);
}

/** The terminal, with condensed output. */
export function sparingStdout(terminal: WriteStream): WriteStream {
	const write = (text: string | Uint8Array, ...rest: never[]) =>
		terminal.write(typeof text === 'string' ? condenseOutput(text) : text, ...rest);
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

/** What a terminal puts around a paste, where an earlier program left bracketed paste on. */
const mark = /\u001B\[20[01]~/g;

const markLength = 6;

/** The stream, without the marks. */
export function withoutPasteMarks<T extends NodeJS.ReadStream>(stdin: T): T {
	let tail = '';
	const read = (size?: number): unknown => {
		const chunk: unknown = stdin.read(size);
		if (typeof chunk !== 'string') {
			return chunk;
		}

		const text = withoutMarks(tail, chunk);
		tail = (tail + chunk).slice(1 - markLength);
		return text;
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

/** @param before end of the chunk before: a mark may begin in it */
export function withoutMarks(before: string, chunk: string): string {
	return (before + chunk)
		.replaceAll(mark, (found, at: number) => {
			const gone = before.length - at;
			// It began in the chunk before, which is read already: its rest becomes a key that does not exist.
			return gone > 0 && gone < found.length ? `${found.slice(0, gone)}9~` : gone > 0 ? found : '';
		})
		.slice(before.length);
}
