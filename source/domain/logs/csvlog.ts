/** PostgreSQL's csvlog: a message is a row, which has several lines if a quoted text has. */
import type {ParsedLine} from './parsed-line.ts';
import {datePattern} from './postgresql-line.ts';
import {levelOfSeverity} from './severities.ts';

/** A time ends with a space where its zone has no name. */
const begin = new RegExp(`^${datePattern} ?,`);

/** Columns that are shown, by number, under the names that the text log has. The table is in PostgreSQL's documentation. */
const column = {time: 0, user: 1, database: 2, pid: 3, severity: 11, message: 13} as const;
const details: ReadonlyMap<number, string> = new Map([
	[14, 'DETAIL'],
	[15, 'HINT'],
	[16, 'QUERY'],
	[18, 'CONTEXT'],
	[19, 'STATEMENT'],
	[21, 'LOCATION'],
	[22, 'application_name'],
]);
/** With the columns of later versions. */
const columnsMax = 64;

export class CsvlogParser {
	/** The column of a quoted text that the last line did not end; undefined between rows. */
	#open: number | undefined;

	/** A line of csvlog; undefined if it is not one. @param isCut the line is incomplete, so its row ends with it */
	parse(line: string, isCut: boolean): ParsedLine | undefined {
		const from = this.#open;
		if (from !== undefined) {
			const {columns, open} = columnsOf(line, from, true);
			this.#open = isCut ? undefined : open;
			return {word: undefined, text: textOf(columns), stamp: undefined, follows: true};
		}

		if (!begin.test(line)) {
			return undefined;
		}

		const {columns, open} = columnsOf(line, 0, false);
		const word = columns.get(column.severity);
		const pid = columns.get(column.pid);
		if (word === undefined || pid === undefined || !/^\d{1,10}$/.test(pid)) {
			return undefined;
		}

		this.#open = isCut ? undefined : open;
		const [user = '', database = ''] = [columns.get(column.user), columns.get(column.database)];
		return {
			word,
			level: levelOfSeverity(word),
			head: `[${pid}]${user === '' && database === '' ? '' : ` ${user}@${database}`}`,
			text: textOf(columns),
			messageLength: columns.get(column.message)?.length ?? 0,
			stamp: columns.get(column.time)?.trimEnd(),
			pid: Number(pid),
			follows: false,
		};
	}
}

function textOf(columns: ReadonlyMap<number, string>): string {
	return [...columns]
		.flatMap(([index, text]) => {
			const name = details.get(index);
			return index === column.message
				? [text]
				: name === undefined || text === ''
					? []
					: [`${name}: ${text}`];
		})
		.join(' ');
}

/** The columns of a line; `open`: the column whose quoted text continues in the next line. */
function columnsOf(
	line: string,
	first: number,
	isQuoted: boolean,
): {columns: Map<number, string>; open: number | undefined} {
	const columns = new Map<number, string>();
	let at = 0;
	let inQuotes = isQuoted;
	for (let index = first; index < columnsMax; index++) {
		if (!inQuotes && line[at] === '"') {
			inQuotes = true;
			at++;
		}

		if (inQuotes) {
			const end = closingQuote(line, at);
			columns.set(index, line.slice(at, end ?? line.length).replaceAll('""', '"'));
			if (end === undefined) {
				return {columns, open: index};
			}

			inQuotes = false;
			at = end + 1;
		} else {
			const end = line.indexOf(',', at);
			columns.set(index, line.slice(at, end < 0 ? line.length : end));
			at = end < 0 ? line.length : end;
		}

		if (line[at] !== ',') {
			break;
		}

		at++;
	}

	return {columns, open: undefined};
}

function closingQuote(line: string, from: number): number | undefined {
	for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 2)) {
		if (line[at + 1] !== '"') {
			return at;
		}
	}

	return undefined;
}
