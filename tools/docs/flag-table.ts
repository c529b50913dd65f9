/** The flags of a command, out of the text that its `--help` prints. */
import {code, table} from './table.ts';

export type FlagRow = {flag: string; meaning: string};

/** Where the flags begin in a line of `--help`, and their meanings. */
const flagColumn = 4;
const meaningColumn = 28;

export function flagTable(usage: string): string {
	return table(
		['flag', 'meaning'],
		flagRows(usage).map(({flag, meaning}) => [code(flag), meaning]),
	);
}

/** A line that begins with a flag, with the lines that continue its meaning. */
export function flagRows(usage: string): FlagRow[] {
	const rows: FlagRow[] = [];
	for (const line of usage.split('\n')) {
		// Flags that need the whole line have their meaning below.
		const isWhole = line.trim() !== '' && (line[meaningColumn - 1] ?? ' ') !== ' ';
		const column = isWhole ? line.length : meaningColumn;
		const [left, meaning] = [line.slice(0, column).trim(), line.slice(column).trim()];
		const last = rows.at(-1);
		if (line.startsWith(`${' '.repeat(flagColumn)}-`)) {
			rows.push({flag: left, meaning});
		} else if (last !== undefined && left === '' && meaning !== '') {
			last.meaning = `${last.meaning} ${meaning}`.trim();
		}
	}

	return rows;
}
