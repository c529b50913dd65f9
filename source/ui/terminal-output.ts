/** What Ink writes to the terminal, with fewer bytes: over a slow line they are what a second costs. */
import type {WriteStream} from 'node:tty';

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
