/** What a line of a log says, by the program that wrote it. */
import type {LogLine} from '../logs/log-buffer.ts';
import {patroniSaid} from './programs/patroni.ts';
import {readPostgres} from './programs/postgresql.ts';
import {matchSaid, type Said, type SaidPattern} from './said.ts';

/** By the log's name; the names of an operator's own logs have no table. */
const programs: ReadonlyMap<string, readonly SaidPattern[]> = new Map([['patroni', patroniSaid]]);

/** Undefined: nothing that this console understands; never an error. */
export function readLine({
	service,
	word,
	text,
	messageAt = 0,
	messageEnd,
}: Pick<LogLine, 'service' | 'word' | 'text' | 'messageAt' | 'messageEnd'>): Said | undefined {
	// What etcd says is also in the fields that follow its message.
	const message = text.slice(messageAt, service === 'etcd' ? undefined : messageEnd);
	if (service === 'postgresql') {
		return readPostgres(word, message);
	}

	const rows = programs.get(service);
	return rows === undefined ? undefined : matchSaid(rows, message);
}
