/** A line of text that the operator types: what it takes in, and how it is erased; pure. */
import {sanitize} from '../../lib/sanitize.ts';

/** A paste longer than this is no answer to anything that the console asks. */
const textMaxLength = 200;

/** `text` with what was typed or pasted behind it; without control characters and invisible ones, and no longer than a line. */
export function insertText(text: string, more: string): string {
	const printable = sanitize(more.replaceAll(/\p{Cc}/gu, ''));
	return [...(text + printable)].slice(0, textMaxLength).join('');
}

/** Without its last character as the operator sees it. */
export function eraseText(text: string): string {
	const segments = [...new Intl.Segmenter().segment(text)];
	return segments
		.slice(0, -1)
		.map(({segment}) => segment)
		.join('');
}
