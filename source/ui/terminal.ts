/** Whether there is a terminal that can show the console, and if not, why and what to do. */
import type {WriteStream} from 'node:tty';

export type Streams = {stdin: {isTTY?: boolean}; stdout: {isTTY?: boolean}};

/** A sentence for the operator; undefined when all is well. */
export function terminalProblem(
	{stdin, stdout}: Streams,
	environment: Readonly<Record<string, string | undefined>>,
	instead = 'use --once for a snapshot in a script',
): string | undefined {
	if (!stdin.isTTY || !stdout.isTTY) {
		return `standard input and output must be a terminal; ${instead}`;
	}

	return environment.TERM === 'dumb' || environment.TERM === ''
		? `this terminal (TERM=dumb) can not show a full screen; ${instead}, or set TERM to what it really is`
		: undefined;
}

/** Down a line, as Ink writes it once for each line that stays as it is. */
const nextLine = '\u001B[E';

/** Steps down, one after another, as one: `CSI n E` (CNL). */
export function condenseOutput(text: string): string {
	return text.replaceAll(/(?:\u001B\[E){2,}/g, steps => `\u001B[${steps.length / nextLine.length}E`);
}

/** The terminal itself, but for what is written through it. */
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

/** What a terminal puts around a paste, where a program before us left that on. */
const mark = /\u001B\[20[01]~/g;

const markLength = 6;

/** The stream as it is, but for what is read from it. */
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

/** @param before the end of what was read before, in which a mark may have begun */
export function withoutMarks(before: string, chunk: string): string {
	return (before + chunk)
		.replaceAll(mark, (found, at: number) => {
			const gone = before.length - at;
			// Begun in what is read already: it ends as a key that there is not.
			return gone > 0 && gone < found.length ? `${found.slice(0, gone)}9~` : gone > 0 ? found : '';
		})
		.slice(before.length);
}
