/** The width of a text in columns of the terminal. */
import stringWidth from 'string-width';

/** Widths of texts that are not ASCII: each frame measures the same few, each several times. */
const known = new Map<string, number>();
/** Texts that are kept; they come from outside. */
const textsMax = 2000;
/** UTF-16 code units of a text that is kept. */
const lengthMax = 500;

const notAscii = /[^ -~]/;

export function textWidth(text: string): number {
	if (!notAscii.test(text)) {
		return text.length;
	}

	const before = known.get(text);
	if (before !== undefined) {
		return before;
	}

	const width = stringWidth(text);
	if (text.length <= lengthMax) {
		if (known.size >= textsMax) {
			known.clear();
		}

		known.set(text, width);
	}

	return width;
}
