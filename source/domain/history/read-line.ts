/** What a line of a log says, by the program that wrote it. */
import type {LogLine} from '../logs/log-buffer.ts';
import {matchSaid, type Said, type SaidPattern} from './said.ts';

/** By the log's name; the names of an operator's own logs have no table. */
const programs: ReadonlyMap<string, readonly SaidPattern[]> = new Map();

/** Undefined: nothing that this console understands; never an error. */
export function readLine({service, text}: Pick<LogLine, 'service' | 'text'>): Said | undefined {
	const rows = programs.get(service);
	return rows === undefined ? undefined : matchSaid(rows, text);
}
