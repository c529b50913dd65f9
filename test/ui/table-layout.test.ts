/** Cells in too little room: what is cut, where, and which widths stay. */
import {describe, expect, it} from 'vitest';
import {cell} from '../../source/state/view/cells.ts';
import {fitLine, layTable, wrapLine} from '../../source/ui/table-layout.ts';

const text = (cells: readonly {text: string}[]) => cells.map(one => one.text).join('');

describe('a line that is too long', () => {
	it('is cut at its end with a sign, or at its start if its newest part is last', () => {
		expect(text(fitLine([cell('Writes    '), cell('▁▂▃▄▅▆▇█')], 15))).toBe('Writes    ▁▂▃▄…');
		expect(text(fitLine([cell('Writes    '), {...cell('▁▂▃▄▅▆▇█'), cut: 'start'}], 15))).toBe(
			'Writes    …▅▆▇█',
		);
		expect(text(fitLine([{...cell('▁▂▃▄▅'), cut: 'start'}], 5))).toBe('▁▂▃▄▅');
	});

	it('that is wrapped loses no letter if a word ends at the border', () => {
		expect(wrapLine([cell('one two three')], 7).map(text)).toEqual(['one two', '  three']);
		expect(wrapLine([cell('label'.padEnd(8)), cell('one two three')], 15, 8).map(text)).toEqual([
			'label   one two',
			'        three',
		]);
	});
});

describe('a table', () => {
	const table = (value: string) => ({
		columns: [
			{title: 'Node', align: 'left', rank: 0},
			{title: ':5000', align: 'left', rank: 0, minWidth: 8},
			{title: 'Last', align: 'left', rank: 1},
		] as const,
		rows: [{id: 'a', cells: [cell('pgdb1'), cell(value), cell('up')]}],
	});
	const laid = (value: string, width: number) => text(layTable(table(value), width).header);

	it('keeps its column widths while values change, if there is room', () => {
		for (const value of ['?', 'pgdb1', 'NOWHERE']) {
			expect(laid(value, 40)).toBe('Node   :5000     Last');
		}
	});

	it('keeps its columns if there is no room', () => {
		expect(laid('?', 18)).toBe('Node   :5000  Last');
		expect(laid('?', 19)).toBe('Node   :5000   Last');
	});
});
