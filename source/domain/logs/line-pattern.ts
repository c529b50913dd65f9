/**
 * Matches the head of a line against literals and fields. Time is linear in the length of both, whatever the line: a
 * place that failed is not tried again.
 */

export type LineToken =
	| {literal: string}
	| {
			field: string;
			/** Sticky. */
			form: RegExp;
			/** How many characters at the end of a value may belong to the tokens after it. */
			shorter: number;
			/** printf's width: spaces before a shorter value, or after it if negative. */
			width: number;
			/** The value may be spaces of this width. */
			maybeBlank: boolean;
	  }
	/** Any text, as short as the tokens after it allow. */
	| {field: string; form: undefined; isWord: boolean};

export type FieldRange = {field: string; start: number; end: number};

/** A head ends within the first characters of a line; a longer one is not matched. */
export const headMaxLength = 1024;

/** Fields of a head; real ones have a few. Bounds the time for a line. */
export const fieldsMax = 40;

/** A field with any text. @param isWord without spaces */
export function anyText(field: string, isWord = false): LineToken {
	return {field, form: undefined, isWord};
}

/**
 * The end of the head and the ranges of its fields, if the tokens match from the start of the line.
 * @param accepts whether the head may end here
 */
export function matchHead(
	tokens: readonly LineToken[],
	line: string,
	accepts: (end: number) => boolean,
): {end: number; fields: readonly FieldRange[]} | undefined {
	const matching = new Matching(tokens, line, accepts);
	return matching.matches(0, 0) ? {end: matching.end, fields: matching.fields} : undefined;
}

class Matching {
	end = 0;
	readonly fields: FieldRange[] = [];
	readonly #tokens: readonly LineToken[];
	readonly #line: string;
	readonly #accepts: (end: number) => boolean;
	readonly #limit: number;
	/** Pairs of token and place that failed. */
	#failed: Set<number> | undefined;

	constructor(tokens: readonly LineToken[], line: string, accepts: (end: number) => boolean) {
		this.#tokens = tokens;
		this.#line = line;
		this.#accepts = accepts;
		this.#limit = Math.min(line.length, headMaxLength);
	}

	matches(index: number, start: number): boolean {
		if (start > this.#limit) {
			return false;
		}

		const token = this.#tokens[index];
		if (token === undefined) {
			this.end = start;
			return this.#accepts(start);
		}

		if ('literal' in token) {
			const end = literalEnd(token.literal, this.#line, start);
			return end !== undefined && this.matches(index + 1, end);
		}

		const place = index * (headMaxLength + 1) + start;
		if (this.#failed?.has(place)) {
			return false;
		}

		const found =
			token.form === undefined
				? this.#anyText(index, start, token.isWord)
				: this.#formed(index, start, token);
		if (found === undefined) {
			this.#fail(place);
			return false;
		}

		this.fields.unshift({field: token.field, start, end: found});
		return true;
	}

	#anyText(index: number, start: number, isWord: boolean): number | undefined {
		for (let end = start; end <= this.#limit; end++) {
			if (isWord && end > start && /\s/.test(this.#line[end - 1] ?? '')) {
				return undefined;
			}

			const place = index * (headMaxLength + 1) + end;
			if (this.#failed?.has(place)) {
				// The field reached this place before, from an earlier start: no end from here on fits.
				return undefined;
			}

			if (this.matches(index + 1, end)) {
				return end;
			}

			this.#fail(place);
		}

		return undefined;
	}

	#formed(
		index: number,
		start: number,
		{form, shorter, width, maybeBlank}: Extract<LineToken, {shorter: number}>,
	): number | undefined {
		const line = this.#line;
		let first = start;
		while (first < start + width && line[first] === ' ') {
			first++;
		}

		form.lastIndex = first;
		const length = form.exec(line)?.[0].length;
		const least = start + Math.abs(width);
		for (let cut = 0; length !== undefined && cut <= shorter && (cut < length || cut === 0); cut++) {
			const end = paddedEnd(line, {start, first, end: first + length - cut, least, width});
			if (end !== undefined && this.matches(index + 1, end)) {
				return end;
			}
		}

		const isBlank = maybeBlank && least <= line.length && /^ *$/.test(line.slice(start, least));
		return isBlank && this.matches(index + 1, least) ? least : undefined;
	}

	#fail(place: number): void {
		this.#failed ??= new Set();
		this.#failed.add(place);
	}
}

/** The end of a value with its padding; undefined if the padding does not fit its width. */
function paddedEnd(
	line: string,
	{
		start,
		first,
		end,
		least,
		width,
	}: {start: number; first: number; end: number; least: number; width: number},
): number | undefined {
	if (width === 0 || (first === start && end >= least)) {
		return end;
	}

	if (width > 0) {
		return end === least ? end : undefined;
	}

	return least <= line.length && /^ *$/.test(line.slice(end, least)) ? least : undefined;
}

/** The end of a literal; a space also stands for tabs, since settings are sanitized. */
function literalEnd(literal: string, line: string, start: number): number | undefined {
	if (line.startsWith(literal, start)) {
		return start + literal.length;
	}

	if (!line.includes('\t', start)) {
		return undefined;
	}

	let at = start;
	for (let index = 0; index < literal.length; index++) {
		if (literal[index] === ' ' && line[at] === '\t') {
			while (line[at] === '\t') {
				at++;
			}
		} else if (literal[index] === line[at]) {
			at++;
		} else {
			return undefined;
		}
	}

	return at;
}
