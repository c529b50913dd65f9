/** Log lines that a real PostgreSQL wrote, by `tools/log-corpus/cli.ts`, and what its csvlog says of the same messages. */
import {readFileSync} from 'node:fs';
import path from 'node:path';

export type CsvRow = {
	/** `2026-01-31 22:59:58.123 MSK`, in `log_timezone`. */
	time: string;
	user: string;
	database: string;
	pid: number;
	/** In English, whatever the language of the message. */
	severity: string;
	/** SQLSTATE. */
	state: string;
	message: string;
	detail?: string;
	hint?: string;
	context?: string;
	query?: string;
	location?: string;
};

export type LogSample = {
	prefix: string;
	timezone: string;
	/** `lc_messages`; undefined: English. */
	messages?: string;
	log: readonly LogMessage[];
};

export type LogMessage = {
	/** Of the stderr log: the message, its details, and their further lines. */
	lines: readonly string[];
	row: CsvRow;
};

export function readLogCorpus(): LogSample[] {
	return readFileSync(path.join(import.meta.dirname, '../captures/postgresql-logs.ndjson'), 'utf8')
		.trimEnd()
		.split('\n')
		.map(line => JSON.parse(line) as LogSample);
}
