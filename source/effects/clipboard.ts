/** A text, without secrets, into the clipboard of the operator's terminal, over any number of SSH connections: OSC 52. */

import {redact} from '../lib/secrets.ts';

/** Terminals take so much; what is longer they drop without a word. */
const textMaxBytes = 70_000;

export function copyToClipboard(
	text: string,
	terminal: {write: (bytes: string) => unknown} = process.stdout,
): void {
	const bytes = Buffer.from(redact(text)).subarray(0, textMaxBytes);
	terminal.write(`\u001B]52;c;${bytes.toString('base64')}\u0007`);
}
