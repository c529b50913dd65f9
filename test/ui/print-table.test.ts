/** Printed tables: as wide as the terminal; plain text without a terminal or with NO_COLOR. */
import chalk from 'chalk';
import {afterEach, expect, it} from 'vitest';
import {cell, type Table} from '../../source/state/view/cells.ts';
import {printableTable} from '../../source/ui/table-layout.ts';

const table: Table = {
	columns: [
		{title: 'Name', align: 'left', rank: 0},
		{title: '', align: 'left', rank: 1},
		{title: 'Value', align: 'right', rank: 1},
	],
	rows: [
		{id: 'a', cells: [cell('数据库 \u001B[31m\u202Eone', 'strong'), cell(''), cell('met', 'good')]},
		{id: 'b', cells: [cell('a name that is longer than its terminal'), cell(''), cell('NOT MET', 'bad')]},
	],
};

const {level} = chalk;
afterEach(() => {
	chalk.level = level;
});

it('is plain text without a terminal, of any length, and without empty columns', async () => {
	chalk.level = 3;
	expect(await printableTable(table, {columns: 30}, {})).toBe(`\
┌─────────────────────────────────────────┬─────────┐
│ Name                                    │   Value │
├─────────────────────────────────────────┼─────────┤
│ 数据库 one                              │     met │
│ a name that is longer than its terminal │ NOT MET │
└─────────────────────────────────────────┴─────────┘`);
});

it('is wrapped to the width of the terminal, and has no escape sequence with NO_COLOR', async () => {
	chalk.level = 3;
	expect(await printableTable(table, {isTTY: true, columns: 34}, {NO_COLOR: '1'})).toBe(`\
┌──────────────────────┬─────────┐
│ Name                 │   Value │
├──────────────────────┼─────────┤
│ 数据库 one           │     met │
│ a name that is       │ NOT MET │
│ longer than its      │         │
│ terminal             │         │
└──────────────────────┴─────────┘`);
});

it('has the tones of its cells on a terminal', async () => {
	chalk.level = 1;
	const text = await printableTable(table, {isTTY: true, columns: 80}, {});
	expect(text).toContain(chalk.green('    met'));
	expect(text).toContain(chalk.bold(chalk.red('NOT MET')));
});

it('has them without a terminal with FORCE_COLOR, unless NO_COLOR is set', async () => {
	chalk.level = 1;
	const printed = async (environment: Record<string, string>) => printableTable(table, {}, environment);
	expect(await printed({FORCE_COLOR: 'true'})).toContain(chalk.green('    met'));
	expect(await printed({FORCE_COLOR: '0'})).not.toContain('\u001B');
	expect(await printed({FORCE_COLOR: '1', NO_COLOR: '1'})).not.toContain('\u001B');
});
