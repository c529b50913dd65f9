/** The help in columns: nothing is cut or lost at any width, and columns are used if there is room. */
import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import {initialState} from '../../source/state/state.ts';
import {helpPane} from '../../source/state/view/overlay.ts';
import {laySections} from '../../source/ui/table-layout.ts';
import {start, target} from '../support/session.ts';

const help = helpPane(initialState(target, start));
const sections = [...help.sections, ...help.further.sections];
const words = (text: string) => text.split(/\s+/).filter(Boolean).toSorted();
const all = words(
	sections
		.flatMap(({title, entries}) => [title, ...entries.flatMap(({name, text}) => [name, text])])
		.join(' '),
);
const laid = (width: number) => laySections(sections, width).map(line => line.map(({text}) => text).join(''));

describe('sections', () => {
	it.each([56, 76, 109, 110, 116, 169, 170, 196, 400])('lose no word in %d columns', width => {
		const lines = laid(width);
		expect(Math.max(...lines.map(line => stringWidth(line)))).toBeLessThanOrEqual(width);
		expect(words(lines.join(' '))).toEqual(all);
	});

	it('are in one, two and three columns of similar length', () => {
		const headings = (width: number) =>
			new Set(
				laySections(help.sections, width).flatMap(line =>
					line.flatMap(({text, tone}, index) =>
						tone === 'strong' && help.sections.some(({title}) => title === text)
							? [line.slice(0, index).reduce((sum, one) => sum + stringWidth(one.text), 0)]
							: [],
					),
				),
			);
		expect([76, 116, 196].map(width => headings(width).size)).toEqual([1, 2, 3]);
		expect(laid(116).length).toBeLessThan(laid(76).length * 0.65);
		expect(laid(196).length).toBeLessThan(57);
	});

	it('are empty if there are none', () => {
		expect(laySections([], 80)).toEqual([]);
	});
});
