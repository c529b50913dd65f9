import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {type Grapheme, graphemes} from '../../source/lib/graphemes.ts';

const segmenter = new Intl.Segmenter();

/** All of them, and for each code unit and one before and after the text the one that contains it. */
function partsBy(by: Pick<Intl.Segmenter, 'segment'> | typeof graphemes, text: string) {
	const parts = by.segment(text);
	const plain = (part: Grapheme | undefined) => part && {segment: part.segment, index: part.index};
	return {
		all: [...parts].map(plain),
		containing: Array.from({length: text.length + 2}, (_, index) => plain(parts.containing(index - 1))),
	};
}

describe('graphemes', () => {
	it('are those of Intl.Segmenter, for each two characters of the Basic Multilingual Plane up to the symbols', () => {
		// Each one beside itself, a line end, a letter and a frame.
		for (let code = 0; code <= 0x2c_00; code++) {
			const one = String.fromCharCode(code);
			const text = `${one}${one}\n${one}a${one}─${one}`;
			expect(partsBy(graphemes, text)).toEqual(partsBy(segmenter, text));
		}
	});

	it('are those of Intl.Segmenter, for any text', () => {
		fc.assert(
			fc.property(
				fc.array(
					fc.oneof(
						fc.string({unit: 'binary', maxLength: 3}),
						fc.constantFrom(
							'─',
							'▸',
							'…',
							'\r',
							'\n',
							'\u001B[2m',
							'é',
							'e\u0301',
							'👩‍💻',
							'🇩🇪',
							'1\uFE0F\u20E3',
							'한',
							'ᄒ',
							'क्ष',
						),
					),
				),
				parts => {
					const text = parts.join('');
					expect(partsBy(graphemes, text)).toEqual(partsBy(segmenter, text));
				},
			),
		);
	});
});
