/** Sections laid into columns: as many as have room, each section whole, no column much longer than another. */
import stringWidth from 'string-width';
import {type Cell, cell, type Section} from '../state/view/cells.ts';
import {wrapLine} from './table-layout.ts';

/** From these widths on there are two and three columns: a meaning needs about forty characters beside its key. */
const columnWidths = [110, 170];
const gap = 3;

/** Nothing is cut: what does not fit is wrapped. */
export function laySections(sections: readonly Section[], width: number): Cell[][] {
	const count = 1 + columnWidths.filter(least => width >= least).length;
	const columnWidth = Math.floor((width - gap * (count - 1)) / count);
	const blocks = sections.map(section => laySection(section, columnWidth));
	const columns = split(blocks, count).map(column =>
		column.flatMap((lines, index) => (index === 0 ? lines : [[], ...lines])),
	);
	const height = Math.max(0, ...columns.map(({length}) => length));
	return Array.from({length: height}, (_, row) =>
		columns.flatMap((lines, index) => {
			const line = lines[row] ?? [];
			const fill = columnWidth - line.reduce((sum, {text}) => sum + stringWidth(text), 0);
			return index === columns.length - 1 ? line : [...line, cell(' '.repeat(fill + gap))];
		}),
	);
}

function laySection({title, entries}: Section, width: number): Cell[][] {
	const indent = Math.max(...entries.map(({name}) => stringWidth(name))) + 2;
	return [
		[cell(title, 'strong')],
		...entries.flatMap(({name, text}) =>
			wrapLine([cell(name + ' '.repeat(indent - stringWidth(name)), 'strong'), cell(text)], width, indent),
		),
	];
}

/** In their order, so that the longest column is as short as can be. */
function split<T>(blocks: readonly (readonly T[])[], count: number): (readonly T[])[][] {
	if (count <= 1 || blocks.length <= 1) {
		return [[...blocks]];
	}

	const all = blocks.map((_, index) => {
		const rest = split(blocks.slice(index + 1), count - 1);
		return [blocks.slice(0, index + 1), ...rest];
	});
	const longest = (columns: (readonly T[])[][]) => Math.max(...columns.map(column => lengthOf(column)));
	return all.reduce((best, one) => (longest(one) < longest(best) ? one : best));
}

/** With an empty line between two. */
function lengthOf(blocks: readonly (readonly unknown[])[]): number {
	return blocks.reduce((sum, {length}) => sum + length + 1, -1);
}
