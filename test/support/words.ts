/** Facts of what Patroni and PostgreSQL said last, as a node's log would give them. */
import type {Event} from '../../source/domain/events.ts';
import {wordsOf} from '../../source/domain/history/words.ts';
import type {LogLine} from '../../source/domain/logs/log-buffer.ts';
import {logLine} from './log-lines.ts';

/** Lines of Patroni's log, written at `second`. */
export function patroniSaid(node: string, second: number, ...texts: readonly string[]): Event {
	return said(node, ...texts.map(text => logLine(second, text, {node})));
}

/** A line of PostgreSQL's log with its level: `FATAL`. */
export function postgresSaid(node: string, second: number, word: string, text: string): Event {
	return said(node, logLine(second, text, {node, service: 'postgresql', word}));
}

function said(node: string, ...lines: readonly LogLine[]): Event {
	const words = wordsOf(lines, 100);
	if (words.length !== lines.length) throw new Error(`not all count: ${JSON.stringify(lines)}`);
	return {type: 'log.said', source: `said:${node}`, node, words};
}

export const follows = 'no action. I am (pgdb2), a secondary, and following a leader (pgdb1)';
export const leads = 'no action. I am (pgdb1), the leader with the lock';
export const walRemoved =
	'could not receive data from WAL stream: ERROR:  requested WAL segment 000000040000000000000003 has already been removed';
