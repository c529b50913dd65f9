/** A table for standard output: ruled, as wide as the terminal; where there is none, as wide as its content and plain text. */
import type {TextProps} from 'ink';
import {sanitize} from '../lib/sanitize.ts';
import type {Table, Tone} from '../state/view/cells.ts';

type Output = {isTTY?: boolean; columns?: number};
type Environment = Readonly<Record<string, string | undefined>>;

const toneProps: Partial<Record<Tone, Pick<TextProps, 'bold' | 'color' | 'dimColor'>>> = {
	strong: {bold: true},
	good: {color: 'green'},
	warn: {color: 'yellow'},
	bad: {color: 'red', bold: true},
	dim: {dimColor: true},
};

export async function printableTable(
	{columns, rows}: Table,
	stdout: Output = process.stdout,
	environment: Environment = process.env,
): Promise<string> {
	// Usable without React, which is larger and slower to load.
	process.env.NODE_ENV ??= 'production';
	const {renderTable} = await import('ink-table');
	const used = columns
		.map((column, index) => ({column, index}))
		.filter(({column, index}) => column.rank === 0 || rows.some(({cells}) => cells[index]?.text));
	return renderTable({
		columns: used.map(({column: {title, align}}) => ({title, align})),
		rows: rows.map(({cells}) => used.map(({index}) => sanitize(cells[index]?.text ?? ''))),
		width: stdout.isTTY ? stdout.columns : undefined,
		styled: stdout.isTTY === true && !environment.NO_COLOR,
		propsOf: (row, column) => toneProps[rows[row]?.cells[used[column]?.index ?? -1]?.tone ?? 'plain'] ?? {},
	});
}
