/** Parses the flags of a command from its `--help`. */
import {code, table} from './table.ts';

export type FlagRow = {flag: string; meaning: string};

/** Columns of `--help` in which flags and their descriptions begin. */
const flagColumn = 4;
const meaningColumn = 28;

export function flagTable(usage: string): string {
	return table(
		['flag', 'meaning'],
		flagRows(usage).map(({flag, meaning}) => [code(flag), meaning]),
	);
}

/** Finds each line that begins with a flag, and the lines that continue its description. */
export function flagRows(usage: string): FlagRow[] {
	const rows: FlagRow[] = [];
	for (const line of usage.split('\n')) {
		// The description of a long flag is on the next line.
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
