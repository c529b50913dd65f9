/** Parses HAProxy's CSV statistics into the domain's servers and frontends. */
import {CsvError, parse} from 'csv-parse/sync';
import type {HaproxyFrontend, HaproxyServer, HaproxyStats} from '../domain/facts.ts';
import {countOf, portOf} from '../lib/json.ts';
import {sanitize} from '../lib/sanitize.ts';

/** The columns that are read, of about a hundred. */
const columnNames = [
	'pxname',
	'svname',
	'type',
	'addr',
	'status',
	'bck',
	'check_status',
	'check_code',
	'check_desc',
	'lastchg',
	'scur',
	'slim',
] as const;

type Row = Readonly<Partial<Record<(typeof columnNames)[number], string>>>;

const isRead = new Set<string>(columnNames);

/** A node's HAProxy has some tens of rows with about a hundred columns. */
const rowsMax = 20_000;
const columnsMax = 1000;

/** @throws if the text is not HAProxy's CSV, or is truncated */
export function haproxyStats(answer: string): HaproxyStats {
	// A proxy before the page may send a byte order mark or an empty line first.
	const text = answer.trimStart();
	const problem = 'the answer is not HAProxy statistics as CSV: check haproxy.port and haproxy.path';
	if (!/^# pxname,svname,/.test(text)) {
		throw new Error(problem);
	}

	const rows = rowsOf(text);
	const [first] = rows;
	if (first?.pxname === undefined || first.svname === undefined || first.status === undefined) {
		throw new Error(problem);
	}

	const servers = rows.filter(
		({type, svname}) => (type ?? '2') === '2' && svname !== 'FRONTEND' && svname !== 'BACKEND',
	);
	const listeners = new Map<string | undefined, Row[]>();
	for (const row of rows) {
		if (row.type === '3') {
			const known = listeners.get(row.pxname);
			if (known === undefined) {
				listeners.set(row.pxname, [row]);
			} else {
				known.push(row);
			}
		}
	}

	return {
		servers: servers.map(server),
		frontends: rows
			.filter(({svname}) => svname === 'FRONTEND')
			.map(row => frontend(row, listeners.get(row.pxname) ?? [])),
	};
}

/** HTTP/1.0 without a length: only the text's own form shows that it is complete. */
function rowsOf(text: string): Row[] {
	const cut = 'the answer of HAProxy is truncated';
	if (!text.endsWith('\n')) {
		throw new Error(cut);
	}

	let columns = 0;
	try {
		// The first line begins with `# `; each line ends with a comma.
		return parse(text.slice(2), {
			columns(header: string[]) {
				columns = header.length;
				// An object of all columns for each row is most of what a page costs.
				return header.map(name => isRead.has(name) && name);
			},
			to: rowsMax + 1,
			on_record(row: Row, {records}) {
				if (records > rowsMax || columns > columnsMax) {
					throw new Error('the answer of HAProxy has too many lines or columns');
				}

				return row;
			},
			skip_empty_lines: true,
			// Given, since detecting it takes half of the parsing time.
			record_delimiter: ['\r\n', '\n'],
		});
	} catch (error) {
		throw error instanceof CsvError ? new Error(cut) : error;
	}
}

function server(row: Row): HaproxyServer {
	const status = words(row.status);
	return {
		backend: words(row.pxname),
		server: words(row.svname),
		address: words(row.addr) || undefined,
		status,
		up: /^(UP|no check)/.test(status),
		backup: row.bck === '1',
		checkStatus: words(row.check_status).replace(/^\* /, ''),
		checkCode: countOf(row.check_code),
		checkDescription: words(row.check_desc),
		lastChange: countOf(row.lastchg),
		sessions: countOf(row.scur),
	};
}

/** With `option socket-stats` each listener has a row, which may show its address. */
function frontend(row: Row, own: readonly Row[]): HaproxyFrontend {
	const limit = countOf(row.slim);
	return {
		name: words(row.pxname),
		ports: [row, ...own].flatMap(({addr}) => {
			const port = portOf(/:(\d{1,5})$/.exec(addr ?? '')?.[1]);
			return port === undefined ? [] : [port];
		}),
		status: words(row.status),
		sessions: countOf(row.scur),
		...(limit === undefined || limit === 0 ? {} : {limit}),
	};
}

function words(text: string | undefined): string {
	return sanitize((text ?? '').trim());
}
