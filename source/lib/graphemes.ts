/** The characters of a text as a reader counts them (grapheme clusters). */

/**
 * A character outside of Latin letters, signs, arrows, frames and symbols, or one that joins with another (CR LF). Of all
 * others each UTF-16 code unit is a grapheme, which saves Intl.Segmenter: making the first takes 10 ms.
 */
const mayJoin = /[^\u{0}-\u{C}\u{E}-\u{2FF}\u{2010}-\u{2027}\u{2190}-\u{2BFF}]/v;

export type Grapheme = {segment: string; index: number};
export type Graphemes = Iterable<Grapheme> & {
	/** The one with the code unit of this index; undefined outside of the text. */
	containing: (index?: number) => Grapheme | undefined;
};

let segmenter: Intl.Segmenter | undefined;

/** Called like a segmenter of Intl, in whose place the build puts it into packages. */
export const graphemes = {
	segment(text: string): Graphemes {
		if (mayJoin.test(text)) {
			segmenter ??= new Intl.Segmenter();
			return segmenter.segment(text);
		}

		return new CodeUnits(text);
	},
};

class CodeUnits {
	readonly #text: string;

	constructor(text: string) {
		this.#text = text;
	}

	*[Symbol.iterator](): Generator<Grapheme> {
		for (let index = 0; index < this.#text.length; index++) {
			yield {segment: this.#text.charAt(index), index};
		}
	}

	containing(index = 0): Grapheme | undefined {
		const segment = this.#text.at(index);
		return index < 0 || segment === undefined ? undefined : {segment, index};
	}
}
