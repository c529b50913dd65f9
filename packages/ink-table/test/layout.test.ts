/** Layout of tables as lines: wide characters, cutting, wrapping, and a frame for any cell content. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import {type LayoutOptions, type TableData, tableLines} from '../source/layout.ts';

const lag: TableData = {
	columns: [{title: 'Member'}, {title: 'Lag', align: 'right'}, {title: 'Note'}],
	rows: [
		['pgdb1', '0 B', ''],
		['pgdb2', '16 MiB', 'streams from pgdb1'],
	],
};

function drawn(table: TableData, options?: LayoutOptions): string {
	return `\n${tableLines(table, options).join('\n')}\n`;
}

describe('a ruled table', () => {
	it('is as wide as its content', () => {
		expect(drawn(lag)).toBe(`
┌────────┬────────┬────────────────────┐
│ Member │    Lag │ Note               │
├────────┼────────┼────────────────────┤
│ pgdb1  │    0 B │                    │
│ pgdb2  │ 16 MiB │ streams from pgdb1 │
└────────┴────────┴────────────────────┘
`);
	});

	it('has no outline inside another frame, and rules between rows if asked for', () => {
		expect(drawn(lag, {outline: false, rowRules: true})).toBe(`
Member │    Lag │ Note              
───────┼────────┼───────────────────
pgdb1  │    0 B │                   
───────┼────────┼───────────────────
pgdb2  │ 16 MiB │ streams from pgdb1
`);
	});

	it('wraps what is too long between words, the widest column first', () => {
		expect(drawn(lag, {width: 34})).toBe(`
┌────────┬────────┬──────────────┐
│ Member │    Lag │ Note         │
├────────┼────────┼──────────────┤
│ pgdb1  │    0 B │              │
│ pgdb2  │ 16 MiB │ streams from │
│        │        │ pgdb1        │
└────────┴────────┴──────────────┘
`);
	});

	it('cuts with a sign if a cell must stay one line, or a column has a maximum width', () => {
		const [member, ...others] = lag.columns;
		const columns = [...others.slice(0, 1), {title: 'Note', overflow: 'cut', width: 10} as const];
		const rows = lag.rows.map(([name = '', ...cells]) => [name, ...cells]);
		expect(drawn({columns: [member ?? {title: ''}, ...columns], rows})).toBe(`
┌────────┬────────┬────────────┐
│ Member │    Lag │ Note       │
├────────┼────────┼────────────┤
│ pgdb1  │    0 B │            │
│ pgdb2  │ 16 MiB │ streams f… │
└────────┴────────┴────────────┘
`);
	});

	it('breaks no word, no title and no figure while there is room for them', () => {
		const columns = [
			{title: 'Measure'},
			{title: 'Goal', align: 'right'} as const,
			{title: 'Median of 2', align: 'right'} as const,
			{title: 'Note'},
		];
		const rows = [
			['Write outage', '≤ 2.00 s', '1.70 s', 'the connection was closed'],
			['Acknowledged writes lost', 'none', '0', 'of 207'],
		];
		expect(drawn({columns, rows}, {width: 48})).toBe(`
┌────────────┬────────┬───────────┬────────────┐
│Measure     │    Goal│Median of 2│Note        │
├────────────┼────────┼───────────┼────────────┤
│Write outage│≤ 2.00 s│     1.70 s│the         │
│            │        │           │connection  │
│            │        │           │was closed  │
│Acknowledged│    none│          0│of 207      │
│writes lost │        │           │            │
└────────────┴────────┴───────────┴────────────┘
`);
	});

	it('measures columns of the terminal: Chinese, Korean, emoji, combining marks', () => {
		const rows = [['数据库一号'], ['데이터베이스'], ['🐘 👩‍👩‍👧‍👦 🇩🇪'], ['e\u0301tcd'], ['x']];
		expect(drawn({columns: [{title: 'Member', align: 'center'}], rows})).toBe(`
┌──────────────┐
│    Member    │
├──────────────┤
│  数据库一号  │
│ 데이터베이스 │
│   🐘 👩‍👩‍👧‍👦 🇩🇪   │
│     étcd     │
│      x       │
└──────────────┘
`);
	});

	it('keeps line breaks, and removes other control characters', () => {
		const rows = [
			['\u001B[31mred\u001B[0m\u0007', 'one\r\ntwo'],
			['a\tbc\u009B31m\u0000', '\u001B]0;title\u0007three'],
		];
		expect(drawn({columns: [{title: 'A'}, {title: 'B'}], rows})).toBe(`
┌──────┬───────┐
│ A    │ B     │
├──────┼───────┤
│ red  │ one   │
│      │ two   │
│ a bc │ three │
└──────┴───────┘
`);
	});

	it('has only headings without rows, and is empty without columns', () => {
		expect(drawn({columns: [{title: 'Member'}], rows: []}, {outline: false})).toBe('\nMember\n──────\n');
		expect(tableLines({columns: [], rows: [['lost']]})).toEqual([]);
		expect(drawn({columns: [{title: 'A'}, {title: 'B'}], rows: [['1'], ['1', '2', '3']]})).toBe(`
┌───┬───┐
│ A │ B │
├───┼───┤
│ 1 │   │
│ 1 │ 2 │
└───┴───┘
`);
	});
});

const character = fc.oneof(
	fc.constantFrom(
		'a',
		'B',
		'7',
		' ',
		'-',
		'…',
		'数',
		'데',
		'🐘',
		'👩‍👩‍👧‍👦',
		'🇩🇪',
		'e\u0301',
		'\u0301',
		'\n',
		'\t',
		'\u001B[1m',
		'\u200D',
	),
	fc.string({maxLength: 3, unit: 'grapheme'}),
);
const text = fc.array(character, {maxLength: 14}).map(parts => parts.join(''));
const column = fc.record(
	{
		title: text,
		align: fc.constantFrom('left' as const, 'right' as const, 'center' as const),
		overflow: fc.constantFrom('wrap' as const, 'cut' as const),
		width: fc.integer({min: 1, max: 20}),
	},
	{requiredKeys: ['title']},
);
const table: fc.Arbitrary<TableData> = fc.record({
	columns: fc.array(column, {minLength: 1, maxLength: 5}),
	rows: fc.array(fc.array(text, {maxLength: 6}), {maxLength: 4}),
});
const options: fc.Arbitrary<LayoutOptions> = fc.record(
	{
		width: fc.integer({min: 1, max: 90}),
		outline: fc.boolean(),
		rowRules: fc.boolean(),
		padding: fc.integer({min: 0, max: 3}),
	},
	{requiredKeys: []},
);

describe('with any cells', () => {
	it('has lines of one width, within the given one, without control characters', () => {
		fc.assert(
			fc.property(table, options, (data, given) => {
				const lines = tableLines(data, given);
				const widths = lines.map(line => stringWidth(line));
				const widest = Math.max(...widths);
				expect(widest).toBeLessThanOrEqual(given.width ?? Number.POSITIVE_INFINITY);
				// If a line is cut in the middle of a wide character, one column stays empty.
				expect(Math.min(...widths)).toBeGreaterThanOrEqual(widest - (widest === given.width ? 1 : 0));
				expect(lines.join('')).not.toMatch(/\p{Cc}/u);
			}),
		);
	});

	it('loses no letter of wrapped text, if every column has room for a character', () => {
		const letters = fc.array(fc.constantFrom('alpha', 'be', '数据库', '🐘', 'étcd', 'x'.repeat(30)), {
			maxLength: 6,
		});
		fc.assert(
			fc.property(
				fc.array(letters, {minLength: 1, maxLength: 4}),
				fc.integer({min: 24, max: 80}),
				(words, width) => {
					const columns = words.map(() => ({title: ''}));
					const lines = tableLines({columns, rows: [words.map(one => one.join(' '))]}, {width});
					const cells = lines.slice(3, -1).map(line => line.split('│').slice(1, -1));
					const read = words.map((_, index) =>
						cells
							.map(line => line[index]?.trim())
							.join('')
							.replaceAll(' ', ''),
					);
					expect(read).toEqual(words.map(one => one.join('')));
				},
			),
		);
	});
});
