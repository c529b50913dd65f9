/** The terminal's input without the marks of a bracketed paste: one whose end never comes would hold every key back. */

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
