/** HAProxy's statistics as CSV made into the domain's servers and frontends. */
import {parse} from 'csv-parse/sync';
import type {HaproxyFrontend, HaproxyServer, HaproxyStats} from '../domain/haproxy.ts';
import {sanitize} from '../sanitize.ts';

type Row = Readonly<Record<string, string | undefined>>;

/** @throws when the text is not what HAProxy answers. */
export function haproxyStats(text: string): HaproxyStats {
	const problem = 'the answer is not HAProxy statistics as CSV: check haproxy.port and haproxy.path';
	let rows: Row[];
	try {
		// The first line begins with `# `; each ends with a comma.
		rows = parse(text.replace(/^# /, ''), {
			columns: true,
			relax_column_count: true,
			skip_empty_lines: true,
			// Said, since looking for it costs half of the reading.
			record_delimiter: ['\r\n', '\n'],
		});
	} catch {
		throw new Error(problem);
	}

	const [first] = rows;
	if (first?.pxname === undefined || first.svname === undefined || first.status === undefined) {
		throw new Error(problem);
	}

	const servers = rows.filter(
		({type, svname}) => (type ?? '2') === '2' && svname !== 'FRONTEND' && svname !== 'BACKEND',
	);
	const listeners = rows.filter(({type}) => type === '3');
	return {
		servers: servers.map(server),
		frontends: rows.filter(({svname}) => svname === 'FRONTEND').map(row => frontend(row, listeners)),
	};
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
		checkCode: row.check_code ? Number(row.check_code) : undefined,
		checkDescription: words(row.check_desc),
		lastChange: Number(row.lastchg) || 0,
		sessions: Number(row.scur) || 0,
	};
}

/** With `option socket-stats` each listener has a line of its own, which may show its address. */
function frontend(row: Row, listeners: readonly Row[]): HaproxyFrontend {
	const own = listeners.filter(({pxname}) => pxname === row.pxname);
	return {
		name: words(row.pxname),
		ports: [row, ...own].flatMap(({addr}) => {
			const port = /:(\d+)$/.exec(addr ?? '')?.[1];
			return port === undefined ? [] : [Number(port)];
		}),
		status: words(row.status),
		sessions: Number(row.scur) || 0,
		...(Number(row.slim) > 0 ? {limit: Number(row.slim)} : {}),
	};
}

function words(text: string | undefined): string {
	return sanitize((text ?? '').trim());
}
