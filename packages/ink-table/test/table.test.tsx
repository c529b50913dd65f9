/** Tests the component in an Ink app, and printed once. */

import chalk from 'chalk';
import {Text} from 'ink';
import {render} from 'ink-testing-library';
import stringWidth from 'string-width';
import {afterEach, describe, expect, it} from 'vitest';
import {tableLines} from '../source/layout.ts';
import {renderTable, Table} from '../source/table.tsx';

const table = {
	columns: [{title: 'Member'}, {title: 'Lag', align: 'right'}, {title: 'Note'}],
	rows: [
		['数据库一号', '0 B', 'e\u0301tcd and 🐘 and 👩‍👩‍👧‍👦'],
		['pgdb2', '16 MiB', 'streams from pgdb1, which is a long way to say that it works'],
	],
} as const;

const {level} = chalk;
afterEach(() => {
	chalk.level = level;
});

describe('the component', () => {
	it.each([undefined, 70, 40, 20, 6])('shows the lines of the layout (width %s)', width => {
		chalk.level = 0;
		const {lastFrame, unmount} = render(<Table {...table} width={width} />);
		expect(lastFrame()?.split('\n')).toEqual(tableLines(table, {width}).map(line => line.trimEnd()));
		unmount();
	});

	it('has bold headings, dim rules and the given cell styles', () => {
		chalk.level = 1;
		const props = {
			...table,
			propsOf: (row: number, column: number) => (row + column === 0 ? {color: 'green'} : {}),
		};
		const output = renderTable(props);
		expect(output).toContain(chalk.bold('Member'.padEnd(10)));
		expect(output).toContain(chalk.green('数据库一号'));
		expect(output).toContain(chalk.dim('│ '));
		expect(output.split('\n').map(line => stringWidth(line))).toEqual(
			tableLines(table).map(line => stringWidth(line)),
		);
	});
});

describe('printed once', () => {
	it.each([{}, {width: 40}, {width: 30, outline: false}, {rowRules: true}])(
		'has the lines of the layout, %j',
		options => {
			chalk.level = 0;
			expect(renderTable({...table, ...options}).split('\n')).toEqual(
				tableLines(table, options).map(line => line.trimEnd()),
			);
		},
	);

	it('has no escape sequence if not styled, whatever the terminal supports', () => {
		chalk.level = 3;
		const output = renderTable({...table, styled: false, propsOf: () => ({color: 'red', bold: true})});
		expect(output).toBe(tableLines(table).join('\n'));
	});

	it('can be placed beside other components', () => {
		chalk.level = 0;
		const {lastFrame, unmount} = render(
			<>
				<Text>before</Text>
				<Table columns={[{title: 'A'}]} rows={[['1']]} />
			</>,
		);
		expect(lastFrame()).toBe('before\n┌───┐\n│ A │\n├───┤\n│ 1 │\n└───┘');
		unmount();
	});
});
